package storetest_test

import (
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/memory"
)

// checkedStore is a small reference store that agrees with itself: a group with two things, each with an execution, one of which has failed, a
// job that wants to wake before the other's timer, one that has followed the group, and three events.
func checkedStore(t *testing.T) store.Store {
	t.Helper()
	s := memory.New()
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	group := &registry.ThingGroup{Name: "g", Number: 4}
	targets := []jobs.Target{{Kind: jobs.GroupTarget, Name: "g", Group: group.Number}}
	j := &jobs.Job{Number: 1, ID: "j", Status: jobs.JobInProgress, WakeAt: now, Config: &jobs.Config{InProgressTimeout: time.Minute}}
	done := &jobs.Job{Number: 5, ID: "done", Status: jobs.JobCompleted, Config: &jobs.Config{TargetSelection: jobs.Continuous, Targets: targets}}
	if err := s.Update(t.Context(), func(tx store.Tx) error {
		for range 10 {
			if _, err := tx.NextNumber(); err != nil {
				return err
			}
		}
		told := []jobs.Event{{ID: "1", Job: &jobs.JobEvent{}}, {ID: "2", Job: &jobs.JobEvent{}}, {ID: "3", Job: &jobs.JobEvent{}}}
		for _, put := range []error{tx.PutJob(j), tx.PutJob(done), tx.PutGroup(group), tx.AppendEvents(told...)} {
			if put != nil {
				return put
			}
		}
		running, _ := jobs.NewExecution(1, 1, now).Start(now, j.Config, nil, 0)
		failed, err := running.Update(now, j.Config, jobs.Report{Status: jobs.Failed})
		if err != nil {
			return err
		}
		if err := putMember(tx, &registry.Thing{Name: "a", Number: 2}, group, running); err != nil {
			return err
		}
		return putMember(tx, &registry.Thing{Name: "b", Number: 3}, group, failed)
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

func putMember(tx store.Tx, thing *registry.Thing, group *registry.ThingGroup, e jobs.JobExecution) error {
	if err := thing.Join(group); err != nil {
		return err
	}
	if err := tx.PutThing(thing); err != nil {
		return err
	}
	return tx.ChangeThing(thing.Key(), store.ThingChange{
		Executions: []store.ExecutionChange{{After: &e}},
		Heads:      map[jobs.JobNumber]jobs.Head{e.Job: {Newest: e.Number, Known: true}},
	})
}
