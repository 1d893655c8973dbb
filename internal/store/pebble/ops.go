package pebble

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/cockroachdb/pebble/v2"
)

// getter finds rows: the database, a snapshot, an update's batch, or a group's overlay. The closer of Get must be closed unless it is
// nil; the value is good until then. An overlay's NewIter shows what lies below it.
type getter interface {
	Get(key []byte) ([]byte, io.Closer, error)
	NewIter(o *pebble.IterOptions) (*pebble.Iterator, error)
}

// get calls decode with a row's value; found is false, and decode not called, when there is no such row.
func get[T any](g getter, key []byte, decode func([]byte) (T, error)) (row T, found bool, err error) {
	value, closer, err := g.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return row, false, nil
	}
	if err != nil {
		return row, false, err
	}
	row, err = decode(value)
	if closer != nil {
		err = errors.Join(err, closer.Close())
	}
	return row, err == nil, err
}

// exists tells whether there is a row.
func exists(g getter, key []byte) (bool, error) {
	_, found, err := get(g, key, func([]byte) (struct{}, error) { return struct{}{}, nil })
	return found, err
}

// ops are the writes of one command, collected before any of them reaches a batch: a command that turns out to be wrong half way
// leaves nothing behind.
type ops struct {
	data []byte // keys and values, end to end
	list []op
}

// op sets data[key:value] to data[value:end], or deletes data[key:value].
type op struct {
	key, value, end int
	delete          bool
}

func (o *ops) reset() { o.data, o.list = o.data[:0], o.list[:0] }

func (o *ops) set(key, value []byte) {
	at := len(o.data)
	o.data = append(append(o.data, key...), value...)
	o.list = append(o.list, op{key: at, value: at + len(key), end: len(o.data)})
}

func (o *ops) delete(key []byte) {
	at := len(o.data)
	o.data = append(o.data, key...)
	o.list = append(o.list, op{key: at, value: len(o.data), end: len(o.data), delete: true})
}

// add appends the writes of others.
func (o *ops) add(others *ops) {
	at := len(o.data)
	o.data = append(o.data, others.data...)
	for _, op := range others.list {
		op.key, op.value, op.end = at+op.key, at+op.value, at+op.end
		o.list = append(o.list, op)
	}
}

// find shows the last write of a key; written is false if there is none, value nil if it deletes.
func (o *ops) find(key []byte) (value []byte, written bool) {
	for _, op := range slices.Backward(o.list) {
		if bytes.Equal(o.data[op.key:op.value], key) {
			if op.delete {
				return nil, true
			}
			return o.data[op.value:op.end:op.end], true
		}
	}
	return nil, false
}

// each visits the writes in order; value is nil for a deletion.
func (o *ops) each(visit func(key, value []byte) error) error {
	for _, op := range o.list {
		value := o.data[op.value:op.end:op.end]
		if op.delete {
			value = nil
		}
		if err := visit(o.data[op.key:op.value:op.value], value); err != nil {
			return err
		}
	}
	return nil
}

// sort puts the writes in the order of their keys; those of one key keep theirs. A memtable takes sorted rows with less than half of the comparisons.
func (o *ops) sort() {
	slices.SortStableFunc(o.list, func(x, y op) int { return bytes.Compare(o.data[x.key:x.value], o.data[y.key:y.value]) })
}

// write applies one visited write to a batch.
func write(b *pebble.Batch, key, value []byte) error {
	if value == nil {
		return b.Delete(key, nil)
	}
	return b.Set(key, value, nil)
}
