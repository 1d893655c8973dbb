package postgres

import (
	"slices"
	"sync"
	"time"

	"iotjobs/internal/registry"
)

// queue holds the commands that wait. Those of one thing are served in the order of their arrival (a thing is in one group at a time), all others in
// whatever group comes first.
type queue struct {
	mu      sync.Mutex
	work    *sync.Cond // signalled when there may be a group to form
	locked  *sync.Cond // the same for those that are blocked
	waiting []*command
	// blocked are commands whose thing somebody else has locked: an update, or another node.
	blocked []*command
	// busy are the things that are in a group, or blocked.
	busy map[registry.ThingName]struct{}
	// inFlight is how many commands are in groups, without those that are blocked.
	inFlight int
	stopping bool
	gathering
}

// maxGroup bounds the wait of the first command of a group.
const maxGroup = 128

func newQueue() *queue {
	q := &queue{busy: map[registry.ThingName]struct{}{}}
	q.work, q.locked = sync.NewCond(&q.mu), sync.NewCond(&q.mu)
	q.timer = time.AfterFunc(longestPatience, q.gathered)
	return q
}

func (q *queue) submit(cmd *command) {
	q.mu.Lock()
	q.waiting = append(q.waiting, cmd)
	q.wake()
	q.mu.Unlock()
}

// stop ends the writers; nothing waits any more.
func (q *queue) stop() {
	q.mu.Lock()
	q.stopping = true
	q.timer.Stop()
	q.work.Broadcast()
	q.locked.Broadcast()
	q.mu.Unlock()
}

// take waits for commands whose things are free, and makes their things busy; nil at the end.
func (q *queue) take() []*command {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		if group := q.form(); len(group) > 0 {
			return group
		}
		if q.stopping {
			return nil
		}
		q.work.Wait()
	}
}

// gathered ends the wait for further commands.
func (q *queue) gathered() {
	q.mu.Lock()
	q.expected = 0
	q.wake()
	q.mu.Unlock()
}

// wake needs q.mu.
func (q *queue) wake() {
	if q.enough() {
		q.work.Signal()
	}
}

// enough tells whether a group may begin; it needs q.mu. While one is in flight, another one begins only when it would not be smaller, and large enough:
// the work of a group is shared by its commands, and so is its sync.
func (q *queue) enough() bool {
	if q.inFlight > 0 {
		return len(q.waiting) >= max(q.inFlight, q.second())
	}
	return len(q.waiting) > 0 && len(q.waiting) >= q.expected
}

// form needs q.mu.
func (q *queue) form() []*command {
	if !q.enough() {
		return nil
	}
	var group []*command
	mine := map[registry.ThingName]struct{}{}
	rest := q.waiting[:0]
	for _, cmd := range q.waiting {
		_, inGroup := mine[cmd.name]
		_, busy := q.busy[cmd.name]
		if len(group) == maxGroup || busy && !inGroup {
			rest = append(rest, cmd)
			continue
		}
		q.busy[cmd.name], mine[cmd.name] = struct{}{}, struct{}{}
		group = append(group, cmd)
	}
	clear(q.waiting[len(rest):])
	q.waiting = rest
	q.inFlight += len(group)
	q.end()
	return group
}

// takeBlocked waits for commands that are blocked; nil at the end. Their things are busy already. All commands of a thing are taken together, so that
// they keep their order.
func (q *queue) takeBlocked() []*command {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.blocked) == 0 && !q.stopping {
		q.locked.Wait()
	}
	var group []*command
	mine := map[registry.ThingName]struct{}{}
	rest := q.blocked[:0]
	for _, cmd := range q.blocked {
		if _, inGroup := mine[cmd.name]; len(group) >= maxGroup && !inGroup {
			rest = append(rest, cmd)
			continue
		}
		mine[cmd.name] = struct{}{}
		group = append(group, cmd)
	}
	clear(q.blocked[len(rest):])
	q.blocked = rest
	return group
}

// release makes the things of a group free, but those of commands that are handed over as blocked. Commands to be tried again are the first ones of the
// next group. took is how long the group took until it was committed; 0 if it was not.
func (q *queue) release(group, again, blocked []*command, wereBlocked bool, took time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !wereBlocked {
		q.inFlight -= len(group)
	}
	for _, cmd := range group {
		delete(q.busy, cmd.name)
	}
	for _, cmd := range blocked {
		q.busy[cmd.name] = struct{}{}
	}
	q.waiting = slices.Insert(q.waiting, 0, again...)
	q.blocked = append(q.blocked, blocked...)
	if len(q.blocked) > 0 {
		q.locked.Signal()
	}
	if took > 0 && !wereBlocked {
		patience := q.learn(len(group), took)
		if q.inFlight == 0 {
			q.begin(patience, len(q.waiting)+len(group)-len(again)-len(blocked))
		}
	}
	q.wake()
}
