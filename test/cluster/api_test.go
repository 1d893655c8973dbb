package cluster

import (
	"context"
	"net/http"
	"time"

	"iotjobs/internal/fleet"
	"iotjobs/test/process"
)

// The planes, by the service name in the signature.
const (
	control = process.Control
	device  = process.Device
)

// callTimeout is how long a caller waits for an answer.
const callTimeout = 10 * time.Second

// api calls nodes.
type api struct {
	*process.Client

	patience time.Duration
}

// newAPI has the key that the first start of the node in a directory has made.
func newAPI(dir string) (*api, error) {
	c, err := process.NewClient(dir, fleet.NewHTTPClient(256, nil))
	return &api{c, callTimeout}, err
}

func refused(err error) bool { return process.Refused(err) }

func (a *api) call(ctx context.Context, endpoint, plane, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, a.patience)
	defer cancel()
	return a.Call(ctx, endpoint, plane, method, path, in, out)
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
