package storetest_test

import (
	"context"
	"flag"
	"sync"
	"testing"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/faultstore"
	"iotjobs/internal/store/memory"
	"iotjobs/internal/store/storetest"
)

var seed = flag.Uint64("seed", 0, "seed of random tests; 0 draws one")

// TestSuiteOnKeptMemory runs the whole suite, also the parts that need a disk, on the reference store with a disk that cannot lose
// anything. So what the suite demands can be kept.
func TestSuiteOnKeptMemory(t *testing.T) {
	e := kept(right)
	storetest.Run(t, e)
	t.Run("compare", func(t *testing.T) { storetest.Compare(t, e, *seed, 600) })
}

// right leaves a store as it is; mutants do not.
func right(s store.Store) store.Store { return s }

// kept is an engine that keeps a reference store for each directory. What is opened is a session on it, changed by mutate.
func kept(mutate func(store.Store) store.Store) storetest.Engine {
	var mu sync.Mutex
	byDir := map[string]*memory.Store{}
	open := func(_ testing.TB, dir string) store.Store {
		mu.Lock()
		defer mu.Unlock()
		if byDir[dir] == nil {
			byDir[dir] = memory.New()
		}
		return &session{Store: mutate(byDir[dir])}
	}
	return storetest.Engine{
		Open:    open,
		Reopens: true,
		Moves:   true,
		Crash: func(tb testing.TB, s store.Store, dir string) store.Store {
			tb.Helper()
			if err := s.Close(); err != nil {
				tb.Error(err)
			}
			return open(tb, dir)
		},
		OpenStalling: func(testing.TB, string) (store.Store, func() func()) {
			var disk sync.RWMutex // held for writing while it is held up
			s := faultstore.Wrap(memory.New())
			s.Block(func() { wait(&disk) })
			return mutate(s), stall(&disk)
		},
	}
}

func wait(disk *sync.RWMutex) {
	disk.RLock()
	defer disk.RUnlock()
}

func stall(disk *sync.RWMutex) func() (release func()) {
	return func() func() {
		disk.Lock()
		return disk.Unlock
	}
}

// session is a store that can be closed without ending the one below.
type session struct {
	store.Store
	mu     sync.RWMutex
	closed bool
}

func (s *session) running(fn func() error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return store.ErrClosed
	}
	return fn()
}

func (s *session) UpdateThing(ctx context.Context, name registry.ThingName, addrs []store.Address, fn func(store.ThingView) (store.ThingChange, error)) error {
	return s.running(func() error { return s.Store.UpdateThing(ctx, name, addrs, fn) })
}

func (s *session) ReadThing(ctx context.Context, name registry.ThingName, addrs []store.Address) (v store.ThingView, err error) {
	err = s.running(func() error {
		v, err = s.Store.ReadThing(ctx, name, addrs)
		return err
	})
	return v, err
}

func (s *session) View(ctx context.Context, fn func(store.ReadTx) error) error {
	return s.running(func() error { return s.Store.View(ctx, fn) })
}

func (s *session) Update(ctx context.Context, fn func(store.Tx) error) error {
	return s.running(func() error { return s.Store.Update(ctx, fn) })
}

func (s *session) Export(ctx context.Context, after store.Row, fn func(store.Row) error) error {
	return s.running(func() error { return s.Store.(store.Portable).Export(ctx, after, fn) })
}

func (s *session) Import(ctx context.Context, rows []store.Row, progress []byte) error {
	return s.running(func() error { return s.Store.(store.Portable).Import(ctx, rows, progress) })
}

func (s *session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}
