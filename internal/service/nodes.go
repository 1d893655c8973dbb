package service

import (
	"context"
	"errors"
	"fmt"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

// Nodes says which background work is this node's, where several share a store. What it says saves double work; Tx.Fence and rules that can be
// applied twice make sure that double work does no harm.
type Nodes interface {
	// Hold takes or renews leases, and returns those of the names that this node holds, by name.
	Hold(ctx context.Context, names ...string) (map[string]store.Lease, error)
	// Lost forgets a lease that turned out to be another node's.
	Lost(lease store.Lease)
	// Owns tells whether what has a number is in one of this node's shards.
	Owns(number uint64) bool
}

// Shards of work that is not split.
const (
	purgeShard = iota
	wakeShard
)

// eventsLease is the right to tell events: one node does, in order.
const eventsLease = "events"

func jobLease(number jobs.JobNumber) string { return fmt.Sprintf("job/%d", number) }

func massChangeLease(id string) string { return "mass-change/" + id }

func (s *Service) owns(number uint64) bool { return s.Nodes == nil || s.Nodes.Owns(number) }

// hold takes the leases of jobs, as far as they are free.
func (s *Service) hold(ctx context.Context, numbers []jobs.JobNumber) error {
	if s.Nodes == nil || len(numbers) == 0 {
		return nil
	}
	names := make([]string, len(numbers))
	for i, number := range numbers {
		names[i] = jobLease(number)
	}
	_, err := s.Nodes.Hold(ctx, names...)
	return err
}

// owning does work if its lease is this node's, and tells whether it was done. A lease that is lost meanwhile is no error: the holder goes on.
func (s *Service) owning(ctx context.Context, name string, work func(store.Lease) error) (done bool, err error) {
	var lease store.Lease
	if s.Nodes != nil {
		held, err := s.Nodes.Hold(ctx, name)
		if err != nil {
			return false, err
		}
		var mine bool
		if lease, mine = held[name]; !mine {
			return false, nil
		}
	}
	err = work(lease)
	if errors.Is(err, store.ErrFenced) {
		s.Nodes.Lost(lease)
		return false, nil
	}
	return err == nil, err
}

// updateOwned is an update under a lease; the zero lease is that of a node that owns everything.
func (s *Service) updateOwned(ctx context.Context, lease store.Lease, fn func(store.Tx) error) error {
	return s.Store.Update(ctx, func(tx store.Tx) error {
		if lease != (store.Lease{}) {
			if err := tx.Fence(lease); err != nil {
				return err
			}
		}
		return fn(tx)
	})
}
