package storetest

import (
	"fmt"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// start0 is when the suite's time begins. Its instants have at most microseconds: a database need not keep more.
var start0 = time.Date(2026, 3, 1, 12, 0, 0, 123_456_000, time.UTC)

// register writes a new thing.
func register(tx store.Tx, name registry.ThingName) (*registry.Thing, error) {
	n, err := tx.NextNumber()
	if err != nil {
		return nil, err
	}
	t := &registry.Thing{
		Name: name, Number: registry.ThingNumber(n), ID: fmt.Sprintf("id-%d", n), Attributes: map[string]string{"made": string(name)},
		Version: 1, CreatedAt: start0,
	}
	return t, tx.PutThing(t)
}

// create writes a new job.
func create(tx store.Tx, id jobs.JobID) (*jobs.Job, error) {
	n, err := tx.NextNumber()
	if err != nil {
		return nil, err
	}
	j := &jobs.Job{
		Number: jobs.JobNumber(n), ID: id, Revision: 1, Status: jobs.JobInProgress, CreatedAt: start0, LastUpdatedAt: start0,
		Config: &jobs.Config{
			Targets:         []jobs.Target{{Kind: jobs.ThingTarget, Name: "a"}, {Kind: jobs.GroupTarget, Name: "g"}},
			TargetSelection: jobs.Snapshot, Document: `{"of":"` + string(id) + `"}`, Description: "made by the suite", InProgressTimeout: time.Hour,
		},
	}
	return j, tx.PutJob(j)
}

// move is a pure change of the newest execution of a job on a thing: what fn of UpdateThing decides.
type move func(v store.ThingView, id jobs.JobID) (store.ThingChange, error)

// queue queues the next execution.
func queue(v store.ThingView, id jobs.JobID) (store.ThingChange, error) {
	a, ok := v.Addressed[id]
	if !ok || v.Thing == nil {
		return store.ThingChange{}, fmt.Errorf("queue: no job %s or no thing", id)
	}
	n := a.Head.Newest + 1
	e := jobs.NewExecution(a.Job.Number, n, start0)
	return store.ThingChange{
		Executions: []store.ExecutionChange{{After: &e}},
		Heads:      map[jobs.JobNumber]jobs.Head{a.Job.Number: {Newest: n, Known: true}},
	}, nil
}

// edit replaces the newest execution.
func edit(rule func(jobs.JobExecution, *jobs.Config) (jobs.JobExecution, error)) move {
	return func(v store.ThingView, id jobs.JobID) (store.ThingChange, error) {
		a := v.Addressed[id]
		if a.Execution == nil {
			return store.ThingChange{}, fmt.Errorf("edit: no execution of %s", id)
		}
		next, err := rule(*a.Execution, a.Job.Config)
		if err != nil {
			return store.ThingChange{}, err
		}
		return replace(a.Execution, &next), nil
	}
}

// replace is the change of one execution.
func replace(before, after *jobs.JobExecution) store.ThingChange {
	return store.ThingChange{Executions: []store.ExecutionChange{{Before: before, After: after}}}
}

// change makes a move in an update.
func change(tx store.Tx, name registry.ThingName, id jobs.JobID, m move) error {
	v, err := tx.Thing(name, store.Address{Job: id})
	if err != nil {
		return err
	}
	c, err := m(v, id)
	if err != nil {
		return err
	}
	return tx.ChangeThing(v.Thing.Key(), c)
}

// report is a device's report of a status.
func report(s jobs.ExecutionStatus, at time.Time) move {
	return edit(func(e jobs.JobExecution, cfg *jobs.Config) (jobs.JobExecution, error) {
		return e.Update(at, cfg, jobs.Report{Status: s, StatusDetails: map[string]string{"step": string(s)}})
	})
}

// working reports IN_PROGRESS: every call adds one to the version.
func working(v store.ThingView, id jobs.JobID) (store.ThingChange, error) {
	return report(jobs.InProgress, start0)(v, id)
}

// forget deletes the newest execution, and remembers the one before as the newest.
func forget(v store.ThingView, id jobs.JobID) (store.ThingChange, error) {
	a := v.Addressed[id]
	if a.Execution == nil {
		return store.ThingChange{}, fmt.Errorf("forget: no execution of %s", id)
	}
	c := replace(a.Execution, nil)
	c.Heads = map[jobs.JobNumber]jobs.Head{a.Job.Number: {Newest: a.Execution.Number - 1, Known: true}}
	return c, nil
}
