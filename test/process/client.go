package process

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"iotjobs/internal/fleet"
)

// The planes, by the service name in the signature.
const (
	Control = "iot"
	Device  = "iot-jobs-data"
)

// Client calls servers as an AWS client does, but never a second time.
type Client struct {
	Key  aws.Credentials
	HTTP *http.Client

	region string
	signer *v4.Signer
}

// NewClient has the key that the first start of the server in a directory has made.
func NewClient(dir string, client *http.Client) (*Client, error) {
	profile, err := fleet.ReadProfile(filepath.Join(dir, "aws"), "iotjobs")
	key := aws.Credentials{AccessKeyID: profile.Credentials.AccessKeyID, SecretAccessKey: profile.Credentials.SecretAccessKey}
	return &Client{Key: key, HTTP: client, region: profile.Region, signer: v4.NewSigner()}, err
}

// Call sends one request to an endpoint. A nil in sends no body; a nil out wants to know nothing.
func (c *Client) Call(ctx context.Context, endpoint, plane, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, endpoint+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	hash := sha256.Sum256(body)
	if err := c.signer.SignHTTP(ctx, c.Key, request, hex.EncodeToString(hash[:]), plane, c.region, time.Now()); err != nil { //nolint:forbidigo // servers compare it with the real clock
		return err
	}
	response, err := c.HTTP.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return &Refusal{response.StatusCode, fmt.Sprintf("%s %s: %s", method, path, raw)}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(raw, out)
}

// ARN names a thing, a thinggroup or a job.
func (c *Client) ARN(kind, name string) string {
	return fmt.Sprintf("arn:aws:iot:%s:123456789012:%s/%s", c.region, kind, name)
}

// Refusal is an answer other than 200.
type Refusal struct {
	Status  int
	Message string
}

func (r *Refusal) Error() string { return fmt.Sprintf("%d %s", r.Status, r.Message) }

// StatusOf is the status of a refusal; 0 for any other error, which leaves open what the server did.
func StatusOf(err error) int {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Status
	}
	return 0
}

// Refused tells whether the server has answered that it did nothing.
func Refused(err error) bool {
	status := StatusOf(err)
	return status != 0 && status < http.StatusInternalServerError
}
