package jobs

import (
	"strings"
	"time"

	"iotjobs/internal/registry"
)

// Event tells whoever wants to know that something has happened to a job or to one of its executions (LIFE-12). Exactly one of Job and Execution
// is set.
type Event struct {
	// Number is the place in the order of all events. The store gives it; 0 before.
	Number uint64
	// ID is a UUID, by which whoever gets the event twice knows it.
	ID        string
	At        time.Time
	Operation EventOperation
	JobID     JobID
	Job       *JobEvent
	Execution *ExecutionEvent
}

// JobEvent is a job as it was when the event happened.
type JobEvent struct {
	TargetSelection                       TargetSelection
	Targets                               []Target
	Description, Comment                  string
	CreatedAt, LastUpdatedAt, CompletedAt time.Time
	// Counters are set in a completed event only (LIFE-12.5).
	Counters Counters
}

// ExecutionEvent is an execution as the event left it, and a deleted one as it was before.
type ExecutionEvent struct {
	Thing         registry.ThingName
	Status        ExecutionStatus
	StatusDetails map[string]string
}

// EventOperation is what has happened; its value is the wire value, and the last level of the event's topic.
type EventOperation string

// What happens to jobs.
const (
	JobWasCompleted        EventOperation = "completed"
	JobWasCanceled         EventOperation = "canceled"
	JobWasDeleted          EventOperation = "deleted"
	JobCancellationStarted EventOperation = "cancellation_in_progress"
	JobDeletionStarted     EventOperation = "deletion_in_progress"
)

// executionWasDeleted happens to executions; what else does is named after the status in which they end.
const executionWasDeleted EventOperation = "deleted"

// Type is the type that must be switched on for the event to be told.
func (e Event) Type() EventType {
	if e.Job != nil {
		return JobEvents
	}
	return JobExecutionEvents
}

// NewEvent is an event of the job as it is now, without its ID.
func (j *Job) NewEvent(operation EventOperation, now time.Time) Event {
	return Event{At: now, Operation: operation, JobID: j.ID, Job: &JobEvent{
		TargetSelection: j.Config.TargetSelection, Targets: j.Config.Targets, Description: j.Config.Description, Comment: j.Comment,
		CreatedAt: j.CreatedAt, LastUpdatedAt: j.LastUpdatedAt, CompletedAt: j.CompletedAt,
	}}
}

// ExecutionEventOf is the event that the change of an execution causes, without its ID: its end, or its deletion (LIFE-12.6). Before is nil for
// a new one, after for a deleted one. Other changes cause none (ok is false).
func ExecutionEventOf(job JobID, thing registry.ThingName, before, after *JobExecution, now time.Time) (event Event, ok bool) {
	shown, operation := after, executionWasDeleted
	switch {
	case after == nil && before == nil:
		return Event{}, false
	case after == nil:
		shown = before
	case after.Status.Pending(), before != nil && before.Status.Terminal():
		return Event{}, false
	default:
		operation = EventOperation(strings.ToLower(string(after.Status)))
	}
	return Event{At: now, Operation: operation, JobID: job, Execution: &ExecutionEvent{
		Thing: thing, Status: shown.Status, StatusDetails: shown.StatusDetails,
	}}, true
}
