package clock_test

import (
	"testing"
	"time"

	"iotjobs/internal/clock"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.UTC)

func TestRealNeverRunsBackwards(t *testing.T) {
	source := start
	c := clock.Real(func() time.Time { return source }, time.Time{})
	first := c.Now()
	if want := start.Truncate(time.Millisecond); !first.Equal(want) {
		t.Errorf("now %v, want whole milliseconds %v", first, want)
	}
	source = start.Add(-time.Hour)
	if got := c.Now(); !got.Equal(first) {
		t.Errorf("after the source was set back: %v, want %v", got, first)
	}
	source = start.Add(time.Second)
	if got := c.Now(); !got.After(first) {
		t.Errorf("the clock stands still at %v", got)
	}
}

func TestRealStartsAtItsFloor(t *testing.T) {
	floor := start.Add(time.Hour)
	c := clock.Real(func() time.Time { return start }, floor)
	if got := c.Now(); got.Before(floor) {
		t.Errorf("now %v is before the stored high-water mark %v", got, floor)
	}
}

func TestVirtualMovesOnlyForward(t *testing.T) {
	c := clock.Virtual(start)
	if !c.Virtual() || !c.Now().Equal(start.Truncate(time.Millisecond)) { // a finer time would be one that no Set can reach
		t.Fatalf("virtual=%v now=%v", c.Virtual(), c.Now())
	}
	c.Set(start.Add(time.Minute))
	c.Set(start)
	if got, want := c.Now(), start.Add(time.Minute).Truncate(time.Millisecond); !got.Equal(want) {
		t.Errorf("now %v, want %v", got, want)
	}
}
