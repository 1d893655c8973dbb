package worker

import (
	"context"
	"time"
)

// Pacer leaves time to devices while background work runs: as long as they call, the work gets a quarter of the time, else all of it. Work that
// never waits halves the rate of the devices (docs/performance.md).
type Pacer struct {
	// Calls counts the calls of devices so far.
	Calls func() int64
	// Now is the real clock.
	Now func() time.Time
}

// rest is how much longer than the work its pause is; longestWork bounds what counts as work, so that a slow disk makes no pause for ever.
const (
	rest        = 3
	longestWork = 250 * time.Millisecond
)

// Pace does a piece of work and then waits, if devices have called meanwhile.
func (p *Pacer) Pace(ctx context.Context, work func() error) error {
	began, calls := p.Now(), p.Calls()
	if err := work(); err != nil || p.Calls() == calls {
		return err
	}
	timer := time.NewTimer(rest * min(p.Now().Sub(began), longestWork))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	return nil
}
