package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

// Sizes of background work. A chunk is what one transaction does; timers fire side by side so that they share syncs.
const (
	stepChunk     = 250
	marksPerRound = 100
	timersAtOnce  = 64
	duePerRound   = 1000
)

// RunSteps does what is due until nothing is: one step of every marked job and of every mass change in turn, so that a large one delays no
// small one. What fails does not keep the others from going on; it stays due.
func (s *Service) RunSteps(ctx context.Context) error {
	for {
		marked, err := s.marked(ctx)
		if err != nil {
			return err
		}
		failed := []error{}
		progress := false
		for _, number := range marked {
			err := s.pace(ctx, func() error {
				_, err := s.StepJob(ctx, number, stepChunk)
				return err
			})
			if err != nil {
				err = fmt.Errorf("step job %d: %w", number, err)
			}
			failed, progress = append(failed, err), progress || err == nil
		}
		more, err := s.runMassChanges(ctx)
		if err := errors.Join(append(failed, err, ctx.Err())...); err != nil || !progress && !more {
			return err
		}
	}
}

func (s *Service) pace(ctx context.Context, step func() error) error {
	if s.Pace == nil {
		return step()
	}
	return s.Pace(ctx, step)
}

func (s *Service) marked(ctx context.Context) (marked []jobs.JobNumber, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		marked, err = tx.Marks(0, marksPerRound)
		return err
	})
	return marked, err
}

// SweepJobs marks every job that may have something to do, so that a lost wake-up or a crash between two steps costs time only, and forgets
// memberships that no job can ask for any more.
func (s *Service) SweepJobs(ctx context.Context) error {
	return errors.Join(s.markUnsettled(ctx, jobs.JobInProgress), s.markUnsettled(ctx, jobs.JobDeletionInProgress), s.purgeMembers(ctx))
}

// markUnsettled pages through the jobs in a status, newest first.
func (s *Service) markUnsettled(ctx context.Context, status jobs.JobStatus) error {
	for after := jobs.JobNumber(0); ; {
		var unsettled []jobs.JobNumber
		var ended bool
		err := s.Store.View(ctx, func(tx store.ReadTx) error {
			page, err := tx.JobsIn(status, after, marksPerRound)
			for _, job := range page {
				if after = job.Number; job.Concurrent() && job.WakeAt.IsZero() {
					unsettled = append(unsettled, job.Number)
				}
			}
			ended = len(page) < marksPerRound
			return err
		})
		if err != nil {
			return err
		}
		if err := s.mark(ctx, unsettled); err != nil || ended {
			return err
		}
	}
}

func (s *Service) mark(ctx context.Context, numbers []jobs.JobNumber) error {
	if len(numbers) == 0 {
		return nil
	}
	err := s.Store.Update(ctx, func(tx store.Tx) error {
		for _, number := range numbers {
			job, err := tx.JobByNumber(number)
			if err != nil {
				return err
			}
			if job == nil { // deleted since it was listed
				continue
			}
			if err := tx.Mark(number); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.wake(numbers...)
	}
	return err
}

// purgeMembers forgets memberships that ended before every snapshot that is still read.
func (s *Service) purgeMembers(ctx context.Context) error {
	for {
		purged := 0
		err := s.pace(ctx, func() error {
			return s.Store.Update(ctx, func(tx store.Tx) error {
				until, err := oldestSnapshot(tx)
				if err != nil {
					return err
				}
				purged, err = tx.PurgeMembers(until, stepChunk)
				return err
			})
		})
		if err != nil || purged < stepChunk {
			return err
		}
	}
}

// oldestSnapshot is the lowest version as of which a job still reads its groups; the present one if none does.
func oldestSnapshot(tx store.ReadTx) (oldest uint64, err error) {
	if oldest, err = tx.Version(); err != nil {
		return 0, err
	}
	for after := jobs.JobNumber(0); ; {
		page, err := tx.JobsIn(jobs.JobInProgress, after, marksPerRound)
		if err != nil {
			return 0, err
		}
		for _, job := range page {
			if after = job.Number; job.Snapshot != 0 && !job.Release.Done {
				oldest = min(oldest, job.Snapshot)
			}
		}
		if len(page) < marksPerRound {
			return oldest, nil
		}
	}
}

// FireTimers times out what is due now, wakes the jobs whose time has come, and tells whether more is due.
func (s *Service) FireTimers(ctx context.Context) (more bool, err error) {
	now := s.Now()
	due, err := s.due(ctx, now)
	if err != nil {
		return false, err
	}
	backlog := len(due) == duePerRound
	fire := func() error { return s.fireAll(ctx, due, now) }
	if backlog { // it leaves time to devices; what falls due as time goes by waits for nobody
		err = s.pace(ctx, fire)
	} else {
		err = fire()
	}
	if err != nil {
		return false, err
	}
	woken, err := s.wakeJobs(ctx, now)
	return backlog || woken == marksPerRound, err
}

// fireAll fires timers side by side, so that they share syncs.
func (s *Service) fireAll(ctx context.Context, due []dueTimer, now time.Time) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(timersAtOnce)
	for _, d := range due {
		group.Go(func() error { return s.fire(ctx, d, now) })
	}
	return group.Wait()
}

// wakeJobs marks the jobs whose time to look has come.
func (s *Service) wakeJobs(ctx context.Context, now time.Time) (woken int, err error) {
	var due []jobs.JobNumber
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		due, err = tx.DueJobs(now, marksPerRound)
		return err
	})
	if err != nil || len(due) == 0 {
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

// due lists the timers that fire now. Those of a job in deletion go with it.
func (s *Service) due(ctx context.Context, now time.Time) (timers []dueTimer, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		due, err := tx.Due(now, duePerRound)
		if err != nil {
			return err
		}
		timers = make([]dueTimer, len(due))
		ids := map[jobs.JobNumber]jobs.JobID{}
		for i, d := range due {
			id, known := ids[d.Job]
			if !known {
				job, err := tx.JobByNumber(d.Job)
				if err != nil {
					return err
				}
				if job != nil {
					id = job.ID
				}
				ids[d.Job] = id
			}
			timers[i] = dueTimer{d, id}
		}
		return nil
	})
	return timers, err
}

// fire times out one execution if its deadline, as it stands now, has passed (LIFE-6).
func (s *Service) fire(ctx context.Context, due dueTimer, now time.Time) error {
	tell, err := s.teller(ctx, now)
	if err != nil {
		return err
	}
	var marks []jobs.JobNumber
	err = s.Store.UpdateThing(ctx, due.Thing.Name, []store.Address{{Job: due.id}}, func(view store.ThingView) (store.ThingChange, error) {
		state := newThingState(view)
		for _, e := range state.pending {
			if e.Job != due.Job || e.Number != due.Number {
				continue
			}
			if timedOut, changed := e.TimeOut(now); changed {
				state.end(e, timedOut, now)
			}
		}
		change := state.change()
		change.Events = tell.executions(due.Thing.Name, change.Executions, view.Jobs)
		marks = change.Marks
		return change, nil
	})
	if err != nil {
		return fmt.Errorf("time out job %d on thing %s: %w", due.Job, due.Thing.Name, err)
	}
	s.wake(marks...)
	return nil
}

// ErrNotVirtual refuses to move a clock that moves by itself.
var ErrNotVirtual = errors.New("the clock is real; start with --clock virtual on a new data directory to move it by hand")

// Advance moves a virtual clock by d: it visits the due instants in order and returns when everything due up to then has happened.
// set moves the clock and makes the new time durable.
func (s *Service) Advance(ctx context.Context, d time.Duration, set func(context.Context, time.Time) error) error {
	if !s.Virtual {
		return ErrNotVirtual
	}
	if d < 0 {
		return jobs.Errorf(jobs.InvalidRequest, "The duration %s is negative; time does not run backwards.", d)
	}
	target := s.Now().Add(d)
	for {
		next, err := s.nextDue(ctx)
		if err != nil {
			return err
		}
		if next.IsZero() || next.After(target) {
			break
		}
		if err := s.visit(ctx, next, set); err != nil {
			return err
		}
	}
	return s.visit(ctx, target, set)
}

// visit moves the clock to an instant and runs everything that is due then.
func (s *Service) visit(ctx context.Context, at time.Time, set func(context.Context, time.Time) error) error {
	if err := set(ctx, at); err != nil {
		return err
	}
	if s.Now().Before(at) { // else the same instant would be due for ever
		return fmt.Errorf("the clock stands at %s and did not move to %s", s.Now(), at)
	}
	for {
		more, err := s.FireTimers(ctx)
		if err != nil {
			return err
		}
		if err := s.RunSteps(ctx); err != nil {
			return err
		}
		if !more {
			return nil
		}
	}
}

func (s *Service) nextDue(ctx context.Context) (next time.Time, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		next, err = tx.NextDue(s.Now())
		return err
	})
	return next, err
}
