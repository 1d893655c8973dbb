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
	"iotjobs/internal/store/storetest"
)

// TestMutantWithoutLocks proves that the suite notices when device calls do not lock their things.
func TestMutantWithoutLocks(t *testing.T) {
	const promise = "updates and device calls never lose each other's change"
	broken := storetest.Broken(t, engine(postgres.Options{}.WithoutLocks()), promise)
	if broken[promise] == nil {
		t.Error("a store that does not lock things passed")
	}
	t.Log(broken[promise])
}

// fleet registers things with an execution of one job each.
func fleet(tb testing.TB, s store.Store, names ...registry.ThingName) {
	tb.Helper()
	mustDo(tb, s.Update(context.Background(), func(tx store.Tx) error {
		n, err := tx.NextNumber()
		if err != nil {
			return err
		}
		job := &jobs.Job{Number: jobs.JobNumber(n), ID: "job", Revision: 1, Status: jobs.JobInProgress, Config: &jobs.Config{Document: "{}"}}
		if err := tx.PutJob(job); err != nil {
			return err
		}
		for _, name := range names {
			if n, err = tx.NextNumber(); err != nil {
				return err
			}
			thing := &registry.Thing{Name: name, Number: registry.ThingNumber(n), Version: 1}
			if err := tx.PutThing(thing); err != nil {
				return err
			}
			e := jobs.NewExecution(job.Number, 1, time.Unix(1_800_000_000, 0))
			if err := tx.ChangeThing(thing.Key(), store.ThingChange{
				Executions: []store.ExecutionChange{{After: &e}}, Heads: map[jobs.JobNumber]jobs.Head{job.Number: {Known: true, Newest: 1}},
			}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// report adds one to the version of a thing's execution.
func report(ctx context.Context, s store.Store, name registry.ThingName) (reached jobs.VersionNumber, err error) {
	err = s.UpdateThing(ctx, name, benchAddress, func(v store.ThingView) (store.ThingChange, error) {
		before := v.Addressed["job"].Execution
		next := *before
		next.Status = jobs.InProgress
		next.Version++
		reached = next.Version
		return store.ThingChange{Executions: []store.ExecutionChange{{Before: before, After: &next}}}, nil
	})
	return reached, err
}

func version(tb testing.TB, s store.Store, name registry.ThingName) jobs.VersionNumber {
	tb.Helper()
	v, err := s.ReadThing(context.Background(), name, benchAddress)
	mustDo(tb, err)
	return v.Addressed["job"].Execution.Version
}

// TestLockedThing lets somebody hold the lock of a thing: its device waits, longer than the timeout of a lock, and nobody else does.
func TestLockedThing(t *testing.T) {
	url := pgtest.NewURL(t)
	s := open(t, url, postgres.Options{})
	defer func() { mustDo(t, s.Close()) }()
	fleet(t, s, "free", "locked")
	other, err := pgx.Connect(t.Context(), url)
	mustDo(t, err)
	defer func() { mustDo(t, other.Close(context.Background())) }()
	tx, err := other.Begin(t.Context())
	mustDo(t, err)
	_, err = tx.Exec(t.Context(), "SELECT FROM thing WHERE name = 'locked' FOR UPDATE")
	mustDo(t, err)

	before := s.Stats()
	done := make(chan error, 1)
	go func() {
		_, err := report(context.Background(), s, "locked")
		done <- err
	}()
	for s.Stats().Blocked == before.Blocked { // until it waits for the lock
		version(t, s, "free")
	}
	if tried := s.Stats().Groups - before.Groups; tried != 2 {
		t.Errorf("the device waits for the lock after %d groups, want 2", tried)
	}
	for s.Stats().Retries == 0 { // until its lock has timed out
		_, err := report(t.Context(), s, "free")
		mustDo(t, err)
	}
	hurry, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := report(hurry, s, "locked"); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, store.ErrUnknown) {
		t.Errorf("a call that gave up before it ran returned %v", err)
	}
	select {
	case err := <-done:
		t.Fatalf("the device of the locked thing was answered: %v", err)
	default:
	}
	mustDo(t, tx.Rollback(t.Context()))
	mustDo(t, <-done)
	if got := version(t, s, "locked"); got != 2 {
		t.Errorf("the locked thing is at version %d, want 2", got)
	}
}

// TestConnectionsCut ends the sessions of a store again and again: calls fail or work, none is lost, and the store recovers by itself.
func TestConnectionsCut(t *testing.T) {
	cluster := pgtest.Shared(t)
	url := cluster.NewURL()
	s := open(t, url, postgres.Options{})
	defer func() { mustDo(t, s.Close()) }()
	names := []registry.ThingName{"a", "b", "c", "d"}
	fleet(t, s, names...)
	stop := make(chan struct{})
	var all sync.WaitGroup
	histories := make([]history, len(names))
	for i, name := range names {
		all.Go(func() { histories[i].work(s, name, stop) })
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for range 10 {
		for before := s.Stats().Groups; s.Stats().Groups < before+20; { // let them work in between
			_, _ = s.Clock(ctx) // it may fail as everything else
			mustDo(t, ctx.Err())
		}
		mustDo(t, cluster.Execute(t.Context(), "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'iotjobs'"))
	}
	close(stop)
	all.Wait()
	for i, name := range names {
		histories[i].check(t, s, name)
	}
}

// history is what the only writer of a thing knows.
type history struct {
	answered, unknown int
}

// work reports until stop closes.
func (h *history) work(s store.Store, name registry.ThingName, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		switch _, err := report(context.Background(), s, name); {
		case err == nil:
			h.answered++
		case errors.Is(err, store.ErrUnknown):
			h.unknown++
		}
	}
}

// check demands what was answered, and no more than may have been done beside.
func (h *history) check(t *testing.T, s store.Store, name registry.ThingName) {
	t.Helper()
	got := int(version(t, s, name)) - 1
	if h.answered == 0 {
		t.Errorf("%s: nothing was answered", name)
	}
	t.Logf("%s: %d answered, %d unknown, %d done", name, h.answered, h.unknown, got)
	if got < h.answered || got > h.answered+h.unknown {
		t.Errorf("%s: %d changes were answered, %d are unknown, but %d were made", name, h.answered, h.unknown, got)
	}
}

// TestUnconfirmedCommit gives up on a commit that the standby does not confirm: its outcome is unknown, and nobody has seen it.
func TestUnconfirmedCommit(t *testing.T) {
	s := newHouse(t, "a", "b")
	release := sync.OnceFunc(pgtest.Stall(t, pgtest.Shared(t)))
	defer release() // should the test fail before
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var err error
	reported := start(func() { _, err = report(ctx, s, "a") })
	s.awaits(forStandby, reported)
	cancel()
	if <-reported; !errors.Is(err, store.ErrUnknown) {
		t.Errorf("a commit that nobody confirms returned %v", err)
	}
	if got := version(t, s, "a"); got != 1 {
		t.Errorf("before the standby has it, version %d is shown", got)
	}
	release()
	reached, err := report(t.Context(), s, "a")
	mustDo(t, err)
	if reached != 3 {
		t.Errorf("the next report reached version %d, want 3: the one before was not lost", reached)
	}
}

// TestCommitWithoutConfirmation cancels the wait for the standby, as an administrator may: PostgreSQL then answers the commit with a warning only.
func TestCommitWithoutConfirmation(t *testing.T) {
	cluster := pgtest.Shared(t)
	s := open(t, cluster.NewURL(), postgres.Options{})
	defer func() { mustDo(t, s.Close()) }()
	fleet(t, s, "a")
	release := pgtest.Stall(t, cluster)
	defer release()
	done := make(chan error, 1)
	go func() {
		_, err := report(context.Background(), s, "a")
		done <- err
	}()
	for {
		select {
		case err := <-done:
			if !errors.Is(err, store.ErrUnknown) {
				t.Errorf("a commit that nobody confirmed returned %v", err)
			}
			return
		default:
			mustDo(t, cluster.Execute(t.Context(), "postgres",
				"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'iotjobs' AND wait_event = 'SyncRep'"))
		}
	}
}

// TestFailover kills the primary under load, and promotes the standby: the store finds it by itself, and nothing that was answered is missing.
func TestFailover(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	primary, err := pgtest.Start(ctx, pgtest.Options{})
	mustDo(t, err)
	defer func() { mustDo(t, primary.Close()) }()
	standby, err := primary.Standby(ctx, pgtest.Options{})
	mustDo(t, err)
	defer func() { mustDo(t, standby.Close()) }()

	if s, err := postgres.Open(ctx, standby.URL("postgres"), postgres.Options{}); err == nil {
		mustDo(t, s.Close())
		t.Fatal("a store was opened on a standby")
	}
	s := open(t, pgtest.URLOf("postgres", standby, primary), postgres.Options{})
	defer func() { mustDo(t, s.Close()) }()
	names := []registry.ThingName{"a", "b", "c", "d"}
	fleet(t, s, names...)
	stop := make(chan struct{})
	var all sync.WaitGroup
	histories := make([]history, len(names))
	for i, name := range names {
		all.Go(func() { histories[i].work(s, name, stop) })
	}
	for s.Stats().Commands < 200 {
		_, err := s.Clock(ctx)
		mustDo(t, err)
	}
	mustDo(t, primary.Stop(pgtest.Kill))
	mustDo(t, standby.Promote(ctx))
	after := s.Stats().Commands
	for { // until it has found the new one
		if _, err := s.Clock(ctx); err == nil {
			break
		}
		mustDo(t, ctx.Err())
	}
	for s.Stats().Commands < after+200 {
		_, _ = s.Clock(ctx) // what is left of the old one may have answered before
		mustDo(t, ctx.Err())
	}
	close(stop)
	all.Wait()
	for i, name := range names {
		histories[i].check(t, s, name)
	}
	mustDo(t, storetest.Check(ctx, s))
}
