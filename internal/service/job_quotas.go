package service

import (
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

// mayBeActive refuses a job when as many of its target selection are active as may be (LIFE-14).
func (s *Service) mayBeActive(tx store.ReadTx, selection jobs.TargetSelection) error {
	limit := s.Quotas.ActiveJobs
	if limit == 0 {
		return nil
	}
	left := limit
	for _, status := range []jobs.JobStatus{jobs.JobInProgress, jobs.JobScheduled} {
		found, err := countJobs(tx, status, left, func(job *jobs.Job) bool { return job.Config.TargetSelection == selection })
		if left -= found; err != nil || left == 0 {
			return refusedByQuota(err, "At most %d %s jobs can be active at the same time.", limit, selection)
		}
	}
	return nil
}

// mayRollOut refuses a job that starts now when as many are rolling out as may at a time (LIFE-1.2). Its startTime decides for a later one.
func (s *Service) mayRollOut(tx store.ReadTx, config jobs.Config, now time.Time) error {
	if config.Schedule.StartsAt.After(now) {
		return nil
	}
	if crowded, err := s.crowded(tx); err != nil || crowded {
		return refusedByQuota(err, "At most %d jobs can be rolling out at the same time.", s.Quotas.ConcurrentJobs)
	}
	return nil
}

// crowded tells whether as many jobs are rolling out as may at a time. Canceled jobs whose rows still follow are not counted: nobody should have
// to keep a bad job because others are being canceled.
func (s *Service) crowded(tx store.ReadTx) (bool, error) {
	limit := s.Quotas.ConcurrentJobs
	if limit == 0 {
		return false, nil
	}
	found, err := countJobs(tx, jobs.JobInProgress, limit, (*jobs.Job).Concurrent)
	return found == limit, err
}

// countJobs counts the jobs in a status that match, up to a limit.
func countJobs(tx store.ReadTx, status jobs.JobStatus, limit int, match func(*jobs.Job) bool) (found int, err error) {
	for after := jobs.JobNumber(0); ; {
		page, err := tx.JobsIn(status, after, marksPerRound)
		if err != nil {
			return 0, err
		}
		for _, job := range page {
			if after = job.Number; match(job) {
				found++
			}
			if found == limit {
				return found, nil
			}
		}
		if len(page) < marksPerRound {
			return found, nil
		}
	}
}

// refusedByQuota is the refusal, unless the counting failed.
func refusedByQuota(err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	return jobs.Errorf(jobs.LimitExceeded, format, args...)
}
