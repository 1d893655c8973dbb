package postgres

import (
	"fmt"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store/rowcodec"
)

type eventRow struct {
	ID        string             `cbor:"1,keyasint"`
	At        int64              `cbor:"2,keyasint"`
	Operation string             `cbor:"3,keyasint"`
	JobID     string             `cbor:"4,keyasint"`
	Job       *jobEventRow       `cbor:"5,keyasint,omitempty"`
	Execution *executionEventRow `cbor:"6,keyasint,omitempty"`
}

type jobEventRow struct {
	TargetSelection string            `cbor:"1,keyasint,omitempty"`
	Targets         []rowcodec.Target `cbor:"2,keyasint,omitempty"`
	Description     string            `cbor:"3,keyasint,omitempty"`
	Comment         string            `cbor:"4,keyasint,omitempty"`
	CreatedAt       int64             `cbor:"5,keyasint,omitempty"`
	LastUpdatedAt   int64             `cbor:"6,keyasint,omitempty"`
	CompletedAt     int64             `cbor:"7,keyasint,omitempty"`
	Counters        []byte            `cbor:"8,keyasint,omitempty"` // as in the counters of a job
}

type executionEventRow struct {
	Thing         string            `cbor:"1,keyasint"`
	Status        int               `cbor:"2,keyasint"` // place in jobs.ExecutionStatuses
	StatusDetails map[string]string `cbor:"3,keyasint,omitzero"`
}

// encodeEvents appends the rows of events to a list.
func encodeEvents(rows [][]byte, events []jobs.Event) ([][]byte, error) {
	for i := range events {
		if x := events[i].Execution; x != nil && x.Status.Index() < 0 {
			return nil, fmt.Errorf("an event of job %s has the status %q", events[i].JobID, x.Status)
		}
		row := rowOfEvent(&events[i])
		value, err := encode(&row)
		if err != nil {
			return nil, fmt.Errorf("encode an event of job %s: %w", events[i].JobID, err)
		}
		rows = append(rows, value)
	}
	return rows, nil
}

func rowOfEvent(e *jobs.Event) eventRow {
	row := eventRow{ID: e.ID, At: micros(e.At), Operation: string(e.Operation), JobID: string(e.JobID)}
	if j := e.Job; j != nil {
		row.Job = &jobEventRow{
			TargetSelection: string(j.TargetSelection), Targets: rowcodec.Map(j.Targets, rowcodec.OfTarget), Description: j.Description, Comment: j.Comment,
			CreatedAt: micros(j.CreatedAt), LastUpdatedAt: micros(j.LastUpdatedAt), CompletedAt: micros(j.CompletedAt),
		}
		if j.Counters != (jobs.Counters{}) {
			row.Job.Counters = encodeCounters(nil, j.Counters)
		}
	}
	if x := e.Execution; x != nil {
		row.Execution = &executionEventRow{Thing: string(x.Thing), Status: x.Status.Index(), StatusDetails: x.StatusDetails}
	}
	return row
}

func decodeEvent(number uint64, value []byte) (jobs.Event, error) {
	var row eventRow
	if err := decoder.Unmarshal(value, &row); err != nil {
		return jobs.Event{}, fmt.Errorf("decode event %d: %w", number, err)
	}
	e := jobs.Event{Number: number, ID: row.ID, At: fromMicros(row.At), Operation: jobs.EventOperation(row.Operation), JobID: jobs.JobID(row.JobID)}
	if j := row.Job; j != nil {
		counters, err := decodeCounters(j.Counters)
		if err != nil {
			return e, fmt.Errorf("decode event %d: %w", number, err)
		}
		e.Job = &jobs.JobEvent{
			TargetSelection: jobs.TargetSelection(j.TargetSelection), Targets: rowcodec.Map(j.Targets, rowcodec.Target.Value), Description: j.Description,
			Comment: j.Comment, CreatedAt: fromMicros(j.CreatedAt), LastUpdatedAt: fromMicros(j.LastUpdatedAt), CompletedAt: fromMicros(j.CompletedAt),
			Counters: counters,
		}
	}
	if x := row.Execution; x != nil {
		if statusAt(x.Status) == "" {
			return e, fmt.Errorf("event %d has the unknown status %d", number, x.Status)
		}
		e.Execution = &jobs.ExecutionEvent{Thing: registry.ThingName(x.Thing), Status: statusAt(x.Status), StatusDetails: x.StatusDetails}
	}
	return e, nil
}
