// Package memory is the reference store: maps and one lock, nothing durable. It is the model that the other engines are compared with
// and what tests use instead of mocks, so it is written to be obviously right, not fast: whatever can be found by looking at the
// executions (counters, due times, indexes) is found by looking, never kept.
package memory

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// Store is a store in memory. New makes one.
//
// One lock is all there is to isolation: a change holds it alone, readers share it. So a function passed in must not call the store.
type Store struct {
	mu     sync.RWMutex
	closed bool
	state  state
	leases *leases // nil unless it is Shared
}

var _ store.Store = (*Store)(nil)

// New makes an empty store.
func New() *Store { return &Store{state: newState()} }

// UpdateThing changes one thing.
func (s *Store) UpdateThing(ctx context.Context, name registry.ThingName, addrs []store.Address, fn func(store.ThingView) (store.ThingChange, error)) error {
	return s.Update(ctx, func(tx store.Tx) error {
		view, err := tx.Thing(name, addrs...)
		if err != nil {
			return err
		}
		change, err := fn(view)
		if err != nil || change.Empty() {
			return err
		}
		if view.Thing == nil {
			return fmt.Errorf("change thing %s: there is none", name)
		}
		return tx.ChangeThing(view.Thing.Key(), change)
	})
}

// ReadThing shows one thing.
func (s *Store) ReadThing(ctx context.Context, name registry.ThingName, addrs []store.Address) (view store.ThingView, err error) {
	err = s.View(ctx, func(tx store.ReadTx) error {
		view, err = tx.Thing(name, addrs...)
		return err
	})
	return view, err
}

// View runs fn on the state as it is; changes wait.
func (s *Store) View(ctx context.Context, fn func(store.ReadTx) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(ctx); err != nil {
		return err
	}
	return guard(func() error { return fn(reader{&s.state}) })
}

// Update runs fn alone and undoes what it wrote unless it returns nil.
func (s *Store) Update(ctx context.Context, fn func(store.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return err
	}
	tx := &writer{reader: reader{&s.state}, leases: s.leases}
	defer tx.rollback() // also when fn ends its goroutine
	if err := guard(func() error { return fn(tx) }); err != nil {
		return err
	}
	tx.commit()
	return nil
}

// Close ends the store; its content is gone with it.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

func (s *Store) usable(ctx context.Context) error {
	if s.closed {
		return store.ErrClosed
	}
	return ctx.Err()
}

// guard turns a panic in the caller's function into its error.
func guard(fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return fn()
}
