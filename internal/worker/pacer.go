package worker

import (
	"context"
	"runtime"
	"time"
)

// Pacer leaves time to devices while background work runs: as long as they call, the work gets a part of the time, else all of it. Work that
// never waits halves the rate of the devices (docs/performance.md).
type Pacer struct {
	// Calls counts the calls of devices so far.
	Calls func() int64
	// Now is the real clock.
	Now func() time.Time
	// Processor is what the calling thread has computed so far (ThreadTime); Processors is how many threads compute at a time.
	Processor  func() time.Duration
	Processors int
}

// rest is how much longer than the work its pause is; longestWork bounds what counts as work, so that a slow disk makes no pause for ever.
const (
	rest        = 5
	longestWork = 250 * time.Millisecond
)

// share is the part of all processors that steps get while devices call. whole is what a step costs, in what its own goroutine computes: the commit, the
// flush, the garbage collector and above all the compactions of what it wrote compute much more than the step, and later (profiles beside devices show
// five times as much for the compactions alone).
const (
	share = 0.125
	whole = 8
)

// Pace does a piece of work, of which other goroutines may do parts, and then waits, if devices have called meanwhile: five times as long as the work
// took.
func (p *Pacer) Pace(ctx context.Context, work func() error) error {
	began, calls := p.Now(), p.Calls()
	if err := work(); err != nil || p.Calls() == calls {
		return err
	}
	return wait(ctx, rest*min(p.Now().Sub(began), longestWork))
}

// PaceStep does a piece of work that the calling goroutine computes, and then waits, if devices have called meanwhile: so long that it costs no more
// than its share of the processors. What a step takes by the clock says little about its cost: beside devices it waits for a processor, and for a commit
// that it shares with them.
func (p *Pacer) PaceStep(ctx context.Context, work func() error) error {
	began, calls := p.Now(), p.Calls()
	computed, err := p.compute(work)
	if err != nil || p.Calls() == calls {
		return err
	}
	turn := time.Duration(whole / (share * float64(p.Processors)) * float64(min(computed, longestWork)))
	return wait(ctx, turn-p.Now().Sub(began))
}

// compute does work and tells what this thread has computed for it. The goroutine stays on its thread meanwhile.
func (p *Pacer) compute(work func() error) (time.Duration, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := p.Processor()
	err := work()
	return p.Processor() - before, err
}

func wait(ctx context.Context, pause time.Duration) error {
	if pause <= 0 {
		return nil
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	return nil
}
