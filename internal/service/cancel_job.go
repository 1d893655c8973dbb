package service

import (
	"context"
	"errors"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

// CancelJobInput ends a job. Force also ends the executions that run.
type CancelJobInput struct {
	ID                  jobs.JobID
	ReasonCode, Comment string
	Force               bool
}

// CancelJob cancels a job at once: from the answer on every API shows its executions as canceled, and their rows follow in the background
// (LIFE-9). A finished job is refused (Q21).
func (s *Service) CancelJob(ctx context.Context, in CancelJobInput) (*jobs.Job, error) {
	now := s.Now()
	var job *jobs.Job
	var more bool
	err := s.update(ctx, func(tx store.Tx) error {
		found, err := existingJob(tx, in.ID)
		if err != nil {
			return err
		}
		if found.Finished() {
			return jobs.Errorf(jobs.InvalidRequest, "Job %s in status %s cannot be canceled.", in.ID, found.Status)
		}
		job = found.Clone()
		job.Cancel(now, in.Force, in.ReasonCode, in.Comment)
		if err := errors.Join(tx.PutJob(job), tx.Mark(job.Number), s.tellJob(tx, job, jobs.JobCancellationStarted, now)); err != nil {
			return err
		}
		more, err = s.step(tx, job.Number, now, firstStep)
		return err
	})
	if err == nil && more {
		s.wake(job.Number)
	}
	return job, err
}

// DeleteJobInput names a job. Force also deletes one that is still going on.
type DeleteJobInput struct {
	ID    jobs.JobID
	Force bool
}

// deletionsAtOnce is how many jobs may be in deletion (LIFE-14).
const deletionsAtOnce = 10

// DeleteJob removes a job and its executions. Devices and operators stop seeing the executions at once; small jobs are gone, and their
// id free again, when the call answers.
func (s *Service) DeleteJob(ctx context.Context, in DeleteJobInput) error {
	now := s.Now()
	var job *jobs.Job
	var more bool
	err := s.update(ctx, func(tx store.Tx) error {
		found, err := existingJob(tx, in.ID)
		if err != nil {
			return err
		}
		if err := mayDelete(tx, found, in.Force); err != nil {
			return err
		}
		job = found.Clone()
		job.Status, job.LastUpdatedAt = jobs.JobDeletionInProgress, now
		job.Sweep, job.WakeAt = jobs.Sweep{Active: true}, time.Time{}
		if err := s.endCancellation(tx, found, now); err != nil {
			return err
		}
		if err := errors.Join(tx.PutJob(job), tx.Mark(job.Number), s.tellJob(tx, job, jobs.JobDeletionStarted, now)); err != nil {
			return err
		}
		more, err = s.step(tx, job.Number, now, firstStep)
		return err
	})
	if err == nil && more {
		s.wake(job.Number)
	}
	return err
}

// endCancellation tells that a cancellation is over whose rows are not through when the job is deleted: they are deleted instead.
func (s *Service) endCancellation(tx store.Tx, job *jobs.Job, now time.Time) error {
	if job.Status != jobs.JobCanceled || !job.Sweep.Active {
		return nil
	}
	return s.tellJob(tx, job, jobs.JobWasCanceled, now)
}

func mayDelete(tx store.ReadTx, job *jobs.Job, force bool) error {
	switch {
	case job.Status == jobs.JobDeletionInProgress:
		return jobs.Errorf(jobs.InvalidStateTransition, "Job %s is being deleted already.", job.ID)
	case (job.Status == jobs.JobInProgress || job.Status == jobs.JobScheduled) && !force:
		return jobs.Errorf(jobs.InvalidStateTransition, "Job %s in status %s can be deleted only with force.", job.ID, job.Status)
	}
	deleting, err := countDeletions(tx)
	if err == nil && deleting >= deletionsAtOnce {
		err = jobs.Errorf(jobs.LimitExceeded, "At most %d jobs can be in deletion at the same time.", deletionsAtOnce)
	}
	return err
}

// countDeletions counts jobs in deletion, as far as the limit needs it.
func countDeletions(tx store.ReadTx) (int, error) {
	list, err := tx.JobsIn(jobs.JobDeletionInProgress, 0, deletionsAtOnce)
	return len(list), err
}
