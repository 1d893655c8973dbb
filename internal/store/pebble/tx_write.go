package pebble

import (
	"encoding/binary"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

func (t *tx) NextNumber() (uint64, error) {
	last, _, err := get(t.batch, sequenceKey, decodeNumber)
	if err != nil {
		return 0, err
	}
	return last + 1, t.batch.Set(sequenceKey, binary.AppendUvarint(nil, last+1), nil)
}

func (t *tx) Mark(number jobs.JobNumber) error {
	t.marks[number] = true
	return t.batch.Set(markKey(nil, number), nil, nil)
}

// ClearMark clears what the update could see: a mark that a group sets between here and the commit stays (committer.keepMarks). Otherwise
// the step would miss what happened after it looked.
func (t *tx) ClearMark(number jobs.JobNumber) error {
	t.cleared[number] = struct{}{}
	t.marks[number] = false
	return t.batch.Delete(markKey(nil, number), nil)
}

// Fence has nothing to compare: this store has one node.
func (t *tx) Fence(store.Lease) error { return nil }

func (t *tx) PutRecord(kind store.RecordKind, id string, value []byte) error {
	if err := storable("record kind", string(kind)); err != nil {
		return err
	}
	return t.batch.Set(recordKey(nil, kind, id), value, nil)
}

func (t *tx) DeleteRecord(kind store.RecordKind, id string) error {
	return t.batch.Delete(recordKey(nil, kind, id), nil)
}

func (t *tx) put(key []byte, row any) error {
	value, err := encode(row)
	if err != nil {
		return err
	}
	return t.batch.Set(key, value, nil)
}
