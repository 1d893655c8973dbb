package storecheck

import (
	"slices"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/memory"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Numbers of what is in the whole store.
const (
	plant, hall             registry.GroupNumber = 1, 2 // hall is below plant
	lamp, door, gone, again registry.ThingNumber = 3, 4, 5, 6
	update, reboot          jobs.JobNumber       = 7, 8
)

// whole is a store without a fault that has at least one of everything that is looked at:
//
//   - the thing lamp in the group hall, and so in plant, with a type; the thing door in no group; the thing fan, deleted and made again;
//   - the job update, which follows plant and wants to wake, with an execution of lamp that runs, one that failed before it and a queued one of door;
//   - the job reboot, which is completed, with executions of lamp and of the thing that is gone.
func whole(t *testing.T) store.Store {
	t.Helper()
	s := memory.New()
	err := s.Update(t.Context(), func(tx store.Tx) error {
		b := &builder{t: t, tx: tx}
		b.do(tx.PutGroup(&registry.ThingGroup{Name: "plant", Number: plant, Version: 1, CreatedAt: start}))
		b.do(tx.PutGroup(&registry.ThingGroup{Name: "hall", Number: hall, Path: []registry.GroupNumber{plant}, Version: 1, CreatedAt: start}))
		b.do(tx.PutThing(&registry.Thing{Name: "lamp", Number: lamp, Type: "light", Groups: []registry.Membership{{Group: plant}, {Group: hall, Direct: true}}}))
		b.do(tx.PutThing(&registry.Thing{Name: "door", Number: door}))
		b.do(tx.PutThing(&registry.Thing{Name: "fan", Number: gone}))
		b.do(tx.PutJob(&jobs.Job{
			Number: update, ID: "update", Revision: 1, Status: jobs.JobInProgress, WakeAt: start.Add(time.Minute),
			Config: &jobs.Config{
				TargetSelection: jobs.Continuous, InProgressTimeout: time.Hour,
				Targets: []jobs.Target{{Kind: jobs.GroupTarget, Name: "plant", Group: plant}, {Kind: jobs.ThingTarget, Name: "door"}},
			},
		}))
		b.do(tx.PutJob(&jobs.Job{Number: reboot, ID: "reboot", Revision: 1, Status: jobs.JobCompleted, Config: &jobs.Config{TargetSelection: jobs.Snapshot}}))
		b.execute("lamp", lamp, update, 1, jobs.Failed)
		b.execute("lamp", lamp, update, 2, jobs.InProgress)
		b.execute("door", door, update, 1, jobs.Queued)
		b.execute("lamp", lamp, reboot, 1, jobs.Succeeded)
		b.execute("fan", gone, reboot, 1, jobs.Succeeded)
		b.do(tx.DeleteThing("fan"))
		b.do(tx.PutThing(&registry.Thing{Name: "fan", Number: again}))
		b.do(tx.Mark(update))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type builder struct {
	t  *testing.T
	tx store.Tx
}

func (b *builder) do(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// execute writes an execution that has got as far as the status. One that runs has an hour left.
func (b *builder) execute(thing registry.ThingName, number registry.ThingNumber, job jobs.JobNumber, n jobs.ExecutionNumber, status jobs.ExecutionStatus) {
	b.t.Helper()
	e := jobs.NewExecution(job, n, start)
	cfg := &jobs.Config{InProgressTimeout: time.Hour}
	if status != jobs.Queued {
		e, _ = e.Start(start, cfg, nil, 0)
	}
	if status.Terminal() {
		var err error
		e, err = e.Update(start, cfg, jobs.Report{Status: status})
		b.do(err)
	}
	b.do(b.tx.ChangeThing(registry.ThingKey{Name: thing, Number: number}, store.ThingChange{
		Executions: []store.ExecutionChange{{After: &e}},
		Heads:      map[jobs.JobNumber]jobs.Head{job: {Newest: n, Known: true}},
	}))
}

// faultsOf checks a store as change shows it.
func faultsOf(t *testing.T, s store.Store, change func(store.ReadTx) store.ReadTx) (faults []string, sum Summary) {
	t.Helper()
	err := s.View(t.Context(), func(tx store.ReadTx) (err error) {
		sum, err = Check(t.Context(), change(tx), func(fault string) { faults = append(faults, fault) })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(faults)
	return faults, sum
}

func asItIs(tx store.ReadTx) store.ReadTx { return tx }

func TestWholeStoreHasNoFaults(t *testing.T) {
	faults, sum := faultsOf(t, whole(t), asItIs)
	if len(faults) > 0 {
		t.Errorf("found %q", faults)
	}
	if want := (Summary{Things: 3, Groups: 2, Memberships: 2, Jobs: 2, Executions: 5, Due: 1}); sum != want {
		t.Errorf("summary %+v, want %+v", sum, want)
	}
}

// A group that is being deleted lets its things go one after the other: until then they are in it, although nobody finds it by its name.
func TestGroupInDeletionIsNoFault(t *testing.T) {
	s := whole(t)
	err := s.Update(t.Context(), func(tx store.Tx) error {
		return tx.PutGroup(&registry.ThingGroup{Name: "hall", Number: hall, Path: []registry.GroupNumber{plant}, Version: 1, CreatedAt: start, Deleting: true})
	})
	if err != nil {
		t.Fatal(err)
	}
	if faults, sum := faultsOf(t, s, asItIs); len(faults) > 0 || sum.Memberships != 2 {
		t.Errorf("found %q in %+v", faults, sum)
	}
}
