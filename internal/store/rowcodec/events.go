package rowcodec

import (
	"fmt"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// Event is an event that waits to be told, without its number, which is its key.
type Event struct {
	ID        string          `cbor:"1,keyasint"`
	At        int64           `cbor:"2,keyasint"`
	Operation string          `cbor:"3,keyasint"`
	JobID     string          `cbor:"4,keyasint"`
	Job       *JobEvent       `cbor:"5,keyasint,omitempty"`
	Execution *ExecutionEvent `cbor:"6,keyasint,omitempty"`
}

// JobEvent is what an event tells of its job.
type JobEvent struct {
	TargetSelection string   `cbor:"1,keyasint,omitempty"`
	Targets         []Target `cbor:"2,keyasint,omitempty"`
	Description     string   `cbor:"3,keyasint,omitempty"`
	Comment         string   `cbor:"4,keyasint,omitempty"`
	CreatedAt       int64    `cbor:"5,keyasint,omitempty"`
	LastUpdatedAt   int64    `cbor:"6,keyasint,omitempty"`
	CompletedAt     int64    `cbor:"7,keyasint,omitempty"`
	Counters        []byte   `cbor:"8,keyasint,omitempty"` // of AppendCounters; none if all are zero
}

// ExecutionEvent is what an event tells of an execution.
type ExecutionEvent struct {
	Thing         string            `cbor:"1,keyasint"`
	Status        int               `cbor:"2,keyasint"` // place in jobs.ExecutionStatuses
	StatusDetails map[string]string `cbor:"3,keyasint,omitzero"`
}

// OfEvent is the row of an event. A status that is none is refused, because nobody could read it again.
func OfEvent(e *jobs.Event) (Event, error) {
	row := Event{ID: e.ID, At: Micros(e.At), Operation: string(e.Operation), JobID: string(e.JobID)}
	if j := e.Job; j != nil {
		row.Job = &JobEvent{
			TargetSelection: string(j.TargetSelection), Targets: Map(j.Targets, OfTarget), Description: j.Description, Comment: j.Comment,
			CreatedAt: Micros(j.CreatedAt), LastUpdatedAt: Micros(j.LastUpdatedAt), CompletedAt: Micros(j.CompletedAt),
		}
		if j.Counters != (jobs.Counters{}) {
			row.Job.Counters = AppendCounters(nil, j.Counters)
		}
	}
	if x := e.Execution; x != nil {
		if x.Status.Index() < 0 {
			return row, fmt.Errorf("an event of job %s has the status %q", e.JobID, x.Status)
		}
		row.Execution = &ExecutionEvent{Thing: string(x.Thing), Status: x.Status.Index(), StatusDetails: x.StatusDetails}
	}
	return row, nil
}

// Value is the event that the row stands for, with its number.
func (r *Event) Value(number uint64) (jobs.Event, error) {
	e := jobs.Event{Number: number, ID: r.ID, At: FromMicros(r.At), Operation: jobs.EventOperation(r.Operation), JobID: jobs.JobID(r.JobID)}
	if j := r.Job; j != nil {
		counters, err := DecodeCounters(j.Counters)
		if err != nil {
			return e, fmt.Errorf("decode event %d: %w", number, err)
		}
		e.Job = &jobs.JobEvent{
			TargetSelection: jobs.TargetSelection(j.TargetSelection), Targets: Map(j.Targets, Target.Value), Description: j.Description, Comment: j.Comment,
			CreatedAt: FromMicros(j.CreatedAt), LastUpdatedAt: FromMicros(j.LastUpdatedAt), CompletedAt: FromMicros(j.CompletedAt), Counters: counters,
		}
	}
	if x := r.Execution; x != nil {
		status := StatusAt(x.Status)
		if status == "" {
			return e, fmt.Errorf("event %d has the unknown status %d", number, x.Status)
		}
		e.Execution = &jobs.ExecutionEvent{Thing: registry.ThingName(x.Thing), Status: status, StatusDetails: x.StatusDetails}
	}
	return e, nil
}
