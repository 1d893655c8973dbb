package service

import (
	"context"
	"fmt"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/rollout"
	"iotjobs/internal/store"
)

// CreateJobInput is a new job. Its configuration has been checked for shape.
type CreateJobInput struct {
	ID     jobs.JobID
	Config jobs.Config
}

// queuedAtOnce is how many things a job may reach to get its executions before CreateJob answers.
const queuedAtOnce = 100

// firstStep is what the step in the call itself looks at: one more, to see that there is no more.
const firstStep = queuedAtOnce + 1

// CreateJob makes a job. One that reaches at most queuedAtOnce things has its executions queued before the answer, so that the next call of a
// device sees it; larger ones follow at once in the background. A target that does not exist spoils the whole (CTRL-2).
func (s *Service) CreateJob(ctx context.Context, in CreateJobInput) (*jobs.Job, error) {
	now := s.Now()
	if n := len(in.Config.Targets); n > s.Quotas.TargetsPerJob {
		return nil, jobs.Errorf(jobs.LimitExceeded, "A job has at most %d targets, found %d.", s.Quotas.TargetsPerJob, n)
	}
	config, err := s.newConfig(in.Config, now)
	if err != nil {
		return nil, err
	}
	var job *jobs.Job
	var more bool
	err = s.update(ctx, func(tx store.Tx) error {
		if err := nameIsFree(tx, in.ID); err != nil {
			return err
		}
		if err := s.mayBeActive(tx, config.TargetSelection); err != nil {
			return err
		}
		if err := s.mayRollOut(tx, config, now); err != nil {
			return err
		}
		targets, err := resolveTargets(tx, in.Config.Targets)
		if err != nil {
			return err
		}
		number, err := tx.NextNumber()
		if err != nil {
			return err
		}
		job = newJob(jobs.JobNumber(number), in.ID, config, targets, now)
		if err := tx.PutJob(job); err != nil {
			return err
		}
		if err := tx.Mark(job.Number); err != nil {
			return err
		}
		few, err := reachesFew(tx, job)
		if err != nil {
			return err
		}
		limit := 0
		if few {
			limit = firstStep
		}
		more, err = s.step(tx, job.Number, now, limit)
		return err
	})
	if err == nil && more {
		s.wake(job.Number)
	}
	return job, err
}

// reachesFew tells whether the targets hold at most queuedAtOnce things. The operator of a fleet should not wait for a hundred executions of a
// million, which are no more than a start.
func reachesFew(tx store.ReadTx, job *jobs.Job) (bool, error) {
	left := queuedAtOnce
	for _, target := range job.Config.Targets {
		things := 1
		if target.Kind == jobs.GroupTarget {
			members, err := tx.Members(target.Group, job.Snapshot, registry.ThingKey{}, left+1)
			if err != nil {
				return false, err
			}
			things = len(members)
		}
		if left -= things; left < 0 {
			return false, nil
		}
	}
	return true, nil
}

// newConfig is a job's configuration with its schedule read as of now.
func (s *Service) newConfig(config jobs.Config, now time.Time) (jobs.Config, error) {
	schedule, err := rollout.ReadSchedule(now, config.Schedule, s.Quotas.Schedule)
	config.Schedule = schedule
	return config, err
}

// newJob is a job that starts now, with the members that its groups have now, or later with those that they have then.
func newJob(number jobs.JobNumber, id jobs.JobID, config jobs.Config, targets []jobs.Target, now time.Time) *jobs.Job {
	config.Targets = targets
	job := &jobs.Job{Number: number, ID: id, Revision: 1, Config: &config, Status: jobs.JobInProgress, CreatedAt: now, LastUpdatedAt: now}
	switch {
	case config.Schedule.StartsAt.After(now):
		job.Status = jobs.JobScheduled
	case config.TargetSelection == jobs.Snapshot:
		job.Snapshot = uint64(number)
	}
	return job
}

func nameIsFree(tx store.ReadTx, id jobs.JobID) error {
	taken, err := tx.Job(id)
	if err == nil && taken != nil {
		err = &jobs.Error{Code: jobs.ResourceAlreadyExists, Resource: string(id), Message: fmt.Sprintf("Job %s already exists.", id)}
	}
	return err
}

// resolveTargets finds the targets and numbers the groups.
func resolveTargets(tx store.ReadTx, targets []jobs.Target) ([]jobs.Target, error) {
	resolved := make([]jobs.Target, len(targets))
	for i, target := range targets {
		resolved[i] = target
		if target.Kind == jobs.GroupTarget {
			group, err := existingGroup(tx, registry.GroupName(target.Name))
			if err != nil {
				return nil, err
			}
			resolved[i].Group = group.Number
			continue
		}
		view, err := tx.Thing(registry.ThingName(target.Name))
		if err != nil {
			return nil, err
		}
		if view.Thing == nil {
			return nil, thingNotFound(registry.ThingName(target.Name))
		}
	}
	return resolved, nil
}
