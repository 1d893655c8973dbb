package fault

import (
	"context"
	"net/http"

	"iotjobs/internal/fleet"
	"iotjobs/test/process"
)

// The planes, by the service name in the signature.
const (
	control = process.Control
	device  = process.Device
)

// api calls one server.
type api struct {
	*process.Client

	endpoint string
}

// newAPI calls a server that is ready.
func newAPI(s *process.Server, client *http.Client) (*api, error) {
	c, err := process.NewClient(s.Dir, client)
	return &api{c, s.Endpoint()}, err
}

func refused(err error) bool { return process.Refused(err) }

func missing(err error) bool { return process.StatusOf(err) == http.StatusNotFound }

func (a *api) call(ctx context.Context, plane, method, path string, in, out any) error {
	return a.Call(ctx, a.endpoint, plane, method, path, in, out)
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
