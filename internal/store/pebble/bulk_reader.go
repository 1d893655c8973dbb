package pebble

import (
	"bytes"
	"errors"
	"io"

	"github.com/cockroachdb/pebble/v2"
)

// bulkReader finds the rows of many things in the order of their names: an iterator for each kind of row that every thing has goes on from where the last
// search ended. It remembers the rows of jobs.
type bulkReader struct {
	*pebble.DB

	iters map[byte]*pebble.Iterator // by kind
	jobs  map[string][]byte         // rows of jobs as they were read, by key; nil for none
}

func newBulkReader(db *pebble.DB) *bulkReader {
	return &bulkReader{DB: db, iters: map[byte]*pebble.Iterator{}, jobs: map[string][]byte{}}
}

func (r *bulkReader) Get(key []byte) ([]byte, io.Closer, error) {
	switch key[0] {
	case kindThing, kindHead, kindHistory:
		value, err := r.seek(key)
		return value, nil, err
	case kindJob, kindJobID:
		value, closer, err := r.DB.Get(key)
		if err == nil || errors.Is(err, pebble.ErrNotFound) {
			r.jobs[string(key)] = bytes.Clone(value) // of no row nil
		}
		return value, closer, err
	default:
		return r.DB.Get(key)
	}
}

// seek shows a row until the next one of its kind is sought.
func (r *bulkReader) seek(key []byte) ([]byte, error) {
	iter := r.iters[key[0]]
	if iter == nil {
		var err error
		if iter, err = r.NewIter(&pebble.IterOptions{LowerBound: []byte{key[0]}, UpperBound: []byte{key[0] + 1}}); err != nil {
			return nil, err
		}
		r.iters[key[0]] = iter
	}
	switch {
	case iter.SeekPrefixGE(key): // what Pebble takes for a prefix is a whole key
		return iter.ValueAndErr()
	case iter.Error() != nil:
		return nil, iter.Error()
	default:
		return nil, pebble.ErrNotFound
	}
}

// stale tells whether a row of a job is not what it was. Only the committer may ask, for whom nothing changes meanwhile.
func (r *bulkReader) stale() (bool, error) {
	for key, was := range r.jobs {
		is, found, err := get(r.DB, []byte(key), func(value []byte) ([]byte, error) { return bytes.Clone(value), nil })
		if err != nil || found != (was != nil) || !bytes.Equal(is, was) {
			return true, err
		}
	}
	return false, nil
}

// close ends the search; what was remembered stays.
func (r *bulkReader) close() (err error) {
	for kind, iter := range r.iters {
		err = errors.Join(err, iter.Close())
		delete(r.iters, kind)
	}
	return err
}
