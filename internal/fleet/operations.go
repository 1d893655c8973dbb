package fleet

import (
	"context"
	"fmt"
	"net/http"
)

// Thing is a registered thing.
type Thing struct {
	Name ThingName `json:"thingName"`
	ARN  string    `json:"thingArn"`
}

// CreateThing registers a thing without attributes; an equal one that exists is success.
func (c *Client) CreateThing(ctx context.Context, name ThingName) (thing Thing, err error) {
	err = c.send(ctx, call{CreateThing, http.MethodPost, "/things/" + escaped(name), struct{}{}}, &thing)
	return thing, err
}

// NewJob describes a job to create.
type NewJob struct {
	ID JobID `json:"-"`
	// Targets are ARNs of things or groups, in any mix.
	Targets     []string `json:"targets"`
	Document    string   `json:"document"`
	Description string   `json:"description,omitempty"`
}

// CreateJob creates a job.
func (c *Client) CreateJob(ctx context.Context, job NewJob) error {
	return c.send(ctx, call{CreateJob, http.MethodPut, "/jobs/" + escaped(job.ID), job}, &struct{}{})
}

// Job is a job as DescribeJob shows it.
type Job struct {
	ID      JobID
	ARN     string
	Status  JobStatus
	Targets []string
	// Executions counts them by status; statuses without any are left out.
	Executions map[Status]int
}

// DescribeJob shows a job.
func (c *Client) DescribeJob(ctx context.Context, id JobID) (Job, error) {
	var answer struct {
		Job struct {
			JobID   JobID     `json:"jobId"`
			JobARN  string    `json:"jobArn"`
			Status  JobStatus `json:"status"`
			Targets []string  `json:"targets"`
			Counts  struct {
				Queued     int `json:"numberOfQueuedThings"`
				InProgress int `json:"numberOfInProgressThings"`
				Succeeded  int `json:"numberOfSucceededThings"`
				Failed     int `json:"numberOfFailedThings"`
				TimedOut   int `json:"numberOfTimedOutThings"`
				Rejected   int `json:"numberOfRejectedThings"`
				Removed    int `json:"numberOfRemovedThings"`
				Canceled   int `json:"numberOfCanceledThings"`
			} `json:"jobProcessDetails"`
		} `json:"job"`
	}
	if err := c.send(ctx, call{DescribeJob, http.MethodGet, "/jobs/" + escaped(id), nil}, &answer); err != nil {
		return Job{}, err
	}
	n := answer.Job.Counts
	job := Job{ID: answer.Job.JobID, ARN: answer.Job.JobARN, Status: answer.Job.Status, Targets: answer.Job.Targets, Executions: map[Status]int{}}
	for i, count := range []int{n.Queued, n.InProgress, n.Succeeded, n.Failed, n.TimedOut, n.Rejected, n.Removed, n.Canceled} {
		if count != 0 {
			job.Executions[Statuses()[i]] = count
		}
	}
	return job, nil
}

// ExecutionSummary is one entry of a thing's pending executions.
type ExecutionSummary struct {
	JobID           JobID `json:"jobId"`
	ExecutionNumber int64 `json:"executionNumber"`
	VersionNumber   int64 `json:"versionNumber"`
}

// Pending is the work of a thing, in the order in which it is to be done: what is in progress before what is queued.
type Pending struct {
	InProgress []ExecutionSummary `json:"inProgressJobs"`
	Queued     []ExecutionSummary `json:"queuedJobs"`
}

// GetPendingJobExecutions lists the work of a thing.
func (c *Client) GetPendingJobExecutions(ctx context.Context, thing ThingName) (pending Pending, err error) {
	err = c.send(ctx, call{GetPendingJobExecutions, http.MethodGet, executions(thing), nil}, &pending)
	return pending, err
}

// Execution is a job execution as the device plane shows it.
type Execution struct {
	JobID           JobID             `json:"jobId"`
	ThingName       ThingName         `json:"thingName"`
	Status          Status            `json:"status"`
	StatusDetails   map[string]string `json:"statusDetails"`
	VersionNumber   int64             `json:"versionNumber"`
	ExecutionNumber int64             `json:"executionNumber"`
	JobDocument     string            `json:"jobDocument"`
}

type executionAnswer struct {
	Execution *Execution `json:"execution"`
}

// StartNextPendingJobExecution takes the thing's next execution; nil if there is none. A repeated call gives the same one again.
func (c *Client) StartNextPendingJobExecution(ctx context.Context, thing ThingName, details map[string]string) (*Execution, error) {
	body := struct {
		StatusDetails map[string]string `json:"statusDetails,omitempty"`
	}{details}
	var answer executionAnswer
	err := c.send(ctx, call{StartNextPendingJobExecution, http.MethodPut, executions(thing) + "/$next", body}, &answer)
	return answer.Execution, err
}

// DescribeJobExecution shows the thing's newest execution of a job, if it is pending.
func (c *Client) DescribeJobExecution(ctx context.Context, thing ThingName, job JobID) (*Execution, error) {
	var answer executionAnswer
	path := executions(thing) + "/" + escaped(job) + "?includeJobDocument=false"
	err := c.send(ctx, call{DescribeJobExecution, http.MethodGet, path, nil}, &answer)
	if err == nil && answer.Execution == nil {
		err = &Error{Operation: DescribeJobExecution, Status: http.StatusOK, Type: "UnexpectedAnswer", Message: "the answer has no execution"}
	}
	return answer.Execution, err
}

// ExecutionState is what an update's answer says of the execution.
type ExecutionState struct {
	Status        Status            `json:"status"`
	StatusDetails map[string]string `json:"statusDetails"`
	VersionNumber int64             `json:"versionNumber"`
}

// Update is what a device reports of an execution.
type Update struct {
	Thing           ThingName         `json:"-"`
	Job             JobID             `json:"-"`
	Status          Status            `json:"status"`
	StatusDetails   map[string]string `json:"statusDetails,omitempty"`
	ExpectedVersion int64             `json:"expectedVersion"`
	ExecutionNumber int64             `json:"executionNumber"`
}

// UpdateJobExecution reports on an execution and returns its state thereafter, which must be one version later: an update that is
// accepted in another way than that is an error of type UnexpectedVersion.
func (c *Client) UpdateJobExecution(ctx context.Context, u Update) error {
	body := struct {
		Update
		IncludeState bool `json:"includeJobExecutionState"`
	}{u, true}
	var answer struct {
		ExecutionState ExecutionState `json:"executionState"`
	}
	if err := c.send(ctx, call{UpdateJobExecution, http.MethodPost, executions(u.Thing) + "/" + escaped(u.Job), body}, &answer); err != nil {
		return err
	}
	if got := answer.ExecutionState; got.VersionNumber != u.ExpectedVersion+1 || got.Status != u.Status {
		e := &Error{
			Operation: UpdateJobExecution, Status: http.StatusOK, Type: "UnexpectedVersion", State: &got,
			Message: fmt.Sprintf("an update of version %d to %s gave version %d, %s", u.ExpectedVersion, u.Status, got.VersionNumber, got.Status),
		}
		c.Recorder.fail(e)
		return e
	}
	return nil
}

func executions(thing ThingName) string { return "/things/" + escaped(thing) + "/jobs" }
