package service_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/memory"
	"iotjobs/internal/store/pebble"
)

// onTimers runs a test on a store that fires timers one by one, and on one that does it in bulks.
func onTimers(t *testing.T, test func(*world)) {
	t.Helper()
	t.Run("one by one", func(t *testing.T) { test(newWorldOn(t, memory.New())) })
	t.Run("in bulks", func(t *testing.T) { test(newWorldOn(t, embedded(t))) })
}

func embedded(t *testing.T) *pebble.Store {
	t.Helper()
	s, err := pebble.Open("store", pebble.Options{FS: vfs.NewMem(), CacheSize: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// running makes a job whose executions run into a timeout of a minute, and starts all of them.
func (w *world) running(id jobs.JobID, config jobs.Config, things ...registry.ThingName) {
	w.t.Helper()
	w.Quotas.TargetsPerJob, w.Quotas.RolloutPerMinute = max(w.Quotas.TargetsPerJob, len(things)), 0
	config.InProgressTimeout = time.Minute
	w.jobWith(id, config, things...)
	for _, name := range things {
		w.must(w.report(name, id, jobs.InProgress))
	}
}

// A backlog of timers leaves time to devices, as other background work does. What has only just fallen due waits for nobody, however much it is.
func TestABacklogOfTimersIsPaced(t *testing.T) {
	for name, test := range map[string]struct {
		late   time.Duration
		silent bool // devices have stopped calling
		paced  int
	}{
		"long due beside devices":        {late: time.Minute, paced: 16},
		"just due beside devices":        {late: time.Second},
		"long due when devices are idle": {late: time.Minute, silent: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			names := numbered(4001)
			w.things(names...)
			w.running("j", jobs.Config{}, names...)
			if test.silent {
				_, err := w.FireTimers(t.Context())
				w.must(err)
			}
			w.clock.Set(w.Now().Add(time.Minute + test.late))
			w.Virtual = false // steps run only when the test says so
			paced := 0
			w.Pace = func(_ context.Context, step func() error) error { paced++; return step() }
			for _, more := range []bool{true, false} {
				got, err := w.FireTimers(t.Context())
				w.must(err)
				if got != more || paced != test.paced {
					t.Errorf("more %v, paced %d times; want %v and %d", got, paced, more, test.paced)
				}
			}
			w.Pace = nil
			w.must(w.RunSteps(t.Context()))
			w.wantJob("j", jobs.JobCompleted, map[jobs.ExecutionStatus]int64{jobs.TimedOut: 4001})
		})
	}
}

// All that follows from a timer is there when it has fired: the retry, the counters, the mark of the job, the events, each once.
func TestTimersFireWithAllThatFollows(t *testing.T) { // LIFE-6, LIFE-7, LIFE-12
	onTimers(t, func(w *world) {
		w.TellEvents = true
		w.must(w.UpdateEventConfigurations(w.t.Context(), map[jobs.EventType]bool{jobs.JobExecutionEvents: true}))
		names := numbered(600)
		w.things(names...)
		w.running("j", jobs.Config{Retries: []jobs.RetryCriterion{{FailureType: jobs.TimedOutFailure, NumberOfRetries: 1}}}, names...)
		w.running("k", jobs.Config{}, names...) // each thing has two timers
		w.advance(time.Minute)
		w.wantJob("j", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.TimedOut: 600, jobs.Queued: 600})
		w.wantJob("k", jobs.JobCompleted, map[jobs.ExecutionStatus]int64{jobs.TimedOut: 600})
		for _, name := range names {
			if e := w.execution(name, "j"); e.Number != 2 || e.Status != jobs.Queued || e.RetryAttempt != 1 {
				w.t.Fatalf("thing %s: %+v, want the retry", name, e)
			}
			w.must(w.report(name, "j", jobs.InProgress))
		}
		w.advance(time.Minute)
		w.wantJob("j", jobs.JobCompleted, map[jobs.ExecutionStatus]int64{jobs.TimedOut: 1200})
		events, err := w.PendingEvents(w.t.Context(), 0, 10_000)
		w.must(err)
		told := map[string]int{}
		for _, e := range events {
			if e.Execution != nil && e.Execution.Status == jobs.TimedOut {
				told[fmt.Sprint(e.JobID, " on ", e.Execution.Thing)]++
			}
		}
		for _, name := range names {
			if j, k := told[fmt.Sprint("j on ", name)], told[fmt.Sprint("k on ", name)]; j != 2 || k != 1 {
				w.t.Fatalf("thing %s: %d and %d events of timers, want 2 and 1", name, j, k)
			}
		}
	})
}

// Enough timers abort a job; things that were to be tried again are not.
func TestTimersAbortAJob(t *testing.T) { // LIFE-5
	onTimers(t, func(w *world) {
		names := numbered(300)
		w.things(names...)
		w.running("j", jobs.Config{
			Abort:   []jobs.AbortCriterion{{FailureType: jobs.TimedOutFailure, MinNumberOfExecutedThings: 100, ThresholdBasisPoints: 5000}},
			Retries: []jobs.RetryCriterion{{FailureType: jobs.TimedOutFailure, NumberOfRetries: 1}},
		}, names...)
		w.advance(time.Minute)
		w.wantJob("j", jobs.JobCanceled, map[jobs.ExecutionStatus]int64{jobs.TimedOut: 300, jobs.Canceled: 300})
	})
}

// failing is a store of which one thing cannot be changed.
type failing struct {
	*pebble.Store

	thing registry.ThingName
}

func (f failing) UpdateThings(ctx context.Context, updates []store.ThingUpdate) error {
	for i, u := range updates {
		if u.Thing == f.thing {
			updates[i].Decide = func(store.ThingView) (store.ThingChange, error) {
				return store.ThingChange{}, errors.New("its row is damaged")
			}
		}
	}
	return f.Store.UpdateThings(ctx, updates)
}

// A timer that cannot fire keeps no other one from firing.
func TestATimerThatFailsStopsNoOther(t *testing.T) {
	w := newWorldOn(t, failing{embedded(t), "m0003"})
	names := numbered(10)
	w.things(names...)
	w.running("j", jobs.Config{}, names...)
	w.clock.Set(w.Now().Add(time.Hour))
	if _, err := w.FireTimers(t.Context()); err == nil {
		t.Error("a timer that failed was not told")
	}
	w.wantJob("j", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.InProgress: 1, jobs.TimedOut: 9})
}
