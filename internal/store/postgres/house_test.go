package postgres_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/postgres"
	"iotjobs/internal/store/postgres/pgtest"
)

// house is a store with a connection beside it, for a look at what its sessions wait for.
type house struct {
	*postgres.Store
	t     *testing.T
	aside *pgx.Conn
}

func newHouse(t *testing.T, things ...registry.ThingName) *house {
	t.Helper()
	url := pgtest.NewURL(t)
	s := open(t, url, postgres.Options{})
	t.Cleanup(func() { mustDo(t, s.Close()) })
	fleet(t, s, things...)
	aside, err := pgx.Connect(t.Context(), url)
	mustDo(t, err)
	t.Cleanup(func() { mustDo(t, aside.Close(context.Background())) })
	return &house{Store: s, t: t, aside: aside}
}

// update starts an update that has done what fn does, holds the locks that this took, and goes on when it is told to; goOn waits for its end.
func (h *house) update(fn func(store.Tx) error) (goOn func()) {
	h.t.Helper()
	inside, further, ended := make(chan struct{}, 10), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- h.Update(context.Background(), func(tx store.Tx) error {
			if err := fn(tx); err != nil {
				return err
			}
			inside <- struct{}{}
			<-further
			return nil
		})
	}()
	select {
	case <-inside:
	case err := <-ended:
		h.t.Fatalf("the update ended: %v", err)
	}
	allow := sync.OnceFunc(func() { close(further) })
	h.t.Cleanup(allow) // should the test fail before
	return func() {
		h.t.Helper()
		allow()
		mustDo(h.t, <-ended)
	}
}

// awaits returns when a session of the store waits as the condition on pg_stat_activity says, or fails when fn has ended without.
func (h *house) awaits(condition string, ended <-chan struct{}) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	defer cancel()
	for {
		var there bool
		err := h.aside.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = 'iotjobs' AND `+condition+`)`).Scan(&there)
		if err != nil {
			h.t.Fatalf("wait for a session with %s: %v", condition, err)
		}
		if there {
			return
		}
		select {
		case <-ended:
			h.t.Fatalf("nobody waited: %s", condition)
		default:
		}
	}
}

const (
	forLock    = `wait_event_type = 'Lock'`
	forStandby = `wait_event = 'SyncRep'`
)

// start runs fn beside; the channel closes at its end.
func start(fn func()) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		fn()
	}()
	return ended
}

// call is a device call that keeps what it was shown.
func call(name registry.ThingName, id jobs.JobID, seen *store.ThingView, fn func(store.ThingView) (store.ThingChange, error)) *postgres.Call {
	return &postgres.Call{Name: name, Addrs: []store.Address{{Job: id}}, Fn: func(v store.ThingView) (store.ThingChange, error) {
		if seen != nil {
			*seen = v
		}
		return fn(v)
	}}
}

// works is the report of a device.
func works(id jobs.JobID) func(store.ThingView) (store.ThingChange, error) {
	return func(v store.ThingView) (store.ThingChange, error) {
		before := v.Addressed[id].Execution
		if before == nil {
			return store.ThingChange{}, errors.New("there is no such execution")
		}
		next := *before
		next.Status = jobs.InProgress
		next.Version++
		return store.ThingChange{Executions: []store.ExecutionChange{{Before: before, After: &next}}}, nil
	}
}

func looks(store.ThingView) (store.ThingChange, error) { return store.ThingChange{}, nil }
