package memory

import (
	"context"
	"slices"
	"sync"
	"time"

	"iotjobs/internal/store"
)

// Shared is a store that several nodes of one process share: each of them uses this one. NewShared makes one.
type Shared struct {
	*Store

	now  func() time.Time
	ears sync.Map // a chan store.Hint for each who listens
}

var _ store.Shared = (*Shared)(nil)

// NewShared makes an empty store whose leases go by now.
func NewShared(now func() time.Time) *Shared {
	s := &Shared{Store: New(), now: now}
	s.leases = &leases{held: map[string]held{}}
	return s
}

// leases are those that were ever acquired, by name. They are no part of the state: no transaction changes them.
type leases struct {
	held   map[string]held
	epochs uint64 // the last that was given, to whatever name
}

type held struct {
	store.Lease

	until time.Time
}

// Acquire takes or renews leases.
func (s *Shared) Acquire(ctx context.Context, node string, ttl time.Duration, names ...string) (acquired []store.Lease, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	now := s.now()
	for _, name := range names {
		lease, ok := s.leases.held[name]
		switch lasts := ok && now.Before(lease.until); {
		case lasts && lease.Node != node:
			continue
		case !lasts:
			s.leases.epochs++
			lease.Lease = store.Lease{Name: name, Node: node, Epoch: s.leases.epochs}
		}
		lease.until = now.Add(ttl)
		s.leases.held[name] = lease
		acquired = append(acquired, lease.Lease)
	}
	return acquired, nil
}

// Release gives leases back. Who held one stays known, so that its updates are fenced only when another node has taken it.
func (s *Shared) Release(ctx context.Context, given ...store.Lease) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return err
	}
	for _, lease := range given {
		if s.leases.held[lease.Name].Lease == lease {
			s.leases.held[lease.Name] = held{Lease: lease}
		}
	}
	return nil
}

// Tell hands a hint to everybody who listens, itself included. Who has not taken those of before misses it.
func (s *Shared) Tell(ctx context.Context, hint store.Hint) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(ctx); err != nil {
		return err
	}
	hint.Things, hint.Jobs = slices.Clone(hint.Things), slices.Clone(hint.Jobs)
	s.ears.Range(func(ear, _ any) bool {
		select {
		case ear.(chan store.Hint) <- hint:
		default:
		}
		return true
	})
	return nil
}

// hintsKept is how many hints wait for a slow listener.
const hintsKept = 100

// Hints listens until ctx ends.
func (s *Shared) Hints(ctx context.Context, fn func(store.Hint)) error {
	ear := make(chan store.Hint, hintsKept)
	s.ears.Store(ear, true)
	defer s.ears.Delete(ear)
	for {
		select {
		case <-ctx.Done():
			return nil
		case hint := <-ear:
			fn(hint)
		}
	}
}

// Clock is the clock of the store.
func (s *Shared) Clock(ctx context.Context) (time.Time, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.now(), s.usable(ctx)
}

// Fence fails when the lease was taken by another node. Leases do not change while an update runs.
func (w *writer) Fence(lease store.Lease) error {
	if w.leases != nil && w.leases.held[lease.Name].Lease != lease {
		return store.ErrFenced
	}
	return nil
}
