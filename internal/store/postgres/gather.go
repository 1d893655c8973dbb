package postgres

import (
	"math/bits"
	"time"
)

// fullGroup is how many commands share the fixed cost of a group well enough: on the node and in the database together it is about that of seven more.
const fullGroup = 32

// longestPatience bounds how long commands wait for others, whatever has delayed a group.
const longestPatience = 20 * time.Millisecond

// gathering is the wait for those that the last group has answered. Mostly they come back, one after the other; the first one would begin a group of its
// own, and the others would have to wait for that. The wait is eight times as long as the last group took more than the fastest ones of its size do, and
// not less than a quarter of what it took. So there is next to none while nothing delays a group; and where the processors or the database are busy with others,
// those that come back are late too, and larger groups are what makes all of them less so. It ends when all of them are back. The simple way, a fixed
// wait, was tried: what is long enough on a busy machine is too long on an idle one. The fields need the mutex of the queue.
type gathering struct {
	expected int         // how many commands are worth the wait; 0 when it is over
	timer    *time.Timer // ends the wait
	// fastest is what a group takes that nobody delays, by the length of its size in bits. With one for all, a large group would count as delayed, and be
	// followed by a larger one: where devices come at random and not back, most of what a change took was the wait.
	fastest [16]time.Duration
}

// now is for measuring what a group takes. No rule and nothing that is stored depends on it.
func now() time.Time { return time.Now() } //nolint:forbidigo // see above

// begin begins the wait behind a group of some size that took so long, for as many commands as are expected.
func (g *gathering) begin(size int, took time.Duration, expected int) {
	g.expected = min(expected, fullGroup)
	g.timer.Reset(g.patience(size, took))
}

// patience learns from what a group took. The fastest one is forgotten slowly, since the database may become another one.
func (g *gathering) patience(size int, took time.Duration) time.Duration {
	fastest := &g.fastest[min(bits.Len(uint(size)), len(g.fastest)-1)]
	if *fastest == 0 || took < *fastest {
		*fastest = took
	}
	delay := took - *fastest
	*fastest += *fastest / 256
	return min(max(8*delay, took/4), longestPatience)
}

// end ends the wait.
func (g *gathering) end() {
	g.expected = 0
	g.timer.Stop()
}
