package nodes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"iotjobs/internal/store"
)

// ErrOccupied: somebody copies the store, or into it, and no node may serve it meanwhile.
var ErrOccupied = errors.New("the store is being copied: no node can serve it meanwhile")

// ClockLease is the lease of the only node of a store with a virtual clock, which gives no signs of life.
const ClockLease = "virtual-clock"

// Occupy keeps all nodes away from a store that is copied, until leave is called: it fails if one lives, and none can join meanwhile. If the caller
// dies, nodes can join after a few seconds.
//
// It does not stand between the copy and the store. Whoever cannot say any more that he lives goes on, and finds out by comparing in the end.
func Occupy(ctx context.Context, shared store.Shared, id string) (leave func(context.Context) error, err error) {
	o := &occupant{shared: shared, id: id}
	if err := o.beat(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(beatInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				_ = o.beat(ctx) // it is tried again
			}
		}
	}()
	return func(ctx context.Context) error {
		cancel()
		<-ended
		n := Node{Shared: shared, ID: id}
		return errors.Join(n.forget(ctx), shared.Release(ctx, o.lease))
	}, nil
}

type occupant struct {
	shared store.Shared
	id     string
	lease  store.Lease
}

// beat takes the place of all nodes, or keeps it.
func (o *occupant) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	got, err := o.shared.Acquire(ctx, o.id, leaseLife, ClockLease)
	if err != nil {
		return err
	}
	if len(got) == 0 {
		return errors.New("a server with a virtual clock, or another copy, uses the store: stop it first")
	}
	o.lease = got[0]
	now, err := o.shared.Clock(ctx)
	if err != nil {
		return err
	}
	err = o.shared.Update(ctx, func(tx store.Tx) error {
		living, err := signs(tx, now, o.id)
		if err != nil {
			return err
		}
		var others []string
		for _, s := range living {
			others = append(others, fmt.Sprintf("%s (seen %s ago)", s.id, now.Sub(s.Seen).Round(time.Second)))
		}
		if len(others) > 0 {
			return fmt.Errorf("nodes use the store: stop them first, and wait %s for those that were killed: %s", nodeLife, strings.Join(others, ", "))
		}
		raw, err := json.Marshal(sign{Seen: now, Occupies: true})
		if err != nil {
			return err
		}
		return tx.PutRecord(store.NodeRecord, o.id, raw)
	})
	if err != nil {
		return errors.Join(err, o.shared.Release(ctx, o.lease))
	}
	return nil
}

// signOf is the sign of life of a node.
type signOf struct {
	sign

	id string
}

// signs lists the signs of the nodes that live, but for one, in order. Those of the long dead are removed.
func signs(tx store.Tx, now time.Time, but string) (living []signOf, err error) {
	const page = 100
	for after := ""; ; {
		records, err := tx.Records(store.NodeRecord, after, page)
		if err != nil {
			return nil, err
		}
		for _, record := range records {
			after = record.ID
			var s sign
			if err := json.Unmarshal(record.Value, &s); err != nil {
				return nil, fmt.Errorf("decode the sign of life of node %s: %w", record.ID, err)
			}
			switch age := now.Sub(s.Seen); {
			case record.ID == but:
			case age < nodeLife:
				living = append(living, signOf{s, record.ID})
			case age > recordLife:
				if err := tx.DeleteRecord(store.NodeRecord, record.ID); err != nil {
					return nil, err
				}
			}
		}
		if len(records) < page {
			return living, nil
		}
	}
}
