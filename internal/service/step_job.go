package service

import (
	"context"
	"errors"
	"math"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/rollout"
	"iotjobs/internal/store"
)

// StepJob does what is missing of a job, in one transaction of at most limit executions, and tells whether more is due. It is
// level-triggered: it looks at the job and what is left of it, never at what woke it, so a lost or doubled wake-up changes nothing.
// With limit 0 it only decides what needs no work on executions.
func (s *Service) StepJob(ctx context.Context, number jobs.JobNumber, limit int) (more bool, err error) {
	return s.stepJob(ctx, number, limit, store.Lease{})
}

func (s *Service) stepJob(ctx context.Context, number jobs.JobNumber, limit int, lease store.Lease) (more bool, err error) {
	now := s.Now()
	limit = min(limit, store.MaxThingsPerUpdate)
	err = s.updateOwned(ctx, lease, func(tx store.Tx) error {
		var err error
		more, err = s.step(tx, number, now, limit)
		return err
	})
	return more, err
}

// step is one step within a transaction: it does what rollout.Decide says until that is to wait, or until limit executions were looked at.
func (s *Service) step(tx store.Tx, number jobs.JobNumber, now time.Time, limit int) (more bool, err error) {
	for {
		job, err := tx.JobByNumber(number)
		if err != nil {
			return false, err
		}
		if job == nil { // its last row is gone, and the job with it
			return false, tx.ClearMark(number)
		}
		decision, err := s.decide(tx, job, now)
		if err != nil {
			return false, err
		}
		switch decision.Do {
		case rollout.Wait:
			return false, settled(tx, job, decision.Until)
		case rollout.DeleteRows, rollout.CancelRows, rollout.Release:
			if limit <= 0 {
				return true, nil
			}
		case rollout.Start, rollout.CancelJob, rollout.EndRollout, rollout.Complete:
		}
		looked, err := s.act(tx, job.Clone(), decision, now, limit)
		if err != nil {
			return false, err
		}
		limit -= looked
	}
}

// decide asks what is missing, of a job as the transaction shows it.
func (s *Service) decide(tx store.ReadTx, job *jobs.Job, now time.Time) (rollout.Decision, error) {
	counters, err := tx.Counters(job.Number)
	if err != nil {
		return rollout.Decision{}, err
	}
	view, err := s.rolloutView(job, counters)
	if err != nil {
		return rollout.Decision{}, err
	}
	if job.Status == jobs.JobScheduled && !now.Before(job.Config.Schedule.StartsAt) {
		if view.Crowded, err = s.crowded(tx); err != nil {
			return rollout.Decision{}, err
		}
	}
	return rollout.Decide(now, view), nil
}

// rolloutView is a job as the rules of its rollout see it.
func (s *Service) rolloutView(job *jobs.Job, counters jobs.Counters) (rollout.View, error) {
	windows, err := rollout.ParseWindows(job.Config.Schedule.MaintenanceWindows)
	if err != nil {
		return rollout.View{}, err
	}
	perMinute := s.Quotas.RolloutPerMinute
	if perMinute == 0 {
		perMinute = math.MaxInt32
	}
	return rollout.View{
		Status: job.Status, TargetSelection: job.Config.TargetSelection, Config: job.Config, Windows: windows, Minute: job.Minute,
		Counters: counters, TargetsLeft: !job.Release.Done, ResumeAt: job.Release.ResumeAt, RowsLeft: job.Sweep.Active, MaxPerMinute: perMinute,
	}, nil
}

// settled notes that nothing is to be done before an instant; zero for never.
func settled(tx store.Tx, job *jobs.Job, until time.Time) error {
	if !job.WakeAt.Equal(until) {
		job = job.Clone()
		job.WakeAt = until
		if err := tx.PutJob(job); err != nil {
			return err
		}
	}
	return tx.ClearMark(job.Number)
}

// act does what was decided, of at most limit executions, and tells how many it has looked at. The job is the caller's to change.
func (s *Service) act(tx store.Tx, job *jobs.Job, d rollout.Decision, now time.Time, limit int) (looked int, err error) {
	switch d.Do {
	case rollout.DeleteRows:
		return s.deleteRows(tx, job, now, limit)
	case rollout.CancelRows:
		return s.cancelRows(tx, job, now, limit)
	case rollout.Release:
		return s.release(tx, job, d, now, limit)
	case rollout.Start:
		return 0, start(tx, job, now)
	case rollout.CancelJob:
		job.Cancel(now, d.Force, d.ReasonCode, d.Comment)
		err = s.tellJob(tx, job, jobs.JobCancellationStarted, now)
	case rollout.EndRollout:
		job.Release = jobs.Release{Target: len(job.Config.Targets), Done: true}
	case rollout.Complete:
		job.Status, job.LastUpdatedAt, job.CompletedAt = jobs.JobCompleted, now, now
		err = s.tellJob(tx, job, jobs.JobWasCompleted, now)
	case rollout.Wait:
	}
	return 0, errors.Join(err, tx.PutJob(job))
}

// start begins a scheduled job. A snapshot's membership is that of this instant (LIFE-3.1).
func start(tx store.Tx, job *jobs.Job, now time.Time) error {
	job.Status, job.LastUpdatedAt = jobs.JobInProgress, now
	if job.Config.TargetSelection == jobs.Snapshot {
		number, err := tx.NextNumber()
		if err != nil {
			return err
		}
		job.Snapshot = number
	}
	return tx.PutJob(job)
}
