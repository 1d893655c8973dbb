package pebble

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store/rowcodec"
)

// committer is the one goroutine that writes (invariant 1). It takes all commands that wait into a group, runs them, commits what they
// changed with one sync, publishes, and answers all of them. Meanwhile the next group gathers.
type committer struct {
	store   *Store
	db      *pebble.DB
	stats   stats
	noSync  bool
	stale   bool
	ended   chan struct{}
	overlay overlay
	scratch prepared
	// gathered belongs to the running update.
	gathered gathered
	// states are the jobs after the last applied update. They are published with the group's snapshot.
	states *jobStates
	// marks are the marked jobs after the last group; they are published with it.
	marks marks
	// published is the last group that readers see, and the state of the database until an update is applied.
	published uint64
	// lastEvent is the number of the newest event that was written; nobody else gives numbers.
	lastEvent uint64

	mu      sync.Mutex
	work    *sync.Cond // signalled when there may be something to do
	waiting []*command
	locked  map[registry.ThingName]struct{} // by the running update; nil without one
	handed  *tx                             // the update that is done and waits for its commit
	held    map[registry.ThingName]*bulk    // things of bulks
	bulks   []*bulk                         // those that wait for their commit
	current *group                          // in flight
	// marked are the jobs that groups have marked since the running update began; nil without one (see tx.ClearMark).
	marked   map[jobs.JobNumber]struct{}
	stopping bool
}

// group is what is committed with one sync.
type group struct {
	update   *tx // goes first; nil for none
	bulks    []*bulk
	commands []*command
	next     int           // the first command that has not run
	done     chan struct{} // closed when everything in it is durable and published
	batch    *pebble.Batch
	deltas   map[jobs.JobNumber]jobs.Counters
	marks    map[jobs.JobNumber]struct{}
	events   bool // commands have appended some
	// written are the bytes of the batches that were applied, in order.
	written [][]byte
	// lowestDue is the lowest row that the group adds to the due index; empty for none.
	lowestDue string
	// marksKnown is set, under committer.mu, when no mark is added any more.
	marksKnown bool
}

// maxGroup bounds the wait of the first command of a group.
const maxGroup = 512

func newCommitter(s *Store, opts Options) *committer {
	c := &committer{
		store: s, db: s.db, noSync: opts.unsafeNoSync, stale: opts.unsafeStale, ended: make(chan struct{}), states: newJobStates(),
		overlay: overlay{base: s.db, written: map[string][]byte{}}, held: map[registry.ThingName]*bulk{},
	}
	c.work = sync.NewCond(&c.mu)
	return c
}

func (c *committer) submit(cmd *command) {
	c.mu.Lock()
	c.waiting = append(c.waiting, cmd)
	c.work.Signal()
	c.mu.Unlock()
}

// stop ends the committer when nothing waits any more.
func (c *committer) stop() {
	c.mu.Lock()
	c.stopping = true
	c.work.Signal()
	c.mu.Unlock()
}

// run serves groups until stop. A caller's function may end the goroutine that runs it (runtime.Goexit, as t.FailNow does): then
// another one goes on with the rest of the group.
func (c *committer) run() {
	over := false
	defer func() {
		if r := recover(); r != nil {
			c.store.failure.fail(fmt.Errorf("panic while committing: %v\n%s", r, debug.Stack()))
		} else if !over {
			go c.run()
		}
	}()
	for {
		g := c.take()
		if g == nil {
			over = true
			close(c.ended)
			return
		}
		if err := c.serve(g); err != nil {
			c.store.failure.fail(err)
			over = true
			return // nobody is answered: they are woken by the failure
		}
		// Let those that were just answered come back, so that the next group is not the first one of them alone.
		runtime.Gosched()
	}
}

// take returns the group in flight, or forms the next one when there is work; nil at the end.
func (c *committer) take() *group {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.current == nil {
		g := c.form()
		switch {
		case g != nil:
			c.current = g
		case c.stopping:
			return nil
		default:
			c.work.Wait()
		}
	}
	return c.current
}

// form takes what waits, in order; things that are locked keep their place (invariants 4 and 5).
func (c *committer) form() *group {
	var commands []*command
	kept := c.waiting[:0]
	for _, cmd := range c.waiting {
		_, locked := c.locked[cmd.name]
		locked = locked || c.held[cmd.name] != nil
		switch {
		case cmd.gone.Load():
		case locked || len(commands) == maxGroup:
			kept = append(kept, cmd)
		default:
			commands = append(commands, cmd)
		}
	}
	clear(c.waiting[len(kept):])
	c.waiting = kept
	if len(commands) == 0 && c.handed == nil && len(c.bulks) == 0 {
		return nil
	}
	g := &group{
		update: c.handed, bulks: c.bulks, commands: commands, done: make(chan struct{}),
		deltas: map[jobs.JobNumber]jobs.Counters{}, marks: map[jobs.JobNumber]struct{}{},
	}
	c.handed, c.bulks = nil, nil
	return g
}

// serve brings a group to its end; an error means that the store has to stop.
func (c *committer) serve(g *group) error {
	if g.batch == nil {
		g.batch = c.db.NewBatch()
		if g.update != nil {
			if err := c.apply(g); err != nil {
				return err
			}
			g.lowestDue = g.update.lowestDue
		}
		for _, b := range g.bulks {
			if err := c.join(g, b); err != nil {
				return err
			}
		}
	}
	for g.next < len(g.commands) {
		cmd := g.commands[g.next]
		g.next++
		if err := c.run1(g, cmd); err != nil {
			return err
		}
	}
	clear(c.overlay.written)
	if err := c.commit(g); err != nil {
		return err
	}
	return c.finish(g)
}

// run1 runs one command.
func (c *committer) run1(g *group, cmd *command) error {
	cmd.mu.Lock()
	defer cmd.mu.Unlock()
	if cmd.gone.Load() {
		return nil
	}
	cmd.ran = true
	cmd.err = errors.New("the function ended its goroutine") // stays only then
	changed, err := c.decide(g, cmd)
	if cmd.err = err; err != nil || !changed {
		return nil
	}
	// From here on the command is in the group, or the store stops (invariant 6).
	err = c.scratch.ops.each(func(key, value []byte) error {
		c.overlay.put(key, value)
		return write(g.batch, key, value)
	})
	if err != nil {
		return err
	}
	g.lowestDue = lowest(g.lowestDue, c.scratch.lowestDue)
	if len(c.scratch.events) > 0 {
		g.events = true
		if err := c.putEvents(g.batch, c.scratch.events); err != nil {
			return err
		}
	}
	for _, d := range c.scratch.deltas {
		g.deltas[d.job] = sum(g.deltas[d.job], d.counters)
	}
	for _, job := range c.scratch.marks {
		g.marks[job] = struct{}{}
	}
	return nil
}

// decide lets the caller decide, and prepares what follows; nothing is written.
func (c *committer) decide(g *group, cmd *command) (changed bool, err error) {
	s, err := c.thing(g, cmd.name)
	if err != nil {
		return false, err
	}
	jr := jobReader{from: c.db, states: c.states, configs: c.store.configs}
	return c.scratch.decide(&c.overlay, &jr, s, cmd)
}

// thing reads a thing as the commands before have left it; nil without an error if there is none.
func (c *committer) thing(g *group, name registry.ThingName) (*thingState, error) {
	var key [160]byte
	if g.update != nil || c.overlay.covers(thingKey(key[:0], name)) {
		return loadThing(&c.overlay, name) // the update has been applied, and is not in the cache before it is durable
	}
	return c.store.things.load(c.db, name, c.published)
}

// commit writes the group with one sync. What an update in the group wrote lies before it in the same WAL.
func (c *committer) commit(g *group) error {
	if err := c.addCounters(g.batch, g.deltas); err != nil {
		return err
	}
	if g.events {
		if err := c.putLastEvent(g.batch); err != nil {
			return err
		}
	}
	for job := range g.marks {
		if c.marks.has(job) {
			continue
		}
		c.marks = c.marks.with(job, true)
		var key [16]byte
		if err := g.batch.Set(markKey(key[:0], job), nil, nil); err != nil {
			return err
		}
	}
	c.mu.Lock()
	g.marksKnown = true
	for job := range g.marks {
		if c.marked != nil {
			c.marked[job] = struct{}{}
		}
	}
	c.mu.Unlock()
	if g.batch.Empty() {
		if g.update == nil || g.update.err != nil {
			return g.batch.Close() // nothing to sync, nothing to publish
		}
		if err := g.batch.LogData(nil, nil); err != nil { // an empty record, to be synced behind the update's
			return err
		}
	}
	c.stats.bytes.Add(int64(g.batch.Len()))
	g.written = append(g.written, g.batch.Repr())
	if err := c.db.Apply(g.batch, c.syncOption()); err != nil {
		return err
	}
	c.stats.groups.Add(1)
	if err := c.publish(g); err != nil {
		return err
	}
	return g.batch.Close()
}

// publish shows a durable group to readers (invariant 2), in the cache first (see thingCache).
func (c *committer) publish(g *group) error {
	c.published++
	if c.stale {
		g.written = nil
	}
	for _, batch := range g.written {
		if err := c.store.things.publish(batch, c.published); err != nil {
			return err
		}
	}
	c.store.published.publish(c.db, c.published, c.states, c.marks, g.lowestDue)
	return nil
}

func (c *committer) syncOption() *pebble.WriteOptions {
	if c.noSync {
		return pebble.NoSync
	}
	return pebble.Sync
}

// addCounters writes the new sums of counters. The committer is the only writer, so it can read the old sum and write the new one; a
// merge operator would save that read, and make every reader of a busy job's counters add up thousands of operands.
func (c *committer) addCounters(b *pebble.Batch, deltas map[jobs.JobNumber]jobs.Counters) error {
	for job, d := range deltas {
		if d == (jobs.Counters{}) {
			continue
		}
		key := countersKey(nil, job)
		old, _, err := get(c.db, key, rowcodec.DecodeCounters)
		if err != nil {
			return err
		}
		var value [len(d) * binary.MaxVarintLen64]byte
		if err := b.Set(key, rowcodec.AppendCounters(value[:0], sum(old, d)), nil); err != nil {
			return err
		}
	}
	return nil
}

// finish answers everybody in the group (invariant 3).
func (c *committer) finish(g *group) error {
	c.mu.Lock()
	c.current = nil
	close(g.done)
	if g.update != nil {
		c.unlock(g.update)
	}
	for _, b := range g.bulks {
		c.free(b)
	}
	c.mu.Unlock()
	if g.update != nil {
		c.stats.updates.Add(1)
		g.update.done <- struct{}{}
	}
	c.stats.commands.Add(int64(len(g.commands)))
	for _, cmd := range g.commands {
		cmd.done <- struct{}{}
	}
	for _, b := range g.bulks {
		b.done <- struct{}{}
	}
	return nil
}
