package faultstore_test

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/faultstore"
	"iotjobs/internal/store/memory"
	"iotjobs/internal/store/storetest"
)

var seed = flag.Uint64("seed", 0, "seed of random tests; 0 draws one")

// TestStore shows that a wrapper without faults keeps the promise, and one that runs every function twice does, too.
func TestStore(t *testing.T) {
	for name, rerun := range map[string]bool{"as it is": false, "rerun": true} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, storetest.Engine{Open: func(testing.TB, string) store.Store {
				s := faultstore.Wrap(memory.New())
				s.Rerun(rerun)
				return s
			}})
		})
	}
}

// change is one change, and whether it is there afterwards.
type change struct {
	do    func(context.Context, store.Store) error
	found func(context.Context, store.Store) (bool, error)
}

var changes = map[string]change{
	"Update": {
		do: func(ctx context.Context, s store.Store) error {
			return s.Update(ctx, func(tx store.Tx) error { return tx.PutRecord(store.SettingRecord, "x", []byte("y")) })
		},
		found: func(ctx context.Context, s store.Store) (found bool, err error) {
			err = s.View(ctx, func(tx store.ReadTx) error {
				value, err := tx.Record(store.SettingRecord, "x")
				found = value != nil
				return err
			})
			return found, err
		},
	},
	"UpdateThing": {
		do: func(ctx context.Context, s store.Store) error {
			return s.UpdateThing(ctx, "a", nil, func(store.ThingView) (store.ThingChange, error) {
				e := jobs.NewExecution(2, 1, time.Unix(1_700_000_000, 0))
				return store.ThingChange{Executions: []store.ExecutionChange{{After: &e}}}, nil
			})
		},
		found: func(ctx context.Context, s store.Store) (bool, error) {
			v, err := s.ReadThing(ctx, "a", nil)
			return len(v.Pending) > 0, err
		},
	},
}

// open makes a store with thing a and job 2.
func open(t *testing.T) *faultstore.Store {
	t.Helper()
	s := faultstore.Wrap(memory.New())
	if err := s.Update(t.Context(), func(tx store.Tx) error {
		return errors.Join(
			tx.PutThing(&registry.Thing{Name: "a", Number: 1}),
			tx.PutJob(&jobs.Job{Number: 2, ID: "j", Config: &jobs.Config{}}),
		)
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFailNext(t *testing.T) {
	outcomes := map[string]struct {
		outcome         faultstore.Outcome
		fails           bool
		unknown, exists bool
	}{
		"Commit":               {faultstore.Commit, false, false, true},
		"AndNotPersist":        {faultstore.AndNotPersist, true, false, false},
		"UnknownAndNotPersist": {faultstore.UnknownAndNotPersist, true, true, false},
		"ButPersist":           {faultstore.ButPersist, true, true, true},
	}
	for way, c := range changes {
		for name, want := range outcomes {
			t.Run(way+" "+name, func(t *testing.T) {
				s := open(t)
				s.FailNext(1, want.outcome)
				err := c.do(t.Context(), s)
				if errors.Is(err, faultstore.ErrInjected) != want.fails || errors.Is(err, store.ErrUnknown) != want.unknown || (err == nil) == want.fails {
					t.Errorf("error %v, want one: %v, unknown: %v", err, want.fails, want.unknown)
				}
				exists, err := c.found(t.Context(), s)
				if err != nil {
					t.Fatal(err)
				}
				if exists != want.exists {
					t.Errorf("the change is there: %v, want %v", exists, want.exists)
				}
				if got := s.Met(want.outcome); got < 1 {
					t.Errorf("Met says %d", got)
				}
				if exists {
					return
				}
				if err := c.do(t.Context(), s); err != nil {
					t.Errorf("the change after the fault: %v", err)
				}
			})
		}
	}
}

var errRefused = errors.New("refused")

// TestNoFaultWithoutChange shows that refusals and empty changes leave the fault for the next change.
func TestNoFaultWithoutChange(t *testing.T) {
	s := open(t)
	s.FailNext(1, faultstore.AndNotPersist)
	err := s.Update(t.Context(), func(store.Tx) error { return errRefused })
	if !errors.Is(err, errRefused) || errors.Is(err, faultstore.ErrInjected) {
		t.Errorf("a refused update returned %v", err)
	}
	if err := s.UpdateThing(t.Context(), "a", nil, func(store.ThingView) (store.ThingChange, error) { return store.ThingChange{}, nil }); err != nil {
		t.Errorf("an empty change returned %v", err)
	}
	if err := changes["UpdateThing"].do(t.Context(), s); !errors.Is(err, faultstore.ErrInjected) {
		t.Errorf("the first change returned %v, want the fault", err)
	}
}

// TestRerun shows that functions run twice, that only the second run counts, and that an impure function gives itself away.
func TestRerun(t *testing.T) {
	s := open(t)
	s.Rerun(true)
	runs := 0
	count := func() { runs++ }
	if err := s.Update(t.Context(), func(tx store.Tx) error {
		count()
		value, err := tx.Record(store.SettingRecord, "n")
		if err != nil {
			return err
		}
		return tx.PutRecord(store.SettingRecord, "n", append(value, 'x'))
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.View(t.Context(), func(tx store.ReadTx) error {
		count()
		value, err := tx.Record(store.SettingRecord, "n")
		if string(value) != "x" {
			t.Errorf("record after one update is %q, want x", value)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.UpdateThing(t.Context(), "a", nil, func(store.ThingView) (store.ThingChange, error) {
		count()
		return store.ThingChange{}, nil
	}); err != nil {
		t.Fatal(err)
	}
	if runs != 6 {
		t.Errorf("three functions ran %d times, want 6", runs)
	}
}

func TestBlock(t *testing.T) {
	for way, c := range changes {
		t.Run(way, func(t *testing.T) {
			s := open(t)
			reached, release := make(chan struct{}), make(chan struct{})
			s.Block(func() {
				close(reached)
				<-release
			})
			done := make(chan error)
			go func() { done <- c.do(t.Context(), s) }()
			<-reached
			select {
			case err := <-done:
				t.Errorf("the change was answered (%v) before it was let go", err)
			default:
			}
			close(release)
			if err := <-done; err != nil {
				t.Error(err)
			}
			s.Block(nil)
			if found, err := c.found(t.Context(), s); !found || err != nil {
				t.Errorf("the change is there: %v, %v", found, err)
			}
		})
	}
}

// TestFailAtRandom counts one number up through every kind of fault: what was answered is there, what failed is not, and each unknown
// outcome was one of both.
func TestFailAtRandom(t *testing.T) {
	s := open(t)
	n := *seed
	for n == 0 {
		n = rand.Uint64()
	}
	t.Logf("seed %d", n)
	setUp := s.Met(faultstore.Commit)
	s.FailAtRandom(n, 0.5)
	const steps = 400
	failed := 0
	for range steps {
		if err := s.Update(t.Context(), func(tx store.Tx) error {
			value, err := tx.Record(store.SettingRecord, "n")
			if err != nil {
				return err
			}
			return tx.PutRecord(store.SettingRecord, "n", append(value, 'x'))
		}); err != nil {
			failed++
		}
	}
	s.FailAtRandom(n, 0)
	for o := faultstore.Commit; o <= faultstore.ButPersist; o++ {
		if s.Met(o) == 0 {
			t.Errorf("outcome %d never came about in %d steps", o, steps)
		}
	}
	committed := s.Met(faultstore.Commit) - setUp
	if committed+failed != steps {
		t.Errorf("%d changes were let be and %d failed, of %d", committed, failed, steps)
	}
	if err := s.View(t.Context(), func(tx store.ReadTx) error {
		value, err := tx.Record(store.SettingRecord, "n")
		if want := committed + s.Met(faultstore.ButPersist); len(value) != want {
			t.Errorf("the number is %d, want %d", len(value), want)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
