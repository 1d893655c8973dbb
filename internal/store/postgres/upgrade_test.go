package postgres_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"iotjobs/internal/registry"
	"iotjobs/internal/store/postgres"
	"iotjobs/internal/store/postgres/pgtest"
)

// TestNodeBesideANewerOne lets a node work while a newer one migrates the tables: no call fails, nothing is lost, and the node says that it is out of date.
func TestNodeBesideANewerOne(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	url := pgtest.NewURL(t)
	var log bytes.Buffer // only updates write to it, here one after the other
	s := open(t, url, postgres.Options{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	defer func() { mustDo(t, s.Close()) }()
	names := []registry.ThingName{"a", "b", "c", "d"}
	fleet(t, s, names...)
	stop := make(chan struct{})
	var all sync.WaitGroup
	reports := make([]int, len(names))
	for i, name := range names {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := report(ctx, s, name); err != nil {
					t.Errorf("a report of %s: %v", name, err)
					return
				}
				reports[i]++
				if v, err := s.ReadThing(ctx, name, benchAddress); err != nil || int(v.Addressed["job"].Execution.Version) != reports[i]+1 {
					t.Errorf("after report %d a read of %s shows %+v, %v", reports[i], name, v.Addressed["job"].Execution, err)
					return
				}
			}
		})
	}
	works := func() {
		for before := s.Stats().Commands; s.Stats().Commands < before+50; {
			_, err := s.Clock(ctx)
			mustDo(t, err)
		}
	}
	works()
	mustDo(t, s.Upgrade(ctx, `
		ALTER TABLE thing ADD COLUMN size integer NOT NULL DEFAULT 7; CREATE INDEX thing_by_size ON thing (size);
		ALTER TABLE job ADD COLUMN kind text; ALTER TABLE job_lock ADD COLUMN kind text; ALTER TABLE execution ADD COLUMN kind text;`))
	works()
	for range 3 {
		mustDo(t, s.Update(ctx, cancelJob))
	}
	close(stop)
	all.Wait()
	for i, name := range names {
		if got := int(version(t, s, name)) - 1; got != reports[i] {
			t.Errorf("%s was answered %d reports, and %d were made", name, reports[i], got)
		}
	}
	if got := strings.Count(log.String(), "a newer program has migrated the tables"); got != 1 {
		t.Errorf("the node said %d times that it is out of date: %s", got, &log)
	}
	if again, err := postgres.Open(ctx, url, postgres.Options{}); err == nil {
		mustDo(t, again.Close())
		t.Error("the node could be started again")
	}
}
