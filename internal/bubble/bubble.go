// Package bubble moves the fake clock of a testing/synctest bubble.
// It is for tests only and never sleeps for real: outside a bubble it panics.
package bubble

import (
	"testing/synctest"
	"time"
)

// Advance moves the fake clock of the current bubble by d and returns when every other goroutine of the bubble waits again.
// Timers and tickers fire on the way, each at its own instant. With d zero it only waits.
// It panics outside a bubble and when d is negative. One goroutine of a bubble at a time may call it.
func Advance(d time.Duration) {
	synctest.Wait() // First, because it panics outside a bubble, where the Sleep below would be a real one.
	if d < 0 {
		panic("bubble: the clock does not run backwards: " + d.String())
	}
	time.Sleep(d)
	synctest.Wait()
}
