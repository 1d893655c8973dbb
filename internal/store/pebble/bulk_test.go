package pebble_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/pebble"
	"iotjobs/internal/store/storetest"
)

// bulked is the store with every device call as a bulk of one thing.
type bulked struct{ *pebble.Store }

func (b bulked) UpdateThing(ctx context.Context, name registry.ThingName, addrs []store.Address, fn func(store.ThingView) (store.ThingChange, error)) error {
	return b.UpdateThings(ctx, []store.ThingUpdate{{Thing: name, Addresses: addrs, Decide: fn}})
}

// inBulk makes device calls on the stores of an engine bulks.
func inBulk(e storetest.Engine) storetest.Engine {
	open, crash, stalling := e.Open, e.Crash, e.OpenStalling
	e.Open = func(tb testing.TB, dir string) store.Store {
		tb.Helper()
		return bulked{open(tb, dir).(*pebble.Store)}
	}
	e.Crash = func(tb testing.TB, s store.Store, dir string) store.Store {
		tb.Helper()
		return bulked{crash(tb, s, dir).(*pebble.Store)}
	}
	e.OpenStalling = func(tb testing.TB, dir string) (store.Store, func() func()) {
		tb.Helper()
		s, stall := stalling(tb, dir)
		return bulked{s.(*pebble.Store)}, stall
	}
	return e
}

// A bulk keeps every promise of a device call.
func TestStoreInBulk(t *testing.T) { storetest.Run(t, inBulk(inMemory(pebble.Options{}))) }

func TestCompareInBulk(t *testing.T) {
	storetest.Compare(t, inBulk(inMemory(pebble.Options{})), *seed, 1000)
}

// fleetInMemory is a store whose things have a pending execution of job j.
func fleetInMemory(t *testing.T, names ...registry.ThingName) *pebble.Store {
	t.Helper()
	s := open(t, "store", pebble.Options{FS: vfs.NewMem()})
	t.Cleanup(func() { mustClose(t, s) })
	makeDevices(t, s, names...)
	return s
}

// reporting changes a thing as a device does: the version of its execution tells how often.
func reporting(name registry.ThingName) store.ThingUpdate {
	return store.ThingUpdate{Thing: name, Addresses: []store.Address{{Job: "j"}}, Decide: reports}
}

func reports(v store.ThingView) (store.ThingChange, error) {
	a := v.Addressed["j"]
	next, err := a.Execution.Update(time.Unix(1_800_000_000, 0), a.Job.Config, jobs.Report{Status: jobs.InProgress})
	return store.ThingChange{Executions: []store.ExecutionChange{{Before: a.Execution, After: &next}}, Marks: []jobs.JobNumber{a.Job.Number}}, err
}

func wantVersion(t *testing.T, s *pebble.Store, name registry.ThingName, want jobs.VersionNumber) {
	t.Helper()
	v, err := s.ReadThing(t.Context(), name, []store.Address{{Job: "j"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := v.Addressed["j"].Execution.Version; got != want {
		t.Errorf("%s is at version %d, want %d", name, got, want)
	}
}

// What fails in a bulk fails alone, and a thing that comes twice is changed twice.
func TestBulk(t *testing.T) {
	s := fleetInMemory(t, "a", "b", "c", "d")
	refused := errors.New("not now")
	decide := func(name registry.ThingName, fn func(store.ThingView) (store.ThingChange, error)) store.ThingUpdate {
		return store.ThingUpdate{Thing: name, Addresses: []store.Address{{Job: "j"}}, Decide: fn}
	}
	before := s.Stats()
	err := s.UpdateThings(t.Context(), []store.ThingUpdate{
		reporting("d"),
		decide("b", func(store.ThingView) (store.ThingChange, error) { return store.ThingChange{}, refused }),
		reporting("a"),
		decide("c", func(store.ThingView) (store.ThingChange, error) { panic("a bug") }),
		decide("nobody", func(store.ThingView) (store.ThingChange, error) {
			return store.ThingChange{Marks: []jobs.JobNumber{1}}, nil
		}),
		reporting("d"),
	})
	if !errors.Is(err, refused) || !strings.Contains(err.Error(), "a bug") || !strings.Contains(err.Error(), "change thing nobody") {
		t.Errorf("the bulk returned %v, want all three errors", err)
	}
	for name, want := range map[registry.ThingName]jobs.VersionNumber{"a": 2, "b": 1, "c": 1, "d": 3} {
		wantVersion(t, s, name, want)
	}
	if after := s.Stats(); after.Groups-before.Groups != 2 { // the second change of d has one of its own
		t.Errorf("%d commits, want 2", after.Groups-before.Groups)
	}
	if err := s.UpdateThings(t.Context(), make([]store.ThingUpdate, store.MaxThingsPerUpdate+1)); err == nil {
		t.Error("a bulk of more than an update's things was taken")
	}
	if err := s.UpdateThings(t.Context(), nil); err != nil {
		t.Errorf("an empty bulk returned %v", err)
	}
}

// An update that writes a job while a bulk is decided makes the bulk decide again: nothing is decided on a job that is not as it was.
func TestABulkDecidesOnTheJobAsItIs(t *testing.T) {
	s := fleetInMemory(t, "a", "b")
	var seen []jobs.JobStatus
	update := reporting("a")
	update.Decide = func(v store.ThingView) (store.ThingChange, error) {
		job := v.Addressed["j"].Job
		if seen = append(seen, job.Status); len(seen) == 1 {
			err := s.Update(context.Background(), func(tx store.Tx) error {
				canceled := job.Clone()
				canceled.Status = jobs.JobCanceled
				return tx.PutJob(canceled)
			})
			if err != nil {
				return store.ThingChange{}, err
			}
		}
		return reports(v)
	}
	if err := s.UpdateThings(t.Context(), []store.ThingUpdate{update, reporting("b")}); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(seen) != fmt.Sprint([]jobs.JobStatus{jobs.JobInProgress, jobs.JobCanceled}) {
		t.Errorf("decided on %v, want a second look at the canceled job", seen)
	}
	wantVersion(t, s, "a", 2)
	wantVersion(t, s, "b", 2)
}

// A job that is made while a bulk is decided was not there when it looked.
func TestABulkSeesAJobThatWasMade(t *testing.T) {
	s := fleetInMemory(t, "a")
	var found []bool
	err := s.UpdateThings(t.Context(), []store.ThingUpdate{{Thing: "a", Addresses: []store.Address{{Job: "late"}}, Decide: func(v store.ThingView) (store.ThingChange, error) {
		_, ok := v.Addressed["late"]
		if found = append(found, ok); len(found) > 1 {
			return store.ThingChange{}, nil
		}
		err := s.Update(context.Background(), func(tx store.Tx) error {
			return tx.PutJob(&jobs.Job{Number: 77, ID: "late", Revision: 1, Status: jobs.JobInProgress, Config: &jobs.Config{}})
		})
		return store.ThingChange{Marks: []jobs.JobNumber{1}}, err
	}}})
	if err != nil || fmt.Sprint(found) != "[false true]" {
		t.Errorf("found the job %v, error %v; want a second look that finds it", found, err)
	}
}

// Bulks, device calls and updates meet on the same things: each change is made once, and all that is counted agrees with it.
func TestBulksMeetOthers(t *testing.T) {
	const rounds, width = 60, 12
	names := make([]registry.ThingName, 40)
	for i := range names {
		names[i] = registry.ThingName(fmt.Sprintf("thing-%02d", i))
	}
	s := fleetInMemory(t, names...)
	var mu sync.Mutex
	made := map[registry.ThingName]jobs.VersionNumber{}
	count := func(changed []registry.ThingName) {
		mu.Lock()
		defer mu.Unlock()
		for _, name := range changed {
			made[name]++
		}
	}
	some := func(r *rand.Rand) (picked []registry.ThingName) {
		for range width {
			picked = append(picked, names[r.IntN(len(names))]) // some twice
		}
		return picked
	}
	kinds := []func(*rand.Rand) ([]registry.ThingName, error){
		func(r *rand.Rand) ([]registry.ThingName, error) {
			picked := some(r)
			updates := make([]store.ThingUpdate, len(picked))
			for i, name := range picked {
				updates[i] = reporting(name)
			}
			return picked, s.UpdateThings(t.Context(), updates)
		},
		func(r *rand.Rand) ([]registry.ThingName, error) {
			name := names[r.IntN(len(names))]
			return []registry.ThingName{name}, s.UpdateThing(t.Context(), name, []store.Address{{Job: "j"}}, reports)
		},
		func(r *rand.Rand) ([]registry.ThingName, error) {
			picked := some(r)
			return picked, s.Update(t.Context(), func(tx store.Tx) error {
				for _, name := range picked {
					v, err := tx.Thing(name, store.Address{Job: "j"})
					if err != nil {
						return err
					}
					change, err := reports(v)
					if err := errors.Join(err, tx.ChangeThing(v.Thing.Key(), change)); err != nil {
						return err
					}
				}
				job, err := tx.JobByNumber(1)
				if err != nil {
					return err
				}
				job = job.Clone()
				job.Comment += "." // so that bulks decide again
				return errors.Join(tx.PutJob(job), tx.ClearMark(1))
			})
		},
	}
	seed := drawSeed(t)
	var all sync.WaitGroup
	for i := range 3 * len(kinds) {
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		all.Go(func() {
			for range rounds {
				changed, err := kinds[i%len(kinds)](r)
				if err != nil {
					t.Error(err)
					return
				}
				count(changed)
			}
		})
	}
	all.Wait()
	for _, name := range names {
		wantVersion(t, s, name, 1+made[name])
	}
	if err := storetest.Check(t.Context(), s); err != nil {
		t.Error(err)
	}
}
