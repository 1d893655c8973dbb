package service

import (
	"context"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/rollout"
	"iotjobs/internal/store"
)

// JobDescription is a job with its counters, as everybody must see it now.
type JobDescription struct {
	Job      *jobs.Job
	Counters jobs.Counters
	// Upcoming are the next openings of the job's maintenance windows, at most seven; none without windows and when the job has ended.
	Upcoming []jobs.Opening
}

// DescribeJob shows a job. What a device has just decided, such as the last execution's end, is taken into account first.
func (s *Service) DescribeJob(ctx context.Context, id jobs.JobID) (JobDescription, error) {
	now := s.Now()
	out, due, err := s.describeJob(ctx, id, now)
	if err != nil || !due {
		return out, err
	}
	if _, err := s.StepJob(ctx, out.Job.Number, 0); err != nil {
		return JobDescription{}, err
	}
	out, _, err = s.describeJob(ctx, id, now)
	return out, err
}

func (s *Service) describeJob(ctx context.Context, id jobs.JobID, now time.Time) (out JobDescription, due bool, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		job, err := existingJob(tx, id)
		if err != nil {
			return err
		}
		counters, err := tx.Counters(job.Number)
		if err != nil {
			return err
		}
		out = JobDescription{Job: job, Counters: jobs.EffectiveCounters(counters, job)}
		if out.Upcoming, err = upcoming(job, now); err != nil {
			return err
		}
		due, err = isMarked(tx, job.Number)
		due = due || !job.WakeAt.IsZero() && !job.WakeAt.After(now)
		return err
	})
	return out, due, err
}

// upcoming are the next openings of the maintenance windows of a job that has not ended.
func upcoming(job *jobs.Job, now time.Time) ([]jobs.Opening, error) {
	schedule := job.Config.Schedule
	if job.Finished() || len(schedule.MaintenanceWindows) == 0 {
		return nil, nil
	}
	windows, err := rollout.ParseWindows(schedule.MaintenanceWindows)
	if err != nil {
		return nil, err
	}
	from := now
	if schedule.StartsAt.After(now) {
		from = schedule.StartsAt
	}
	return windows.Upcoming(from, schedule.EndsAt, rollout.UpcomingShown), nil
}

// existingJob finds a job or refuses.
func existingJob(tx store.ReadTx, id jobs.JobID) (*jobs.Job, error) {
	job, err := tx.Job(id)
	if err == nil && job == nil {
		err = jobNotFound(id)
	}
	return job, err
}

func isMarked(tx store.ReadTx, number jobs.JobNumber) (bool, error) {
	marks, err := tx.Marks(number-1, 1)
	return len(marks) == 1 && marks[0] == number, err
}

// GetJobDocument returns the document as it was given.
func (s *Service) GetJobDocument(ctx context.Context, id jobs.JobID) (document string, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		job, err := existingJob(tx, id)
		if err == nil {
			document = job.Config.Document
		}
		return err
	})
	return document, err
}
