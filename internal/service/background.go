package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

// Sizes of background work. A chunk is what one transaction does; on a store that nodes share it holds up their devices, and takes longer.
const (
	stepChunk     = 250
	jobChunk      = store.MaxThingsPerUpdate - 1 // a release looks whether there is one more
	marksPerRound = 100
)

// RunSteps does what is due until nothing is: one step of every marked job and of every mass change in turn, so that a large one delays no
// small one. What fails does not keep the others from going on; it stays due.
func (s *Service) RunSteps(ctx context.Context) error {
	for {
		progress, err := s.stepMarked(ctx)
		more, changeErr := s.runMassChanges(ctx)
		if err := errors.Join(err, changeErr, ctx.Err()); err != nil || !progress && !more {
			return err
		}
	}
}

// stepMarked takes one step of every marked job that is this node's, and tells whether any was taken. A node that owns all need not look beyond the
// first page: it gets shorter.
func (s *Service) stepMarked(ctx context.Context) (progress bool, err error) {
	var failed []error
	for after := jobs.JobNumber(0); ; {
		marked, err := s.marked(ctx, after)
		if err != nil {
			return progress, errors.Join(append(failed, err)...)
		}
		if err := s.hold(ctx, marked); err != nil { // in one call; each step asks again and finds it
			return progress, errors.Join(append(failed, err)...)
		}
		for _, number := range marked {
			after = number
			done, err := s.stepOwned(ctx, number)
			if err != nil {
				err = fmt.Errorf("step job %d: %w", number, err)
			}
			failed, progress = append(failed, err), progress || done
		}
		if s.Nodes == nil || len(marked) < marksPerRound {
			return progress, errors.Join(failed...)
		}
	}
}

// stepOwned takes one step of a job, if it is this node's.
func (s *Service) stepOwned(ctx context.Context, number jobs.JobNumber) (done bool, err error) {
	return s.owning(ctx, jobLease(number), func(lease store.Lease) error {
		return s.paceStep(ctx, func() error {
			_, err := s.stepJob(ctx, number, s.jobChunk(), lease)
			return err
		})
	})
}

func (s *Service) jobChunk() int {
	if s.Nodes != nil {
		return stepChunk
	}
	return jobChunk
}

func (s *Service) paceStep(ctx context.Context, step func() error) error {
	if s.PaceStep == nil {
		return s.pace(ctx, step)
	}
	return s.PaceStep(ctx, step)
}

func (s *Service) pace(ctx context.Context, step func() error) error {
	if s.Pace == nil {
		return step()
	}
	return s.Pace(ctx, step)
}

func (s *Service) marked(ctx context.Context, after jobs.JobNumber) (marked []jobs.JobNumber, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		marked, err = tx.Marks(after, marksPerRound)
		return err
	})
	return marked, err
}

// SweepJobs marks every job that may have something to do, so that a lost wake-up or a crash between two steps costs time only, and forgets
// memberships that no job can ask for any more. Each of several nodes looks after its shards.
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
				if after = job.Number; job.Concurrent() && job.WakeAt.IsZero() && s.owns(uint64(job.Number)) {
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
	for s.owns(purgeShard) {
		purged := 0
		err := s.paceStep(ctx, func() error {
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
	return nil
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
