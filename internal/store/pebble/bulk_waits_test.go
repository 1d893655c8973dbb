package pebble

import (
	"runtime"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// patience ends the wait for what does not come; looks is how often others may run while something must not come.
const (
	patience = time.Minute
	looks    = 10_000
)

// await runs others until something that is read under the committer's lock is so.
func (s timers) await(so func(*committer) bool) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); runtime.Gosched() {
		s.committer.mu.Lock()
		now := so(s.committer)
		s.committer.mu.Unlock()
		if now {
			return
		}
	}
	s.t.Error("it did not come")
}

func giveWay() {
	for range looks {
		runtime.Gosched()
	}
}

var withJob = []store.Address{{Job: "j"}}

func (s timers) bulk(name registry.ThingName, decide func(store.ThingView) (store.ThingChange, error)) error {
	return s.UpdateThings(s.t.Context(), []store.ThingUpdate{{Thing: name, Addresses: withJob, Decide: decide}})
}

func nextVersion(v store.ThingView) (store.ThingChange, error) {
	before := v.Addressed["j"].Execution
	after := *before
	after.Version++
	return store.ThingChange{Executions: []store.ExecutionChange{{Before: before, After: &after}}}, nil
}

// A bulk does not read a thing that is in the group in flight before that is committed.
func TestABulkWaitsForTheGroupInFlight(t *testing.T) {
	s := newTimers(t, 1)
	bulk := make(chan error, 1)
	s.must(s.UpdateThing(t.Context(), timed(0), withJob, func(v store.ThingView) (store.ThingChange, error) {
		go func() { bulk <- s.bulk(timed(0), nextVersion) }()
		s.await(func(c *committer) bool { return c.held[timed(0)] != nil })
		giveWay()
		return nextVersion(v)
	}))
	s.must(<-bulk)
	v, err := s.ReadThing(t.Context(), timed(0), withJob)
	s.must(err)
	if got := v.Addressed["j"].Execution.Version; got != 3 {
		t.Errorf("version %d after two changes, want 3", got)
	}
}

// A bulk that writes nothing tells nothing of a job before that is durable (invariant 3). The job is written by an update in the same group as a
// command that takes its time.
func TestABulkTellsNothingThatIsNotDurable(t *testing.T) {
	s := newTimers(t, 2)
	var early bool
	told, others := make(chan error, 1), make(chan error, 2)
	s.must(s.UpdateThing(t.Context(), timed(0), withJob, func(v store.ThingView) (store.ThingChange, error) {
		go func() {
			others <- s.Update(t.Context(), func(tx store.Tx) error {
				return tx.PutJob(&jobs.Job{Number: 1, ID: "j", Revision: 1, Status: jobs.JobCanceled, Config: &jobs.Config{}})
			})
		}()
		go func() {
			others <- s.UpdateThing(t.Context(), timed(0), withJob, func(v store.ThingView) (store.ThingChange, error) {
				saw := make(chan jobs.JobStatus, 1)
				go func() {
					told <- s.bulk(timed(1), func(v store.ThingView) (store.ThingChange, error) {
						saw <- v.Addressed["j"].Job.Status
						return store.ThingChange{}, nil
					})
				}()
				if got := <-saw; got != jobs.JobCanceled {
					t.Errorf("the bulk saw the job %s, want it canceled", got)
				}
				giveWay()
				early = len(told) > 0
				return nextVersion(v)
			})
		}()
		s.await(func(c *committer) bool { return c.handed != nil && len(c.waiting) == 1 })
		return nextVersion(v)
	}))
	for _, call := range []chan error{others, others, told} {
		s.must(<-call)
	}
	if early {
		t.Error("the bulk returned before what it saw was durable")
	}
}
