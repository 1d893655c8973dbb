package service

import (
	"context"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// GetPendingJobExecutionsInput names the thing.
type GetPendingJobExecutionsInput struct {
	Thing registry.ThingName
}

// GetPendingJobExecutionsOutput has both lists, oldest first, within the caps of jobs.PendingList.
type GetPendingJobExecutionsOutput struct {
	InProgress, Queued []PendingExecution
}

// PendingExecution is an execution with the ID of its job.
type PendingExecution struct {
	JobID     jobs.JobID
	Execution jobs.JobExecution
}

// GetPendingJobExecutions lists what a thing still has to do (HTTP-4.1).
func (s *Service) GetPendingJobExecutions(ctx context.Context, in GetPendingJobExecutionsInput) (GetPendingJobExecutionsOutput, error) {
	s.deviceCalls.Add(1)
	view, err := s.Store.ReadThing(ctx, in.Thing, nil)
	if err != nil {
		return GetPendingJobExecutionsOutput{}, err
	}
	state := newThingState(view)
	if err := state.registered(in.Thing); err != nil {
		return GetPendingJobExecutionsOutput{}, err
	}
	named := func(list []*jobs.JobExecution) []PendingExecution {
		out := make([]PendingExecution, len(list))
		for i, e := range list {
			out[i] = PendingExecution{state.job(*e).ID, *e}
		}
		return out
	}
	inProgress, queued := jobs.PendingList(state.offered(s.Now()), state.windowed)
	return GetPendingJobExecutionsOutput{InProgress: named(inProgress), Queued: named(queued)}, nil
}
