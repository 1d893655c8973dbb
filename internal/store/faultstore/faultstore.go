// Package faultstore wraps any store and makes its changes fail on demand, undone as well as done, so that callers can be tested with
// both outcomes. It holds nothing itself and is for tests only.
package faultstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// ErrInjected is in every error that this package makes.
var ErrInjected = errors.New("injected fault")

// Outcome is what becomes of one change.
type Outcome int

// The outcomes come in pairs: whatever a caller may be told, the change may be there or not.
const (
	// Commit lets the change be.
	Commit Outcome = iota
	// AndNotPersist fails the change, and nothing changed.
	AndNotPersist
	// UnknownAndNotPersist says store.ErrUnknown, and nothing changed.
	UnknownAndNotPersist
	// ButPersist says store.ErrUnknown although the change was made.
	ButPersist

	outcomes
)

// Store is the wrapped store. Its methods beyond store.Store set the faults, and may be called at any time.
//
// A fault meets a change, not a call: a function that returns an error and a change that is empty use up none.
type Store struct {
	inner store.Store
	// running is shared by calls and taken by Close, which so waits for both attempts of a call that is rerun.
	running sync.RWMutex

	mu    sync.Mutex
	next  []Outcome
	odds  float64
	rand  *rand.Rand
	rerun bool
	block func()
	met   [outcomes]int
}

var _ store.Store = (*Store)(nil)

// Wrap makes a store that is as good as the inner one until it is told otherwise.
func Wrap(inner store.Store) *Store { return &Store{inner: inner} }

// FailNext gives the next n changes that reach the commit an outcome. Outcomes that are set already come first.
func (s *Store) FailNext(n int, o Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		s.next = append(s.next, o)
	}
}

// FailAtRandom fails every change with a probability, each outcome as often as the others; probability zero ends it. The same seed
// gives the same sequence of outcomes.
func (s *Store) FailAtRandom(seed uint64, probability float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rand, s.odds = rand.New(rand.NewPCG(seed, seed)), probability
}

// Rerun lets every function run on an attempt that is thrown away before the one that counts, as engines do on a conflict. A function
// that is not pure shows it.
func (s *Store) Rerun(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rerun = on
}

// Block calls hook when a change was decided and not yet committed, inside the inner store's transaction; nil ends it.
func (s *Store) Block(hook func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.block = hook
}

// Met counts how often an outcome came about.
func (s *Store) Met(o Outcome) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.met[o]
}

// UpdateThing changes one thing, or not.
func (s *Store) UpdateThing(ctx context.Context, name registry.ThingName, addrs []store.Address, fn func(store.ThingView) (store.ThingChange, error)) error {
	s.running.RLock()
	defer s.running.RUnlock()
	a := s.attempt()
	if a.rerun {
		// Nothing comes of it, whatever fn says: the attempt that counts asks again.
		_ = s.inner.UpdateThing(ctx, name, addrs, func(v store.ThingView) (store.ThingChange, error) {
			_, _ = fn(v)
			return store.ThingChange{}, errThrownAway
		})
	}
	return a.answer(s.inner.UpdateThing(ctx, name, addrs, func(v store.ThingView) (store.ThingChange, error) {
		c, err := fn(v)
		if err != nil || c.Empty() {
			return c, err
		}
		return c, a.decided()
	}))
}

// Update changes anything, or nothing.
func (s *Store) Update(ctx context.Context, fn func(store.Tx) error) error {
	s.running.RLock()
	defer s.running.RUnlock()
	a := s.attempt()
	if a.rerun {
		_ = s.inner.Update(ctx, func(tx store.Tx) error {
			_ = fn(tx)
			return errThrownAway
		})
	}
	return a.answer(s.inner.Update(ctx, func(tx store.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return a.decided()
	}))
}

// View reads, twice with Rerun.
func (s *Store) View(ctx context.Context, fn func(store.ReadTx) error) error {
	s.running.RLock()
	defer s.running.RUnlock()
	if s.attempt().rerun {
		_ = s.inner.View(ctx, fn)
	}
	return s.inner.View(ctx, fn)
}

// ReadThing reads.
func (s *Store) ReadThing(ctx context.Context, name registry.ThingName, addrs []store.Address) (store.ThingView, error) {
	return s.inner.ReadThing(ctx, name, addrs)
}

// Close closes the inner store.
func (s *Store) Close() error {
	s.running.Lock()
	defer s.running.Unlock()
	return s.inner.Close()
}

var errThrownAway = fmt.Errorf("%w: an attempt that is thrown away", ErrInjected)
