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
	addr := store.Address{Job: in.JobID, Number: in.ExecutionNumber}
	var addrs []store.Address
	if in.JobID != jobs.NextJobID {
		addrs = []store.Address{addr}
	}
	view, err := s.Store.ReadThing(ctx, in.Thing, addrs)
	if err != nil {
		return DeviceExecutionOutput{}, err
	}
	state := newThingState(view)
	job, e, err := state.asked(in, addr, now)
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
func (s *thingState) asked(in DescribePendingJobExecutionInput, addr store.Address, now time.Time) (*jobs.Job, jobs.JobExecution, error) {
	if in.JobID != jobs.NextJobID {
		job, e, err := s.execution(in.Thing, addr)
		if err == nil && e.Status.Terminal() {
			err = &jobs.Error{
				Code: jobs.TerminalState, Execution: &e,
				Message: "The job execution of job " + string(in.JobID) + " on thing " + string(in.Thing) + " is in terminal status " + string(e.Status) + ".",
			}
		}
		return job, e, err
	}
	if err := s.registered(in.Thing); err != nil {
		return nil, jobs.JobExecution{}, err
	}
	next, ok := jobs.Next(s.offered(now))
	if !ok {
		return nil, next, nil
	}
	if in.ExecutionNumber != 0 && in.ExecutionNumber != next.Number {
		return nil, next, executionNotFound(in.Thing, addr)
	}
	return s.job(next), next, nil
}
