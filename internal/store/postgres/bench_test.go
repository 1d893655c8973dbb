package postgres_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/pebble"
	"iotjobs/internal/store/postgres"
	"iotjobs/internal/store/postgres/pgtest"
)

// benchThings is how many things a store of a benchmark holds; they are addressed uniformly at random.
const benchThings = 100_000

// benchRounds is how often the store and the baselines take turns.
const benchRounds = 5

// BenchmarkUpdateThing measures durable device reports against baselines in the same run, in turns. The first two are on the same cluster: a table of
// things with a row of the same size, looked up by name, prepared statements, each report a transaction of its own, as many connections as callers.
//
//   - x-update: one UPDATE for each report. It is less than a device call needs, for it neither reads the row nor looks at a version.
//   - x-locked: SELECT FOR UPDATE, then UPDATE, in two trips: what a server without groups has to do, because the rule runs between them.
//   - of-pebble: the embedded store on the same disk.
//
// The bars are 2 for x-update and 0.4 for of-pebble with 64 callers.
func BenchmarkUpdateThing(b *testing.B) {
	cluster, err := pgtest.Start(b.Context(), pgtest.Options{Settings: map[string]string{"shared_buffers": "512MB", "max_wal_size": "4GB", "log_min_messages": "fatal"}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { mustDo(b, cluster.Close()) })
	quiet := slog.New(slog.DiscardHandler)
	s := open(b, cluster.NewURL(), postgres.Options{Logger: quiet})
	b.Cleanup(func() { mustDo(b, s.Close()) })
	fillStore(b, s)
	embedded, err := pebble.Open(filepath.Join(b.TempDir(), "store"), pebble.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { mustDo(b, embedded.Close()) })
	fillStore(b, embedded)
	plain := newPlain(b, cluster)
	// Everybody has connected and prepared before it counts.
	for _, call := range []func(*rand.Rand){
		func(r *rand.Rand) { plain.update(b, r) }, func(r *rand.Rand) { plain.lockAndUpdate(b, r) },
		func(r *rand.Rand) { reportOnce(b, s, r) }, func(r *rand.Rand) { reportOnce(b, embedded, r) },
	} {
		inParallel(5000, 64, call)
	}

	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			before := s.Stats()
			var took, single, locked, local time.Duration
			var all waits
			for round := range benchRounds {
				n := (b.N + round) / benchRounds
				var mine waits
				took += timed(func() { mine = inParallel(n, callers, func(r *rand.Rand) { reportOnce(b, s, r) }) })
				all = append(all, mine...)
				b.StopTimer()
				single += timed(func() { inParallel(n, callers, func(r *rand.Rand) { plain.update(b, r) }) })
				locked += timed(func() { inParallel(n, callers, func(r *rand.Rand) { plain.lockAndUpdate(b, r) }) })
				local += timed(func() { inParallel(n, callers, func(r *rand.Rand) { reportOnce(b, embedded, r) }) })
				b.StartTimer()
			}
			b.StopTimer()
			after := s.Stats()
			slices.Sort(all)
			b.ReportMetric(float64(b.N)/took.Seconds(), "ops/s")
			b.ReportMetric(single.Seconds()/took.Seconds(), "x-update")
			b.ReportMetric(locked.Seconds()/took.Seconds(), "x-locked")
			b.ReportMetric(local.Seconds()/took.Seconds(), "of-pebble")
			b.ReportMetric(float64(after.Commands-before.Commands)/float64(after.Groups-before.Groups), "ops/group")
			b.ReportMetric(float64(all.at(0.99).Microseconds()), "p99-µs")
		})
	}
}

// BenchmarkReadThing measures what GetPending and Describe need.
func BenchmarkReadThing(b *testing.B) {
	s := open(b, pgtest.NewURL(b), postgres.Options{})
	b.Cleanup(func() { mustDo(b, s.Close()) })
	fillStore(b, s)
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			took := timed(func() {
				inParallel(b.N, callers, func(r *rand.Rand) {
					v, err := s.ReadThing(context.Background(), benchThing(r.IntN(benchThings)), benchAddress)
					if err != nil || len(v.Pending) != 1 {
						b.Error(err, len(v.Pending))
					}
				})
			})
			b.ReportMetric(float64(b.N)/took.Seconds(), "ops/s")
		})
	}
}

// plain is the simple way: a table, and one UPDATE for each report.
type plain struct{ pool *pgxpool.Pool }

func newPlain(b *testing.B, cluster *pgtest.Cluster) plain {
	b.Helper()
	mustDo(b, cluster.Execute(b.Context(), "postgres",
		`CREATE TABLE plain (name text COLLATE "C" PRIMARY KEY, registry bytea NOT NULL, pending bytea NOT NULL) WITH (fillfactor = 70)`,
		fmt.Sprintf(`INSERT INTO plain SELECT 'thing-' || lpad(i::text, 8, '0'), decode(repeat('00', 60), 'hex'), decode(repeat('00', 70), 'hex') FROM generate_series(0, %d) i`, benchThings-1),
		"VACUUM ANALYZE plain"))
	config, err := pgxpool.ParseConfig(cluster.URL("postgres"))
	mustDo(b, err)
	config.MaxConns = 64
	pool, err := pgxpool.NewWithConfig(b.Context(), config)
	mustDo(b, err)
	b.Cleanup(pool.Close)
	return plain{pool}
}

func (p plain) update(b *testing.B, r *rand.Rand) {
	b.Helper()
	tag, err := p.pool.Exec(context.Background(), plainUpdate, string(benchThing(r.IntN(benchThings))), plainPending(r))
	if err != nil || tag.RowsAffected() != 1 {
		b.Error(err, tag)
	}
}

const plainUpdate = `UPDATE plain SET pending = $2 WHERE name = $1`

func plainPending(r *rand.Rand) []byte {
	pending := make([]byte, 70)
	for i := range pending {
		pending[i] = byte(r.Uint32())
	}
	return pending
}

func (p plain) lockAndUpdate(b *testing.B, r *rand.Rand) {
	b.Helper()
	ctx, name := context.Background(), string(benchThing(r.IntN(benchThings)))
	err := p.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		var read, write pgx.Batch
		read.Queue("begin")
		read.Queue(`SELECT registry, pending FROM plain WHERE name = $1 FOR UPDATE`, name).QueryRow(func(row pgx.Row) error {
			var registered, pending []byte
			return row.Scan(&registered, &pending)
		})
		if err := conn.SendBatch(ctx, &read).Close(); err != nil {
			return err
		}
		write.Queue(plainUpdate, name, plainPending(r))
		write.Queue("commit")
		return conn.SendBatch(ctx, &write).Close()
	})
	if err != nil {
		b.Error(err)
	}
}

var benchAddress = []store.Address{{Job: "job"}}

func benchThing(i int) registry.ThingName {
	return registry.ThingName(fmt.Sprintf("thing-%08d", i))
}

func reportOnce(tb testing.TB, s store.Store, r *rand.Rand) {
	tb.Helper()
	now := time.Unix(1_800_000_000, r.Int64N(1e15))
	err := s.UpdateThing(context.Background(), benchThing(r.IntN(benchThings)), benchAddress, func(v store.ThingView) (store.ThingChange, error) {
		a := v.Addressed["job"]
		next, err := a.Execution.Update(now, a.Job.Config, jobs.Report{Status: jobs.InProgress, StatusDetails: map[string]string{"progress": "42 %"}})
		return store.ThingChange{Executions: []store.ExecutionChange{{Before: a.Execution, After: &next}}}, err
	})
	if err != nil {
		tb.Error(err)
	}
}

// fillStore registers the things, and queues and starts one job on all of them.
func fillStore(tb testing.TB, s store.Store) {
	tb.Helper()
	now := time.Unix(1_800_000_000, 0)
	var job jobs.Job
	mustDo(tb, s.Update(context.Background(), func(tx store.Tx) error {
		n, err := tx.NextNumber()
		job = jobs.Job{
			Number: jobs.JobNumber(n), ID: "job", Revision: 1, Status: jobs.JobInProgress,
			Config: &jobs.Config{Document: `{"operation":"install"}`, TargetSelection: jobs.Snapshot},
		}
		if err != nil {
			return err
		}
		return tx.PutJob(&job)
	}))
	for first := 0; first < benchThings; first += store.MaxThingsPerUpdate {
		mustDo(tb, s.Update(context.Background(), func(tx store.Tx) error {
			for i := first; i < first+store.MaxThingsPerUpdate; i++ {
				n, err := tx.NextNumber()
				if err != nil {
					return err
				}
				t := registry.Thing{Name: benchThing(i), Number: registry.ThingNumber(n), ID: fmt.Sprintf("%036d", n), Version: 1, CreatedAt: now}
				if err := tx.PutThing(&t); err != nil {
					return err
				}
				e := jobs.NewExecution(job.Number, 1, now)
				e, _ = e.Start(now, job.Config, nil, 0)
				if err := tx.ChangeThing(t.Key(), store.ThingChange{
					Executions: []store.ExecutionChange{{After: &e}}, Heads: map[jobs.JobNumber]jobs.Head{job.Number: {Known: true, Newest: 1}},
				}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

func mustDo(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func timed(fn func()) time.Duration {
	begin := time.Now()
	fn()
	return time.Since(begin)
}

// waits are what callers waited, sorted.
type waits []time.Duration

func (w waits) at(quantile float64) time.Duration {
	if len(w) == 0 {
		return 0
	}
	return w[min(len(w)-1, int(float64(len(w))*quantile))]
}

// inParallel makes n calls from callers goroutines and returns what each waited.
func inParallel(n, callers int, call func(*rand.Rand)) waits {
	var left atomic.Int64
	left.Store(int64(n))
	each := make([]waits, callers)
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			r := rand.New(rand.NewPCG(1, rand.Uint64()))
			for left.Add(-1) >= 0 {
				each[i] = append(each[i], timed(func() { call(r) }))
			}
		})
	}
	all.Wait()
	return slices.Concat(each...)
}
