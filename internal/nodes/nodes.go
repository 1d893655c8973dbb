// Package nodes is what one of several nodes does to share a store with the others: it takes leases for its work and its part of the shards, tells the
// others what has changed and hears what they tell, and knows whether its clock agrees with the store's. It knows no work itself, and nothing
// depends on it for being right: updates are fenced, and sweeps make up for hints that are lost.
package nodes

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"iotjobs/internal/store"
)

// Times of a node. A lease is trusted for less than it lasts, so that a holder whose calls or clock are slow stops before another node begins; a node
// that does not beat has lost its leases when the others divide its shards.
const (
	leaseLife    = 10 * time.Second
	leaseTrust   = 6 * time.Second // since before the call that acquired it
	leaseFresh   = 3 * time.Second // renewed after that if it is used
	leaseIdle    = 5 * time.Second // given back after that if it is not
	refusedPause = time.Second
	beatInterval = 2 * time.Second
	nodeLife     = leaseLife
	recordLife   = time.Minute
	tellDelay    = 10 * time.Millisecond
	hearDelay    = 20 * time.Millisecond
	relisten     = time.Second
	// silence is how long a node may be without the store before it says that it is not ready.
	silence = 5 * time.Second
)

// What a node thinks of its clock against the store's.
const (
	SkewWarning = 2 * time.Second
	SkewLimit   = 10 * time.Second
)

// Node is one node. Set the fields, then Join; all methods may be called concurrently.
type Node struct {
	Shared store.Shared
	// ID is different for every start of every node.
	ID string
	// Now is the real clock, with its monotonic reading.
	Now func() time.Time
	// Heard is called with what other nodes tell, several hints as one; also with an empty one when hints may have been lost. It must not block.
	Heard func(store.Hint)
	// TellThings says that other nodes want to know which things have changed, as those would that hold sessions of devices. Every report of a
	// device is such a change, so telling costs something all the time.
	TellThings bool
	Log        *slog.Logger

	leases leases
	clock  clock
	out    batch
	in     batch
}

// Join measures the clock and takes this node's part of the shards, as far as it is free.
func (n *Node) Join(ctx context.Context) error {
	n.out.signal, n.in.signal = make(chan struct{}, 1), make(chan struct{}, 1)
	n.leases.held, n.leases.refused = map[string]holding{}, map[string]time.Time{}
	return n.beat(ctx)
}

// Run returns when ctx ends; then Leave.
func (n *Node) Run(ctx context.Context) error {
	var group errgroup.Group
	group.Go(func() error { n.beats(ctx); return nil })
	group.Go(func() error { n.listen(ctx); return nil })
	group.Go(func() error { n.out.pass(ctx, tellDelay, n.send); return nil })
	group.Go(func() error { n.in.pass(ctx, hearDelay, n.Heard); return nil })
	return group.Wait()
}

// Leave gives back everything, so that the others need not wait until it ends.
func (n *Node) Leave(ctx context.Context) error {
	if err := n.forget(ctx); err != nil {
		return err
	}
	return n.Shared.Release(ctx, n.leases.drain()...)
}

// beats tells the others that this node lives, until ctx ends.
func (n *Node) beats(ctx context.Context) {
	ticker := time.NewTicker(beatInterval)
	defer ticker.Stop()
	told := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := n.beat(ctx)
		if err == nil {
			err = n.giveBackIdle(ctx)
		}
		switch {
		case err == nil:
			told = ""
		case ctx.Err() == nil && err.Error() != told:
			told = err.Error()
			n.Log.ErrorContext(ctx, "this node cannot tell the others that it lives, it will be tried again", "error", err)
		}
	}
}

// listen hears what others tell, until ctx ends.
func (n *Node) listen(ctx context.Context) {
	for ctx.Err() == nil {
		err := n.Shared.Hints(ctx, func(h store.Hint) { n.in.add(h) })
		if ctx.Err() != nil {
			return
		}
		n.Log.WarnContext(ctx, "hints of other nodes cannot be heard, work waits for sweeps meanwhile", "error", err)
		pause(ctx, relisten)
		n.in.add(store.Hint{}) // whatever was told meanwhile
	}
}

func (n *Node) send(h store.Hint) {
	ctx, cancel := context.WithTimeout(context.Background(), silence)
	defer cancel()
	if err := n.Shared.Tell(ctx, h); err != nil {
		n.Log.DebugContext(ctx, "a hint was not told", "error", err)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// clock is what the last beat has found.
type clock struct {
	mu   sync.Mutex
	beat time.Time // the last that worked; zero before the first
	skew time.Duration
}
