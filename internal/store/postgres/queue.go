package postgres

import (
	"runtime"
	"sync"

	"iotjobs/internal/registry"
)

// queue holds the commands that wait. Those of one thing are served in the order of their arrival (a thing is in one group at a time), all others in
// whatever group comes first.
type queue struct {
	mu      sync.Mutex
	work    *sync.Cond // signalled when there may be something to do
	waiting []*command
	// blocked are commands whose thing somebody else has locked: an update, or another node.
	blocked []*command
	// busy are the things that are in a group, or blocked.
	busy map[registry.ThingName]struct{}
	// inFlight is how many commands are in groups, without those that are blocked.
	inFlight int
	stopping bool
}

// maxGroup bounds the wait of the first command of a group.
const maxGroup = 128

func newQueue() *queue {
	q := &queue{busy: map[registry.ThingName]struct{}{}}
	q.work = sync.NewCond(&q.mu)
	return q
}

func (q *queue) submit(cmd *command) {
	q.mu.Lock()
	q.waiting = append(q.waiting, cmd)
	q.work.Broadcast()
	q.mu.Unlock()
}

// stop ends the writers; nothing waits any more.
func (q *queue) stop() {
	q.mu.Lock()
	q.stopping = true
	q.work.Broadcast()
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

// gather lets those that were just answered come back, so that the next group is not the first one of them alone.
func (q *queue) gather(answered int) {
	for range gatherings {
		q.mu.Lock()
		enough := len(q.waiting) >= answered
		q.mu.Unlock()
		if enough {
			return
		}
		runtime.Gosched()
	}
}

// gatherings is how often a writer lets others run before it takes what there is.
const gatherings = 10

// form needs q.mu. While a group is in flight, another one begins only when it would not be smaller: the work of a group is shared by its commands, and
// so is its sync, and those that have just been answered are about to come back.
func (q *queue) form() []*command {
	if len(q.waiting) < q.inFlight {
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
	return group
}

// takeBlocked waits for commands that are blocked; nil at the end. Their things are busy already. All commands of a thing are taken together, so that
// they keep their order.
func (q *queue) takeBlocked() []*command {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.blocked) == 0 && !q.stopping {
		q.work.Wait()
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

// release makes the things of a group free, but those of commands that are handed over as blocked.
func (q *queue) release(group, blocked []*command, wereBlocked bool) {
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
	q.blocked = append(q.blocked, blocked...)
	q.work.Broadcast()
}
