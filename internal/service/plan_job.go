package service

import (
	"context"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/rollout"
	"iotjobs/internal/store"
)

// PlanJobInput is a job that is not to be made, and what is supposed of its things.
type PlanJobInput struct {
	Config  jobs.Config
	Assumed rollout.Assumptions // Things is counted
}

// JobPlan is what a job would do.
type JobPlan struct {
	Things int64
	Steps  []rollout.PlannedStep
	// Upcoming are the next openings of its maintenance windows.
	Upcoming []jobs.Opening
}

// planLimit bounds a plan: a rate of one thing a minute over a fortnight.
const planLimit = 50_000

// PlanJob tells what CreateJob with this configuration would lead to, by the functions that would run it; nothing is written.
func (s *Service) PlanJob(ctx context.Context, in PlanJobInput) (JobPlan, error) {
	now := s.Now()
	config, err := s.newConfig(in.Config, now)
	if err != nil {
		return JobPlan{}, err
	}
	var plan JobPlan
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		targets, err := resolveTargets(tx, config.Targets)
		if err != nil {
			return err
		}
		job := newJob(0, "", config, targets, now)
		if plan.Things, err = countTargets(tx, job); err != nil {
			return err
		}
		view, err := s.rolloutView(job, jobs.Counters{})
		if err != nil {
			return err
		}
		in.Assumed.Things = plan.Things
		plan.Steps = rollout.Plan(now, view, in.Assumed, planLimit)
		plan.Upcoming, err = upcoming(job, now)
		return err
	})
	return plan, err
}

// countTargets counts the things that the targets hold. One that several targets hold counts once for each.
func countTargets(tx store.ReadTx, job *jobs.Job) (things int64, err error) {
	for _, target := range job.Config.Targets {
		if target.Kind == jobs.ThingTarget {
			things++
			continue
		}
		for after := (registry.ThingKey{}); ; {
			members, err := tx.Members(target.Group, 0, after, scanLimit)
			if err != nil {
				return 0, err
			}
			if things += int64(len(members)); len(members) < scanLimit {
				break
			}
			after = members[len(members)-1].Thing
		}
	}
	return things, nil
}
