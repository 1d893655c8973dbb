package fleet

import (
	"context"
	"errors"
	"maps"
	"net/http"
)

// device is one thing at work. It is used by one goroutine at a time.
type device struct {
	fleet *Fleet
	thing ThingName
	// task is what the device works on, nil between two executions. It outlives a visit that fails: the device goes on where it stopped
	// and reports no step twice.
	task *task
	// idle tells that the last answered poll had no work.
	idle bool
}

// task is an execution that a device has taken up.
type task struct {
	job     JobID
	number  int64
	version int64 // of the execution, as far as the device knows
	plan    plan
	step    int  // the next report: one of the plan's steps, or behind them the end
	worked  bool // the work that goes before the next report is done
	unsure  bool // the next report may have taken effect already: it was sent, and no answer came
}

// maxPerVisit bounds the executions that a device takes before it lets the others work.
const maxPerVisit = 32

// errDropped means that somebody else changed or removed the execution.
var errDropped = errors.New("the execution was changed by somebody else")

// visit lets the device work until it has nothing pending, and tells whether it had any work.
func (d *device) visit(ctx context.Context) (worked bool, err error) {
	for range maxPerVisit {
		if d.task == nil {
			if d.task, err = d.next(ctx); err != nil || d.task == nil {
				return worked, err
			}
		}
		worked = true
		if err := d.work(ctx); err != nil {
			return worked, err
		}
	}
	return worked, nil
}

// next polls and takes up the execution that is next; nil if there is none.
func (d *device) next(ctx context.Context) (*task, error) {
	client := d.fleet.Client
	pending, err := client.GetPendingJobExecutions(ctx, d.thing)
	if err != nil {
		return nil, err
	}
	d.idle = len(pending.InProgress) == 0 && len(pending.Queued) == 0
	if d.idle {
		return nil, nil
	}
	if len(pending.InProgress) == 0 {
		first := pending.Queued[0]
		p := d.fleet.Behaviour.plan(d.thing, first.JobID, first.ExecutionNumber)
		if p.end == Rejected { // unseen: a device rejects before it starts
			return &task{job: first.JobID, number: first.ExecutionNumber, version: first.VersionNumber, plan: p, worked: true}, nil
		}
	}
	e, err := client.StartNextPendingJobExecution(ctx, d.thing, map[string]string{"step": "started", "progress": "0%"})
	if err != nil || e == nil { // nil: canceled since the poll
		return nil, err
	}
	if e.Status != InProgress || e.JobDocument == "" {
		return nil, &Error{Operation: StartNextPendingJobExecution, Status: http.StatusOK, Type: "UnexpectedAnswer", Message: "started, but it is " + string(e.Status)}
	}
	d.fleet.started.Add(1)
	return &task{job: e.JobID, number: e.ExecutionNumber, version: e.VersionNumber, plan: d.fleet.Behaviour.plan(d.thing, e.JobID, e.ExecutionNumber)}, nil
}

// work reports step after step, and the end. The task is nil when the device is through with it.
func (d *device) work(ctx context.Context) error {
	for d.task != nil {
		t := d.task
		if !t.worked {
			if err := pause(ctx, d.fleet.Behaviour.StepTime); err != nil {
				return err
			}
			t.worked = true
		}
		u := d.update()
		switch err := d.report(ctx, u); {
		case errors.Is(err, errDropped):
			d.end(dropped)
		case err != nil:
			return err
		case u.Status.Terminal():
			d.end(u.Status)
		default:
			d.fleet.progressed.Add(1)
			t.step, t.version, t.worked, t.unsure = t.step+1, t.version+1, false, false
		}
	}
	return nil
}

// update is the task's next report.
func (d *device) update() Update {
	t := d.task
	u := Update{Thing: d.thing, Job: t.job, ExpectedVersion: t.version, ExecutionNumber: t.number}
	if t.step < t.plan.steps {
		u.Status, u.StatusDetails = InProgress, d.fleet.Behaviour.details(t.step)
	} else {
		u.Status, u.StatusDetails = t.plan.end, endDetails(t.plan)
	}
	return u
}

// end lets go of the task and counts how it went.
func (d *device) end(status Status) {
	d.fleet.finished(d.task.job, status)
	d.task = nil
}

// report sends the task's next update; nil means that it took effect, now or before, see the package comment. The error is errDropped if
// somebody else was faster. Any other error leaves the update to the next visit, with the same version.
func (d *device) report(ctx context.Context, u Update) error {
	err := d.fleet.Client.UpdateJobExecution(ctx, u)
	e, answered := errors.AsType[*Error](err)
	if err == nil || !answered {
		return err
	}
	// Once unsure, only an answer that settles it makes sure again: being throttled now says nothing of the copy that was sent before.
	d.task.unsure = d.task.unsure || e.Unsure || e.MayHaveHappened()
	switch e.Type {
	case "InvalidStateTransitionException":
		if !d.task.unsure {
			return errDropped
		}
		happened, err := d.happened(ctx, u, e.State)
		if err != nil {
			return err
		}
		if !happened {
			return errDropped
		}
		d.fleet.repaired.Add(1)
		return nil
	case "ResourceNotFoundException":
		return errDropped
	}
	return err
}

// happened tells whether a refused update is the second copy of one that took effect. Servers that leave the state out of the refusal
// are asked for it; they show no finished execution, so there the end is taken for ours.
func (d *device) happened(ctx context.Context, u Update, state *ExecutionState) (bool, error) {
	if state == nil {
		execution, err := d.fleet.Client.DescribeJobExecution(ctx, u.Thing, u.Job)
		if is(err, "TerminalStateException") {
			return u.Status.Terminal(), nil
		}
		if err != nil {
			return false, err
		}
		state = &ExecutionState{execution.Status, execution.StatusDetails, execution.VersionNumber}
	}
	return state.VersionNumber == u.ExpectedVersion+1 && state.Status == u.Status && maps.Equal(state.StatusDetails, u.StatusDetails), nil
}
