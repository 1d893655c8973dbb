package pebble

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// command is one UpdateThing on its way.
type command struct {
	name  registry.ThingName
	addrs []store.Address
	fn    func(store.ThingView) (store.ThingChange, error)
	done  chan struct{} // gets one element when err is the answer
	err   error

	mu   sync.Mutex // held while fn runs, so that a caller that gives up knows whether it ran
	ran  bool
	gone atomic.Bool // the caller gave up before it ran
}

// UpdateThing changes one thing.
func (s *Store) UpdateThing(ctx context.Context, name registry.ThingName, addrs []store.Address, fn func(store.ThingView) (store.ThingChange, error)) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.gate.leave()
	cmd := &command{name: name, addrs: addrs, fn: fn, done: make(chan struct{}, 1)}
	s.committer.submit(cmd)
	return s.await(ctx, cmd)
}

// await returns the answer of a command that was submitted.
func (s *Store) await(ctx context.Context, cmd *command) error {
	select {
	case <-cmd.done:
		return cmd.err
	case <-ctx.Done():
		if cmd.giveUp() {
			return ctx.Err()
		}
		select {
		case <-cmd.done:
			return cmd.err
		case <-s.failure.stopped:
		}
	case <-s.failure.stopped:
	}
	select {
	case <-cmd.done:
		return cmd.err
	default:
	}
	if cmd.giveUp() {
		return s.failure.closed()
	}
	return s.failure.unknown()
}

// giveUp withdraws a command that has not run; false if it has.
func (cmd *command) giveUp() bool {
	cmd.mu.Lock()
	defer cmd.mu.Unlock()
	if !cmd.ran {
		cmd.gone.Store(true)
	}
	return !cmd.ran
}

// decide lets the caller of a command decide about a thing, which may be nil, and prepares what follows; nothing is written.
func (p *prepared) decide(g getter, jr *jobReader, s *thingState, cmd *command) (changed bool, err error) {
	v, err := view(g, jr, s, cmd.addrs)
	if err != nil {
		return false, err
	}
	v.Pending = slices.Clone(v.Pending) // what follows is prepared from the other one
	var change store.ThingChange
	if err := guard(func() (err error) { change, err = cmd.fn(v); return err }); err != nil || change.Empty() {
		return false, err
	}
	if s == nil {
		return false, fmt.Errorf("change thing %s: there is none", cmd.name)
	}
	err = guard(func() error { return p.prepare(g, s.thing.Key(), s, change) })
	return err == nil, err
}
