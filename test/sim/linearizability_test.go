package sim

import (
	"fmt"
	"testing"

	"github.com/anishathalye/porcupine"

	"iotjobs/internal/clock"
	"iotjobs/internal/store"
	"iotjobs/internal/store/faultstore"
	"iotjobs/internal/store/memory"
)

// rallies are the histories of one test: on one execution, on several of one thing, and on those of several things.
var rallies = []struct{ things, jobs int }{{1, 1}, {1, mostJobs}, {mostThings, 1}, {mostThings, mostJobs}}

// rounds is how many histories of each kind a test checks. Short ones find what long ones find, and are checked in no time.
const rounds = 12

func TestHistoriesAreLinearizable(t *testing.T) {
	for name, engine := range map[string]struct {
		open   func(testing.TB) store.Store
		rounds int
	}{
		"memory":   {func(testing.TB) store.Store { return memory.New() }, rounds},
		"pebble":   {func(tb testing.TB) store.Store { tb.Helper(); return openPebble(tb) }, rounds},
		"postgres": {func(tb testing.TB) store.Store { tb.Helper(); return openPostgres(tb) }, rounds / 6}, // a database is slow
	} {
		t.Run(name, func(t *testing.T) {
			s := engine.open(t)
			defer closeStore(t, s)
			if found := linearizable(t, s, seeded(t), engine.rounds); found != nil {
				t.Errorf("no order of the calls explains their answers:\n%v", found)
			}
		})
	}
}

// TestHistoriesWithFaultsAreLinearizable lets some changes fail: undone, unknown and undone, unknown and done.
func TestHistoriesWithFaultsAreLinearizable(t *testing.T) {
	s := faultstore.Wrap(openPebble(t))
	defer closeStore(t, s)
	if found := linearizable(t, s, seeded(t), rounds); found != nil {
		t.Errorf("no order of the calls explains their answers:\n%v", found)
	}
	for _, o := range []faultstore.Outcome{faultstore.AndNotPersist, faultstore.UnknownAndNotPersist, faultstore.ButPersist} {
		if s.Met(o) == 0 {
			t.Errorf("outcome %d never came about", o)
		}
	}
}

func closeStore(tb testing.TB, s store.Store) {
	tb.Helper()
	if err := s.Close(); err != nil {
		tb.Errorf("close: %v", err)
	}
}

// faultsInRally is how many of the changes of a rally fail if the store can make them fail.
const faultsInRally = 0.2

// linearizable plays rallies on a store, and returns the first history that nothing explains. Its picture is an artifact of the test.
func linearizable(tb testing.TB, s store.Store, seed uint64, rounds int) error {
	tb.Helper()
	ctx := tb.Context()
	faults, _ := s.(*faultstore.Store)
	sut := newService(s, clock.Virtual(epoch).Now)
	for round := range rounds {
		for i, kind := range rallies {
			r := &rally{
				service: sut, name: fmt.Sprintf("r%d-%d", round, i), things: kind.things, jobs: kind.jobs, clients: 16, calls: 12,
				seed: seed + uint64(round*len(rallies)+i),
			}
			if err := r.prepare(ctx); err != nil {
				tb.Fatal(err)
			}
			if faults != nil {
				faults.FailAtRandom(r.seed, faultsInRally)
			}
			r.play(ctx)
			if faults != nil {
				faults.FailAtRandom(0, 0)
			}
			if err := r.check(tb); err != nil {
				return err
			}
		}
	}
	return nil
}

// check lets porcupine look for an order of the calls.
func (r *rally) check(tb testing.TB) error {
	tb.Helper()
	if len(r.broken) > 0 {
		tb.Errorf("%d calls of history %s failed, the first: %v", len(r.broken), r.name, r.broken[0])
	}
	model := thingModel(r.jobs)
	result, info := porcupine.CheckOperationsVerbose(model, r.history, 0)
	if result == porcupine.Ok {
		return nil
	}
	path := artifact(tb, r.name+".html")
	if err := porcupine.VisualizePath(model, info, path); err != nil {
		return fmt.Errorf("history %s of %d calls; no picture: %w", r.name, len(r.history), err)
	}
	return fmt.Errorf("history %s of %d calls; its picture is %s (go test -artifacts keeps it)", r.name, len(r.history), path)
}
