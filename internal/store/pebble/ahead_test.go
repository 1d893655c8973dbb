package pebble_test

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/pebble"
	"iotjobs/internal/store/storetest"
)

// strollNames are names whose rows lie close together: some begin with others, some bytes sort before a digit, some names belong to no thing any more.
var strollNames = []registry.ThingName{"a", "a\x01", "a\x01b", "a-", "a0", "a00", "a1", "b", "b\xff", "b\xff\xff", "c", "gone", "gone-", "new", "z"}

const strollGroup = 1

// stroll is a store with things of one group and executions of two jobs.
type stroll struct {
	*testing.T
	*pebble.Store

	random   *rand.Rand
	now      time.Time
	headless bool // some things have no heads: nobody promises them
}

func (w *stroll) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *stroll) update(fn func(store.Tx) error) {
	w.Helper()
	w.must(w.Update(w.Context(), fn))
}

// check recounts what follows from the executions. It demands heads.
func (w *stroll) check() {
	w.Helper()
	if !w.headless {
		w.must(storetest.Check(w.Context(), w.Store))
	}
}

func newStroll(t *testing.T) *stroll {
	t.Helper()
	s := open(t, "walk", pebble.Options{FS: vfs.NewMem()})
	t.Cleanup(func() { mustClose(t, s) })
	w := &stroll{T: t, Store: s, random: rand.New(rand.NewPCG(drawSeed(t), 1)), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	w.headless = w.random.IntN(2) == 0
	w.update(func(tx store.Tx) error {
		for _, id := range []jobs.JobID{"j", "k"} {
			number, err := tx.NextNumber()
			w.must(err)
			w.must(tx.PutJob(&jobs.Job{Number: jobs.JobNumber(number), ID: id, Revision: 1, Status: jobs.JobInProgress, Config: &jobs.Config{Document: "{}"}}))
		}
		return tx.PutGroup(&registry.ThingGroup{Number: strollGroup, Name: "all"})
	})
	for _, name := range strollNames {
		w.put(name)
		w.live(name)
	}
	w.update(func(tx store.Tx) error { return w.deleteThings(tx, "gone", "new") })
	w.put("new") // with the name of one whose history and heads stay
	return w
}

func (w *stroll) put(name registry.ThingName) {
	w.Helper()
	w.update(func(tx store.Tx) error {
		number, err := tx.NextNumber()
		w.must(err)
		return tx.PutThing(&registry.Thing{
			Name: name, Number: registry.ThingNumber(number), Groups: []registry.Membership{{Group: strollGroup, Direct: true}},
			Attributes: map[string]string{"site": string(name[:1])},
		})
	})
}

// live gives a thing executions of both jobs, some of which end.
func (w *stroll) live(name registry.ThingName) {
	w.Helper()
	for range w.random.IntN(6) {
		w.update(func(tx store.Tx) error { return w.step(tx, name, []jobs.JobID{"j", "k"}[w.random.IntN(2)]) })
	}
}

// step queues the next execution of a job on a thing or ends the one that is pending.
func (w *stroll) step(tx store.Tx, name registry.ThingName, id jobs.JobID) error {
	v, err := tx.Thing(name, store.Address{Job: id})
	if err != nil || v.Thing == nil {
		return err
	}
	on := v.Addressed[id]
	if before := on.Execution; before != nil && before.Status.Pending() {
		after := *before
		after.Status = []jobs.ExecutionStatus{jobs.InProgress, jobs.Succeeded}[w.random.IntN(2)]
		after.Version++
		return tx.ChangeThing(v.Thing.Key(), store.ThingChange{Executions: []store.ExecutionChange{{Before: before, After: &after}}})
	}
	e := jobs.NewExecution(on.Job.Number, 1, w.now)
	if on.Execution != nil {
		e.Number = on.Execution.Number + 1
	}
	change := store.ThingChange{Executions: []store.ExecutionChange{{After: &e}}}
	if !w.headless || len(name)%2 == 0 {
		change.Heads = map[jobs.JobNumber]jobs.Head{e.Job: {Newest: e.Number, Known: true}}
	}
	return tx.ChangeThing(v.Thing.Key(), change)
}

func (w *stroll) deleteThings(tx store.Tx, names ...registry.ThingName) error {
	for _, name := range names {
		v, err := tx.Thing(name, store.Address{Job: "j"})
		if err != nil {
			return err
		}
		for _, e := range v.Pending {
			ended := e
			ended.Status = jobs.Removed
			if err := tx.ChangeThing(v.Thing.Key(), store.ThingChange{Executions: []store.ExecutionChange{{Before: &e, After: &ended}}}); err != nil {
				return err
			}
		}
		if err := tx.DeleteThing(name); err != nil {
			return err
		}
	}
	return nil
}

// views are things as they are read one by one.
func (w *stroll) views(addr store.Address) map[registry.ThingName]store.ThingView {
	w.Helper()
	views := map[registry.ThingName]store.ThingView{}
	for _, name := range strollNames {
		v, err := w.ReadThing(w.Context(), name, []store.Address{addr})
		w.must(err)
		views[name] = v
	}
	return views
}

// TestReadingAhead walks over a list of things, as a step does, and changes some. It must see each as if it had read that one alone.
func TestReadingAhead(t *testing.T) {
	for range 50 {
		w := newStroll(t)
		addr := store.Address{Job: "j", Number: jobs.ExecutionNumber(w.random.IntN(3))}
		before := w.views(addr)
		var after map[registry.ThingName]store.ThingView
		w.update(func(tx store.Tx) error {
			var members []store.Member
			version, err := tx.Version()
			w.must(err)
			if members, err = tx.Members(strollGroup, version-1, registry.ThingKey{}, w.random.IntN(2*len(strollNames))+1); err != nil {
				return err
			}
			after = map[registry.ThingName]store.ThingView{}
			for _, m := range members {
				if w.random.IntN(8) == 0 {
					continue // the walk passes over some
				}
				name := m.Thing.Name
				got, err := tx.Thing(name, addr)
				w.must(err)
				if want := before[name]; !reflect.DeepEqual(got, want) {
					t.Errorf("thing %q is\n%+v, want\n%+v", name, got, want)
				}
				if w.random.IntN(2) == 0 {
					w.must(w.step(tx, name, []jobs.JobID{"j", "k"}[w.random.IntN(2)]))
				}
				if w.random.IntN(8) == 0 { // what follows is written in between
					_, err := tx.NextNumber()
					w.must(err)
				}
				after[name], err = tx.Thing(name, addr)
				w.must(err)
			}
			return nil
		})
		stored := w.views(addr)
		for name, seen := range after {
			if !reflect.DeepEqual(seen, stored[name]) {
				t.Errorf("the update saw thing %q as\n%+v, and left\n%+v", name, seen, stored[name])
			}
		}
		w.check()
		if t.Failed() {
			return
		}
	}
}

// TestAnUpdateSeesWhatItGathered reads in every way what changes of things have written.
func TestAnUpdateSeesWhatItGathered(t *testing.T) {
	w := newStroll(t)
	w.update(func(tx store.Tx) error {
		v, err := tx.Thing("new", store.Address{Job: "k"})
		w.must(err)
		job := v.Addressed["k"].Job
		e := jobs.NewExecution(job.Number, 7, w.now)
		e.Status, e.StepDeadline = jobs.InProgress, w.now.Add(-time.Hour)
		w.must(tx.ChangeThing(v.Thing.Key(), store.ThingChange{Executions: []store.ExecutionChange{{After: &e}}}))
		list, err := tx.JobExecutionsIn(job.Number, jobs.InProgress, store.ExecutionKey{}, 100)
		w.must(err)
		want := store.ThingExecution{Thing: v.Thing.Key(), Execution: e}
		if !slices.ContainsFunc(list, func(row store.ThingExecution) bool { return reflect.DeepEqual(row, want) }) {
			t.Errorf("the list of the job is %+v, without %+v", list, want)
		}
		due, err := tx.Due(w.now, 10)
		w.must(err)
		if len(due) != 1 || due[0].Number != 7 {
			t.Errorf("due is %+v, want execution 7", due)
		}
		ended := e
		ended.Status = jobs.Succeeded
		w.must(tx.ChangeThing(v.Thing.Key(), store.ThingChange{Executions: []store.ExecutionChange{{Before: &e, After: &ended}}}))
		w.must(tx.DeleteThing("new"))
		if v, err := tx.Thing("new"); v.Thing != nil || err != nil {
			t.Errorf("thing new is there (%v)", err)
		}
		return nil
	})
	if v := w.views(store.Address{})["new"]; v.Thing != nil {
		t.Error("thing new is back")
	}
}

// TestAViewShowsTheJobAsItWasPut: things share what is shown of jobs, until a job changes.
func TestAViewShowsTheJobAsItWasPut(t *testing.T) {
	w := newStroll(t)
	w.update(func(tx store.Tx) error {
		for _, want := range []jobs.JobStatus{jobs.JobInProgress, jobs.JobCanceled, jobs.JobCompleted} {
			job, err := tx.Job("j")
			w.must(err)
			job.Status = want
			w.must(tx.PutJob(job))
			for range 2 {
				v, err := tx.Thing("a", store.Address{Job: "j"})
				w.must(err)
				if got := v.Addressed["j"].Job.Status; got != want || v.Jobs[job.Number].Status != want {
					t.Errorf("the job is %s, want %s", got, want)
				}
			}
		}
		return nil
	})
}

// TestNothingOfAFailedUpdateStays: what a failed one has gathered is not written by the next one.
func TestNothingOfAFailedUpdateStays(t *testing.T) {
	w := newStroll(t)
	failed := errors.New("thought better of it")
	before := w.views(store.Address{Job: "j"})
	err := w.Update(t.Context(), func(tx store.Tx) error {
		w.must(w.step(tx, "a", "j"))
		return failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("got %v, want %v", err, failed)
	}
	w.update(func(tx store.Tx) error { return w.step(tx, "b", "j") })
	for name, want := range before {
		if got := w.views(store.Address{Job: "j"})[name]; name != "b" && !reflect.DeepEqual(got, want) {
			t.Errorf("thing %q has become\n%+v, was\n%+v", name, got, want)
		}
	}
	w.check()
}
