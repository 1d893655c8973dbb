package postgres

import (
	"errors"
	"maps"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

const (
	// deviceWriters is how many groups a node has in flight: while one waits for its sync, the other one runs.
	deviceWriters = 2
	// stripes is how many rows the counters of a job are spread over, and its marks; stripe 0 beside them is for updates.
	stripes = 16
)

// serve takes commands and serves them in groups until the queue ends.
func (s *Store) serve(stripe int16) {
	for {
		commands := s.queue.take()
		if commands == nil {
			return
		}
		s.serveGroup(commands, false, stripe)
	}
}

// serveBlocked serves the things that somebody else has locked, and waits for the locks.
func (s *Store) serveBlocked(stripe int16) {
	for {
		commands := s.queue.takeBlocked()
		if len(commands) == 0 {
			return
		}
		s.serveGroup(commands, true, stripe)
	}
}

// serveGroup serves commands until each of them is answered, or waits for a lock.
func (s *Store) serveGroup(commands []*command, wait bool, stripe int16) {
	lane := wait // that of blocked things
	tries, losses := 0, 0
	for {
		g, err := s.runGroup(commands, wait, stripe)
		switch {
		case err == nil:
			s.settle(g, lane)
		case errors.Is(err, store.ErrUnknown):
			s.reset()
			g.unknown(err)
			s.settle(g, lane)
		case isLockTimeout(err):
			// One of them stays locked. The others need not wait for it any longer.
			wait = false
			s.stats.retries.Add(1)
			continue
		case s.again(err, &tries, &losses):
			s.stats.retries.Add(1)
			continue
		case len(commands) > 1 && !isLost(err) && !isConflict(err):
			// One of them is too much for the database. It must not fail its neighbours.
			s.serveOneByOne(commands, lane, stripe)
		default:
			for _, cmd := range commands {
				cmd.err = err
			}
			s.settle(g, lane)
		}
		return
	}
}

// serveOneByOne gives each command a transaction of its own, in their order. One whose thing is locked meanwhile waits as others do, and so do
// those behind it for the same thing.
func (s *Store) serveOneByOne(commands []*command, lane bool, stripe int16) {
	locked := map[registry.ThingName]struct{}{}
	for _, cmd := range commands {
		if _, waits := locked[cmd.name]; waits {
			continue
		}
		tries, losses := 0, 0
		for {
			g, err := s.runGroup([]*command{cmd}, false, stripe)
			if err != nil && s.again(err, &tries, &losses) {
				continue
			}
			if err != nil {
				cmd.err = err
			}
			maps.Copy(locked, g.locked)
			break
		}
	}
	s.settle(&group{commands: commands, locked: locked}, lane)
}

// settle answers the commands of a group that is over, and lets others have their things. A command whose thing is locked is tried once more with the
// next group: whoever has the lock is mostly as fast as the group was. Then it waits for the lock, beside all groups.
func (s *Store) settle(g *group, wereBlocked bool) {
	var again, blocked, answered []*command
	for _, cmd := range g.commands {
		_, locked := g.locked[cmd.name]
		switch {
		case !locked || cmd.gone.Load():
			answered = append(answered, cmd)
		case cmd.skipped:
			blocked = append(blocked, cmd)
		default:
			cmd.skipped = true
			again = append(again, cmd)
		}
	}
	s.stats.groups.Add(1)
	s.stats.commands.Add(int64(len(answered)))
	s.stats.blocked.Add(int64(len(blocked)))
	s.queue.release(g.commands, again, blocked, wereBlocked, g.took)
	for _, cmd := range answered {
		s.answer(cmd, cmd.err)
	}
}
