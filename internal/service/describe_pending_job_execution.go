package service

import (
	"context"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// DescribePendingJobExecutionInput names an execution from a device's point of view.
type DescribePendingJobExecutionInput struct {
	Thing registry.ThingName
	// JobID may be jobs.NextJobID.
	JobID           jobs.JobID
	ExecutionNumber jobs.ExecutionNumber // 0: the newest
	OmitDocument    bool
}

// DescribePendingJobExecution is DescribeJobExecution of the device plane (HTTP-4.3). A terminal execution is refused (Q2).
func (s *Service) DescribePendingJobExecution(ctx context.Context, in DescribePendingJobExecutionInput) (DeviceExecutionOutput, error) {
	s.deviceCalls.Add(1)
	now := s.Now()
	state, err := s.read(ctx, in.Thing, nil)
	if err != nil {
		return DeviceExecutionOutput{}, err
	}
	job, e, err := s.asked(ctx, state, in, now)
	if err != nil || job == nil {
		return DeviceExecutionOutput{}, err
	}
	out := DeviceExecutionOutput{Thing: in.Thing, JobID: job.ID, Execution: &e, At: now}
	if !in.OmitDocument {
		out.Document = job.Config.Document
	}
	return out, nil
}

// asked finds the execution; a nil job means that $next was asked of an idle thing.
func (s *Service) asked(ctx context.Context, state *thingState, in DescribePendingJobExecutionInput, now time.Time) (*jobs.Job, jobs.JobExecution, error) {
	addr := store.Address{Job: in.JobID, Number: in.ExecutionNumber}
	if in.JobID != jobs.NextJobID {
		return s.addressed(ctx, state, in.Thing, addr)
	}
	if err := state.registered(in.Thing); err != nil {
		return nil, jobs.JobExecution{}, err
	}
	next, ok := jobs.Next(state.offered(now))
	if !ok {
		return nil, next, nil
	}
	if in.ExecutionNumber != 0 && in.ExecutionNumber != next.Number {
		return nil, next, executionNotFound(in.Thing, addr)
	}
	return state.job(next), next, nil
}

// addressed finds an execution of a job that is named. Devices ask for what they work on, and that is pending: it lies in the thing's row, and is
// the newest of its job, because a job queues none while one is pending. So only the other answers cost more than reading that row.
func (s *Service) addressed(ctx context.Context, state *thingState, thing registry.ThingName, addr store.Address) (*jobs.Job, jobs.JobExecution, error) {
	for _, e := range state.pending {
		if job := state.job(e); job.ID == addr.Job && (addr.Number == 0 || addr.Number == e.Number) {
			return job, e, nil
		}
	}
	state, err := s.read(ctx, thing, []store.Address{addr})
	if err != nil {
		return nil, jobs.JobExecution{}, err
	}
	job, e, err := state.execution(thing, addr)
	if err == nil && e.Status.Terminal() {
		err = &jobs.Error{
			Code: jobs.TerminalState, Execution: &e,
			Message: "The job execution of job " + string(addr.Job) + " on thing " + string(thing) + " is in terminal status " + string(e.Status) + ".",
		}
	}
	return job, e, err
}

// read shows a thing as everybody must see it now.
func (s *Service) read(ctx context.Context, thing registry.ThingName, addrs []store.Address) (*thingState, error) {
	view, err := s.Store.ReadThing(ctx, thing, addrs)
	return newThingState(view), err
}
