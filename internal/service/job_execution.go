package service

import (
	"context"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// JobExecutionInput names an execution on the control plane.
type JobExecutionInput struct {
	Thing           registry.ThingName
	JobID           jobs.JobID
	ExecutionNumber jobs.ExecutionNumber // 0: the newest
}

func (in JobExecutionInput) address() store.Address {
	return store.Address{Job: in.JobID, Number: in.ExecutionNumber}
}

// DescribeJobExecution is the control plane's: any status may be asked for, and no document is given (CTRL-2).
func (s *Service) DescribeJobExecution(ctx context.Context, in JobExecutionInput) (jobs.JobExecution, error) {
	view, err := s.Store.ReadThing(ctx, in.Thing, []store.Address{in.address()})
	if err != nil {
		return jobs.JobExecution{}, err
	}
	_, e, err := newThingState(view).execution(in.Thing, in.address())
	return e, err
}

// CancelJobExecutionInput ends the newest execution of a job on a thing.
type CancelJobExecutionInput struct {
	JobExecutionInput

	Force           bool
	ExpectedVersion *jobs.VersionNumber
	StatusDetails   map[string]string // nil keeps the stored ones
}

// CancelJobExecution cancels one execution; a running one only with force (LIFE-9).
func (s *Service) CancelJobExecution(ctx context.Context, in CancelJobExecutionInput) error {
	now := s.Now()
	return s.updateThing(ctx, now, in.Thing, []store.Address{in.address()}, func(state *thingState) error {
		_, before, err := state.execution(in.Thing, in.address())
		if err != nil {
			return err
		}
		if in.ExpectedVersion != nil && *in.ExpectedVersion != before.Version {
			return jobs.Errorf(jobs.VersionConflict, "Expected version %d but found version %d", *in.ExpectedVersion, before.Version)
		}
		after, err := before.Cancel(now, in.Force, in.StatusDetails)
		if err != nil {
			return err
		}
		state.replace(before, after)
		return nil
	})
}

// DeleteJobExecutionInput names one execution by its number.
type DeleteJobExecutionInput struct {
	JobExecutionInput

	Force bool
}

// DeleteJobExecution deletes one execution: a queued or terminal one, a running one only with force (Q7). The thing is not queued for
// the job again.
func (s *Service) DeleteJobExecution(ctx context.Context, in DeleteJobExecutionInput) error {
	now := s.Now()
	var marked jobs.JobNumber
	err := s.update(ctx, func(tx store.Tx) error {
		addr := in.address()
		addr.Head = true
		view, err := tx.Thing(in.Thing, addr)
		if err != nil {
			return err
		}
		job, shown, err := newThingState(view).execution(in.Thing, addr)
		if err != nil {
			return err
		}
		if shown.Status == jobs.InProgress && !in.Force {
			return jobs.Errorf(jobs.InvalidStateTransition, "The job execution is in status IN_PROGRESS and can be deleted only with force.")
		}
		found := view.Addressed[in.JobID]
		change := store.ThingChange{Executions: []store.ExecutionChange{{Before: found.Execution}}}
		head, err := headAfterDeletion(tx, view.Thing.Key(), found)
		if err != nil {
			return err
		}
		change.Heads = map[jobs.JobNumber]jobs.Head{job.Number: head}
		if concernsJob(job) {
			marked = job.Number
			change.Marks = []jobs.JobNumber{marked}
		}
		return s.changeThing(tx, view.Thing.Key(), change, view.Jobs, now)
	})
	if err == nil && marked != 0 {
		s.wake(marked)
	}
	return err
}

// headAfterDeletion is the head when the found execution is gone: its newest number is the highest one that is left.
func headAfterDeletion(tx store.ReadTx, key registry.ThingKey, found store.Addressed) (jobs.Head, error) {
	head := found.Head
	if found.Execution.Number != head.Newest {
		return head, nil
	}
	head.Newest = 0
	older, err := tx.ThingExecutions(key, store.ExecutionCursor{Job: found.Job.Number, Number: found.Execution.Number}, 1)
	if err == nil && len(older) == 1 && older[0].Job == found.Job.Number {
		head.Newest = older[0].Number
	}
	return head, err
}
