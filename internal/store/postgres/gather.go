package postgres

import (
	"math/bits"
	"time"
)

// fullGroup is how many commands share the fixed cost of a group well enough: on the node and in the database together it is about that of seven more.
const fullGroup = 32

// crowd is how many times as long as the fastest of their size groups take where the processors or the database have many others to serve: more than with
// 64 callers and a machine for one node, less than with as many for three nodes that share two processors.
const crowd = 2.25

// longestPatience bounds how long commands wait for others, whatever has delayed a group.
const longestPatience = 20 * time.Millisecond

// gathering is the wait for those that the last group has answered. Mostly they come back, one after the other; the first one would begin a group of its
// own, and the others would have to wait for that. The wait is four times as long as the last group took more than the fastest ones of its size do, and
// not less than a quarter of what it took. So there is next to none while nothing delays a group; and where the processors or the database are busy with others,
// those that come back are late too, and larger groups are what makes all of them less so. One group that was lucky does not tell that they are busy no
// more, so the one before it counts too. The wait ends when all of them are back, or enough. A fixed wait was tried: what is long enough on a busy machine
// is too long on an idle one. So was the average delay: a single long sync made many groups wait. The fields need the mutex of the queue.
type gathering struct {
	expected int         // how many commands are worth the wait; 0 when it is over
	timer    *time.Timer // ends the wait
	// fastest is what a group takes that nobody delays, by the length of its size in bits. With one for all, a large group would count as delayed, and be
	// followed by a larger one: where devices come at random and not back, most of what a change took was the wait.
	fastest [16]time.Duration
	// slowness is how many times as long as the fastest of their size the last groups took, on average.
	slowness float64
	delay    time.Duration // of the last group
}

// now is for measuring what a group takes. No rule and nothing that is stored depends on it.
func now() time.Time { return time.Now() } //nolint:forbidigo // see above

// learn learns from a group of some size that took so long, and tells how long to wait behind it. The fastest one is forgotten slowly, since the database
// may become another one.
func (g *gathering) learn(size int, took time.Duration) (patience time.Duration) {
	fastest := &g.fastest[min(bits.Len(uint(size)), len(g.fastest)-1)]
	if *fastest == 0 || took < *fastest {
		*fastest = took
	}
	before := g.delay
	g.delay = took - *fastest
	const stall = 8 // however long one sync took
	g.slowness += (min(float64(took)/float64(*fastest), stall) - g.slowness) / 8
	*fastest += *fastest / 256
	return min(max(4*max(g.delay, min(before, *fastest)), took/4), longestPatience)
}

// full is how many commands are enough for a group. In a crowd others use the time that a node waits, so that only the cost of groups counts.
func (g *gathering) full() int {
	if g.slowness > crowd {
		return maxGroup
	}
	return fullGroup
}

// second is how many commands are enough for a group beside the one in flight, which runs while that one waits for its sync.
func (g *gathering) second() int { return g.full() / 2 }

// begin begins the wait for the commands that are expected.
func (g *gathering) begin(patience time.Duration, expected int) {
	g.expected = min(expected, g.full())
	g.timer.Reset(patience)
}

// end ends the wait.
func (g *gathering) end() {
	g.expected = 0
	g.timer.Stop()
}
