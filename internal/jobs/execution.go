package jobs

import (
	"maps"
	"time"
)

// JobExecution is one attempt of a job on one thing. It is a value: the rules below return a changed copy.
type JobExecution struct {
	Job    JobNumber
	Number ExecutionNumber
	Status ExecutionStatus
	// StatusDetails is what the device last reported: at most 10 pairs. Never changed in place.
	StatusDetails map[string]string
	Version       VersionNumber
	QueuedAt      time.Time
	StartedAt     time.Time // zero until IN_PROGRESS was entered
	LastUpdatedAt time.Time
	ForceCanceled bool
	// RetryAttempt is 0 for the first execution of a thing's turn, then how many retries came before (LIFE-7).
	RetryAttempt int
	// InProgressDeadline and StepDeadline are when the timers fire; zero without a timer (LIFE-6).
	InProgressDeadline time.Time
	StepDeadline       time.Time
	// StartedBy and EndedBy are who started and ended it: a principal, or ByService; empty while that has not happened.
	StartedBy, EndedBy string
}

// ByService says that the service did something by itself: a timer, an abort, a change of membership.
const ByService = "service"

// StepTimer is the wire's stepTimeoutInMinutes: zero leaves the step timer alone, -1 removes it, else 1 to 10080 minutes (HTTP-4.4).
type StepTimer int

// RemoveStepTimer discards the current step timer.
const RemoveStepTimer StepTimer = -1

// NewExecution queues the next execution of a job on a thing (LIFE-2: version 1, lastUpdatedAt = queuedAt).
func NewExecution(job JobNumber, number ExecutionNumber, now time.Time) JobExecution {
	return JobExecution{Job: job, Number: number, Status: Queued, Version: 1, QueuedAt: now, LastUpdatedAt: now}
}

// Deadline is when the execution times out: the earlier of its two timers, zero without one or when it is terminal (LIFE-6).
func (e JobExecution) Deadline() time.Time {
	switch {
	case e.Status.Terminal():
		return time.Time{}
	case e.StepDeadline.IsZero():
		return e.InProgressDeadline
	case e.InProgressDeadline.IsZero() || e.StepDeadline.Before(e.InProgressDeadline):
		return e.StepDeadline
	default:
		return e.InProgressDeadline
	}
}

// SecondsBeforeTimedOut is the time left, in whole seconds and never negative; ok is false while no timer runs (Q29).
func (e JobExecution) SecondsBeforeTimedOut(now time.Time) (seconds int64, ok bool) {
	deadline := e.Deadline()
	if deadline.IsZero() {
		return 0, false
	}
	return max(0, int64(deadline.Sub(now)/time.Second)), true
}

// Start is StartNextPendingJobExecution on the execution that is next. A queued one starts; one that already runs is handed out again
// with its details and version untouched (HTTP-4.2), only a step timer in the request applies (Q9).
func (e JobExecution) Start(now time.Time, cfg *Config, details map[string]string, step StepTimer) (next JobExecution, changed bool) {
	if e.Status == InProgress {
		if step == 0 {
			return e, false
		}
		return e.withStepTimer(now, step), true
	}
	if details != nil {
		e.StatusDetails = maps.Clone(details)
	}
	return e.begin(now, cfg).withStepTimer(now, step), true
}

// begin enters IN_PROGRESS.
func (e JobExecution) begin(now time.Time, cfg *Config) JobExecution {
	e.Status = InProgress
	e.Version++
	e.LastUpdatedAt = now
	if e.StartedAt.IsZero() {
		e.StartedAt = now
	}
	if cfg.InProgressTimeout > 0 {
		e.InProgressDeadline = now.Add(cfg.InProgressTimeout)
	}
	return e
}

func (e JobExecution) withStepTimer(now time.Time, step StepTimer) JobExecution {
	switch {
	case step == RemoveStepTimer:
		e.StepDeadline = time.Time{}
	case step > 0:
		e.StepDeadline = now.Add(time.Duration(step) * time.Minute)
	}
	return e
}

// Report is what a device says of an execution in UpdateJobExecution.
type Report struct {
	Status ExecutionStatus
	// StatusDetails replaces the stored map; nil leaves it (Q3).
	StatusDetails map[string]string
	// ExpectedVersion must be the current version; nil asks for no check.
	ExpectedVersion *VersionNumber
	StepTimer       StepTimer
}

// Update applies a device's report. Checks go version, then transition (HTTP-5). Every refusal carries the current execution.
func (e JobExecution) Update(now time.Time, cfg *Config, r Report) (JobExecution, error) {
	if r.ExpectedVersion != nil && *r.ExpectedVersion != e.Version {
		return e, e.refuse(VersionMismatch, "Expected version %d but found version %d", *r.ExpectedVersion, e.Version)
	}
	if !r.Status.settableByDevice() {
		return e, e.refuse(InvalidStateTransition, "The status of job execution cannot be changed to be %s", r.Status)
	}
	if e.Status.Terminal() {
		return e, e.refuse(InvalidStateTransition, "The job execution is in terminal status %s and cannot be changed to be %s", e.Status, r.Status)
	}
	if r.StatusDetails != nil {
		e.StatusDetails = maps.Clone(r.StatusDetails)
	}
	if r.Status != InProgress {
		return e.end(now, r.Status), nil
	}
	if e.Status == Queued {
		return e.begin(now, cfg).withStepTimer(now, r.StepTimer), nil
	}
	e.Version++
	e.LastUpdatedAt = now
	return e.withStepTimer(now, r.StepTimer), nil
}

// end enters a terminal state that is reported with a new version.
func (e JobExecution) end(now time.Time, status ExecutionStatus) JobExecution {
	e.Status = status
	e.Version++
	e.LastUpdatedAt = now
	e.InProgressDeadline, e.StepDeadline = time.Time{}, time.Time{}
	return e
}

// TimeOut fires the timers; changed is false while none is due. It counts as a change of the version (Q31).
func (e JobExecution) TimeOut(now time.Time) (next JobExecution, changed bool) {
	deadline := e.Deadline()
	if deadline.IsZero() || deadline.After(now) {
		return e, false
	}
	return e.end(now, TimedOut), true
}

// Cancel is CancelJobExecution: a running execution needs force, a terminal one stays (LIFE-9). Details replace the stored ones; nil leaves them.
func (e JobExecution) Cancel(now time.Time, force bool, details map[string]string) (JobExecution, error) {
	switch {
	case e.Status.Terminal():
		return e, e.refuse(InvalidStateTransition, "The job execution is in terminal status %s and cannot be canceled", e.Status)
	case e.Status == InProgress && !force:
		return e, e.refuse(InvalidStateTransition, "The job execution is in status IN_PROGRESS and can be canceled only with force")
	}
	if details != nil {
		e.StatusDetails = maps.Clone(details)
	}
	e.ForceCanceled = e.Status == InProgress
	return e.end(now, Canceled), nil
}

// Remove takes a queued or running execution from a thing that is no target any more. The version stays (LIFE-2).
func (e JobExecution) Remove(now time.Time) JobExecution {
	version := e.Version
	e = e.end(now, Removed)
	e.Version = version
	return e
}

func (e JobExecution) refuse(code Code, format string, args ...any) error {
	err := Errorf(code, format, args...)
	err.Execution = &e
	return err
}
