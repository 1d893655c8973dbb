package worker_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"iotjobs/internal/bubble"
	"iotjobs/internal/worker"
)

// counting counts what the worker runs.
type counting struct {
	steps, sweeps, timers atomic.Int32
	fail                  atomic.Bool
	moreTimers            atomic.Int32
}

func (c *counting) RunSteps(context.Context) error {
	c.steps.Add(1)
	if c.fail.Load() {
		return errors.New("the store is slow today")
	}
	return nil
}
func (c *counting) SweepJobs(context.Context) error { c.sweeps.Add(1); return nil }
func (c *counting) FireTimers(context.Context) (bool, error) {
	c.timers.Add(1)
	return c.moreTimers.Add(-1) >= 0, nil
}

func running(t *testing.T, test func(*counting, *worker.Worker)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := &counting{}
		w := worker.New(c, slog.New(slog.NewTextHandler(t.Output(), nil)))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		synctest.Wait()
		test(c, w)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the worker ended with %v", err)
		}
	})
}

func TestEverythingRunsAtTheStartAndAtIntervals(t *testing.T) {
	running(t, func(c *counting, _ *worker.Worker) {
		if c.steps.Load() != 1 || c.sweeps.Load() != 1 || c.timers.Load() != 1 {
			t.Errorf("at the start: %d steps, %d sweeps, %d timers; want 1 each", c.steps.Load(), c.sweeps.Load(), c.timers.Load())
		}
		bubble.Advance(time.Minute)
		if c.steps.Load() != 61 || c.sweeps.Load() != 7 || c.timers.Load() != 121 {
			t.Errorf("after a minute: %d steps, %d sweeps, %d timers; want 61, 7, 121", c.steps.Load(), c.sweeps.Load(), c.timers.Load())
		}
	})
}

func TestAWakeUpShortensTheWait(t *testing.T) {
	running(t, func(c *counting, w *worker.Worker) {
		w.Wake()
		synctest.Wait()
		if got := c.steps.Load(); got != 2 {
			t.Errorf("%d steps after a wake-up without any time, want 2", got)
		}
	})
}

func TestAFailedStepIsTriedAgain(t *testing.T) {
	running(t, func(c *counting, _ *worker.Worker) {
		c.fail.Store(true)
		bubble.Advance(10 * time.Second)
		if got := c.steps.Load(); got != 11 {
			t.Errorf("%d steps while they fail, want 11", got)
		}
	})
}

func TestABacklogOfTimersIsWorkedOffWithoutWaiting(t *testing.T) {
	running(t, func(c *counting, _ *worker.Worker) {
		before := c.timers.Load()
		c.moreTimers.Store(5)
		bubble.Advance(500 * time.Millisecond)
		if got := c.timers.Load() - before; got != 6 {
			t.Errorf("%d rounds of timers in one interval, want 6", got)
		}
	})
}

func TestAnErrandRunsBeside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ran atomic.Int32
		w := worker.New(&counting{}, slog.New(slog.NewTextHandler(t.Output(), nil)))
		wake := w.Also("look", 250*time.Millisecond, func(context.Context) error { ran.Add(1); return nil })
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		bubble.Advance(time.Second)
		if got := ran.Load(); got != 5 {
			t.Errorf("ran %d times at the start and in a second, want 5", got)
		}
		wake()
		synctest.Wait()
		if got := ran.Load(); got != 6 {
			t.Errorf("ran %d times after a wake-up, want 6", got)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
