package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"iotjobs/test/process"
)

// load is those who call the nodes, and what they have met.
type load struct {
	api     *api
	nodes   []*node
	history *history
	acks    atomic.Int64

	mu     sync.Mutex
	jobs   []string // created, so that every device has an execution of each
	faults []error
}

func (l *load) fault(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.faults) < 10 {
		l.faults = append(l.faults, err)
	}
}

func (l *load) endpoint(random *rand.Rand) string {
	return l.nodes[random.IntN(len(l.nodes))].Endpoint()
}

// caller is a device, or an operator who looks on.
type caller struct {
	*load

	id    int
	thing string
	rand  *rand.Rand
	made  int // notes

	// What a device works on, and the version that it knows of; none for "".
	job     string
	version int64
}

// pause is the time between the calls of a device: many devices, none of them fast.
const pause = 150 * time.Millisecond

func (c *caller) rest(ctx context.Context) {
	timer := time.NewTimer(pause/2 + time.Duration(c.rand.Int64N(int64(pause))))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// work is the life of a device: it reports on its executions, one after the other, at most so many calls.
func (c *caller) work(ctx context.Context, calls int) {
	for n := 0; n < calls && ctx.Err() == nil; n++ {
		if c.job == "" {
			c.next(ctx)
		} else {
			c.report(ctx)
		}
		c.rest(ctx)
	}
}

// next asks what there is to do.
func (c *caller) next(ctx context.Context) {
	var out struct {
		InProgress []struct{ JobID string } `json:"inProgressJobs"`
		Queued     []struct{ JobID string } `json:"queuedJobs"`
	}
	err := c.api.call(ctx, c.endpoint(c.rand), device, http.MethodGet, "/things/"+c.thing+"/jobs", nil, &out)
	switch {
	case refused(err):
		c.fault(fmt.Errorf("%s asks what to do: %w", c.thing, err))
	case err != nil:
	case len(out.InProgress) > 0:
		c.job = out.InProgress[0].JobID
	case len(out.Queued) > 0:
		c.job = out.Queued[0].JobID
	}
}

// report reports progress, or the end. One that has no answer is not sent again: the device looks what became of it.
func (c *caller) report(ctx context.Context) {
	c.made++
	asked := call{execution: c.thing + "/" + c.job, status: "IN_PROGRESS", note: fmt.Sprintf("%d-%d", c.id, c.made)}
	switch c.rand.IntN(12) {
	case 0:
		asked.status = "SUCCEEDED"
	case 1:
		asked.status = "FAILED"
	}
	in := map[string]any{"status": asked.status, "statusDetails": map[string]string{"note": asked.note}, "includeJobExecutionState": true}
	if c.version > 0 && c.rand.IntN(4) == 0 {
		asked.expected = c.version
		in["expectedVersion"] = c.version
	}
	var out struct {
		ExecutionState struct {
			Status        string            `json:"status"`
			VersionNumber int64             `json:"versionNumber"`
			StatusDetails map[string]string `json:"statusDetails"`
		} `json:"executionState"`
	}
	began := c.history.now()
	err := c.api.call(ctx, c.endpoint(c.rand), device, http.MethodPost, "/things/"+c.thing+"/jobs/"+c.job, in, &out)
	state := out.ExecutionState
	c.history.add(c.id, began, asked, answer{unknown: err != nil && !refused(err), refused: refused(err), shown: register{state.Status, state.VersionNumber, state.StatusDetails["note"]}})
	if err != nil {
		c.look(ctx)
		return
	}
	c.acks.Add(1)
	if c.version = state.VersionNumber; asked.status != "IN_PROGRESS" {
		c.job, c.version = "", 0
	}
}

// look reads the execution until there is an answer.
func (c *caller) look(ctx context.Context) {
	for c.version = 0; ctx.Err() == nil; c.rest(ctx) {
		now, err := c.read(ctx, c.thing, c.job)
		switch {
		case err != nil:
			continue
		case now.pending():
			c.version = now.version
		default:
			c.job = ""
		}
		return
	}
}

// read looks at an execution, as operators do.
func (c *caller) read(ctx context.Context, thing, job string) (register, error) {
	began := c.history.now()
	e, err := c.api.execution(ctx, c.endpoint(c.rand), thing, job)
	if refused(err) {
		c.fault(fmt.Errorf("the execution of %s on %s is lost: %w", job, thing, err))
	}
	if err != nil {
		return register{}, err
	}
	if e.Number != 1 {
		c.fault(fmt.Errorf("the newest execution of %s on %s is number %d: it was queued twice", job, thing, e.Number))
	}
	seen := register{e.Status, e.VersionNumber, e.StatusDetails.DetailsMap["note"]}
	c.history.add(c.id, began, call{execution: thing + "/" + job, read: true}, answer{shown: seen})
	return seen, nil
}

// watch reads what devices work on.
func (c *caller) watch(ctx context.Context, things []string, calls int) {
	for n := 0; n < calls && ctx.Err() == nil; n++ {
		c.mu.Lock()
		job := c.jobs[c.rand.IntN(len(c.jobs))]
		c.mu.Unlock()
		_, _ = c.read(ctx, things[c.rand.IntN(len(things))], job) // without an answer nothing was seen
		c.rest(ctx)
	}
}

// createJob makes a job over a group, on any node. After a call without an answer the job may be there already.
func (l *load) createJob(ctx context.Context, random *rand.Rand, id, group string, more map[string]any) error {
	in := map[string]any{"targets": []string{l.api.ARN("thinggroup", group)}, "document": "{}", "targetSelection": "SNAPSHOT"}
	maps.Copy(in, more)
	for unsure := false; ; unsure = true {
		err := l.api.call(ctx, l.endpoint(random), control, http.MethodPut, "/jobs/"+id, in, nil)
		refusal, isRefusal := errors.AsType[*process.Refusal](err)
		if err == nil || unsure && isRefusal && refusal.Status == http.StatusConflict {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.jobs = append(l.jobs, id)
			return nil
		}
		if refused(err) || ctx.Err() != nil {
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			return err
		}
	}
}
