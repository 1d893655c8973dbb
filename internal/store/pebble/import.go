package pebble

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/rowcodec"
)

// Import writes rows, and all that follows from them, in one update.
func (s *Store) Import(ctx context.Context, rows []store.Row, progress []byte) error {
	return s.Update(ctx, func(to store.Tx) error { return to.(*tx).importRows(rows, progress) })
}

func (t *tx) importRows(rows []store.Row, progress []byte) error {
	begun, err := exists(t.batch, recordKey(nil, store.ImportRecord, store.ImportProgress))
	if err != nil {
		return err
	}
	if !begun {
		if err := t.refuseRows(); err != nil {
			return err
		}
	}
	for _, row := range rows {
		if err := t.importRow(row); err != nil {
			return fmt.Errorf("import: %w", err)
		}
	}
	if progress == nil {
		return t.DeleteRecord(store.ImportRecord, store.ImportProgress)
	}
	return t.PutRecord(store.ImportRecord, store.ImportProgress, progress)
}

// refuseRows demands that nothing is stored but the number of the format and signs of life.
func (t *tx) refuseRows() error {
	signs := recordPrefix(make([]byte, 0, 20), store.NodeRecord)
	return scan(t.batch, nil, nil, func(key, _ []byte) (bool, error) {
		if key[0] != kindFormat && !bytes.HasPrefix(key, signs) {
			return false, store.ErrNotEmpty
		}
		return true, nil
	})
}

func (t *tx) importRow(row store.Row) error {
	switch r := row.(type) {
	case store.NumbersRow:
		t.lastEvent = r.LastEvent
		return t.batch.Set(sequenceKey, binary.AppendUvarint(nil, r.Last), nil)
	case store.RecordRow:
		return t.PutRecord(r.Of, r.ID, r.Value)
	case store.JobRow:
		return t.PutJob(r.Job)
	case store.GroupRow:
		return t.PutGroup(r.Group)
	case store.ThingRow:
		return t.importThing(r)
	case store.MembershipRow:
		return t.importMembership(r)
	case store.HistoryRow:
		if r.Execution.Status.Pending() {
			return fmt.Errorf("execution %d of job %d on thing %s is pending and no history", r.Execution.Number, r.Execution.Job, r.Thing.Name)
		}
		return t.importExecution(r.Thing, &r.Execution)
	case store.HeadRow:
		return t.batch.Set(headKey(nil, r.Job, r.Thing), encodeHead(nil, r.Head), nil)
	case store.MarkRow:
		return t.Mark(r.Job)
	case store.EventRow:
		return t.importEvent(r.Event)
	default:
		return fmt.Errorf("a row of the unknown type %T", row)
	}
}

// importThing writes a thing with its queue; its memberships are rows of their own.
func (t *tx) importThing(r store.ThingRow) error {
	thing := r.Thing
	if err := storableThing(thing); err != nil {
		return err
	}
	if err := errors.Join(t.putThing(thing, r.Pending), t.retype(thing.Name, "", thing.Type)); err != nil {
		return err
	}
	for i := range r.Pending {
		if !r.Pending[i].Status.Pending() {
			return fmt.Errorf("execution %d of job %d waits on thing %s and is %s", r.Pending[i].Number, r.Pending[i].Job, thing.Name, r.Pending[i].Status)
		}
		if err := t.importExecution(thing.Key(), &r.Pending[i]); err != nil {
			return err
		}
	}
	return nil
}

// importExecution writes what follows from an execution, and a terminal one itself.
func (t *tx) importExecution(thing registry.ThingKey, e *jobs.JobExecution) error {
	if err := storable("thing name", string(thing.Name)); err != nil {
		return err
	}
	if e.Status.Index() < 0 || e.Number <= 0 {
		return fmt.Errorf("execution %d of job %d on thing %s is in status %q", e.Number, e.Job, thing.Name, e.Status)
	}
	effects, err := store.EffectsOf(store.ExecutionChange{After: e})
	if err != nil {
		return err
	}
	p := &t.scratch
	p.ops.reset()
	p.deltas, p.lowestDue = p.deltas[:0], ""
	p.index(thing, effects)
	t.lowestDue = lowest(t.lowestDue, p.lowestDue)
	if err := p.ops.each(t.batch.gather); err != nil {
		return err
	}
	for _, d := range p.deltas {
		t.deltas[d.job] = sum(t.deltas[d.job], d.counters)
	}
	if effects.History != store.HistoryPut {
		return nil
	}
	row := rowOfExecution(e)
	return t.put(historyKey(nil, thing, e.Job, e.Number), &row)
}

func (t *tx) importMembership(r store.MembershipRow) error {
	if err := storable("thing name", string(r.Thing.Name)); err != nil {
		return err
	}
	for _, p := range r.Periods {
		if p.Left == 0 {
			continue
		}
		if err := t.batch.Set(leftKey(nil, p.Left, r.Group, r.Thing), nil, nil); err != nil {
			return err
		}
	}
	return t.putIntervals(r.Group, r.Thing, rowcodec.Map(r.Periods, func(p store.Period) interval {
		return interval{joined: p.Joined, left: p.Left, direct: p.Direct}
	}))
}

// importEvent writes an event under the number that it has.
func (t *tx) importEvent(e jobs.Event) error {
	rows, err := encodeEvents(nil, []jobs.Event{e})
	if err != nil {
		return err
	}
	return t.batch.Set(eventKey(nil, e.Number), rows[0], nil)
}
