package postgres

import (
	"context"
	"errors"
	"fmt"
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
	// wrote and dirty belong to the run in progress: the command changed something; it saw what another one of its group has changed.
	wrote, dirty bool
	// skipped: a group has left it out, because somebody else had locked its thing.
	skipped bool

	mu   sync.Mutex // held while fn runs, so that a caller that gives up knows whether it ran
	ran  bool
	gone atomic.Bool // the caller gave up before it ran
}

// UpdateThing changes one thing.
func (s *Store) UpdateThing(ctx context.Context, name registry.ThingName, addrs []store.Address, fn func(store.ThingView) (store.ThingChange, error)) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	cmd := &command{name: name, addrs: addrs, fn: fn, done: make(chan struct{}, 1)}
	// The command leaves the gate when it is answered, also if its caller has not waited so long.
	s.queue.submit(cmd)
	select {
	case <-cmd.done:
		return cmd.err
	case <-ctx.Done():
	}
	if cmd.giveUp() {
		return ctx.Err()
	}
	select {
	case <-cmd.done:
		return cmd.err
	default:
		// It is on its way to the database, and nobody knows yet whether it arrives.
		return fmt.Errorf("%w: %w", store.ErrUnknown, ctx.Err())
	}
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

// answer tells the caller; each command gets exactly one.
func (s *Store) answer(cmd *command, err error) {
	cmd.err = err
	cmd.done <- struct{}{}
	s.gate.leave()
}

// errEnded is the answer when fn ended its goroutine (runtime.Goexit, as t.FailNow does).
var errEnded = errors.New("the function ended its goroutine")

// decide runs fn; ok is false when there is nothing to change: fn failed, which goes into err, or wants nothing changed, or the caller has given up, and
// so on no account will a change be made.
func (cmd *command) decide(view store.ThingView) (change store.ThingChange, ok bool) {
	cmd.mu.Lock()
	defer cmd.mu.Unlock()
	if cmd.gone.Load() {
		return change, false
	}
	cmd.ran = true
	cmd.err = guard(func() (err error) {
		change, err = cmd.fn(view)
		return err
	})
	return change, cmd.err == nil && !change.Empty()
}
