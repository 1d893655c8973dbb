package conformance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// client is an AWS client that plays calls. The error is for what is no answer of the server: the client refused the call itself, or broke.
type client interface {
	name() string
	version() string
	play(ctx context.Context, c call) (answer, error)
}

// call is one call, in the form in which the drivers read it.
type call struct {
	Service   string  `json:"service"`   // as in the command line, iot or iot-jobs-data
	Operation string  `json:"operation"` // as in the AWS model, such as CreateThing
	Input     Members `json:"input"`
	// PageSize asks for all pages of this size, joined; 0 is a single call.
	PageSize int    `json:"pageSize,omitempty"`
	Endpoint string `json:"endpoint"`
	Region   string `json:"region"`
	// CA is the file with the CA to trust; empty without TLS.
	CA          string      `json:"ca,omitempty"`
	Credentials credentials `json:"credentials"`
	Unsigned    bool        `json:"unsigned,omitempty"`
	// SigningName is the service in the credential scope; empty for the client's own choice.
	SigningName string `json:"signingName,omitempty"`
	ClockOffset int64  `json:"clockOffsetMs,omitempty"` // milliseconds
	Attempts    int    `json:"attempts"`
}

type credentials struct {
	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
	SessionToken    string `json:"sessionToken,omitempty"`
}

// answer is what the client has made of the server's answer: an output or a refusal.
type answer struct {
	Output map[string]any `json:"output"`
	Error  *refusal       `json:"error"`
}

// refusal is an exception.
type refusal struct {
	Type string `json:"type"`
	// Status is the HTTP status; 0 if the client does not tell.
	Status  int `json:"status"`
	Message any `json:"message"` // got: a text
	// Modelled tells whether the client has a class for the exception.
	Modelled bool           `json:"modelled"`
	Members  map[string]any `json:"members"` // beside the message
}

// callTimeout bounds one call, on a very busy machine.
const callTimeout = time.Minute

// clientEnvironment is ours without what could lead a client elsewhere: AWS settings of whoever runs the tests, and proxies.
func clientEnvironment(more ...string) []string {
	env := []string{"AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER="}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(strings.ToUpper(variable), "=")
		if !strings.HasPrefix(name, "AWS_") && !strings.HasSuffix(name, "_PROXY") && name != "NODE_EXTRA_CA_CERTS" {
			env = append(env, variable)
		}
	}
	return append(env, more...)
}

// noAWSFiles keeps a client from the AWS files of whoever runs the tests.
func noAWSFiles() []string {
	return []string{"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull}
}

// decode reads JSON and keeps numbers as they were written.
func decode(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%w in %s", err, raw)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("more than one document in %s", raw)
	}
	return nil
}
