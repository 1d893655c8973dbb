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
	f.release(first, nil, nil, false, usual)
	f.group(0)
	f.arrive(9)
	f.group(0)
	f.arrive(1)
	f.release(f.group(13), nil, nil, false, usual)

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
	f.release(first, nil, nil, false, usual)
	f.arrive(fullGroup)
	f.group(fullGroup)
}

func TestNobodyWaitsBehindAGroupThatCommittedNothing(t *testing.T) {
	f := newFixture(t)
	f.arrive(10)
	f.release(f.group(10), nil, nil, false, 0)
	f.arrive(1)
	f.group(1)
}

func TestGroupsAreLargerInACrowd(t *testing.T) {
	f := newFixture(t)
	f.arrive(maxGroup)
	f.release(f.group(maxGroup), nil, nil, false, usual)
	for range 16 {
		f.learn(maxGroup, 4*usual)
	}
	f.arrive(fullGroup)
	f.gathered()
	first := f.group(fullGroup)
	f.arrive(maxGroup/2 - 1)
	f.group(0) // would have been a second group
	f.release(first, nil, nil, false, 4*usual)
	f.arrive(fullGroup - 1)
	f.group(0) // one of those that were answered is missing
	f.arrive(1)
	f.group(maxGroup/2 - 1 + fullGroup)
}

func TestACommandToBeTriedAgainIsTheFirst(t *testing.T) {
	f := newFixture(t)
	f.arrive(3)
	group := f.group(3)
	f.arrive(1)
	f.release(group, group[1:2], nil, false, 0)
	if next := f.group(2); next[0] != group[1] {
		t.Errorf("%s is before %s", next[0].name, group[1].name)
	}
}

// TestPatience: commands wait for others four times as long as a group or the one before it was delayed, and in any case a part of what it took.
func TestPatience(t *testing.T) {
	g := &gathering{}
	for _, turn := range []struct{ took, want time.Duration }{
		{4 * usual, usual},
		{usual, usual / 4},
		{2 * usual, 4 * usual},
		{usual, 4 * usual},
		{usual, usual / 4},
		{time.Minute, longestPatience},
		{usual, 4 * usual},
		{usual, usual / 4},
	} {
		if got := g.learn(10, turn.took).Round(usual / 16); got != turn.want {
			t.Errorf("behind a group that took %s commands wait for %s, want %s", turn.took, got, turn.want)
		}
	}
	// A larger group takes longer, which is no delay.
	if got := g.learn(40, 4*usual); got != usual {
		t.Errorf("behind a larger group commands wait for %s, want %s", got, usual)
	}
	// The database is slower now, for good.
	for range 2000 {
		g.learn(10, 6*usual)
	}
	if got := g.learn(10, 6*usual); got > 2*usual {
		t.Errorf("commands wait for %s although no group is faster than the last one", got)
	}
}
