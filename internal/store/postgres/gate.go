package postgres

import "sync/atomic"

// gate counts running calls, lets no new one in once it is shut, and waits for the last one to leave.
type gate struct {
	n     atomic.Int64 // running calls; plus shut when shut
	empty chan struct{}
}

const shut = -1 << 62

func newGate() *gate { return &gate{empty: make(chan struct{}, 1)} }

// enter must be followed by leave if it is true.
func (g *gate) enter() bool {
	if g.n.Add(1) > 0 {
		return true
	}
	g.leave()
	return false
}

func (g *gate) leave() {
	if g.n.Add(-1) == shut {
		select {
		case g.empty <- struct{}{}:
		default:
		}
	}
}

// shut lets nobody in any more; false when it was shut before.
func (g *gate) shut() bool {
	for {
		n := g.n.Load()
		if n < 0 {
			return false
		}
		if g.n.CompareAndSwap(n, n+shut) {
			return true
		}
	}
}

// drained tells whether everybody has left.
func (g *gate) drained() bool { return g.n.Load() == shut }
