package store

import (
	"context"
	"errors"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// ErrFenced: the lease that an update was made under is no longer its node's. Another node goes on with the work.
var ErrFenced = errors.New("the lease was lost to another node")

// Shared is what a store offers beside Store if several nodes may open it at once. An engine of one process does not have it, and then there is
// one node, which owns everything.
//
// What is here saves work and time, and nothing depends on it for being right: two nodes that work on the same job meet in Update, and a hint
// that is lost is made up for by the next sweep.
type Shared interface {
	Store

	// Acquire takes or renews leases, and returns those of the names that the node holds now, in no order. A lease ends when the store's clock has
	// passed ttl since it was last acquired; then another node can take it, at a higher epoch. A renewal keeps the epoch. Only renewals within ttl
	// are renewals: a lease that ended is acquired anew even by the node that held it.
	Acquire(ctx context.Context, node string, ttl time.Duration, names ...string) ([]Lease, error)
	// Release gives leases back before their end. One that is not held any more is left as it is.
	Release(ctx context.Context, leases ...Lease) error

	// Tell sends a hint to the other nodes after a change was committed. It may be lost, and several may arrive as one.
	Tell(ctx context.Context, hint Hint) error
	// Hints calls fn with what other nodes tell, from one goroutine, until ctx ends (nil) or it cannot listen any more (the reason). Hints that were
	// told before it listened are not heard. A node hears its own hints too or not, as the engine likes.
	Hints(ctx context.Context, fn func(Hint)) error

	// Clock reads the store's clock, which leases go by.
	Clock(ctx context.Context) (time.Time, error)
}

// Lease is the right of one node to do one kind of work for a while.
type Lease struct {
	// Name is what work: up to 128 bytes of text.
	Name string
	Node string
	// Epoch is at least 1, and each new holder of the name has a higher one than all before. Tx.Fence compares it.
	Epoch uint64
}

// Hint says what may have changed; an empty one that anything may have.
type Hint struct {
	Things []registry.ThingName
	Jobs   []jobs.JobNumber
}
