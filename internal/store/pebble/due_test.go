package pebble

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// timers is a store with some things that have an execution each, whose timers the tests set.
type timers struct {
	*Store

	t *testing.T
}

func newTimers(t *testing.T, things int) timers {
	t.Helper()
	s, err := Open("store", Options{FS: vfs.NewMem(), CacheSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	err = s.Update(t.Context(), func(tx store.Tx) error {
		if err := tx.PutJob(&jobs.Job{Number: 1, ID: "j", Revision: 1, Status: jobs.JobInProgress, Config: &jobs.Config{}}); err != nil {
			return err
		}
		for i := range things {
			thing := &registry.Thing{Name: timed(i), Number: registry.ThingNumber(2 + i), Version: 1}
			e := jobs.NewExecution(1, 1, atSecond(0))
			change := store.ThingChange{Executions: []store.ExecutionChange{{After: &e}}}
			if err := errors.Join(tx.PutThing(thing), tx.ChangeThing(thing.Key(), change)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return timers{s, t}
}

func timed(i int) registry.ThingName { return registry.ThingName(fmt.Sprintf("thing-%02d", i)) }

func atSecond(n int) time.Time { return time.Unix(1_800_000_000+int64(n), 0).UTC() }

// set sets the timer of a thing, or removes it at the zero time.
func (s timers) set(i int, at time.Time) error {
	return s.UpdateThing(s.t.Context(), timed(i), []store.Address{{Job: "j"}}, func(v store.ThingView) (store.ThingChange, error) {
		before := v.Addressed["j"].Execution
		after := *before
		after.Version++
		after.StepDeadline = at
		return store.ThingChange{Executions: []store.ExecutionChange{{Before: before, After: &after}}}, nil
	})
}

func (s timers) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// due lists the seconds at which something is due.
func (s timers) due(until int) (at []int) {
	s.t.Helper()
	s.must(s.View(s.t.Context(), func(tx store.ReadTx) (err error) {
		at, err = dueIn(tx, until)
		return err
	}))
	return at
}

func dueIn(tx store.ReadTx, until int) (at []int, err error) {
	list, err := tx.Due(atSecond(until), 100)
	for _, d := range list {
		at = append(at, int(d.At.Sub(atSecond(0))/time.Second))
	}
	return at, err
}

func (s timers) wantDue(until int, want ...int) {
	s.t.Helper()
	if got := s.due(until); fmt.Sprint(got) != fmt.Sprint(want) {
		s.t.Errorf("due until second %d: %v, want %v", until, got, want)
	}
}

// floor is where the next scan begins, as a key's prefix of second n.
func (s timers) floorIs(n int) {
	s.t.Helper()
	if got, want := s.published.due.floor, string(duePrefix(nil, atSecond(n).UnixMicro())); len(got) < len(want) || got[:len(want)] != want {
		s.t.Errorf("a scan begins at %x, want %x…", got, want)
	}
}

// What fired is not looked at again, and a timer that is set to before that is found.
func TestAScanOfWhatIsDueBeginsAtTheFirstTimer(t *testing.T) {
	s := newTimers(t, 3)
	for i := range 3 {
		s.must(s.set(i, atSecond(10*(i+1))))
	}
	s.wantDue(100, 10, 20, 30)
	s.floorIs(10)
	s.must(s.set(0, time.Time{}))
	s.must(s.set(1, time.Time{}))
	s.wantDue(29)
	s.wantDue(100, 30)
	s.floorIs(30)
	s.must(s.set(0, atSecond(5)))
	s.floorIs(5)
	s.wantDue(100, 5, 30)
	s.must(s.Update(t.Context(), func(tx store.Tx) error {
		v, err := tx.Thing(timed(1), store.Address{Job: "j"})
		if err != nil {
			return err
		}
		after := *v.Addressed["j"].Execution
		after.StepDeadline = atSecond(1)
		return tx.ChangeThing(v.Thing.Key(), store.ThingChange{Executions: []store.ExecutionChange{{Before: v.Addressed["j"].Execution, After: &after}}})
	}))
	s.wantDue(4, 1)
}

// A view that began before a timer was removed still shows it, whatever others have learned since.
func TestAnOldViewShowsWhatWasDue(t *testing.T) {
	s := newTimers(t, 2)
	s.must(s.set(0, atSecond(10)))
	s.must(s.set(1, atSecond(20)))
	s.must(s.View(t.Context(), func(tx store.ReadTx) error {
		s.must(s.set(0, time.Time{}))
		s.wantDue(100, 20)
		if got, err := dueIn(tx, 100); err != nil || fmt.Sprint(got) != "[10 20]" {
			t.Errorf("the old view shows %v, error %v, want 10 and 20", got, err)
		}
		s.must(s.set(0, atSecond(15)))
		return nil
	}))
	s.wantDue(100, 15, 20)
}

// A timer that is set while a scan is under way counts for what the scan has learned.
func TestATimerSetDuringAScanIsFound(t *testing.T) {
	s := newTimers(t, 2)
	s.must(s.set(0, atSecond(10)))
	snap := s.published.acquire()
	_, scan := s.published.beginDue(snap)
	s.must(s.set(1, atSecond(7)))
	s.published.endDue(scan, string(duePrefix(nil, atSecond(10).UnixMicro())))
	s.published.release(snap)
	s.floorIs(7)
	s.wantDue(100, 7, 10)
	if len(s.published.due.scans) > 0 {
		t.Errorf("%d scans did not end", len(s.published.due.scans))
	}
}

// Everybody finds their own timer as soon as it is set, while all others set and remove theirs.
func TestNoTimerIsLost(t *testing.T) {
	const devices, rounds = 8, 60
	s := newTimers(t, devices)
	var all sync.WaitGroup
	for i := range devices {
		all.Go(func() {
			for n := range rounds {
				second := (n*37+i*11)%60 + 1
				if err := s.set(i, atSecond(second)); err != nil {
					t.Error(err)
					return
				}
				err := s.View(t.Context(), func(tx store.ReadTx) error {
					list, err := tx.Due(atSecond(second), 100)
					for _, d := range list {
						if d.Thing.Name == timed(i) {
							return err
						}
					}
					return errors.Join(err, fmt.Errorf("device %d does not find its timer at second %d", i, second))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
