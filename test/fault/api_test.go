package fault

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

// api calls a server as an AWS client does, but never a second time.
type api struct {
	endpoint string
	profile  fleet.Profile
	http     *http.Client
	signer   *v4.Signer
}

// newAPI calls a server that is ready.
func newAPI(s *server, client *http.Client) (*api, error) {
	profile, err := fleet.ReadProfile(filepath.Join(s.dir, "aws"), "iotjobs")
	return &api{endpoint: "http://" + s.addresses.HTTP, profile: profile, http: client, signer: v4.NewSigner()}, err
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

func missing(err error) bool {
	r, ok := errors.AsType[*refusal](err)
	return ok && r.status == http.StatusNotFound
}

// call sends one request. A nil in sends no body; a nil out wants to know nothing.
func (a *api) call(ctx context.Context, plane, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, a.endpoint+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	hash := sha256.Sum256(body)
	key := aws.Credentials{AccessKeyID: a.profile.Credentials.AccessKeyID, SecretAccessKey: a.profile.Credentials.SecretAccessKey}
	if err := a.signer.SignHTTP(ctx, key, request, hex.EncodeToString(hash[:]), plane, a.profile.Region, time.Now()); err != nil {
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
	return fmt.Sprintf("arn:aws:iot:%s:123456789012:%s/%s", a.profile.Region, kind, name)
}

// createJob creates a job; timers run in the executions of one with groups, so that something is due.
func (a *api) createJob(ctx context.Context, id, selection string, targets ...string) error {
	return a.call(ctx, control, http.MethodPut, "/jobs/"+id, map[string]any{
		"targets": targets, "document": `{"job":"` + id + `"}`, "targetSelection": selection, "timeoutConfig": map[string]int{"inProgressTimeoutInMinutes": 600},
	}, nil)
}

// jobState is what DescribeJob tells.
type jobState struct {
	status     string
	concurrent bool           // the service is at work on its executions
	counts     map[string]int // by status
}

func (a *api) describeJob(ctx context.Context, id string) (jobState, error) {
	var out struct {
		Job struct {
			Status            string         `json:"status"`
			IsConcurrent      bool           `json:"isConcurrent"`
			JobProcessDetails map[string]any `json:"jobProcessDetails"`
		} `json:"job"`
	}
	if err := a.call(ctx, control, http.MethodGet, "/jobs/"+id, nil, &out); err != nil {
		return jobState{}, err
	}
	job := jobState{out.Job.Status, out.Job.IsConcurrent, map[string]int{}}
	for member, status := range map[string]fleet.Status{
		"numberOfQueuedThings": fleet.Queued, "numberOfInProgressThings": fleet.InProgress, "numberOfSucceededThings": fleet.Succeeded,
		"numberOfFailedThings": fleet.Failed, "numberOfTimedOutThings": fleet.TimedOut, "numberOfRejectedThings": fleet.Rejected,
		"numberOfRemovedThings": fleet.Removed, "numberOfCanceledThings": fleet.Canceled,
	} {
		if n, _ := out.Job.JobProcessDetails[member].(float64); n != 0 {
			job.counts[string(status)] = int(n)
		}
	}
	return job, nil
}

// listed is one row of ListJobExecutionsForJob.
type listed struct {
	ThingARN string `json:"thingArn"`
	Summary  struct {
		Status          string `json:"status"`
		ExecutionNumber int64  `json:"executionNumber"`
	} `json:"jobExecutionSummary"`
}

func (a *api) listExecutions(ctx context.Context, job string) ([]listed, error) {
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
		if err := a.call(ctx, control, http.MethodGet, path, nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.ExecutionSummaries...)
		if token = page.NextToken; token == "" {
			return all, nil
		}
	}
}
