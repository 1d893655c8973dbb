package fault

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
)

// client is one of those that write. Nobody else writes what it writes, and it does one thing after the other; so it knows what must be stored.
type client struct {
	*api
	name string
	rand *rand.Rand
	acks *atomic.Int64 // of all clients

	things []string // the devices that it plays
	sensor string   // the thing whose attribute it changes, and which it puts into the group shift and takes out
	// running are the executions in progress, by thing, with their version.
	running map[string]execution
	book    book
	// changed names what it has written since it was last compared with the server.
	changed map[string]bool
	made    int // things, jobs and notes so far
	faults  []error
	// open counts writes without an answer, happened those of them that were found to have happened.
	open, happened int
}

type execution struct {
	job     string
	version int64
}

// errOver ends a client's work: a call has got no answer.
var errOver = errors.New("a call has got no answer")

// work writes until a call has no answer, or ctx ends.
func (c *client) work(ctx context.Context) {
	for ctx.Err() == nil {
		if err := c.act(ctx); err != nil {
			if !errors.Is(err, errOver) {
				c.faults = append(c.faults, fmt.Errorf("%s: %w", c.name, err))
			}
			return
		}
	}
}

func (c *client) act(ctx context.Context) error {
	thing := c.things[c.rand.IntN(len(c.things))]
	switch draw := c.rand.IntN(100); {
	case draw < 10:
		return c.changeAttribute(ctx)
	case draw < 18:
		return c.changeMembership(ctx)
	case draw < 21:
		return c.createThing(ctx)
	case draw < 27:
		return c.describe(ctx, thing)
	}
	if _, busy := c.running[thing]; busy {
		return c.report(ctx, thing)
	}
	return c.begin(ctx, thing)
}

// wrote takes down what became of a write. An answer that refuses it is a fault: nothing that clients do here is wrong.
func (c *client) wrote(name string, born, written state, err error) error {
	c.changed[name] = true
	switch {
	case refused(err):
		return fmt.Errorf("%s is refused: %w", name, err)
	case err != nil:
		c.book.of(name, born).add(unanswered, written)
		return errOver
	}
	c.book.of(name, born).add(acknowledged, written)
	c.acks.Add(1)
	return nil
}

// readError is what a failed read means: a server that ends gives no answer, and that is all it may do.
func readError(err error) error {
	if refused(err) {
		return err
	}
	return errOver
}

func (c *client) note() string {
	c.made++
	return fmt.Sprintf("%s-%d", c.name, c.made)
}

// queued is an execution that nobody has touched.
var queued = state{version: 1, status: "QUEUED"}

func executionName(thing, job string) string { return "execution/" + thing + "/" + job }

// begin starts the next execution of a device, as devices do, or by reporting its status. One that has nothing to do gets a job.
func (c *client) begin(ctx context.Context, thing string) error {
	next, err := c.next(ctx, thing)
	switch {
	case err != nil:
		return err
	case next == "":
		return c.createJob(ctx)
	}
	started := state{status: "IN_PROGRESS", note: c.note()}
	if c.rand.IntN(2) == 0 {
		return c.update(ctx, thing, execution{next, queued.version}, started)
	}
	var out struct {
		Execution struct {
			JobID           string `json:"jobId"`
			VersionNumber   int64  `json:"versionNumber"`
			ExecutionNumber int64  `json:"executionNumber"`
		} `json:"execution"`
	}
	err = c.call(ctx, device, http.MethodPut, "/things/"+thing+"/jobs/$next", map[string]any{"statusDetails": details(started.note)}, &out)
	if e := out.Execution; err == nil && (e.JobID != next || e.ExecutionNumber != 1) {
		return fmt.Errorf("%s has begun with execution %d of %s, not with the first of %s", thing, e.ExecutionNumber, e.JobID, next)
	}
	started.version = out.Execution.VersionNumber
	if err = c.wrote(executionName(thing, next), queued, started, err); err == nil {
		c.running[thing] = execution{next, started.version}
	}
	return err
}

// next is the job that a device has to begin with; none if there is nothing to do. Nothing may run there.
func (c *client) next(ctx context.Context, thing string) (job string, err error) {
	var out struct {
		InProgress []struct{ JobID string } `json:"inProgressJobs"`
		Queued     []struct{ JobID string } `json:"queuedJobs"`
	}
	if err := c.call(ctx, device, http.MethodGet, "/things/"+thing+"/jobs", nil, &out); err != nil {
		return "", readError(err)
	}
	switch {
	case len(out.InProgress) > 0:
		return "", fmt.Errorf("%s works on %s, which nobody has begun", thing, out.InProgress[0].JobID)
	case len(out.Queued) > 0:
		job = out.Queued[0].JobID
	}
	return job, nil
}

// report reports progress, or the end. Most reports do not say which version they expect: those would be applied twice if they were sent twice.
func (c *client) report(ctx context.Context, thing string) error {
	written := state{status: "IN_PROGRESS", note: c.note()}
	switch c.rand.IntN(12) {
	case 0:
		written.status = "SUCCEEDED"
	case 1:
		written.status = "FAILED"
	}
	return c.update(ctx, thing, c.running[thing], written)
}

func (c *client) update(ctx context.Context, thing string, e execution, written state) error {
	in := map[string]any{"status": written.status, "statusDetails": details(written.note)}
	if c.rand.IntN(4) == 0 {
		in["expectedVersion"] = e.version
	}
	told := c.rand.IntN(4) > 0
	if told {
		in["includeJobExecutionState"] = true
	}
	var out struct {
		ExecutionState struct {
			VersionNumber int64 `json:"versionNumber"`
		} `json:"executionState"`
	}
	err := c.call(ctx, device, http.MethodPost, "/things/"+thing+"/jobs/"+e.job, in, &out)
	written.version = out.ExecutionState.VersionNumber
	if err := c.wrote(executionName(thing, e.job), queued, written, err); err != nil {
		return err
	}
	if c.running[thing] = (execution{e.job, e.version + 1}); written.status != "IN_PROGRESS" {
		delete(c.running, thing)
	}
	return nil
}

func details(note string) map[string]string { return map[string]string{"note": note} }

// describe reads the execution that runs on a device.
func (c *client) describe(ctx context.Context, thing string) error {
	e, busy := c.running[thing]
	if !busy {
		return nil
	}
	var out struct {
		Execution struct {
			Status        string            `json:"status"`
			StatusDetails map[string]string `json:"statusDetails"`
			VersionNumber int64             `json:"versionNumber"`
		} `json:"execution"`
	}
	if err := c.call(ctx, device, http.MethodGet, "/things/"+thing+"/jobs/"+e.job, nil, &out); err != nil {
		return readError(err)
	}
	seen := state{out.Execution.VersionNumber, out.Execution.Status, out.Execution.StatusDetails["note"]}
	c.book.of(executionName(thing, e.job), queued).add(read, seen)
	return nil
}

func (c *client) changeAttribute(ctx context.Context) error {
	note := c.note()
	err := c.call(ctx, control, http.MethodPatch, "/things/"+c.sensor, map[string]any{
		"attributePayload": map[string]any{"attributes": map[string]string{"note": note}},
	}, nil)
	return c.wrote("thing/"+c.sensor, state{version: 1}, state{note: note}, err)
}

// Where a sensor can be, as a note.
const (
	outside = "outside"
	inside  = "inside"
)

// changeMembership puts the sensor into the group shift, which the job follow follows, or takes it out.
func (c *client) changeMembership(ctx context.Context) error {
	name, where, member := "member/"+c.sensor, inside, "thingGroupsToAdd"
	if h := c.book.of(name, state{note: outside}); len(h.events) > 0 && h.events[len(h.events)-1].state.note == inside {
		where, member = outside, "thingGroupsToRemove"
	}
	err := c.call(ctx, control, http.MethodPut, "/thing-groups/updateThingGroupsForThing", map[string]any{"thingName": c.sensor, member: []string{shift}}, nil)
	return c.wrote(name, state{note: outside}, state{note: where}, err)
}

// there is the note of what exists.
const there = "there"

func (c *client) createThing(ctx context.Context) error {
	name := "new-" + c.note()
	err := c.call(ctx, control, http.MethodPost, "/things/"+name, struct{}{}, nil)
	return c.wrote("created/"+name, state{}, state{note: there}, err)
}

// createJob makes work for the client's own devices.
func (c *client) createJob(ctx context.Context) error {
	id := "small-" + c.note()
	targets := make([]string, len(c.things))
	for i, thing := range c.things {
		targets[i] = c.ARN("thing", thing)
	}
	return c.wrote("job/"+id, state{}, state{note: there}, c.api.createJob(ctx, id, "SNAPSHOT", targets...))
}
