package bubble_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"iotjobs/internal/bubble"
)

func TestAdvanceMovesTheFakeClock(t *testing.T) {
	realStart := time.Now()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		bubble.Advance(24 * time.Hour)
		bubble.Advance(0)
		if got, want := time.Since(start), 24*time.Hour; got != want {
			t.Errorf("the fake clock moved by %v, want %v", got, want)
		}
	})
	if took := time.Since(realStart); took > time.Minute {
		t.Errorf("a day on the fake clock took %v", took)
	}
}

func TestAdvanceReturnsWhenTheWorkIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// A tick travels through two goroutines before it is counted.
		ticks := make(chan time.Time)
		var counted atomic.Int64
		go func() {
			ticker := time.NewTicker(time.Minute)
			defer ticker.Stop()
			defer close(ticks)
			for range 3 {
				ticks <- <-ticker.C
			}
		}()
		go func() {
			for range ticks {
				counted.Add(1)
			}
		}()

		for i, advance := range []struct {
			by   time.Duration
			want int64
		}{{2 * time.Minute, 2}, {time.Minute - 1, 2}, {1, 3}} {
			bubble.Advance(advance.by)
			if got := counted.Load(); got != advance.want {
				t.Errorf("after advance %d: %d ticks counted, want %d", i, got, advance.want)
			}
		}
	})
}

func TestAdvancePanicsOutsideABubble(t *testing.T) {
	start := time.Now()
	mustPanic(t, func() { bubble.Advance(time.Hour) })
	if took := time.Since(start); took > time.Minute {
		t.Errorf("Advance slept for real: %v", took)
	}
}

func TestAdvancePanicsOnNegativeDuration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mustPanic(t, func() { bubble.Advance(-time.Nanosecond) })
	})
}

func mustPanic(t *testing.T, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	f()
}
