package pebble

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cockroachdb/pebble/v2"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// bulk is one UpdateThings on its way. It holds its things as an update does (invariant 5), so its caller's goroutine reads them, runs the functions and
// makes the rows, in the order of the keys and beside the committer and other bulks. The committer has only to add the rows to its next group.
//
// A bulk does not hold the jobs that it reads, which an update may write meanwhile. So it remembers their rows, and the committer compares: if one
// is not what it was, the commands of the bulk run again in the group, where nothing changes beside them.
type bulk struct {
	commands []*command
	reader   *bulkReader
	released chan struct{} // closed when the bulk holds its things no more
	done     chan struct{} // gets one element when the commands are answered

	batch     *pebble.Batch
	deltas    map[jobs.JobNumber]jobs.Counters
	marks     map[jobs.JobNumber]struct{}
	events    [][]byte // encoded
	lowestDue string
}

var _ store.Batching = (*Store)(nil)

// UpdateThings changes many things with one commit. Things that somebody else holds are changed one by one when they are free, in whatever groups.
func (s *Store) UpdateThings(ctx context.Context, updates []store.ThingUpdate) error {
	if len(updates) > store.MaxThingsPerUpdate {
		return fmt.Errorf("change %d things together, at most %d can be", len(updates), store.MaxThingsPerUpdate)
	}
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.gate.leave()
	commands := make([]*command, len(updates))
	for i, u := range updates {
		commands[i] = &command{name: u.Thing, addrs: u.Addresses, fn: u.Decide, done: make(chan struct{}, 1)}
	}
	b, others := s.committer.claim(commands)
	failed := []error{s.committer.change(ctx, b)}
	for _, cmd := range others {
		failed = append(failed, s.await(ctx, cmd))
	}
	return errors.Join(failed...)
}

// claim makes a bulk of the commands whose things are free. The others are submitted: they wait for their things as any command does.
func (c *committer) claim(commands []*command) (b *bulk, others []*command) {
	b = &bulk{
		reader: newBulkReader(c.db), released: make(chan struct{}), done: make(chan struct{}, 1),
		deltas: map[jobs.JobNumber]jobs.Counters{}, marks: map[jobs.JobNumber]struct{}{},
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, cmd := range commands {
		if _, locked := c.locked[cmd.name]; locked || c.held[cmd.name] != nil { // also by this bulk, when the thing comes twice
			others = append(others, cmd)
			continue
		}
		c.held[cmd.name] = b
		b.commands = append(b.commands, cmd)
	}
	c.waiting = append(c.waiting, others...)
	return b, others
}

// change brings a bulk to its end.
func (c *committer) change(ctx context.Context, b *bulk) error {
	handed := false
	defer func() {
		if !handed { // also when a function ended its goroutine
			c.mu.Lock()
			c.free(b)
			c.mu.Unlock()
		}
	}()
	if err := c.isolate(ctx, b); err != nil {
		return err
	}
	if err := b.decide(c); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if b.empty() {
		return c.settle(b.answer())
	}
	handed = true
	return c.handOverBulk(b)
}

// isolate waits until the things of a bulk are in no group.
func (c *committer) isolate(ctx context.Context, b *bulk) error {
	c.mu.Lock()
	g := c.current
	shared := g != nil && slices.ContainsFunc(g.commands, func(cmd *command) bool { return c.held[cmd.name] == b })
	c.mu.Unlock()
	if !shared {
		return nil
	}
	select {
	case <-g.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-c.store.failure.stopped:
		return c.store.failure.closed()
	}
}

// decide runs the commands and collects what they change.
func (b *bulk) decide(c *committer) (err error) {
	defer func() { err = errors.Join(err, b.reader.close()) }()
	slices.SortFunc(b.commands, func(x, y *command) int { return strings.Compare(string(x.name), string(y.name)) })
	jr := jobReader{from: b.reader, states: newJobStates(), configs: c.store.configs}
	var p prepared
	var rows ops
	for _, cmd := range b.commands {
		changed, err := b.decideOne(&p, &jr, cmd)
		if cmd.err = err; err != nil || !changed {
			continue
		}
		rows.add(&p.ops)
		for _, d := range p.deltas {
			b.deltas[d.job] = sum(b.deltas[d.job], d.counters)
		}
		for _, job := range p.marks {
			b.marks[job] = struct{}{}
		}
		b.events = append(b.events, p.events...)
		b.lowestDue = lowest(b.lowestDue, p.lowestDue)
	}
	rows.sort()
	b.batch = c.db.NewBatchWithSize(len(rows.data) + 8*len(rows.list)) // a row takes a few bytes more
	return rows.each(func(key, value []byte) error { return write(b.batch, key, value) })
}

func (b *bulk) decideOne(p *prepared, jr *jobReader, cmd *command) (changed bool, err error) {
	s, err := loadThing(b.reader, cmd.name)
	if err != nil {
		return false, err
	}
	return p.decide(b.reader, jr, s, cmd)
}

func (b *bulk) empty() bool { return b.batch.Empty() && len(b.marks) == 0 && len(b.events) == 0 }

func (b *bulk) answer() error {
	var failed []error
	for _, cmd := range b.commands {
		if cmd.err != nil {
			failed = append(failed, cmd.err)
		}
	}
	return errors.Join(failed...)
}

// handOverBulk gives a bulk to the committer and waits for the answer.
func (c *committer) handOverBulk(b *bulk) error {
	c.mu.Lock()
	c.bulks = append(c.bulks, b)
	c.work.Signal()
	c.mu.Unlock()
	select {
	case <-b.done:
		return errors.Join(b.answer(), b.batch.Close())
	case <-c.store.failure.stopped:
	}
	select {
	case <-b.done:
		return b.answer()
	default:
	}
	if c.withdraw(b) {
		return c.store.failure.closed()
	}
	return c.store.failure.unknown()
}

// withdraw takes back a bulk that is in no group; false if it is in one.
func (c *committer) withdraw(b *bulk) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := slices.Index(c.bulks, b)
	if at < 0 {
		return false
	}
	c.bulks = slices.Delete(c.bulks, at, at+1)
	c.free(b)
	return true
}

// free ends a bulk; it needs c.mu.
func (c *committer) free(b *bulk) {
	for _, cmd := range b.commands {
		delete(c.held, cmd.name)
	}
	close(b.released)
	c.work.Signal()
}

// enterWithout locks c.mu at a moment when no bulk holds any of the things.
func (c *committer) enterWithout(names ...registry.ThingName) error {
	for {
		c.mu.Lock()
		var holder *bulk
		for _, name := range names {
			if holder = c.held[name]; holder != nil {
				break
			}
		}
		if holder == nil {
			return nil
		}
		c.mu.Unlock()
		select {
		case <-holder.released:
		case <-c.store.failure.stopped:
			return c.store.failure.closed()
		}
	}
}

// join adds a bulk to a group that has run no command yet.
func (c *committer) join(g *group, b *bulk) error {
	if stale, err := b.reader.stale(); err != nil {
		return err
	} else if stale {
		c.mu.Lock()
		g.commands = append(g.commands, b.commands...)
		c.mu.Unlock()
		return nil
	}
	if err := g.batch.Apply(b.batch, nil); err != nil {
		return err
	}
	g.lowestDue = lowest(g.lowestDue, b.lowestDue)
	if len(b.events) > 0 {
		g.events = true
		if err := c.putEvents(g.batch, b.events); err != nil {
			return err
		}
	}
	for job, d := range b.deltas {
		g.deltas[job] = sum(g.deltas[job], d)
	}
	for job := range b.marks {
		g.marks[job] = struct{}{}
	}
	c.stats.commands.Add(int64(len(b.commands)))
	return nil
}
