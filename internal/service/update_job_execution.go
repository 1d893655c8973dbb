package service

import (
	"context"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/rollout"
	"iotjobs/internal/store"
)

// UpdateJobExecutionInput is a device's report on one execution.
type UpdateJobExecutionInput struct {
	Thing           registry.ThingName
	JobID           jobs.JobID
	ExecutionNumber jobs.ExecutionNumber // 0: the newest
	Report          jobs.Report
	// IncludeState and IncludeDocument ask for more than an empty answer.
	IncludeState, IncludeDocument bool
}

// UpdateJobExecutionOutput holds what was asked for: the execution after the update, and the document.
type UpdateJobExecutionOutput struct {
	Execution *jobs.JobExecution
	Document  string
}

// UpdateJobExecution applies a device's report (HTTP-4.4). Checks go existence, version, transition (HTTP-5).
func (s *Service) UpdateJobExecution(ctx context.Context, in UpdateJobExecutionInput) (UpdateJobExecutionOutput, error) {
	s.deviceCalls.Add(1)
	now := s.Now()
	addr := store.Address{Job: in.JobID, Number: in.ExecutionNumber, Head: rollout.MayRetry(in.Report.Status)}
	var out UpdateJobExecutionOutput
	err := s.updateThing(ctx, now, in.Thing, []store.Address{addr}, func(state *thingState) error {
		job, before, err := state.execution(in.Thing, addr)
		if err != nil {
			return err
		}
		after, err := before.Update(now, job.Config, in.Report)
		if err != nil {
			return err
		}
		if after.Status.Terminal() {
			state.end(before, after, now)
		} else {
			state.replace(before, after)
		}
		out = UpdateJobExecutionOutput{}
		if in.IncludeState {
			out.Execution = &after
		}
		if in.IncludeDocument {
			out.Document = job.Config.Document
		}
		return nil
	})
	return out, err
}
