package postgres_test

import (
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
	"iotjobs/internal/store/postgres"
	"iotjobs/internal/store/postgres/pgtest"
)

// TestCopiesFollow changes what the row of a thing copies of its pending job, and the job that its lock copies, and nothing else: the next device call
// sees it, and so does a read.
func TestCopiesFollow(t *testing.T) {
	s := open(t, pgtest.NewURL(t), postgres.Options{})
	defer func() { mustDo(t, s.Close()) }()
	fleet(t, s, "a")
	number, address := jobs.JobNumber(0), []store.Address{{Job: "job", Head: true}}
	change := func(change func(store.Addressed) store.ThingChange) {
		t.Helper()
		mustDo(t, s.UpdateThing(t.Context(), "a", address, func(v store.ThingView) (store.ThingChange, error) {
			number = v.Addressed["job"].Job.Number
			return change(v.Addressed["job"]), nil
		}))
	}
	look := func(what string, good func(store.Addressed) bool) {
		t.Helper()
		change(func(a store.Addressed) store.ThingChange {
			if !good(a) {
				t.Errorf("a device call after %s sees %+v", what, a)
			}
			return store.ThingChange{}
		})
		v, err := s.ReadThing(t.Context(), "a", address)
		mustDo(t, err)
		if a := v.Addressed["job"]; !good(a) {
			t.Errorf("a read after %s sees %+v", what, a)
		}
	}

	_, err := report(t.Context(), s, "a")
	mustDo(t, err)
	head := jobs.Head{Known: true, Newest: 7, Retries: jobs.RetriesUsed{Failed: 2, TimedOut: 1}}
	change(func(store.Addressed) store.ThingChange {
		return store.ThingChange{Heads: map[jobs.JobNumber]jobs.Head{number: head}}
	})
	look("a new head", func(a store.Addressed) bool { return a.Head == head && a.Execution.Number == 1 })

	change(func(a store.Addressed) store.ThingChange {
		ended := *a.Execution
		ended.Number, ended.Status = 7, jobs.Succeeded
		return store.ThingChange{Executions: []store.ExecutionChange{{After: &ended}}}
	})
	look("a newer execution that has ended", func(a store.Addressed) bool { return a.Execution.Number == 7 })
	change(func(a store.Addressed) store.ThingChange {
		return store.ThingChange{Executions: []store.ExecutionChange{{Before: a.Execution}}}
	})
	look("its deletion", func(a store.Addressed) bool { return a.Execution.Number == 1 })

	mustDo(t, s.Update(t.Context(), func(tx store.Tx) error {
		job, err := tx.JobByNumber(number)
		if err != nil {
			return err
		}
		job.Status, job.Comment = jobs.JobCanceled, "no more"
		return tx.PutJob(job)
	}))
	look("the end of its job", func(a store.Addressed) bool { return a.Job.Status == jobs.JobCanceled && a.Job.Comment == "no more" })
}
