package pebble

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store/rowcodec"
)

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
		row, err := rowcodec.OfEvent(&events[i])
		if err != nil {
			return nil, err
		}
		value, err := encode(&row)
		if err != nil {
			return nil, fmt.Errorf("encode an event of job %s: %w", events[i].JobID, err)
		}
		rows = append(rows, value)
	}
	return rows, nil
}

func decodeEvent(number uint64, value []byte) (jobs.Event, error) {
	var row rowcodec.Event
	if err := decoder.Unmarshal(value, &row); err != nil {
		return jobs.Event{}, fmt.Errorf("decode event %d: %w", number, err)
	}
	return row.Value(number)
}
