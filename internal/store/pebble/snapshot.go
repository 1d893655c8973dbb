package pebble

import (
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"

	"iotjobs/internal/registry"
)

// snapshot is the state that readers see: the one after the last sync. Pebble shows a commit while the sync of its WAL is still under
// way, so nothing that readers use may look at the database directly.
type snapshot struct {
	*pebble.Snapshot
	group    uint64 // the last one that it shows (see thingCache)
	things   *thingCache
	states   *jobStates
	marks    marks
	dueFloor string       // as it was known when this was published
	refs     atomic.Int64 // readers, and one while it is the published one
}

// publisher holds the snapshot that new readers get.
type publisher struct {
	current atomic.Pointer[snapshot]
	due     dueFloor
	things  *thingCache
	failure *failure
}

// publish takes a snapshot of the database as it is; only the committer calls it, when all that was committed has been synced, the group last. lowestDue
// is the lowest row that was added to the due index; empty for none.
func (p *publisher) publish(db *pebble.DB, group uint64, states *jobStates, m marks, lowestDue string) {
	s := &snapshot{Snapshot: db.NewSnapshot(), group: group, things: p.things, states: states, marks: m}
	s.refs.Store(1)
	p.due.mu.Lock()
	p.due.lower(lowestDue)
	s.dueFloor = p.due.floor
	old := p.current.Swap(s)
	p.due.mu.Unlock()
	if old != nil {
		p.release(old)
	}
}

// thing reads a thing; nil without an error if there is none.
func (s *snapshot) thing(name registry.ThingName) (*thingState, error) {
	return s.things.load(s, name, s.group)
}

// acquire returns the published snapshot; it must be released.
func (p *publisher) acquire() *snapshot {
	for {
		s := p.current.Load()
		n := s.refs.Load()
		// None left: it was replaced after the Load and its last reader has closed it.
		if n > 0 && s.refs.CompareAndSwap(n, n+1) {
			return s
		}
	}
}

func (p *publisher) release(s *snapshot) {
	if s.refs.Add(-1) == 0 && !p.failure.failed() { // closing it takes Pebble's lock, which a failure may hold for ever
		_ = s.Close() // always nil
	}
}
