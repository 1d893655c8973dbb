// Package worker says when background steps run: on a wake-up, and at intervals in case a wake-up was lost. It decides nothing else.
package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"
)

// Service is what the worker runs.
type Service interface {
	// RunSteps does what is due for every marked job.
	RunSteps(context.Context) error
	// SweepJobs marks every job that may have something to do.
	SweepJobs(context.Context) error
	// FireTimers times out what is due and tells whether more is.
	FireTimers(context.Context) (more bool, err error)
}

// Intervals at which the worker looks without being woken.
const (
	stepInterval  = time.Second
	timerInterval = 500 * time.Millisecond
	sweepInterval = 10 * time.Second
)

// Worker runs background steps until its context ends.
type Worker struct {
	service Service
	log     *slog.Logger
	woken   chan struct{}
	also    []errand
	// failures counts steps that failed.
	failures *prometheus.CounterVec
}

// errand is something else that runs at an interval.
type errand struct {
	name     string
	interval time.Duration
	woken    chan struct{}
	step     func(context.Context) error
}

// New makes a worker.
func New(service Service, log *slog.Logger) *Worker {
	return &Worker{service: service, log: log, woken: make(chan struct{}, 1), failures: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "iotjobs_background_failures_total",
		Help: "Background steps that failed, by step. Each is tried again; one that goes on failing leaves rollouts, timers or deletions undone.",
	}, []string{"step"})}
}

// Failures is the metric of the worker.
func (w *Worker) Failures() prometheus.Collector { return w.failures }

// Wake shortens the wait for the next round of steps. It never blocks; wake-ups while a round runs count once.
func (w *Worker) Wake() { signal(w.woken) }

func signal(woken chan struct{}) {
	select {
	case woken <- struct{}{}:
	default:
	}
}

// Also lets Run do something else at an interval, and returns what shortens the wait for it, as Wake does. It is called before Run.
func (w *Worker) Also(name string, interval time.Duration, step func(context.Context) error) (wake func()) {
	woken := make(chan struct{}, 1)
	w.also = append(w.also, errand{name, interval, woken, step})
	return func() { signal(woken) }
}

// Run returns when ctx ends. An error of a step is logged, and the step tried again at the next interval: what is due stays due.
func (w *Worker) Run(ctx context.Context) error {
	var group errgroup.Group
	group.Go(func() error { w.loop(ctx, "run job steps", stepInterval, w.woken, w.service.RunSteps); return nil })
	group.Go(func() error { w.loop(ctx, "fire timers", timerInterval, nil, w.fireAll); return nil })
	group.Go(func() error { w.loop(ctx, "sweep jobs", sweepInterval, nil, w.service.SweepJobs); return nil })
	for _, e := range w.also {
		group.Go(func() error { w.loop(ctx, e.name, e.interval, e.woken, e.step); return nil })
	}
	return group.Wait()
}

func (w *Worker) fireAll(ctx context.Context) error {
	for {
		more, err := w.service.FireTimers(ctx)
		if err != nil || !more {
			return err
		}
	}
}

// loop runs the step at once, then whenever it is woken or the interval has passed.
func (w *Worker) loop(ctx context.Context, name string, interval time.Duration, woken <-chan struct{}, step func(context.Context) error) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	failures := w.failures.WithLabelValues(name)
	told := ""
	for {
		err := step(ctx)
		if err != nil && ctx.Err() == nil {
			failures.Inc()
		}
		switch {
		case err == nil:
			told = ""
		case errors.Is(err, context.Canceled) || err.Error() == told: // a store that has stopped says the same for ever
		default:
			told = err.Error()
			w.log.ErrorContext(ctx, "background step failed, it will be tried again", "step", name, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-woken:
		}
	}
}
