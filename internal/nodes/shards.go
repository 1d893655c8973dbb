package nodes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"iotjobs/internal/store"
)

// numShards is how many parts there are of the work that looks through the whole store.
const numShards = 16

var shardNames = func() (names [numShards]string) {
	for i := range names {
		names[i] = fmt.Sprintf("shard/%d", i)
	}
	return names
}()

// Owns tells whether what has a number is in a shard of this node. Two nodes never think so at a time, unless one of them has been asleep.
func (n *Node) Owns(number uint64) bool {
	return n.leases.trusts(n.Now(), shardNames[number%numShards])
}

// sign is a node's sign of life, a record by node id.
type sign struct {
	// Seen is the store's clock when the node last beat.
	Seen time.Time `json:"seen"`
	// Occupies is set for what keeps nodes away (see Occupy).
	Occupies bool `json:"occupies,omitempty"`
}

// beat tells the others that this node lives, and takes or gives back shards as the living nodes share them.
func (n *Node) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, silence) // a store that hangs is one that is away
	defer cancel()
	before := n.Now()
	now, err := n.measure(ctx, before)
	if err != nil {
		return err
	}
	living, err := n.sign(ctx, now)
	if err != nil {
		return fmt.Errorf("say that node %s lives: %w", n.ID, err)
	}
	mine, others := share(living, n.ID)
	if err := n.Shared.Release(ctx, n.leases.take(others)...); err != nil {
		return fmt.Errorf("give back shards: %w", err)
	}
	asked := n.Now()
	acquired, err := n.Shared.Acquire(ctx, n.ID, leaseLife, mine...)
	if err != nil {
		return fmt.Errorf("take shards: %w", err)
	}
	got := map[string]store.Lease{}
	for _, lease := range acquired {
		got[lease.Name] = lease
	}
	n.leases.keep(asked, mine, got)
	n.clock.mu.Lock()
	defer n.clock.mu.Unlock()
	n.clock.beat = n.Now()
	return nil
}

// sign writes this node's sign of life and lists the nodes that live, in order. Signs of the long dead are removed.
func (n *Node) sign(ctx context.Context, now time.Time) (living []string, err error) {
	raw, err := json.Marshal(sign{Seen: now})
	if err != nil {
		return nil, err
	}
	err = n.Shared.Update(ctx, func(tx store.Tx) error {
		others, err := signs(tx, now, n.ID)
		if err != nil {
			return err
		}
		living = []string{n.ID}
		for _, other := range others {
			if other.Occupies {
				return ErrOccupied
			}
			living = append(living, other.id)
		}
		return tx.PutRecord(store.NodeRecord, n.ID, raw)
	})
	slices.Sort(living)
	return living, err
}

// forget removes this node's sign of life.
func (n *Node) forget(ctx context.Context) error {
	return n.Shared.Update(ctx, func(tx store.Tx) error { return tx.DeleteRecord(store.NodeRecord, n.ID) })
}

// share says which shards are a node's, and which the others', if each of the living has its fair part.
func share(living []string, id string) (mine, others []string) {
	rank := slices.Index(living, id)
	for shard, name := range shardNames {
		if shard%len(living) == rank {
			mine = append(mine, name)
		} else {
			others = append(others, name)
		}
	}
	return mine, others
}

// measure reads the store's clock, and how far the local one is from it: nothing as long as it is within the time of the call.
func (n *Node) measure(ctx context.Context, before time.Time) (time.Time, error) {
	now, err := n.Shared.Clock(ctx)
	if err != nil {
		return now, fmt.Errorf("read the store's clock: %w", err)
	}
	after := n.Now()
	skew := time.Duration(0)
	if ahead := before.Round(0).Sub(now); ahead > 0 {
		skew = ahead
	} else if behind := now.Sub(after.Round(0)); behind > 0 {
		skew = -behind
	}
	n.clock.mu.Lock()
	old := n.clock.skew
	n.clock.skew = skew
	n.clock.mu.Unlock()
	if skew.Abs() > SkewWarning && old.Abs() <= SkewWarning {
		n.Log.WarnContext(ctx, "the clock of this machine differs from the database's", "ahead", skew)
	}
	return now, nil
}

// Ready says why this node is not to be trusted with calls; nil if it is.
func (n *Node) Ready() error {
	n.clock.mu.Lock()
	defer n.clock.mu.Unlock()
	switch silent := n.Now().Sub(n.clock.beat); {
	case n.clock.beat.IsZero() || silent > silence:
		return fmt.Errorf("the database has not been reached for %s", silent.Round(time.Second))
	case n.clock.skew.Abs() > SkewLimit:
		return skewError(n.clock.skew)
	}
	return nil
}

// Skew is how far the local clock is ahead of the store's, as last measured.
func (n *Node) Skew() time.Duration {
	n.clock.mu.Lock()
	defer n.clock.mu.Unlock()
	return n.clock.skew
}

// ErrSkew: the clock of this machine is too far from the store's.
var ErrSkew = errors.New("the clock of this machine is too far from the database's")

func skewError(skew time.Duration) error {
	return fmt.Errorf("%w: it is ahead by %s, and at most %s is right; let both follow NTP", ErrSkew, skew.Round(time.Millisecond), SkewLimit)
}
