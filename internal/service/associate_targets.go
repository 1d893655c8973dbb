package service

import (
	"context"
	"slices"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

// AssociateTargetsInput adds targets to a CONTINUOUS job. Their names have been checked for shape.
type AssociateTargetsInput struct {
	ID      jobs.JobID
	Targets []jobs.Target
	Comment string
}

// AssociateTargetsWithJob adds thing groups to a job that follows its groups and is going on (LIFE-3). The cursor over the targets goes on with
// them; a target that the job has already is no change.
func (s *Service) AssociateTargetsWithJob(ctx context.Context, in AssociateTargetsInput) (*jobs.Job, error) {
	now := s.Now()
	var job *jobs.Job
	var more bool
	err := s.update(ctx, func(tx store.Tx) error {
		found, err := existingJob(tx, in.ID)
		if err != nil {
			return err
		}
		added, err := s.newTargets(tx, found, in.Targets)
		if err != nil {
			return err
		}
		config := *found.Config
		config.Targets = append(slices.Clone(config.Targets), added...)
		job = found.Clone()
		job.Config, job.Revision = &config, job.Revision+1
		job.Release.Done = false
		job.LastUpdatedAt, job.WakeAt = now, time.Time{}
		if in.Comment != "" {
			job.Comment = in.Comment
		}
		if err := tx.PutJob(job); err != nil {
			return err
		}
		if err := tx.Mark(job.Number); err != nil {
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

// newTargets checks what may be added to a job and leaves out what it has.
func (s *Service) newTargets(tx store.ReadTx, job *jobs.Job, targets []jobs.Target) ([]jobs.Target, error) {
	switch {
	case job.Config.TargetSelection != jobs.Continuous:
		return nil, jobs.Errorf(jobs.InvalidRequest, "Job %s has target selection %s; targets can be associated with CONTINUOUS jobs only.", job.ID, job.Config.TargetSelection)
	case job.Status != jobs.JobInProgress:
		return nil, jobs.Errorf(jobs.InvalidRequest, "Job %s in status %s takes no more targets.", job.ID, job.Status)
	}
	resolved, err := resolveTargets(tx, targets)
	if err != nil {
		return nil, err
	}
	var added []jobs.Target
	for _, target := range resolved {
		if target.Kind != jobs.GroupTarget {
			return nil, jobs.Errorf(jobs.InvalidRequest, "Target %s is a thing; only thing groups can be associated with a job.", target.Name)
		}
		if !slices.Contains(job.Config.Targets, target) && !slices.Contains(added, target) {
			added = append(added, target)
		}
	}
	if n := len(job.Config.Targets) + len(added); n > s.Quotas.TargetsPerJob {
		return nil, jobs.Errorf(jobs.LimitExceeded, "A job has at most %d targets, and job %s would have %d.", s.Quotas.TargetsPerJob, job.ID, n)
	}
	return added, nil
}
