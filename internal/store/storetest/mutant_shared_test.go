package storetest_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"iotjobs/internal/store"
	"iotjobs/internal/store/memory"
	"iotjobs/internal/store/storetest"
)

// sharedMutants break one promise each of a store that several nodes share.
var sharedMutants = []struct {
	name          string
	mutate        func(store.Shared) store.Shared
	promise, says string
}{
	{"ignored epoch", ignoredEpoch, "an update under a lost lease changes nothing", "returned <nil>"},
	{"fence that compares nodes only", nodesOnly, "an update under a lost lease changes nothing", "an older epoch"},
	{"one lease for two nodes", twoHolders, "no lease has two holders", "holders of"},
	{"lease for everybody", twoHolders, "leases are acquired in bulk", "leases that were free"},
	{"lease that ends early", endsEarly, "a lease ends by the store's clock", "had acquired"},
	{"lease that never ends", neverEnds, "a renewal keeps the epoch and the lease", "was renewed"},
	{"renewal as a new holder", newEpochs, "a renewal keeps the epoch and the lease", "the renewal of"},
	{"one epoch for all", oneEpoch, "each new holder has a higher epoch", "with a new holder"},
	{"lease that is kept", neverReleased, "a lease that is given back is free at once", "did not get"},
	{"lease that anybody gives back", releasedByAnybody, "a lease that is given back is free at once", "got the lease"},
	{"hints without jobs", hintsWithoutJobs, "hints reach other nodes", "no hint arrived"},
}

func TestSharedMutantIsCaught(t *testing.T) {
	for _, m := range sharedMutants {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel() // some wait until they give up
			err := storetest.Broken(t, sharedEngine(m.mutate), m.promise)[m.promise]
			if err == nil || !strings.Contains(err.Error(), m.says) {
				t.Errorf("the suite found %v, want %q broken with %q", err, m.promise, m.says)
			}
		})
	}
}

func sharedEngine(mutate func(store.Shared) store.Shared) storetest.Engine {
	var mu sync.Mutex
	byDir := map[string]store.Shared{}
	share := func(tb testing.TB, dir string) store.Shared {
		tb.Helper()
		mu.Lock()
		defer mu.Unlock()
		if byDir[dir] == nil {
			byDir[dir] = mutate(memory.NewShared(time.Now))
		}
		return byDir[dir]
	}
	open := func(tb testing.TB, dir string) store.Store {
		tb.Helper()
		return share(tb, dir)
	}
	return storetest.Engine{Open: open, OpenShared: share, Patience: 3 * time.Second}
}

// wrongShared is a shared store with some of its calls replaced.
type wrongShared struct {
	store.Shared

	acquire func(ctx context.Context, node string, ttl time.Duration, names ...string) ([]store.Lease, error)
	release func(ctx context.Context, leases ...store.Lease) error
	tell    func(ctx context.Context, hint store.Hint) error
	fence   func(tx store.Tx, lease store.Lease) error
}

func (w wrongShared) Acquire(ctx context.Context, node string, ttl time.Duration, names ...string) ([]store.Lease, error) {
	if w.acquire != nil {
		return w.acquire(ctx, node, ttl, names...)
	}
	return w.Shared.Acquire(ctx, node, ttl, names...)
}

func (w wrongShared) Release(ctx context.Context, leases ...store.Lease) error {
	if w.release != nil {
		return w.release(ctx, leases...)
	}
	return w.Shared.Release(ctx, leases...)
}

func (w wrongShared) Tell(ctx context.Context, hint store.Hint) error {
	if w.tell != nil {
		return w.tell(ctx, hint)
	}
	return w.Shared.Tell(ctx, hint)
}

func (w wrongShared) Update(ctx context.Context, fn func(store.Tx) error) error {
	return w.Shared.Update(ctx, func(tx store.Tx) error {
		if w.fence != nil {
			tx = wrongFence{tx, w.fence}
		}
		return fn(tx)
	})
}

type wrongFence struct {
	store.Tx

	fence func(store.Tx, store.Lease) error
}

func (w wrongFence) Fence(lease store.Lease) error { return w.fence(w.Tx, lease) }

func ignoredEpoch(s store.Shared) store.Shared {
	return wrongShared{Shared: s, fence: func(store.Tx, store.Lease) error { return nil }}
}

// nodesOnly takes an old lease of the node for its present one.
func nodesOnly(s store.Shared) store.Shared {
	latest := map[string]store.Lease{}
	var mu sync.Mutex
	w := wrongShared{Shared: s}
	w.acquire = func(ctx context.Context, node string, ttl time.Duration, names ...string) ([]store.Lease, error) {
		leases, err := s.Acquire(ctx, node, ttl, names...)
		mu.Lock()
		defer mu.Unlock()
		for _, lease := range leases {
			latest[lease.Name] = lease
		}
		return leases, err
	}
	w.fence = func(_ store.Tx, lease store.Lease) error {
		mu.Lock()
		defer mu.Unlock()
		if latest[lease.Name].Node != lease.Node {
			return store.ErrFenced
		}
		return nil
	}
	return w
}

// twoHolders looks who holds a lease under another name for each node.
func twoHolders(s store.Shared) store.Shared {
	return wrongShared{Shared: s, acquire: func(ctx context.Context, node string, ttl time.Duration, names ...string) ([]store.Lease, error) {
		var own []string
		for _, name := range names {
			own = append(own, node+"/"+name)
		}
		leases, err := s.Acquire(ctx, node, ttl, own...)
		for i := range leases {
			leases[i].Name = strings.TrimPrefix(leases[i].Name, node+"/")
		}
		return leases, err
	}}
}

func livesFor(life func(time.Duration) time.Duration) func(store.Shared) store.Shared {
	return func(s store.Shared) store.Shared {
		return wrongShared{Shared: s, acquire: func(ctx context.Context, node string, ttl time.Duration, names ...string) ([]store.Lease, error) {
			return s.Acquire(ctx, node, life(ttl), names...)
		}}
	}
}

var (
	endsEarly  = livesFor(func(ttl time.Duration) time.Duration { return ttl / 2 })
	neverEnds  = livesFor(func(time.Duration) time.Duration { return time.Hour })
	longEnough = 10 * time.Second
)

// newEpochs gives every call a new epoch.
func newEpochs(s store.Shared) store.Shared {
	return wrongShared{Shared: s, acquire: func(ctx context.Context, node string, ttl time.Duration, names ...string) ([]store.Lease, error) {
		held, err := s.Acquire(ctx, node, ttl, names...)
		if err != nil {
			return nil, err
		}
		if err := s.Release(ctx, held...); err != nil {
			return nil, err
		}
		return s.Acquire(ctx, node, ttl, names...)
	}}
}

// oneEpoch forgets who held a lease once it is free.
func oneEpoch(s store.Shared) store.Shared {
	return wrongShared{
		Shared: s,
		acquire: func(ctx context.Context, node string, ttl time.Duration, names ...string) ([]store.Lease, error) {
			leases, err := s.Acquire(ctx, node, ttl, names...)
			for i := range leases {
				leases[i].Epoch = 1
			}
			return leases, err
		},
		release: func(ctx context.Context, leases ...store.Lease) error {
			for _, lease := range leases {
				held, err := s.Acquire(ctx, lease.Node, longEnough, lease.Name)
				if err != nil {
					return err
				}
				if err := s.Release(ctx, held...); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func neverReleased(s store.Shared) store.Shared {
	return wrongShared{Shared: s, release: func(context.Context, ...store.Lease) error { return nil }}
}

// releasedByAnybody looks at the name only.
func releasedByAnybody(s store.Shared) store.Shared {
	w := wrongShared{Shared: s}
	var mu sync.Mutex
	latest := map[string]store.Lease{}
	w.acquire = func(ctx context.Context, node string, ttl time.Duration, names ...string) ([]store.Lease, error) {
		leases, err := s.Acquire(ctx, node, ttl, names...)
		mu.Lock()
		defer mu.Unlock()
		for _, lease := range leases {
			latest[lease.Name] = lease
		}
		return leases, err
	}
	w.release = func(ctx context.Context, leases ...store.Lease) error {
		mu.Lock()
		defer mu.Unlock()
		for _, lease := range leases {
			if err := s.Release(ctx, latest[lease.Name]); err != nil {
				return err
			}
		}
		return nil
	}
	return w
}

func hintsWithoutJobs(s store.Shared) store.Shared {
	return wrongShared{Shared: s, tell: func(ctx context.Context, hint store.Hint) error {
		hint.Jobs = nil
		return s.Tell(ctx, hint)
	}}
}
