package storecheck

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/memory"
)

var errDamaged = errors.New("the block is damaged")

// unreadable is a store in which some lists cannot be read.
type unreadable struct {
	store.ReadTx
	err error
}

func (u unreadable) Things(registry.ThingName, int) ([]*registry.Thing, error) { return nil, u.err }

func (u unreadable) JobExecutions(job jobs.JobNumber, after store.ExecutionKey, limit int) ([]store.ThingExecution, error) {
	if job == reboot {
		return nil, u.err
	}
	return u.ReadTx.JobExecutions(job, after, limit)
}

// What cannot be read is a fault, and the rest is looked at all the same.
func TestUnreadableListIsAFault(t *testing.T) {
	faults, sum := faultsOf(t, whole(t), func(tx store.ReadTx) store.ReadTx { return unreadable{tx, errDamaged} })
	want := []string{"the executions of job reboot cannot be read: the block is damaged", "the things cannot be read: the block is damaged"}
	if !slices.Equal(faults, want) {
		t.Errorf("found %q, want %q", faults, want)
	}
	if want := (Summary{Groups: 2, Jobs: 2, Executions: 3, Due: 1, Faults: 2}); sum != want {
		t.Errorf("summary %+v, want %+v", sum, want)
	}
}

// A check that cannot go on says so instead of finding no fault.
func TestStoppedCheckIsAnError(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		err  error
		want error
	}{
		"store that stops":    {t.Context(), fmt.Errorf("%w: no space left", store.ErrClosed), store.ErrClosed},
		"caller who gives up": {canceled, nil, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			err := whole(t).View(t.Context(), func(tx store.ReadTx) error {
				if c.err != nil {
					tx = unreadable{tx, c.err}
				}
				_, err := Check(c.ctx, tx, func(fault string) { t.Errorf("found %q", fault) })
				return err
			})
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// crowded is a store with more of everything than one page holds. Its timers are a second apart.
func crowded(t *testing.T) store.Store {
	t.Helper()
	const things = 2*pageSize + 3
	s := memory.New()
	err := s.Update(t.Context(), func(tx store.Tx) error {
		b := &builder{t: t, tx: tx}
		b.do(tx.PutGroup(&registry.ThingGroup{Name: "plant", Number: plant, Version: 1, CreatedAt: start}))
		b.do(tx.PutJob(&jobs.Job{Number: update, ID: "update", Revision: 1, Status: jobs.JobInProgress, Config: &jobs.Config{}}))
		for i := range things {
			thing := &registry.Thing{
				Name: registry.ThingName(fmt.Sprintf("thing-%04d", i)), Number: registry.ThingNumber(100 + i),
				Groups: []registry.Membership{{Group: plant, Direct: true}},
			}
			b.do(tx.PutThing(thing))
			e := jobs.NewExecution(update, 1, start)
			e, _ = e.Start(start, &jobs.Config{InProgressTimeout: time.Duration(i+1) * time.Second}, nil, 0)
			b.do(tx.ChangeThing(thing.Key(), store.ThingChange{
				Executions: []store.ExecutionChange{{After: &e}}, Heads: map[jobs.JobNumber]jobs.Head{update: {Newest: 1, Known: true}},
			}))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestManyPagesHaveNoFaults(t *testing.T) {
	faults, sum := faultsOf(t, crowded(t), asItIs)
	if len(faults) > 0 {
		t.Errorf("found %q", faults)
	}
	const n = 2*pageSize + 3
	if want := (Summary{Things: n, Groups: 1, Memberships: n, Jobs: 1, Executions: n, Due: n}); sum != want {
		t.Errorf("summary %+v, want %+v", sum, want)
	}
}

// forgetful has no timers from the fifth on.
type forgetful struct{ store.ReadTx }

func (f forgetful) Due(until time.Time, limit int) ([]store.Due, error) {
	list, err := f.ReadTx.Due(until, limit)
	return list[:min(len(list), 5)], err
}

func (f forgetful) NextDue(after time.Time) (time.Time, error) {
	next, err := f.ReadTx.NextDue(after)
	if next.After(start.Add(5 * time.Second)) {
		return time.Time{}, err
	}
	return next, err
}

// Of more timers than are kept, those behind them are looked for one by one.
func TestMoreTimersThanAreKept(t *testing.T) {
	const kept = 4
	for name, c := range map[string]struct {
		change func(store.ReadTx) store.ReadTx
		faults int
	}{
		"whole":     {asItIs, 0},
		"forgetful": {func(tx store.ReadTx) store.ReadTx { return forgetful{tx} }, 2*pageSize + 3 - 5},
	} {
		t.Run(name, func(t *testing.T) {
			err := crowded(t).View(t.Context(), func(tx store.ReadTx) error {
				sum, err := check(t.Context(), c.change(tx), func(string) {}, kept)
				if sum.Faults != c.faults || sum.Due != 2*pageSize+3 {
					t.Errorf("%+v, want %d faults and all timers", sum, c.faults)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}
