package service

import (
	"context"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// PendingEvents lists the events that wait to be told, those after a number, in order (LIFE-12.8). One of several nodes tells them; there are none for
// the others.
func (s *Service) PendingEvents(ctx context.Context, after uint64, limit int) (events []jobs.Event, err error) {
	_, err = s.owning(ctx, eventsLease, func(store.Lease) error {
		return s.Store.View(ctx, func(tx store.ReadTx) error {
			events, err = tx.Events(after, limit)
			return err
		})
	})
	return events, err
}

// ForgetEvents removes the events up to and including a number: they have been told. A node that tells events no more leaves them to the one that does.
func (s *Service) ForgetEvents(ctx context.Context, until uint64) error {
	_, err := s.owning(ctx, eventsLease, func(lease store.Lease) error { return s.forgetEvents(ctx, until, lease) })
	return err
}

func (s *Service) forgetEvents(ctx context.Context, until uint64, lease store.Lease) error {
	return s.updateOwned(ctx, lease, func(tx store.Tx) error { return tx.DeleteEvents(until) })
}

// TrimEvents removes the oldest events until at most keep wait, and tells how many wait then and how many were removed: none by a node that does
// not tell events.
func (s *Service) TrimEvents(ctx context.Context, keep uint64) (waiting, dropped uint64, err error) {
	_, err = s.owning(ctx, eventsLease, func(lease store.Lease) error {
		var last uint64
		err := s.Store.View(ctx, func(tx store.ReadTx) (err error) {
			last, waiting, err = waitingEvents(tx)
			return err
		})
		if err != nil || waiting <= keep {
			return err
		}
		if err := s.forgetEvents(ctx, last-keep, lease); err != nil {
			return err
		}
		waiting, dropped = keep, waiting-keep
		return nil
	})
	return waiting, dropped, err
}

// waitingEvents counts the events that wait, without looking at each: their numbers have no gaps.
func waitingEvents(tx store.ReadTx) (last, waiting uint64, err error) {
	first, err := tx.Events(0, 1)
	if err != nil || len(first) == 0 {
		return 0, 0, err
	}
	last, err = tx.LastEvent()
	return last, last - first[0].Number + 1, err
}

// teller makes the events of one change, of the types that are switched on. The zero value makes none.
type teller struct {
	types eventTypes
	now   time.Time
	newID func() string
}

// teller is for changes of one thing; tellerIn for those within an update.
func (s *Service) teller(ctx context.Context, now time.Time) (teller, error) {
	types, err := s.eventTypes(ctx)
	return s.tellerOf(types, now), err
}

func (s *Service) tellerIn(tx store.ReadTx, now time.Time) (teller, error) {
	types, err := s.eventTypesIn(tx)
	return s.tellerOf(types, now), err
}

func (s *Service) tellerOf(types eventTypes, now time.Time) teller {
	if types == (eventTypes{}) {
		return teller{}
	}
	return teller{types, now, s.newID}
}

// executions are the events of a thing's executions that change. known has their jobs.
func (t teller) executions(thing registry.ThingName, changes []store.ExecutionChange, known map[jobs.JobNumber]*jobs.Job) (events []jobs.Event) {
	if !t.types.executions {
		return nil
	}
	for _, c := range changes {
		either := c.Before
		if either == nil {
			either = c.After
		}
		job := known[either.Job]
		if job == nil { // impossible: a change is decided on what a view shows
			continue
		}
		if event, ok := jobs.ExecutionEventOf(job.ID, thing, asSeen(c, job), c.After, t.now); ok {
			event.ID = t.newID()
			events = append(events, event)
		}
	}
	return events
}

// asSeen is the execution before a change; one that is deleted as everybody has seen it last, unless its job is being deleted, too.
func asSeen(c store.ExecutionChange, job *jobs.Job) *jobs.JobExecution {
	if c.Before != nil && c.After == nil {
		if effective, ok := jobs.Effective(*c.Before, job); ok {
			return &effective
		}
	}
	return c.Before
}

// changeThing changes the executions of a thing within an update, with the events that this causes. known has the jobs of the executions.
func (s *Service) changeThing(tx store.Tx, key registry.ThingKey, change store.ThingChange, known map[jobs.JobNumber]*jobs.Job, now time.Time) error {
	tell, err := s.tellerIn(tx, now)
	if err != nil {
		return err
	}
	change.Events = tell.executions(key.Name, change.Executions, known)
	return tx.ChangeThing(key, change)
}

// tellJob appends an event of a job as it is now (LIFE-12.2). The counters belong to the completed one only (LIFE-12.5).
func (s *Service) tellJob(tx store.Tx, job *jobs.Job, operation jobs.EventOperation, now time.Time) error {
	tell, err := s.tellerIn(tx, now)
	if err != nil || !tell.types.jobs {
		return err
	}
	event := job.NewEvent(operation, now)
	event.ID = tell.newID()
	if operation == jobs.JobWasCompleted {
		if event.Job.Counters, err = tx.Counters(job.Number); err != nil {
			return err
		}
	}
	return tx.AppendEvents(event)
}
