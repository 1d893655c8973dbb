package postgres

import (
	"context"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// WithoutLocks returns options whose store does not lock the things of device calls.
func (o Options) WithoutLocks() Options {
	o.unlocked = true
	return o
}

// Upgrade migrates the tables as a program does that has one more step.
func (s *Store) Upgrade(ctx context.Context, sql string) error {
	all, err := migrations(migrationFiles)
	if err != nil {
		return err
	}
	return takeSteps(ctx, s.writes, append(all, migration{len(all) + 1, sql}), s.logger)
}

// Call is a device call.
type Call struct {
	Name  registry.ThingName
	Addrs []store.Address
	Fn    func(store.ThingView) (store.ThingChange, error)
	Err   error // its answer
}

// Together makes calls at once, so that they are in one group, and waits for their answers.
func (s *Store) Together(calls ...*Call) {
	commands := make([]*command, len(calls))
	for i, c := range calls {
		if err := s.enter(context.Background()); err != nil {
			panic(err)
		}
		commands[i] = &command{name: c.Name, addrs: c.Addrs, fn: c.Fn, done: make(chan struct{}, 1)}
	}
	s.queue.mu.Lock()
	s.queue.waiting = append(s.queue.waiting, commands...)
	s.queue.work.Broadcast()
	s.queue.mu.Unlock()
	for i, c := range calls {
		<-commands[i].done
		c.Err = commands[i].err
	}
}
