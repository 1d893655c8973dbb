package service_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store"
	"iotjobs/internal/store/pebble"
)

// BenchmarkFireTimers works off a backlog on the embedded store, on the machine's disk. Processor time says more than the rate when the machine does
// something else, too: it holds what the store does afterwards with what was written.
func BenchmarkFireTimers(b *testing.B) {
	s, err := pebble.Open(filepath.Join(b.TempDir(), "store"), pebble.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if err := fillTimers(b.Context(), s, b.N, now); err != nil {
		b.Fatal(err)
	}
	w := &service.Service{Store: s, Now: func() time.Time { return now.Add(time.Hour) }, Quotas: service.DefaultQuotas()}
	b.ResetTimer()
	begin := processor(b)
	for more := true; more; {
		if more, err = w.FireTimers(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64((processor(b)-begin).Microseconds())/float64(b.N), "processor-µs/op")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "timers/s")
}

func processor(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// fillTimers stores things that each have an execution with a timer, and one that waits.
func fillTimers(ctx context.Context, s store.Store, things int, now time.Time) error {
	err := s.Update(ctx, func(tx store.Tx) error {
		for number := range jobs.JobNumber(2) {
			job := &jobs.Job{
				Number: number + 1, ID: jobs.JobID(fmt.Sprintf("job-%d", number)), Revision: 1, Status: jobs.JobInProgress,
				Config: &jobs.Config{TargetSelection: jobs.Snapshot}, Release: jobs.Release{Done: true},
			}
			if err := tx.PutJob(job); err != nil {
				return err
			}
		}
		return nil
	})
	for first := 0; first < things && err == nil; first += store.MaxThingsPerUpdate {
		err = s.Update(ctx, func(tx store.Tx) error {
			for i := first; i < min(first+store.MaxThingsPerUpdate, things); i++ {
				thing := &registry.Thing{
					Name: registry.ThingName(fmt.Sprintf("thing-%08d", i)), Number: registry.ThingNumber(10 + i), ID: "5b4b2a1e-7d39-4a3c-9a43-0d2f5a1c0001",
					Version: 1, CreatedAt: now, Attributes: map[string]string{"model": "pump-x1", "site": "berlin-4", "firmware": "2.3.7"},
				}
				running, waiting := jobs.NewExecution(1, 1, now), jobs.NewExecution(2, 1, now)
				running.Status, running.Version, running.StartedAt, running.StepDeadline = jobs.InProgress, 2, now, now.Add(time.Duration(i)*time.Microsecond)
				head := jobs.Head{Newest: 1, Known: true}
				change := store.ThingChange{
					Executions: []store.ExecutionChange{{After: &running}, {After: &waiting}}, Heads: map[jobs.JobNumber]jobs.Head{1: head, 2: head},
				}
				if err := errors.Join(tx.PutThing(thing), tx.ChangeThing(thing.Key(), change)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return err
}
