package service

import (
	"context"
	"slices"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

// UpdateJobInput changes the configuration of a job. A nil member leaves what is there, a given one replaces it whole (CTRL-2.1).
type UpdateJobInput struct {
	ID          jobs.JobID
	Description *string
	// InProgressTimeout concerns executions that start later; running ones keep their timer.
	InProgressTimeout *time.Duration
	Rollout           *jobs.RolloutRate
	Abort             *[]jobs.AbortCriterion
	// Retries can only be set to zero, with the failure types that the job has.
	Retries *[]jobs.RetryCriterion
}

func (in UpdateJobInput) empty() bool {
	return in.Description == nil && in.InProgressTimeout == nil && in.Rollout == nil && in.Abort == nil && in.Retries == nil
}

// UpdateJob changes a job that has not ended. Its step looks at once: a new rate or criterion may let it go on, or stop it.
func (s *Service) UpdateJob(ctx context.Context, in UpdateJobInput) error {
	now := s.Now()
	if in.empty() {
		return jobs.Errorf(jobs.InvalidRequest, "Update Job request for job %s cannot be empty.", in.ID)
	}
	var number jobs.JobNumber
	err := s.update(ctx, func(tx store.Tx) error {
		job, err := existingJob(tx, in.ID)
		if err != nil {
			return err
		}
		if job.Finished() {
			return jobs.Errorf(jobs.InvalidRequest, "Job %s in status %s cannot be updated.", in.ID, job.Status)
		}
		if job, err = in.apply(job, now); err != nil {
			return err
		}
		number = job.Number
		if err := tx.PutJob(job); err != nil {
			return err
		}
		return tx.Mark(number)
	})
	if err == nil {
		s.wake(number)
	}
	return err
}

func (in UpdateJobInput) apply(job *jobs.Job, now time.Time) (*jobs.Job, error) {
	config := *job.Config
	job = job.Clone()
	if in.Retries != nil {
		if err := checkNewRetries(config.Retries, *in.Retries); err != nil {
			return nil, err
		}
		config.Retries = *in.Retries
	}
	if in.Description != nil {
		config.Description = *in.Description
	}
	if in.InProgressTimeout != nil {
		config.InProgressTimeout = *in.InProgressTimeout
	}
	if in.Rollout != nil {
		config.Rollout = *in.Rollout
		job.Minute.Multiples = 0 // they counted multiples of another threshold
	}
	if in.Abort != nil {
		config.Abort = *in.Abort
	}
	job.Config, job.Revision, job.LastUpdatedAt = &config, job.Revision+1, now
	return job, nil
}

// checkNewRetries refuses all but setting the retries that a job has to zero (LIFE-7.6).
func checkNewRetries(old, asked []jobs.RetryCriterion) error {
	types := func(list []jobs.RetryCriterion) (types []jobs.FailureType) {
		for _, criterion := range list {
			types = append(types, criterion.FailureType)
		}
		slices.Sort(types)
		return types
	}
	switch {
	case slices.ContainsFunc(asked, func(c jobs.RetryCriterion) bool { return c.NumberOfRetries != 0 }):
		return jobs.Errorf(jobs.InvalidRequest, "The number of retries cannot be updated to any number other than 0.")
	case len(old) == 0:
		return jobs.Errorf(jobs.InvalidRequest, "RetryConfig cannot be updated if the job has no RetryConfig defined during creation.")
	case !slices.Equal(types(old), types(asked)):
		return jobs.Errorf(jobs.InvalidRequest, "FailureTypes must match existing FailureTypes defined in RetryConfig.")
	}
	return nil
}
