package pebble

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

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

func (r *readTx) Events(after uint64, limit int) (list []jobs.Event, err error) {
	err = scanPage(r.from, []byte{kindEvent}, appendUint(nil, after), limit, func(k, value []byte) error {
		key := readKey(k, 1)
		number := key.uint()
		if err := key.done(k); err != nil {
			return err
		}
		event, err := decodeEvent(number, value)
		list = append(list, event)
		return err
	})
	return list, err
}

func (r *readTx) LastEvent() (uint64, error) {
	last, _, err := get(r.from, lastEventKey, decodeNumber)
	return last, err
}

func (t *tx) AppendEvents(events ...jobs.Event) (err error) {
	t.events, err = encodeEvents(t.events, events)
	return err
}

// DeleteEvents ends the range that it deletes at the last event that is there: what comes until the commit may have a number up to until, too.
func (t *tx) DeleteEvents(until uint64) (err error) {
	prefix := []byte{kindEvent}
	upper := end(prefix)
	if next := until + 1; next != 0 {
		upper = eventKey(nil, next)
	}
	iter, err := t.batch.NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: upper})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, iter.Close()) }()
	if !iter.Last() {
		return iter.Error()
	}
	return t.batch.DeleteRange(prefix, behind(iter.Key()), nil)
}

// putEvents gives encoded events their numbers, in a batch that is committed before any other one gets events. putLastEvent must follow.
func (c *committer) putEvents(b *pebble.Batch, events [][]byte) error {
	var key [16]byte
	for _, value := range events {
		c.lastEvent++
		if err := b.Set(eventKey(key[:0], c.lastEvent), value, nil); err != nil {
			return err
		}
	}
	return nil
}

// putLastEvent writes the newest number into a batch that has events.
func (c *committer) putLastEvent(b *pebble.Batch) error {
	return b.Set(lastEventKey, binary.AppendUvarint(nil, c.lastEvent), nil)
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
	row := eventRow{ID: e.ID, At: rowcodec.Micros(e.At), Operation: string(e.Operation), JobID: string(e.JobID)}
	if j := e.Job; j != nil {
		row.Job = &jobEventRow{
			TargetSelection: string(j.TargetSelection), Targets: rowcodec.Map(j.Targets, rowcodec.OfTarget), Description: j.Description, Comment: j.Comment,
			CreatedAt: rowcodec.Micros(j.CreatedAt), LastUpdatedAt: rowcodec.Micros(j.LastUpdatedAt), CompletedAt: rowcodec.Micros(j.CompletedAt),
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
	e := jobs.Event{Number: number, ID: row.ID, At: rowcodec.FromMicros(row.At), Operation: jobs.EventOperation(row.Operation), JobID: jobs.JobID(row.JobID)}
	if j := row.Job; j != nil {
		counters, err := decodeCounters(j.Counters)
		if err != nil {
			return e, fmt.Errorf("decode event %d: %w", number, err)
		}
		e.Job = &jobs.JobEvent{
			TargetSelection: jobs.TargetSelection(j.TargetSelection), Targets: rowcodec.Map(j.Targets, rowcodec.Target.Value), Description: j.Description,
			Comment: j.Comment, CreatedAt: rowcodec.FromMicros(j.CreatedAt), LastUpdatedAt: rowcodec.FromMicros(j.LastUpdatedAt), CompletedAt: rowcodec.FromMicros(j.CompletedAt),
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
