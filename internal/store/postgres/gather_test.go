package postgres

import (
	"fmt"
	"testing"
	"time"

	"iotjobs/internal/registry"
)

// fixture is a queue without writers, and whose waits nobody but the test ends.
type fixture struct {
	t *testing.T
	*queue
	named int
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	q := newQueue()
	q.timer.Stop()
	q.timer = time.AfterFunc(time.Hour, func() {})
	t.Cleanup(q.stop)
	return &fixture{t: t, queue: q}
}

// arrive brings so many commands for things of their own.
func (f *fixture) arrive(n int) {
	for range n {
		f.named++
		f.submit(&command{name: registry.ThingName(fmt.Sprint("thing-", f.named))})
	}
}

// group forms the next group, which must have so many commands.
func (f *fixture) group(want int) []*command {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	group := f.form()
	if len(group) != want {
		f.t.Fatalf("a group of %d began while %d waited, want one of %d", len(group), len(f.waiting), want)
	}
	return group
}

// usual is what a group takes that nobody delays.
const usual = time.Millisecond

func TestAGroupWaitsForThoseThatWereAnswered(t *testing.T) {
	f := newFixture(t)
	f.arrive(10)
	first := f.group(10)
	f.arrive(3)
	f.group(0) // it would be smaller than that in flight
	f.release(first, nil, false, usual)
	f.group(0)
	f.arrive(9)
	f.group(0)
	f.arrive(1)
	f.release(f.group(13), nil, false, usual)

	f.arrive(2) // and no more come back
	f.group(0)
	f.gathered()
	f.group(2)
}

func TestASecondGroupIsNotSmall(t *testing.T) {
	f := newFixture(t)
	f.arrive(1)
	f.group(1)
	f.arrive(fullGroup/2 - 1)
	f.group(0)
	f.arrive(1)
	f.group(fullGroup / 2)
	f.arrive(fullGroup / 2)
	f.group(0)
}

func TestAFullGroupWaitsForNobody(t *testing.T) {
	f := newFixture(t)
	f.arrive(maxGroup)
	first := f.group(maxGroup)
	f.release(first, nil, false, usual)
	f.arrive(fullGroup)
	f.group(fullGroup)
}

func TestNobodyWaitsBehindAGroupThatCommittedNothing(t *testing.T) {
	f := newFixture(t)
	f.arrive(10)
	f.release(f.group(10), nil, false, 0)
	f.arrive(1)
	f.group(1)
}

// TestPatience: commands wait for others eight times as long as a group was delayed, and in any case a part of what it took.
func TestPatience(t *testing.T) {
	g := &gathering{}
	for _, turn := range []struct{ took, want time.Duration }{
		{4 * usual, usual},
		{usual, usual / 4},
		{2 * usual, 8 * usual},
		{time.Minute, longestPatience},
	} {
		if got := g.patience(10, turn.took).Round(usual / 16); got != turn.want {
			t.Errorf("behind a group that took %s commands wait for %s, want %s", turn.took, got, turn.want)
		}
	}
	// A larger group takes longer, which is no delay.
	if got := g.patience(40, 4*usual); got != usual {
		t.Errorf("behind a larger group commands wait for %s, want %s", got, usual)
	}
	// The database is slower now, for good.
	for range 2000 {
		g.patience(10, 6*usual)
	}
	if got := g.patience(10, 6*usual); got > 2*usual {
		t.Errorf("commands wait for %s although no group is faster than the last one", got)
	}
}
