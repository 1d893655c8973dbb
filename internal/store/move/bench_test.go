package move

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/pebble"
	"iotjobs/internal/store/postgres"
	"iotjobs/internal/store/postgres/pgtest"
)

var executions = flag.Int("executions", 100_000, "executions in the benchmarks, half of them pending")

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(pgtest.Main(m))
}

// fleetRows makes the rows of a store in which every thing has had a job and has another one.
func fleetRows(executions int, fn func(store.Row) error) error {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	things := executions / 2
	config := &jobs.Config{Document: `{"operation":"install"}`, InProgressTimeout: time.Hour}
	rows := []store.Row{
		store.NumbersRow{Last: uint64(things + 2)},
		store.JobRow{Job: &jobs.Job{Number: 1, ID: "old", Status: jobs.JobCompleted, Config: config, CreatedAt: now}},
		store.JobRow{Job: &jobs.Job{Number: 2, ID: "new", Status: jobs.JobInProgress, Config: config, CreatedAt: now}},
	}
	for _, row := range rows {
		if err := fn(row); err != nil {
			return err
		}
	}
	for _, row := range []func(thing *registry.Thing, done, running jobs.JobExecution) store.Row{
		func(thing *registry.Thing, _, running jobs.JobExecution) store.Row {
			return store.ThingRow{Thing: thing, Pending: []jobs.JobExecution{running}}
		},
		func(thing *registry.Thing, done, _ jobs.JobExecution) store.Row {
			return store.HistoryRow{Thing: thing.Key(), Execution: done}
		},
		func(thing *registry.Thing, _, _ jobs.JobExecution) store.Row {
			return store.HeadRow{Job: 1, Thing: thing.Key(), Head: jobs.Head{Known: true, Newest: 1}}
		},
		func(thing *registry.Thing, _, _ jobs.JobExecution) store.Row {
			return store.HeadRow{Job: 2, Thing: thing.Key(), Head: jobs.Head{Known: true, Newest: 1}}
		},
	} {
		for i := range things {
			thing := &registry.Thing{
				Name: registry.ThingName(fmt.Sprintf("device-%08d", i)), Number: registry.ThingNumber(i + 3), ID: fmt.Sprintf("%032x", i),
				Attributes: map[string]string{"firmware": "1.2.3", "site": "north"}, Version: 1, CreatedAt: now,
			}
			running, _ := jobs.NewExecution(2, 1, now).Start(now, config, map[string]string{"progress": "40%"}, 0)
			done, err := jobs.NewExecution(1, 1, now).Update(now, config, jobs.Report{Status: jobs.Succeeded, StatusDetails: map[string]string{"took": "12s"}})
			if err != nil {
				return err
			}
			if err := fn(row(thing, done, running)); err != nil {
				return err
			}
		}
	}
	return nil
}

// fill writes the rows of a fleet into an empty store.
func fill(ctx context.Context, to store.Portable, executions int) error {
	i := newImporter(ctx, to, &progress{}, nil)
	if err := i.end(fleetRows(executions, i.add)); err != nil {
		return err
	}
	return to.Import(ctx, nil, nil)
}

func openBench(b *testing.B) *pebble.Store {
	b.Helper()
	s, err := pebble.Open(filepath.Join(b.TempDir(), "store"), pebble.Options{CacheSize: 64 << 20})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

func copyWhole(ctx context.Context, from, to store.Portable) error {
	c := Copy{From: from, To: to}
	if _, _, err := c.Fill(ctx); err != nil {
		return err
	}
	_, err := c.Compare(ctx, noProgress)
	return err
}

func BenchmarkCopyPebble(b *testing.B) {
	from := openBench(b)
	if err := fill(b.Context(), from, *executions); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := copyWhole(b.Context(), from, openBench(b)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N**executions)/b.Elapsed().Seconds(), "executions/s")
}

func BenchmarkBackup(b *testing.B) {
	from := openBench(b)
	if err := fill(b.Context(), from, *executions); err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	for b.Loop() {
		out.Reset()
		if _, err := Backup(b.Context(), from, &out, time.Time{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N**executions)/b.Elapsed().Seconds(), "executions/s")
	b.ReportMetric(float64(out.Len())/float64(*executions), "bytes/execution")
}

// BenchmarkCopyDatabase copies from Pebble into PostgreSQL, and back.
func BenchmarkCopyDatabase(b *testing.B) {
	source := openBench(b)
	if err := fill(b.Context(), source, *executions); err != nil {
		b.Fatal(err)
	}
	database := func() store.Portable {
		s, err := postgres.Open(b.Context(), pgtest.NewURL(b), postgres.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = s.Close() })
		return s
	}
	full := database()
	if err := copyWhole(b.Context(), source, full); err != nil {
		b.Fatal(err)
	}
	for name, c := range map[string]struct {
		from store.Portable
		to   func() store.Portable
	}{"to": {source, database}, "from": {full, func() store.Portable { return openBench(b) }}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := copyWhole(b.Context(), c.from, c.to()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N**executions)/b.Elapsed().Seconds(), "executions/s")
		})
	}
}
