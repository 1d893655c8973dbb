package move

import (
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store/rowcodec"
)

type eventRow struct {
	Number    uint64             `cbor:"1,keyasint"`
	ID        string             `cbor:"2,keyasint"`
	At        int64              `cbor:"3,keyasint,omitempty"`
	Operation string             `cbor:"4,keyasint"`
	JobID     string             `cbor:"5,keyasint"`
	Job       *jobEventRow       `cbor:"6,keyasint,omitempty"`
	Execution *executionEventRow `cbor:"7,keyasint,omitempty"`
}

type jobEventRow struct {
	TargetSelection string            `cbor:"1,keyasint,omitempty"`
	Targets         []rowcodec.Target `cbor:"2,keyasint,omitempty"`
	Description     string            `cbor:"3,keyasint,omitempty"`
	Comment         string            `cbor:"4,keyasint,omitempty"`
	CreatedAt       int64             `cbor:"5,keyasint,omitempty"`
	LastUpdatedAt   int64             `cbor:"6,keyasint,omitempty"`
	CompletedAt     int64             `cbor:"7,keyasint,omitempty"`
	// Counters are by status; those that are zero are left out.
	Counters map[string]int64 `cbor:"8,keyasint,omitempty"`
}

type executionEventRow struct {
	Thing         string            `cbor:"1,keyasint"`
	Status        string            `cbor:"2,keyasint"`
	StatusDetails map[string]string `cbor:"3,keyasint,omitempty"`
}

func rowOfEvent(e *jobs.Event) eventRow {
	row := eventRow{Number: e.Number, ID: e.ID, At: rowcodec.Micros(e.At), Operation: string(e.Operation), JobID: string(e.JobID)}
	if j := e.Job; j != nil {
		row.Job = &jobEventRow{
			TargetSelection: string(j.TargetSelection), Targets: rowcodec.Map(j.Targets, rowcodec.OfTarget), Description: j.Description, Comment: j.Comment,
			CreatedAt: rowcodec.Micros(j.CreatedAt), LastUpdatedAt: rowcodec.Micros(j.LastUpdatedAt), CompletedAt: rowcodec.Micros(j.CompletedAt), Counters: rowOfCounters(j.Counters),
		}
	}
	if x := e.Execution; x != nil {
		row.Execution = &executionEventRow{Thing: string(x.Thing), Status: string(x.Status), StatusDetails: x.StatusDetails}
	}
	return row
}

func (r *eventRow) event() jobs.Event {
	e := jobs.Event{Number: r.Number, ID: r.ID, At: rowcodec.FromMicros(r.At), Operation: jobs.EventOperation(r.Operation), JobID: jobs.JobID(r.JobID)}
	if j := r.Job; j != nil {
		e.Job = &jobs.JobEvent{
			TargetSelection: jobs.TargetSelection(j.TargetSelection), Targets: rowcodec.Map(j.Targets, rowcodec.Target.Value), Description: j.Description,
			Comment: j.Comment, CreatedAt: rowcodec.FromMicros(j.CreatedAt), LastUpdatedAt: rowcodec.FromMicros(j.LastUpdatedAt), CompletedAt: rowcodec.FromMicros(j.CompletedAt),
		}
		for status, n := range j.Counters {
			e.Job.Counters.Add(jobs.ExecutionStatus(status), n)
		}
	}
	if x := r.Execution; x != nil {
		e.Execution = &jobs.ExecutionEvent{
			Thing: registry.ThingName(x.Thing), Status: jobs.ExecutionStatus(x.Status), StatusDetails: x.StatusDetails,
		}
	}
	return e
}

func rowOfCounters(c jobs.Counters) map[string]int64 {
	row := map[string]int64{}
	for _, status := range jobs.ExecutionStatuses() {
		if n := c.Of(status); n != 0 {
			row[string(status)] = n
		}
	}
	return row
}
