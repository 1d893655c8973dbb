package pebble_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/pebble"
)

// benchThings is how many things the store of a benchmark holds; they are addressed uniformly at random.
const benchThings = 100_000

// benchRounds is how often the store and the ideal take turns.
const benchRounds = 10

// BenchmarkUpdateThing measures durable device reports on the machine's disk, against an ideal group commit of the same bytes in the
// same run: callers hand a record to one goroutine that appends what it has and calls fdatasync. The bars for "ratio" are 0.20 with 64
// callers and 0.40 with one.
func BenchmarkUpdateThing(b *testing.B) {
	dir := b.TempDir()
	s := open(b, filepath.Join(dir, "store"), pebble.Options{CacheSize: 256 << 20})
	b.Cleanup(func() { mustClose(b, s) })
	fillStore(b, s)
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			before := s.Stats()
			var took, ideal time.Duration
			var all waits
			// The disk is shared and its speed changes: the two take turns.
			for round := range benchRounds {
				n := (b.N + round) / benchRounds
				begin := time.Now()
				all = append(all, inParallel(n, callers, func(r *rand.Rand) { reportOnce(b, s, r) })...)
				took += time.Since(begin)
				b.StopTimer()
				stats := s.Stats()
				if done := stats.Commands - before.Commands; done > 0 {
					ideal += idealGroupCommit(b, dir, n, int((stats.Bytes-before.Bytes)/done), callers)
				}
				b.StartTimer()
			}
			b.StopTimer()
			after := s.Stats()
			slices.Sort(all)
			b.ReportMetric(ideal.Seconds()/took.Seconds(), "ratio")
			b.ReportMetric(float64(b.N)/took.Seconds(), "ops/s")
			b.ReportMetric(float64(after.Commands-before.Commands)/float64(after.Groups-before.Groups), "ops/group")
			b.ReportMetric(float64(after.Bytes-before.Bytes)/float64(b.N), "walB/op")
			b.ReportMetric(float64(all.at(0.99).Microseconds()), "p99-µs")
		})
	}
}

// BenchmarkReadThing measures what GetPending and Describe need.
func BenchmarkReadThing(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "store"), pebble.Options{CacheSize: 256 << 20})
	b.Cleanup(func() { mustClose(b, s) })
	fillStore(b, s)
	b.RunParallel(func(pb *testing.PB) {
		r := rand.New(rand.NewPCG(1, rand.Uint64()))
		for pb.Next() {
			v, err := s.ReadThing(context.Background(), benchThing(r.IntN(benchThings)), benchAddress)
			if err != nil || len(v.Pending) != 1 {
				b.Error(err, len(v.Pending))
				return
			}
		}
	})
}

var benchAddress = []store.Address{{Job: "job"}}

func benchThing(i int) registry.ThingName {
	return registry.ThingName(fmt.Sprintf("thing-%08d", i))
}

func reportOnce(tb testing.TB, s *pebble.Store, r *rand.Rand) {
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

// fillStore registers the things and queues one job for all of them.
func fillStore(tb testing.TB, s *pebble.Store) {
	tb.Helper()
	now := time.Unix(1_800_000_000, 0)
	var job jobs.Job
	update(tb, s, func(tx store.Tx) error {
		n, err := tx.NextNumber()
		if err != nil {
			return err
		}
		job = jobs.Job{
			Number: jobs.JobNumber(n), ID: "job", Revision: 1, Status: jobs.JobInProgress,
			Config: &jobs.Config{Document: `{"operation":"install"}`, TargetSelection: jobs.Snapshot},
		}
		return tx.PutJob(&job)
	})
	for first := 0; first < benchThings; first += store.MaxThingsPerUpdate {
		update(tb, s, func(tx store.Tx) error {
			for i := first; i < first+store.MaxThingsPerUpdate; i++ {
				n, err := tx.NextNumber()
				if err != nil {
					return err
				}
				thing := &registry.Thing{
					Name: benchThing(i), Number: registry.ThingNumber(n), ID: "5b4b2a1e-7d39-4a3c-9a43-0d2f5a1c0001", Version: 1, CreatedAt: now,
					Attributes: map[string]string{"model": "x1", "site": "berlin"},
				}
				if err := tx.PutThing(thing); err != nil {
					return err
				}
				e := jobs.NewExecution(job.Number, 1, now)
				err = tx.ChangeThing(thing.Key(), store.ThingChange{
					Executions: []store.ExecutionChange{{After: &e}},
					Heads:      map[jobs.JobNumber]jobs.Head{job.Number: {Newest: 1, Known: true}},
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := s.Flush(); err != nil {
		tb.Fatal(err)
	}
}

// waits are the durations of calls; at wants them sorted.
type waits []time.Duration

func (w waits) at(part float64) time.Duration { return w[int(part*float64(len(w)-1))] }

// inParallel makes n calls from some callers and returns how long each took.
func inParallel(n, callers int, call func(r *rand.Rand)) waits {
	var all waits
	var mu sync.Mutex
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(c), rand.Uint64()))
			var own waits
			for range (n + c) / callers {
				begin := time.Now()
				call(r)
				own = append(own, time.Since(begin))
			}
			mu.Lock()
			all = append(all, own...)
			mu.Unlock()
		})
	}
	wg.Wait()
	return all
}

// idealGroupCommit is the time that n records take.
func idealGroupCommit(b *testing.B, dir string, n, record, callers int) time.Duration {
	b.Helper()
	f, err := os.Create(filepath.Join(dir, "ideal"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
			b.Error(err)
		}
	}()
	type write struct {
		record []byte
		done   chan struct{}
	}
	queue := make(chan write, callers)
	go func() {
		var group []write
		var buf []byte
		for w := range queue {
			group, buf = append(group[:0], w), append(buf[:0], w.record...)
			for more := true; more; {
				select {
				case w := <-queue:
					group, buf = append(group, w), append(buf, w.record...)
				default:
					more = false
				}
			}
			if _, err := f.Write(buf); err != nil {
				b.Error(err)
			}
			if err := syscall.Fdatasync(int(f.Fd())); err != nil {
				b.Error(err)
			}
			for _, w := range group {
				w.done <- struct{}{}
			}
		}
	}()
	begin := time.Now()
	inParallel(n, callers, func(*rand.Rand) {
		w := write{make([]byte, record), make(chan struct{}, 1)}
		queue <- w
		<-w.done
	})
	took := time.Since(begin)
	close(queue)
	return took
}

func mustClose(tb testing.TB, s *pebble.Store) {
	tb.Helper()
	if err := s.Close(); err != nil {
		tb.Error(err)
	}
}
