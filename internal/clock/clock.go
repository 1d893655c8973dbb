// Package clock gives the service its Now: the real time, which never runs backwards, or a virtual time that moves only when told.
// Signatures, certificates and leases do not use it; they always follow the real clock.
package clock

import (
	"sync"
	"time"
)

// Resolution is the grain of every stored time.
const Resolution = time.Millisecond

// Clock tells the service's time. Its methods may be called concurrently.
type Clock struct {
	mu      sync.Mutex
	latest  time.Time
	advance func() time.Time // nil: virtual
}

// Real follows source, but is never earlier than any time it has told, nor than floor: the high-water mark of earlier runs, so that a
// clock that was set back does not reorder what has happened.
func Real(source func() time.Time, floor time.Time) *Clock {
	return &Clock{latest: floor.UTC().Add(Resolution - 1).Truncate(Resolution), advance: source}
}

// Virtual stands still at start, cut to whole milliseconds, until Set.
func Virtual(start time.Time) *Clock { return &Clock{latest: start.UTC().Truncate(Resolution)} }

// Virtual tells whether the time moves only by Set.
func (c *Clock) Virtual() bool { return c.advance == nil }

// Now is the current time in UTC, in whole milliseconds.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.advance != nil {
		c.raise(c.advance())
	}
	return c.latest
}

// Set moves a virtual clock forward; an earlier time is ignored.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raise(t)
}

func (c *Clock) raise(t time.Time) {
	if t = t.UTC().Truncate(Resolution); t.After(c.latest) {
		c.latest = t
	}
}
