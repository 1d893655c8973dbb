package service

import (
	"context"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// StartNextPendingJobExecutionInput is a device's wish to work.
type StartNextPendingJobExecutionInput struct {
	Thing         registry.ThingName
	StatusDetails map[string]string // nil keeps the stored ones
	StepTimer     jobs.StepTimer
}

// DeviceExecutionOutput is an execution as a device gets it. Execution is nil when nothing is pending.
type DeviceExecutionOutput struct {
	Thing     registry.ThingName
	JobID     jobs.JobID
	Execution *jobs.JobExecution
	Document  string // empty if it was not asked for
	// At is the service's time of the answer, from which the time that is left is counted.
	At time.Time
}

// StartNextPendingJobExecution takes the next pending execution and starts it; one that already runs is handed out again (HTTP-4.2).
func (s *Service) StartNextPendingJobExecution(ctx context.Context, in StartNextPendingJobExecutionInput) (DeviceExecutionOutput, error) {
	s.deviceCalls.Add(1)
	now := s.Now()
	var out DeviceExecutionOutput
	err := s.updateThing(ctx, now, in.Thing, nil, func(state *thingState) error {
		out = DeviceExecutionOutput{}
		if err := state.registered(in.Thing); err != nil {
			return err
		}
		next, ok := jobs.Next(state.offered(now))
		if !ok {
			return nil
		}
		job := state.job(next)
		started, changed := next.Start(now, job.Config, in.StatusDetails, in.StepTimer)
		if changed {
			state.replace(next, started)
		}
		out = DeviceExecutionOutput{Thing: in.Thing, JobID: job.ID, Execution: &started, Document: job.Config.Document, At: now}
		return nil
	})
	return out, err
}
