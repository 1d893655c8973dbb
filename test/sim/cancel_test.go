package sim

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"iotjobs/internal/clock"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store"
)

// TestNoCallShowsACanceledJob lets devices ask all the time while a job is canceled and its rows follow, thousands of them.
func TestNoCallShowsACanceledJob(t *testing.T) {
	s := openPebble(t)
	defer closeStore(t, s)
	if shown, calls := watchCancel(t, s, seeded(t)); shown > 0 {
		t.Errorf("%d of %d calls that began after the answer of CancelJob show the job", shown, calls)
	}
}

// TestMutantCancelIsSeenLate shows that devices notice a job that is shown until its rows have followed.
func TestMutantCancelIsSeenLate(t *testing.T) {
	below := openPebble(t)
	defer closeStore(t, below)
	shown, calls := watchCancel(t, reading(seeing{thing: beforeCancel})(below), seeded(t))
	if shown == 0 {
		t.Fatalf("%d calls found nothing", calls)
	}
}

// watchCancel counts the calls that began after the answer of CancelJob, and those of them that show the job.
func watchCancel(t *testing.T, s store.Store, seed uint64) (shown, calls int64) {
	t.Helper()
	ctx := t.Context()
	sut := newService(s, clock.Virtual(epoch).Now)
	sut.Quotas.RolloutPerMinute = 0
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	names := registerAll(t, sut)
	config := jobs.Config{TargetSelection: jobs.Snapshot, Document: "{}", Targets: []jobs.Target{{Kind: jobs.GroupTarget, Name: "all"}}}
	_, err := sut.CreateJob(ctx, service.CreateJobInput{ID: "j", Config: config})
	must(err)
	must(sut.RunSteps(ctx))

	var canceled, over atomic.Bool
	var seen, asked atomic.Int64
	var devices sync.WaitGroup
	for i := range 8 {
		devices.Go(func() {
			for r := roll(seed, uint64(i)); !over.Load(); {
				counts := canceled.Load()
				shows, err := showsWork(ctx, sut, names[r.IntN(len(names))], counts)
				if err != nil {
					t.Error(err)
					return
				}
				if !counts {
					continue
				}
				asked.Add(1)
				if shows {
					seen.Add(1)
				}
			}
		})
	}
	// Each step waits for some calls, so that many meet the rows on their way.
	sut.Pace = func(_ context.Context, step func() error) error {
		for until := asked.Load() + 50; asked.Load() < until && !t.Failed(); {
			runtime.Gosched()
		}
		return step()
	}
	_, err = sut.CancelJob(ctx, service.CancelJobInput{ID: "j"})
	canceled.Store(true)
	must(err)
	must(sut.RunSteps(ctx))
	over.Store(true)
	devices.Wait()
	return seen.Load(), asked.Load()
}

// showsWork asks what a device has to do; with start, every other name also asks for the next execution, which would be started.
func showsWork(ctx context.Context, s *service.Service, name registry.ThingName, start bool) (bool, error) {
	list, err := s.GetPendingJobExecutions(ctx, service.GetPendingJobExecutionsInput{Thing: name})
	if err != nil || len(list.InProgress)+len(list.Queued) > 0 || !start || name[len(name)-1]%2 == 0 {
		return len(list.InProgress)+len(list.Queued) > 0, err
	}
	next, err := s.StartNextPendingJobExecution(ctx, service.StartNextPendingJobExecutionInput{Thing: name})
	return next.Execution != nil, err
}
