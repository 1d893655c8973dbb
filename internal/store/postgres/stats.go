package postgres

import "sync/atomic"

// Stats counts what the store has done since it was opened.
type Stats struct {
	Groups   int64 // transactions of device calls
	Commands int64 // calls of UpdateThing in them, the refused ones too
	Updates  int64 // updates that were committed
	Retries  int64 // transactions that ran again
	Blocked  int64 // commands that waited for a thing that somebody else had locked
}

type stats struct{ groups, commands, updates, retries, blocked atomic.Int64 }

// Stats may be called at any time.
func (s *Store) Stats() Stats {
	c := &s.stats
	return Stats{
		Groups: c.groups.Load(), Commands: c.commands.Load(), Updates: c.updates.Load(), Retries: c.retries.Load(), Blocked: c.blocked.Load(),
	}
}
