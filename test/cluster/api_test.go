package cluster

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
	control = "iot"
	device  = "iot-jobs-data"
)

// callTimeout is how long a caller waits for an answer.
const callTimeout = 10 * time.Second

// api calls nodes as an AWS client does, but never a second time.
type api struct {
	credentials aws.Credentials
	region      string
	http        *http.Client
	signer      *v4.Signer
}

// newAPI has the key that the first start of the node in a directory has made.
func newAPI(dir string) (*api, error) {
	profile, err := fleet.ReadProfile(filepath.Join(dir, "aws"), "iotjobs")
	key := aws.Credentials{AccessKeyID: profile.Credentials.AccessKeyID, SecretAccessKey: profile.Credentials.SecretAccessKey}
	return &api{key, profile.Region, fleet.NewHTTPClient(256, nil), v4.NewSigner()}, err
}

// refusal is an answer other than 200.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s", r.status, r.message) }

// refused tells whether the server has answered that it did nothing. Any other error leaves open what it did.
func refused(err error) bool {
	r, ok := errors.AsType[*refusal](err)
	return ok && r.status < http.StatusInternalServerError
}

// call sends one request to an endpoint. A nil in sends no body; a nil out wants to know nothing.
func (a *api) call(ctx context.Context, endpoint, plane, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
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
	if err := a.signer.SignHTTP(ctx, a.credentials, request, hex.EncodeToString(hash[:]), plane, a.region, time.Now()); err != nil {
		return err
	}
	response, err := a.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return &refusal{response.StatusCode, fmt.Sprintf("%s %s: %s", method, path, raw)}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(raw, out)
}

// arn names a thing, a thinggroup or a job.
func (a *api) arn(kind, name string) string {
	return fmt.Sprintf("arn:aws:iot:%s:123456789012:%s/%s", a.region, kind, name)
}

// listed is one row of ListJobExecutionsForJob.
type listed struct {
	ThingARN string `json:"thingArn"`
	Summary  struct {
		Status          string  `json:"status"`
		ExecutionNumber int64   `json:"executionNumber"`
		QueuedAt        float64 `json:"queuedAt"`
	} `json:"jobExecutionSummary"`
}

func (a *api) listExecutions(ctx context.Context, endpoint, job string) ([]listed, error) {
	var all []listed
	for token := ""; ; {
		var page struct {
			ExecutionSummaries []listed `json:"executionSummaries"`
			NextToken          string   `json:"nextToken"`
		}
		path := "/jobs/" + job + "/things?maxResults=250"
		if token != "" {
			path += "&nextToken=" + token
		}
		if err := a.call(ctx, endpoint, control, http.MethodGet, path, nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.ExecutionSummaries...)
		if token = page.NextToken; token == "" {
			return all, nil
		}
	}
}

// execution is what the control plane tells of one.
type execution struct {
	Status        string `json:"status"`
	VersionNumber int64  `json:"versionNumber"`
	Number        int64  `json:"executionNumber"`
	StatusDetails struct {
		DetailsMap map[string]string `json:"detailsMap"`
	} `json:"statusDetails"`
}

func (a *api) execution(ctx context.Context, endpoint, thing, job string) (execution, error) {
	var out struct{ Execution execution }
	err := a.call(ctx, endpoint, control, http.MethodGet, "/things/"+thing+"/jobs/"+job, nil, &out)
	return out.Execution, err
}
