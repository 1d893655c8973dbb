package service

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

// Timers fire side by side so that they share syncs. On a store that changes many things together they do so in bulks of timersPerBulk: while one is
// committed, the others are prepared. A bulk is small enough that devices, whose calls may be in the same commit, do not feel it.
const (
	timersAtOnce  = 64
	timersPerBulk = 250
	bulksAtOnce   = 3
)

// firePaced fires a bulk at a time, each as one step of background work.
func (s *Service) firePaced(ctx context.Context, due []dueTimer) error {
	for part := range slices.Chunk(due, timersPerBulk) {
		if err := s.pace(ctx, func() error { return s.fireAll(ctx, part) }); err != nil {
			return err
		}
	}
	return nil
}

// fireAll fires timers as fast as it can. Those that fail stay due.
func (s *Service) fireAll(ctx context.Context, due []dueTimer) error {
	group, ctx := errgroup.WithContext(ctx)
	if batching, ok := s.Store.(store.Batching); ok {
		group.SetLimit(bulksAtOnce)
		for bulk := range slices.Chunk(due, timersPerBulk) {
			group.Go(func() error { return s.fireBulk(ctx, batching, bulk) })
		}
		return group.Wait()
	}
	group.SetLimit(timersAtOnce)
	for _, d := range due {
		group.Go(func() error { return s.fire(ctx, d) })
	}
	return group.Wait()
}

// fireBulk fires timers with one commit.
func (s *Service) fireBulk(ctx context.Context, batching store.Batching, due []dueTimer) error {
	now := s.Now()
	tell, err := s.teller(ctx, now)
	if err != nil {
		return err
	}
	fires := make([]firing, len(due))
	updates := make([]store.ThingUpdate, len(due))
	for i, d := range due {
		fires[i] = firing{dueTimer: d, now: now, tell: tell}
		updates[i] = store.ThingUpdate{Thing: d.Thing.Name, Addresses: fires[i].addresses(), Decide: fires[i].decide}
	}
	if err := batching.UpdateThings(ctx, updates); err != nil {
		return fmt.Errorf("time out executions: %w", err)
	}
	var marked []jobs.JobNumber
	for _, f := range fires {
		for _, job := range f.marks {
			if !slices.Contains(marked, job) {
				marked = append(marked, job)
			}
		}
	}
	s.wake(marked...)
	return nil
}

// fire fires one timer.
func (s *Service) fire(ctx context.Context, due dueTimer) error {
	now := s.Now()
	tell, err := s.teller(ctx, now)
	if err != nil {
		return err
	}
	f := firing{dueTimer: due, now: now, tell: tell}
	if err := s.Store.UpdateThing(ctx, due.Thing.Name, f.addresses(), f.decide); err != nil {
		return fmt.Errorf("time out job %d on thing %s: %w", due.Job, due.Thing.Name, err)
	}
	s.wake(f.marks...)
	return nil
}

// firing is a timer that fires.
type firing struct {
	dueTimer

	now   time.Time
	tell  teller
	marks []jobs.JobNumber // of what was decided last
}

func (f *firing) addresses() []store.Address { return []store.Address{{Job: f.id, Head: true}} }

// decide times out the execution if its deadline, as it stands now, has passed (LIFE-6).
func (f *firing) decide(view store.ThingView) (store.ThingChange, error) {
	state := newThingState(view)
	for _, e := range state.pending {
		if e.Job != f.Job || e.Number != f.Number {
			continue
		}
		if timedOut, changed := e.TimeOut(f.now); changed {
			state.end(e, timedOut, f.now)
		}
	}
	change := state.change()
	change.Events = f.tell.executions(f.Thing.Name, change.Executions, view.Jobs)
	f.marks = change.Marks
	return change, nil
}
