package postgres_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/postgres/pgtest"
)

// TestGroupWithARefusedCall lets a call be refused behind one that has changed something, once the store had to ask the database in between: what the
// first one was answered is there.
func TestGroupWithARefusedCall(t *testing.T) {
	h := newHouse(t, "a", "b")
	good := call("a", "job", nil, works("job"))
	bad := call("b", "job", nil, func(store.ThingView) (store.ThingChange, error) {
		e := jobs.JobExecution{Job: 1 << 40, Number: 1, Status: jobs.Queued, Version: 1} // of a job that nobody has asked for
		return store.ThingChange{Executions: []store.ExecutionChange{{Before: &e}}}, nil
	})
	h.Together(good, bad)
	mustDo(t, good.Err)
	if bad.Err == nil {
		t.Error("an execution that is not there was deleted")
	}
	if got := version(t, h, "a"); got != 2 {
		t.Errorf("the report that was answered is not there: version %d, want 2", got)
	}
}

// TestJobQueuedWhileAGroupWaits: the group has asked before there was the job, and is answered when it is queued on its thing, whose row has moved. The other thing of
// the group has moved as well, but nobody holds it when its turn comes.
func TestJobQueuedWhileAGroupWaits(t *testing.T) {
	h := newHouse(t, "a", "b")
	goOn := h.update(func(tx store.Tx) error { return queueNew(tx, "new", "a", "b") })
	var seen, beside store.ThingView
	ended := start(func() { h.Together(call("a", "new", &seen, works("new")), call("b", "job", &beside, works("job"))) })
	h.awaits(forLock, ended)
	goOn()
	<-ended
	for name, v := range map[registry.ThingName]store.ThingView{"a": seen, "b": beside} {
		if len(v.Pending) != 2 || len(v.Jobs) != 2 {
			t.Errorf("the call of %s saw %d executions of %d jobs, want 2 of 2", name, len(v.Pending), len(v.Jobs))
		}
		for number, job := range v.Jobs {
			if job.Config == nil || job.Number != number {
				t.Errorf("the call of %s saw the job %+v as number %d", name, job, number)
			}
		}
	}
	for name, id := range map[registry.ThingName]jobs.JobID{"a": "new", "b": "job"} {
		v, err := h.ReadThing(t.Context(), name, []store.Address{{Job: id}})
		mustDo(t, err)
		if e := v.Addressed[id].Execution; e == nil || e.Version != 2 {
			t.Errorf("after the report of %s its execution is %+v", name, e)
		}
	}
}

// queueNew makes a job and queues it on things.
func queueNew(tx store.Tx, id jobs.JobID, names ...registry.ThingName) error {
	n, err := tx.NextNumber()
	if err != nil {
		return err
	}
	job := &jobs.Job{Number: jobs.JobNumber(n), ID: id, Revision: 1, Status: jobs.JobInProgress, Config: &jobs.Config{Document: "{}"}}
	if err := tx.PutJob(job); err != nil {
		return err
	}
	for _, name := range names {
		v, err := tx.Thing(name)
		if err != nil {
			return err
		}
		e := jobs.NewExecution(job.Number, 1, time.Unix(1_800_000_000, 0))
		if err := tx.ChangeThing(v.Thing.Key(), store.ThingChange{
			Executions: []store.ExecutionChange{{After: &e}}, Heads: map[jobs.JobNumber]jobs.Head{job.Number: {Known: true, Newest: 1}},
		}); err != nil {
			return err
		}
	}
	return nil
}

// TestThingDeletedWhileAGroupWaits: as long as the deletion is not committed the thing is locked, and then it is not there.
func TestThingDeletedWhileAGroupWaits(t *testing.T) {
	h := newHouse(t, "a")
	goOn := h.update(func(tx store.Tx) error {
		v, err := tx.Thing("a")
		if err != nil {
			return err
		}
		e := v.Pending[0]
		if err := tx.ChangeThing(v.Thing.Key(), store.ThingChange{Executions: []store.ExecutionChange{{Before: &e}}}); err != nil {
			return err
		}
		return tx.DeleteThing("a")
	})
	seen := store.ThingView{Thing: &registry.Thing{}}
	ended := start(func() { h.Together(call("a", "job", &seen, looks)) })
	h.awaits(forLock, ended)
	goOn()
	<-ended
	if seen.Thing != nil || len(seen.Pending) > 0 || seen.Addressed["job"].Job == nil {
		t.Errorf("the call saw %+v", seen)
	}
}

// cancelJob ends the job.
func cancelJob(tx store.Tx) error {
	job, err := tx.Job("job")
	if err != nil {
		return err
	}
	job.Status = jobs.JobCanceled
	return tx.PutJob(job)
}

// TestGroupWaitsForACommitThatChangesItsJob: the job is changed, but not on both machines yet; the group sees it as it is then (invariant 4).
func TestGroupWaitsForACommitThatChangesItsJob(t *testing.T) {
	h := newHouse(t, "a")
	release := sync.OnceFunc(pgtest.Stall(t, pgtest.Shared(t)))
	defer release() // should the test fail before
	changed := start(func() { mustDo(t, h.Update(context.Background(), cancelJob)) })
	h.awaits(forStandby, changed)
	var seen store.ThingView
	ended := start(func() { h.Together(call("a", "job", &seen, looks)) })
	h.awaits(forLock, ended)
	release()
	<-changed
	<-ended
	if got := seen.Addressed["job"].Job.Status; got != jobs.JobCanceled {
		t.Errorf("the call saw the job %s", got)
	}
}

// TestUpdateWaitsForGroupsThatSawItsJob is the other side: what a device does because the job is in progress is committed before the job is canceled.
func TestUpdateWaitsForGroupsThatSawItsJob(t *testing.T) {
	h := newHouse(t, "a")
	deciding, decide := make(chan struct{}), make(chan struct{})
	allow := sync.OnceFunc(func() { close(decide) })
	t.Cleanup(allow) // should the test fail before
	c := call("a", "job", nil, func(v store.ThingView) (store.ThingChange, error) {
		close(deciding)
		<-decide
		return works("job")(v)
	})
	ended := start(func() { h.Together(c) })
	<-deciding
	changed := start(func() { mustDo(t, h.Update(context.Background(), cancelJob)) })
	h.awaits(forLock, changed)
	allow()
	<-ended
	<-changed
	mustDo(t, c.Err)
	if got := version(t, h, "a"); got != 2 {
		t.Errorf("the execution is at version %d, want 2", got)
	}
}
