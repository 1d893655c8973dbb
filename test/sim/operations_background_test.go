package sim

import (
	"context"
	"errors"
	"time"
)

// advance lets time pass. With the virtual clock of the service everything due happens on the way, and is compared at each instant.
func (d *dealer) advance() operation {
	by := time.Duration(d.r.IntN(30)) * time.Second
	switch d.r.IntN(4) {
	case 0:
		by = time.Minute
	case 1:
		by = time.Duration(1+d.r.IntN(10)) * time.Minute
	case 2:
		if d.once(4) {
			by = time.Duration(1+d.r.IntN(3)) * time.Hour
		}
	}
	return operation{
		text: "advance the clock by " + by.String(), sturdy: true, moves: true,
		call: func(ctx context.Context, w *world) (string, error) { return "", w.advance(ctx, by) },
	}
}

// wait lets the minute of a rollout pass.
func (d *dealer) wait() operation {
	return operation{
		text: "wait for a minute", sturdy: true, moves: true,
		call: func(ctx context.Context, w *world) (string, error) { return "", w.advance(ctx, time.Minute) },
	}
}

func (d *dealer) runSteps() operation {
	return operation{
		text: "RunSteps",
		call: func(ctx context.Context, w *world) (string, error) { return "", w.service.RunSteps(ctx) },
	}
}

func (d *dealer) fireTimers() operation {
	return operation{
		text: "FireTimers",
		call: func(ctx context.Context, w *world) (string, error) {
			_, err := w.service.FireTimers(ctx)
			return "", err
		},
	}
}

func (d *dealer) sweep() operation {
	return operation{
		text: "SweepJobs",
		call: func(ctx context.Context, w *world) (string, error) { return "", w.service.SweepJobs(ctx) },
	}
}

// catchUp does everything that is due; then nothing may be overdue. No sweep helps: that repairs only what was lost.
func (d *dealer) catchUp() operation {
	return operation{
		text: "catch up", sturdy: true,
		call:       func(ctx context.Context, w *world) (string, error) { return "", w.catchUp(ctx) },
		afterwards: (*model).overdue,
	}
}

func (w *world) catchUp(ctx context.Context) error {
	for {
		more, err := w.service.FireTimers(ctx)
		if err = errors.Join(err, w.service.RunSteps(ctx)); err != nil || !more {
			return err
		}
	}
}

func (d *dealer) reopen() operation {
	return operation{
		text: "close and open again", sturdy: true,
		call: func(_ context.Context, w *world) (string, error) { return "", errors.Join(w.store.Close(), w.open()) },
	}
}

func (d *dealer) crash() operation {
	return operation{
		text: "crash", sturdy: true,
		call: func(_ context.Context, w *world) (string, error) {
			return "", errors.Join(w.site.crash(w.store, d.r), w.open())
		},
	}
}
