package pebble

import (
	"bytes"
	"context"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/rowcodec"
)

var _ store.Portable = (*Store)(nil)

// Export shows the published snapshot in the order of the keys.
func (s *Store) Export(ctx context.Context, after store.Row, fn func(store.Row) error) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.gate.leave()
	snap := s.published.acquire()
	defer s.published.release(snap)
	x := exporter{readTx: s.reader(snap), ctx: ctx, fn: fn}
	return guard(func() error {
		for kind := range store.RowKind(store.RowKinds) {
			if after != nil && kind < after.Kind() {
				continue
			}
			var from store.Row
			if after != nil && kind == after.Kind() {
				from = after
			}
			if err := x.export(kind, from); err != nil {
				return err
			}
		}
		return nil
	})
}

type exporter struct {
	*readTx

	ctx context.Context //nolint:containedctx // of the one call that the exporter is for
	fn  func(store.Row) error
}

// export shows the rows of one kind, those behind after.
func (x *exporter) export(kind store.RowKind, after store.Row) error {
	if kind == store.NumbersRows {
		return x.numbers(after)
	}
	prefix := []byte{rowPrefixes[kind]}
	lower := prefix
	if after != nil {
		key, err := keyOfRow(make([]byte, 0, 200), after)
		if err != nil {
			return err
		}
		lower = behind(key)
	}
	return scan(x.from, lower, end(prefix), func(key, value []byte) (bool, error) {
		if err := x.ctx.Err(); err != nil {
			return false, err
		}
		row, err := x.row(kind, key, value)
		if err != nil || row == nil {
			return err == nil, err
		}
		return true, x.fn(row)
	})
}

func (x *exporter) numbers(after store.Row) error {
	if after != nil {
		return nil
	}
	last, err := x.Version()
	if err != nil {
		return err
	}
	event, err := x.LastEvent()
	if err != nil {
		return err
	}
	return x.fn(store.NumbersRow{Last: last, LastEvent: event})
}

// rowPrefixes are the kinds of keys under which the rows of a kind are stored.
var rowPrefixes = [store.RowKinds]byte{
	store.RecordRows: kindRecord, store.JobRows: kindJob, store.GroupRows: kindGroup, store.ThingRows: kindThing, store.MembershipRows: kindMembership,
	store.HistoryRows: kindHistory, store.HeadRows: kindHead, store.MarkRows: kindMark, store.EventRows: kindEvent,
}

// keyOfRow appends the key under which a row is stored.
func keyOfRow(b []byte, row store.Row) ([]byte, error) {
	switch r := row.(type) {
	case store.RecordRow:
		return recordKey(b, r.Of, r.ID), nil
	case store.JobRow:
		return jobKey(b, r.Job.Number), nil
	case store.GroupRow:
		return groupKey(b, r.Group.Number), nil
	case store.ThingRow:
		return thingKey(b, r.Thing.Name), nil
	case store.MembershipRow:
		return membershipKey(b, r.Group, r.Thing), nil
	case store.HistoryRow:
		return historyKey(b, r.Thing, r.Execution.Job, r.Execution.Number), nil
	case store.HeadRow:
		return headKey(b, r.Job, r.Thing), nil
	case store.MarkRow:
		return markKey(b, r.Job), nil
	case store.EventRow:
		return eventKey(b, r.Event.Number), nil
	default:
		return nil, fmt.Errorf("a row of type %T has no key", row)
	}
}

// row decodes what is stored; nil for what is not shown. It keeps nothing of key and value.
func (x *exporter) row(kind store.RowKind, k, value []byte) (store.Row, error) {
	key := readKey(k, 1)
	var row store.Row
	var err error
	switch kind { //nolint:exhaustive // the numbers are not a row of their own here
	case store.RecordRows:
		of, id, _ := bytes.Cut(k[1:], []byte{0})
		return store.RecordRow{Of: store.RecordKind(of), ID: string(id), Value: bytes.Clone(value)}, nil
	case store.ThingRows:
		name := registry.ThingName(k[1:])
		var s *thingState
		if s, err = decodeThing(name, value); err != nil {
			return nil, err
		}
		return store.ThingRow{Thing: s.thing, Pending: s.pending}, nil
	case store.JobRows:
		row, err = x.jobRow(jobs.JobNumber(key.uint()))
	case store.GroupRows:
		row, err = groupRowOf(registry.GroupNumber(key.uint()), value)
	case store.MembershipRows:
		row, err = membershipRowOf(registry.GroupNumber(key.uint()), key.thing(), value)
	case store.HistoryRows:
		thing := key.thing()
		key.uint() // the job's and the execution's number stand in the row, too
		key.uint()
		row, err = historyRowOf(thing, value)
	case store.HeadRows:
		row, err = x.headRow(jobs.JobNumber(key.uint()), key.thing(), value)
	case store.MarkRows:
		row = store.MarkRow{Job: jobs.JobNumber(key.uint())}
	case store.EventRows:
		row, err = eventRowOf(key.uint(), value)
	}
	if err != nil {
		return nil, fmt.Errorf("export the row %q: %w", k, err)
	}
	return row, key.done(k)
}

// jobRow is a job with its configuration, which other rows hold.
func (x *exporter) jobRow(number jobs.JobNumber) (store.Row, error) {
	job, err := x.JobByNumber(number)
	if err == nil && job == nil {
		err = fmt.Errorf("job %d is gone", number) // not reached: the snapshot does not move
	}
	return store.JobRow{Job: job}, err
}

func groupRowOf(number registry.GroupNumber, value []byte) (store.Row, error) {
	group, err := decodeGroup(number, value)
	return store.GroupRow{Group: group}, err
}

func membershipRowOf(group registry.GroupNumber, thing registry.ThingKey, value []byte) (store.Row, error) {
	all, err := decodeIntervals(value)
	periods := rowcodec.Map(all, func(i interval) store.Period { return store.Period{Joined: i.joined, Left: i.left, Direct: i.direct} })
	return store.MembershipRow{Group: group, Thing: thing, Periods: periods}, err
}

func historyRowOf(thing registry.ThingKey, value []byte) (store.Row, error) {
	e, err := decodeExecution(value)
	return store.HistoryRow{Thing: thing, Execution: e}, err
}

// headRow passes over those of things that are gone. The job is there: it takes its heads along.
func (x *exporter) headRow(job jobs.JobNumber, thing registry.ThingKey, value []byte) (store.Row, error) {
	number, _, err := get(x.from, thingKey(make([]byte, 0, 160), thing.Name), decodeThingNumber)
	if err != nil || number != thing.Number {
		return nil, err
	}
	head, err := decodeHead(value)
	return store.HeadRow{Job: job, Thing: thing, Head: head}, err
}

func decodeThingNumber(value []byte) (registry.ThingNumber, error) {
	var row struct {
		Registry cbor.RawMessage `cbor:"1,keyasint"`
	}
	var registered struct {
		Number uint64 `cbor:"1,keyasint"`
	}
	if err := decoder.Unmarshal(value, &row); err != nil {
		return 0, err
	}
	err := decoder.Unmarshal(row.Registry, &registered)
	return registry.ThingNumber(registered.Number), err
}

func eventRowOf(number uint64, value []byte) (store.Row, error) {
	event, err := decodeEvent(number, value)
	return store.EventRow{Event: event}, err
}
