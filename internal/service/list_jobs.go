package service

import (
	"context"
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// ListJobsInput selects jobs; empty members select all.
type ListJobsInput struct {
	Status          jobs.JobStatus
	TargetSelection jobs.TargetSelection
	// Group and GroupID select jobs with this thing group among their targets; both must fit if both are given.
	Group   registry.GroupName
	GroupID string
	Page    Page
}

// ListJobsOutput is one page, the newest job first (Q23).
type ListJobsOutput struct {
	Jobs []*jobs.Job
	// GroupID is that of the group by which the jobs were selected; else empty.
	GroupID   string
	NextToken string
}

// ListJobs lists jobs. What devices have just decided is taken into account first, as in DescribeJob.
func (s *Service) ListJobs(ctx context.Context, in ListJobsInput) (ListJobsOutput, error) {
	var out ListJobsOutput
	after, err := cursorOf[jobs.JobNumber](in.Page)
	if err != nil {
		return out, err
	}
	marked, err := s.marked(ctx, 0)
	if err != nil {
		return out, err
	}
	for _, number := range marked {
		if _, err := s.StepJob(ctx, number, 0); err != nil {
			return out, err
		}
	}
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		group, err := in.group(tx)
		if err != nil {
			return err
		}
		match := func(j *jobs.Job) bool {
			return (in.TargetSelection == "" || j.Config.TargetSelection == in.TargetSelection) && (group == nil || hasTarget(j, group))
		}
		list := tx.Jobs
		if in.Status != "" {
			list = func(after jobs.JobNumber, limit int) ([]*jobs.Job, error) { return tx.JobsIn(in.Status, after, limit) }
		}
		if group != nil {
			out.GroupID = group.ID
		}
		out.Jobs, out.NextToken, err = scan(in.Page.size(), after, match, list, func(j *jobs.Job) jobs.JobNumber { return j.Number })
		return err
	})
	return out, err
}

// group is the group by which jobs are selected; nil for none.
func (in ListJobsInput) group(tx store.ReadTx) (*registry.ThingGroup, error) {
	switch {
	case in.Group == "" && in.GroupID == "":
		return nil, nil
	case in.Group != "":
		group, err := existingGroup(tx, in.Group)
		if err == nil && in.GroupID != "" && in.GroupID != group.ID {
			err = jobs.Errorf(jobs.ResourceNotFound, "Thing group %s with the id %s cannot be found.", in.Group, in.GroupID)
		}
		return group, err
	}
	for after := registry.GroupName(""); ; {
		page, err := tx.Groups(after, scanLimit)
		if err != nil {
			return nil, err
		}
		for _, group := range page {
			if after = group.Name; group.ID == in.GroupID {
				return group, nil
			}
		}
		if len(page) < scanLimit {
			return nil, jobs.Errorf(jobs.ResourceNotFound, "A thing group with the id %s cannot be found.", in.GroupID)
		}
	}
}

func hasTarget(job *jobs.Job, group *registry.ThingGroup) bool {
	return slices.ContainsFunc(job.Config.Targets, func(t jobs.Target) bool { return t.Kind == jobs.GroupTarget && t.Group == group.Number })
}
