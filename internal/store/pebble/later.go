package pebble

import (
	"io"

	"github.com/cockroachdb/pebble/v2"
)

// updateBatch is the batch of an update. What follows from changes of things comes in several kinds of rows, a few for each thing. They are gathered and
// written kind by kind, before anything else is done with the batch: a step changes things in the order of their names, so that then the rows come in
// the order of their keys, and the batch's index and the memtable put each beside the one before instead of searching for its place.
type updateBatch struct {
	*pebble.Batch

	later *gathered
	waits bool // something was gathered and is not written
}

// gathered are writes by the kind of their row. There is one for all updates, because they run one after the other.
type gathered [256]ops

func (g *gathered) reset() {
	for i := range g {
		g[i].reset()
	}
}

// gather remembers a write; value is nil for a deletion. The order of writes of one key stays: they are of one kind.
func (b *updateBatch) gather(key, value []byte) error {
	if value == nil {
		b.later[key[0]].delete(key)
	} else {
		b.later[key[0]].set(key, value)
	}
	b.waits = true
	return nil
}

// flush writes what was gathered.
func (b *updateBatch) flush() error {
	if !b.waits {
		return nil
	}
	b.waits = false
	for i := range b.later {
		if err := b.later[i].each(func(key, value []byte) error { return write(b.Batch, key, value) }); err != nil {
			return err
		}
		b.later[i].reset()
	}
	return nil
}

// Get and the other methods are those of the batch that must see what was gathered, or come behind it.
func (b *updateBatch) Get(key []byte) ([]byte, io.Closer, error) {
	if err := b.flush(); err != nil {
		return nil, nil, err
	}
	return b.Batch.Get(key)
}

// NewIter shows what was gathered before.
func (b *updateBatch) NewIter(o *pebble.IterOptions) (*pebble.Iterator, error) {
	if err := b.flush(); err != nil {
		return nil, err
	}
	return b.Batch.NewIter(o)
}

// Set writes behind what was gathered.
func (b *updateBatch) Set(key, value []byte, o *pebble.WriteOptions) error {
	if err := b.flush(); err != nil {
		return err
	}
	return b.Batch.Set(key, value, o)
}

// Delete writes behind what was gathered.
func (b *updateBatch) Delete(key []byte, o *pebble.WriteOptions) error {
	if err := b.flush(); err != nil {
		return err
	}
	return b.Batch.Delete(key, o)
}

// DeleteRange writes behind what was gathered.
func (b *updateBatch) DeleteRange(start, end []byte, o *pebble.WriteOptions) error {
	if err := b.flush(); err != nil {
		return err
	}
	return b.Batch.DeleteRange(start, end, o)
}

// Empty tells that nothing was written or gathered.
func (b *updateBatch) Empty() bool { return !b.waits && b.Batch.Empty() }
