// Package sink tells stored events to others: to a webhook, as CloudEvents over HTTP. It decides nothing about jobs, and nobody waits for it: an
// event is stored with the change that causes it, and stays until the receiver has acknowledged it.
package sink

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/wire"
)

// Service is what a sink needs of package service.
type Service interface {
	// PendingEvents lists the events that wait, those after a number, in order.
	PendingEvents(ctx context.Context, after uint64, limit int) ([]jobs.Event, error)
	// ForgetEvents removes the events up to and including a number.
	ForgetEvents(ctx context.Context, until uint64) error
	// TrimEvents removes the oldest events until at most keep wait.
	TrimEvents(ctx context.Context, keep uint64) (waiting, dropped uint64, err error)
}

// Webhook posts every event to one URL, at least once (LIFE-12.8): of one thing in the order in which they happened, and an event of a job after
// everything that happened before it and before everything that happened later. Set the fields, then Run it once.
type Webhook struct {
	Service Service
	URL     string
	Secret  []byte // of the signature; see ParseSecret
	Realm   wire.Realm
	// Keep is how many events wait at most. The oldest of more are dropped, soon, not at once.
	Keep uint64
	// Client posts; see NewClient.
	Client *http.Client
	// Now is the real clock: receivers refuse old signatures.
	Now func() time.Time
	// Jitter is a random number from 0 to less than 1, which spreads tries again.
	Jitter  func() float64
	Metrics *Metrics
	Log     *slog.Logger

	// told is the number up to which everything was delivered, forgotten that up to which it was removed from the store.
	told, forgotten uint64
}

const (
	// window is how many events are read at once, and so how many may be told again after a crash.
	window = 512
	// lanes is how many posts are under way at once; the events of one thing share one.
	lanes = 16
	// lookInterval is how often the sink looks for new events, and so how late one is at most while the receiver keeps up.
	lookInterval = 250 * time.Millisecond
	trimInterval = 5 * time.Second
)

// Run delivers until ctx ends.
func (w *Webhook) Run(ctx context.Context) error {
	var trimming sync.WaitGroup
	trimming.Go(func() { w.trim(ctx) })
	for ctx.Err() == nil {
		events, err := w.Service.PendingEvents(ctx, w.told, window)
		if err != nil && ctx.Err() == nil {
			w.Log.ErrorContext(ctx, "events cannot be read, it will be tried again", "error", err)
		}
		w.deliver(ctx, events)
		w.forget(ctx)
		if len(events) < window {
			wait(ctx, lookInterval)
		}
	}
	trimming.Wait()
	return nil
}

// deliver returns when all events are delivered, or ctx has ended.
func (w *Webhook) deliver(ctx context.Context, events []jobs.Event) {
	if len(events) == 0 {
		return
	}
	last := events[len(events)-1].Number
	for failures := 1; ctx.Err() == nil; failures++ {
		left, err := w.pass(ctx, events)
		if len(left) == 0 {
			w.told = last
			return
		}
		if w.told = left[0].Number - 1; len(left) < len(events) {
			failures = 1
		}
		w.forget(ctx)
		if ctx.Err() == nil {
			pause := w.backoff(failures)
			w.Log.WarnContext(ctx, "the webhook does not take events, it will be tried again", "error", err, "jobId", left[0].JobID, "pause", pause)
			wait(ctx, pause)
		}
		events = left
	}
}

// forget removes what was told. What fails is tried again later; until then it may be told again after a new start.
func (w *Webhook) forget(ctx context.Context) {
	if w.told == w.forgotten || ctx.Err() != nil {
		return
	}
	if err := w.Service.ForgetEvents(ctx, w.told); err != nil {
		w.Log.ErrorContext(ctx, "delivered events cannot be removed, it will be tried again", "error", err)
		return
	}
	w.forgotten = w.told
}

// trim keeps what waits within its bound, however long the receiver is away.
func (w *Webhook) trim(ctx context.Context) {
	for ctx.Err() == nil {
		waiting, dropped, err := w.Service.TrimEvents(ctx, w.Keep)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			w.Log.ErrorContext(ctx, "events cannot be counted, it will be tried again", "error", err)
		default:
			w.Metrics.pending.Set(float64(waiting))
		}
		if dropped > 0 {
			w.Metrics.dropped.Add(float64(dropped))
			w.Log.ErrorContext(ctx, "the oldest events were dropped: too many wait for the webhook", "dropped", dropped, "kept", waiting)
		}
		wait(ctx, trimInterval)
	}
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// Bounds of the pause after failures.
const (
	firstPause   = time.Second
	longestPause = time.Minute
)

// backoff is the pause after so many failures in a row: twice as long each time, between half of it and the whole.
func (w *Webhook) backoff(failures int) time.Duration {
	pause := longestPause
	if doublings := failures - 1; doublings < 6 {
		pause = min(pause, firstPause<<doublings)
	}
	return pause/2 + time.Duration(w.Jitter()*float64(pause/2))
}
