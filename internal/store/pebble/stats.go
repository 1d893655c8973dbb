package pebble

import "sync/atomic"

// Stats counts what the store has done since it was opened.
type Stats struct {
	Groups   int64 // commits, each with one sync
	Commands int64 // calls of UpdateThing and things of UpdateThings, the refused ones too
	Updates  int64 // updates that were committed or refused at the commit
	Bytes    int64 // written to the WAL
	// ThingHits and ThingMisses count the reads of one thing that found its row in memory, and those that Pebble had to search.
	ThingHits, ThingMisses int64
}

type stats struct{ groups, commands, updates, bytes atomic.Int64 }

// Stats may be called at any time.
func (s *Store) Stats() Stats {
	c := &s.committer.stats
	return Stats{
		Groups: c.groups.Load(), Commands: c.commands.Load(), Updates: c.updates.Load(), Bytes: c.bytes.Load(),
		ThingHits: s.things.hits.Load(), ThingMisses: s.things.misses.Load(),
	}
}
