package nodes

import (
	"context"
	"sync"
	"time"

	"iotjobs/internal/store"
)

// leases are those that this node holds, and those that it was refused a moment ago.
type leases struct {
	mu      sync.Mutex
	held    map[string]holding
	refused map[string]time.Time // until when not to ask again
}

type holding struct {
	store.Lease

	fresh, trusted time.Time // until when
	used           time.Time
}

// Hold takes or renews leases, and returns those of the names that this node holds, by name. It asks the store only for what is not fresh.
func (n *Node) Hold(ctx context.Context, names ...string) (map[string]store.Lease, error) {
	now := n.Now()
	mine, ask := n.leases.look(now, names)
	if len(ask) == 0 {
		return mine, nil
	}
	acquired, err := n.Shared.Acquire(ctx, n.ID, leaseLife, ask...)
	if err != nil {
		return nil, err
	}
	for _, lease := range acquired {
		mine[lease.Name] = lease
	}
	n.leases.keep(now, ask, mine)
	return mine, nil
}

// look splits names into what is fresh and what must be asked for.
func (l *leases) look(now time.Time, names []string) (fresh map[string]store.Lease, ask []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fresh = map[string]store.Lease{}
	for _, name := range names {
		if h, ok := l.held[name]; ok && now.Before(h.fresh) {
			h.used = now
			l.held[name], fresh[name] = h, h.Lease
		} else if !now.Before(l.refused[name]) {
			ask = append(ask, name)
		}
	}
	return fresh, ask
}

// keep notes what was asked for at an instant, and is now held or not.
func (l *leases) keep(asked time.Time, names []string, mine map[string]store.Lease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		if lease, ok := mine[name]; ok {
			delete(l.refused, name)
			l.held[name] = holding{lease, asked.Add(leaseFresh), asked.Add(leaseTrust), asked}
		} else {
			delete(l.held, name)
			l.refused[name] = asked.Add(refusedPause)
		}
	}
}

// Lost forgets a lease that an update found to be another node's.
func (n *Node) Lost(lease store.Lease) {
	n.leases.keep(n.Now(), []string{lease.Name}, nil)
}

// trusts tells whether a lease is held without asking.
func (l *leases) trusts(now time.Time, name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	h, ok := l.held[name]
	return ok && now.Before(h.trusted)
}

// giveBackIdle releases what no work has asked for lately.
func (n *Node) giveBackIdle(ctx context.Context) error {
	if idle := n.leases.takeIdle(n.Now()); len(idle) > 0 {
		return n.Shared.Release(ctx, idle...)
	}
	return nil
}

func (l *leases) takeIdle(now time.Time) (idle []store.Lease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, h := range l.held {
		if now.Sub(h.used) >= leaseIdle {
			idle = append(idle, h.Lease)
			delete(l.held, name)
		}
	}
	for name, until := range l.refused {
		if now.After(until) {
			delete(l.refused, name)
		}
	}
	return idle
}

// take forgets leases and returns them, for release.
func (l *leases) take(names []string) (taken []store.Lease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		if h, ok := l.held[name]; ok {
			taken = append(taken, h.Lease)
			delete(l.held, name)
		}
	}
	return taken
}

func (l *leases) drain() (all []store.Lease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range l.held {
		all = append(all, h.Lease)
	}
	clear(l.held)
	return all
}
