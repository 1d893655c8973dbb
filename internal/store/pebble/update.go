package pebble

import (
	"context"
	"errors"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// tx is the running update. It reads and writes an indexed batch over the database, so it sees its own changes.
//
// Below the batch lies the newest state of the database, in which a group may be that is not synced yet. That is harmless for what the
// update writes: its own commit lies behind that group in the same WAL, so whenever it is there, the group is. What the update only
// tells waits for the group (invariant 3, settle).
//
// A thing is locked when the update first reads or changes it (invariant 5), the things of an execution list too; from then on only the
// update changes it. What is not a thing, device traffic may change between two reads of the same update: counters, marks, due times,
// and the lists of them. Nothing about a thing may be decided from those alone.
type tx struct {
	readTx
	c     *committer
	batch *updateBatch
	locks map[registry.ThingName]struct{} // written only under committer.mu
	done  chan struct{}                   // gets one element when err is the answer
	err   error                           // why the committer refused the update

	// states are the things that it has read and not changed since; ahead those that it has listed, in the order of their names.
	states map[registry.ThingName]*thingState
	ahead  []registry.ThingName

	deltas      map[jobs.JobNumber]jobs.Counters
	events      [][]byte // appended, encoded
	lastEvent   uint64   // that an import brings; 0 for none
	cleared     map[jobs.JobNumber]struct{}
	marks       map[jobs.JobNumber]bool // set or cleared
	deleted     map[jobs.JobNumber]struct{}
	jobsWritten bool
	lowestDue   string // the lowest row that was added to the due index; empty for none
	scratch     prepared
}

var _ store.Tx = (*tx)(nil)

// Update runs fn alone among updates.
func (s *Store) Update(ctx context.Context, fn func(store.Tx) error) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.gate.leave()
	select {
	case s.updating <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.failure.stopped:
		return s.failure.closed()
	}
	defer func() { <-s.updating }()
	t := s.committer.begin()
	handed := false
	defer func() {
		if !handed { // also when fn ended its goroutine
			s.committer.abandon(t)
		}
	}()
	if err := guard(func() error { return fn(t) }); err != nil || t.batch.Empty() && len(t.events) == 0 {
		return s.committer.settle(err)
	}
	if err := t.batch.flush(); err != nil {
		return s.committer.settle(err)
	}
	handed = true
	return s.committer.handOver(t)
}

func (c *committer) begin() *tx {
	c.gathered.reset()
	t := &tx{
		c: c, batch: &updateBatch{Batch: c.db.NewIndexedBatch(), later: &c.gathered}, done: make(chan struct{}, 1),
		states: map[registry.ThingName]*thingState{},
		deltas: map[jobs.JobNumber]jobs.Counters{}, cleared: map[jobs.JobNumber]struct{}{}, marks: map[jobs.JobNumber]bool{}, deleted: map[jobs.JobNumber]struct{}{},
	}
	reader := &jobReader{from: t.batch, states: newJobStates(), configs: c.store.configs, uncommitted: map[configName]*jobs.Config{}, keep: true}
	t.readTx = readTx{from: t.batch, jobs: reader, tx: t}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.marked = map[jobs.JobNumber]struct{}{}
	// The group in flight may not be visible yet: its marks are as new to the update as those of later groups.
	if g := c.current; g != nil && g.marksKnown {
		for job := range g.marks {
			c.marked[job] = struct{}{}
		}
	}
	return t
}

// abandon ends an update that writes nothing.
func (c *committer) abandon(t *tx) {
	c.mu.Lock()
	c.marked = nil
	c.unlock(t)
	c.mu.Unlock()
	_ = t.batch.Close() // nothing was committed that could be lost
}

// settle waits until the group in flight, which the caller may have read, is durable.
func (c *committer) settle(answer error) error {
	c.mu.Lock()
	g := c.current
	c.mu.Unlock()
	if g == nil {
		return answer
	}
	select {
	case <-g.done:
		return answer
	case <-c.store.failure.stopped:
		return c.store.failure.closed()
	}
}

// handOver gives the update to the committer and waits for its answer.
func (c *committer) handOver(t *tx) error {
	c.mu.Lock()
	c.handed = t
	c.work.Signal()
	c.mu.Unlock()
	select {
	case <-t.done:
		_ = t.batch.Close() // it is committed or refused
		return t.err
	case <-c.store.failure.stopped:
	}
	select {
	case <-t.done:
		return t.err
	default:
		return c.store.failure.unknown()
	}
}

// apply puts an update into the WAL, unsynced: the sync of its group follows. Errors of the update itself go into t.err.
func (c *committer) apply(g *group) error {
	t := g.update
	if !t.recheck() {
		c.mu.Lock()
		c.marked = nil
		c.mu.Unlock()
		return nil
	}
	if err := c.addCounters(t.batch.Batch, t.deltas); err != nil {
		return err
	}
	if err := c.keepMarks(t); err != nil {
		return err
	}
	if t.lastEvent > c.lastEvent {
		c.lastEvent = t.lastEvent
		if err := c.putLastEvent(t.batch.Batch); err != nil {
			return err
		}
	}
	if len(t.events) > 0 {
		if err := errors.Join(c.putEvents(t.batch.Batch, t.events), c.putLastEvent(t.batch.Batch)); err != nil {
			return err
		}
	}
	if t.jobsWritten {
		c.states = newJobStates()
	}
	for job, set := range t.marks {
		c.marks = c.marks.with(job, set)
	}
	c.stats.bytes.Add(int64(t.batch.Len()))
	g.written = append(g.written, t.batch.Repr()) // Apply takes a large batch away
	return c.db.Apply(t.batch.Batch, pebble.NoSync)
}

// recheck refuses, with t.err, to delete a job for which a device call has queued an execution since the update looked.
func (t *tx) recheck() (ok bool) {
	for job := range t.deleted {
		if t.err = t.refuseExecutions(job); t.err != nil {
			return false
		}
	}
	return true
}

// keepMarks sets the marks again that the update cleared and a group has set meanwhile: the update may not have seen why.
func (c *committer) keepMarks(t *tx) error {
	c.mu.Lock()
	marked := c.marked
	c.marked = nil
	c.mu.Unlock()
	for job := range t.cleared {
		_, again := marked[job]
		_, deleted := t.deleted[job]
		if again && !deleted {
			if err := t.Mark(job); err != nil {
				return err
			}
		}
	}
	return nil
}

// lock makes things the update's own. In a View, where tx is nil, there is nothing to lock.
func (t *tx) lock(names ...registry.ThingName) error {
	if t == nil {
		return nil
	}
	names = slices.DeleteFunc(slices.Clone(names), t.holds)
	if len(names) == 0 {
		return nil
	}
	return t.c.lock(t, names)
}

func (t *tx) holds(name registry.ThingName) bool {
	_, ok := t.locks[name]
	return ok
}

// lock keeps the things out of the groups to come, as soon as no bulk has any of them, and waits for the group in flight if it has.
func (c *committer) lock(t *tx, names []registry.ThingName) error {
	if err := c.enterWithout(names...); err != nil {
		return err
	}
	if len(t.locks) == 0 {
		t.locks = make(map[registry.ThingName]struct{}, len(names))
		c.locked = t.locks
	}
	for _, name := range names {
		t.locks[name] = struct{}{}
	}
	g := c.current
	held := g != nil && g.holds(t)
	c.mu.Unlock()
	if !held {
		return nil
	}
	select {
	case <-g.done:
		return nil
	case <-c.store.failure.stopped:
		return c.store.failure.closed()
	}
}

// holds tells whether the group has a thing of the update: one that was locked just now, because it can have none that was locked before.
func (g *group) holds(t *tx) bool {
	return slices.ContainsFunc(g.commands, func(cmd *command) bool { return t.holds(cmd.name) })
}

// unlock needs c.mu.
func (c *committer) unlock(t *tx) {
	c.locked = nil
	clear(t.locks)
	c.work.Signal()
}
