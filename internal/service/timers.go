package service

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

// Sizes of a round of timers, and of a paced one, which takes longer; mostDue is how far a node reads past the timers of others.
const (
	duePerRound      = 4000
	duePerPacedRound = 1000
	mostDue          = 64_000
)

// timerPatience is how late timers are when they become a backlog.
const timerPatience = 5 * time.Second

// FireTimers times out what is due now, wakes the jobs whose time has come, and tells whether more is due.
func (s *Service) FireTimers(ctx context.Context) (more bool, err error) {
	now, calls := s.Now(), s.deviceCalls.Load()
	busy, limit := s.timers.calls.Swap(calls) != calls, duePerRound
	if s.timers.paced.Load() {
		limit = duePerPacedRound
	}
	due, more, err := s.due(ctx, now, limit)
	if err != nil {
		return false, err
	}
	// What falls due as time goes by waits for nobody. A backlog, as after a long stop, leaves time to devices.
	paced := more && busy && now.Sub(due[0].At) > timerPatience
	if s.timers.paced.Store(paced); paced {
		err = s.firePaced(ctx, due)
	} else {
		err = s.fireAll(ctx, due)
	}
	if err != nil {
		return false, err
	}
	woken, err := s.wakeJobs(ctx, now)
	return more || woken == marksPerRound, err
}

// wakeJobs marks the jobs whose time to look has come.
func (s *Service) wakeJobs(ctx context.Context, now time.Time) (woken int, err error) {
	var due []jobs.JobNumber
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		due, err = tx.DueJobs(now, marksPerRound)
		return err
	})
	if err != nil || len(due) == 0 || !s.owns(wakeShard) {
		return 0, err
	}
	err = s.Store.Update(ctx, func(tx store.Tx) error {
		for _, number := range due {
			job, err := tx.JobByNumber(number)
			if err != nil {
				return err
			}
			if job == nil || job.WakeAt.IsZero() || job.WakeAt.After(now) {
				continue
			}
			job.WakeAt = time.Time{}
			if err := errors.Join(tx.PutJob(job), tx.Mark(number)); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.wake(due...)
	}
	return len(due), err
}

// dueTimer is a timer that fires, with the ID of its job.
type dueTimer struct {
	store.Due

	id jobs.JobID
}

// lastTimers is what is remembered of the last round of timers.
type lastTimers struct {
	calls atomic.Int64 // of devices until then
	paced atomic.Bool
}

// due lists at most limit timers of this node's shards that fire now, and tells whether there may be more. Those of a job in deletion go with it.
//
// The due index is one for all nodes, so a node reads past the timers of others. They take theirs out meanwhile; if they do not, because a node
// has just died, it reads further until it finds some of its own. Two nodes that fire the same timer do it once: the second finds no deadline.
func (s *Service) due(ctx context.Context, now time.Time, limit int) (timers []dueTimer, more bool, err error) {
	for look := limit; ; look *= 4 {
		var all int
		err = s.Store.View(ctx, func(tx store.ReadTx) error {
			due, err := tx.Due(now, look)
			if err != nil {
				return err
			}
			all = len(due)
			timers, err = withIDs(tx, s.ownTimers(due, limit))
			return err
		})
		if err != nil || all < look || len(timers) > 0 || look >= mostDue {
			return timers, len(timers) > 0 && (all == look || len(timers) == limit), err
		}
	}
}

// ownTimers are those of this node's shards, at most limit.
func (s *Service) ownTimers(due []store.Due, limit int) (own []store.Due) {
	for _, d := range due {
		if len(own) < limit && s.owns(uint64(d.Thing.Number)) {
			own = append(own, d)
		}
	}
	return own
}

func withIDs(tx store.ReadTx, due []store.Due) (timers []dueTimer, err error) {
	timers = make([]dueTimer, len(due))
	ids := map[jobs.JobNumber]jobs.JobID{}
	for i, d := range due {
		id, known := ids[d.Job]
		if !known {
			job, err := tx.JobByNumber(d.Job)
			if err != nil {
				return nil, err
			}
			if job != nil {
				id = job.ID
			}
			ids[d.Job] = id
		}
		timers[i] = dueTimer{d, id}
	}
	return timers, nil
}
