package pebble

import (
	"errors"

	"github.com/cockroachdb/pebble/v2"
)

// scan visits the rows from lower to before upper until visit wants no more. Keys and values are good only during the visit.
func scan(g getter, lower, upper []byte, visit func(key, value []byte) (more bool, err error)) (err error) {
	iter, err := g.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, iter.Close()) }()
	for ok := iter.First(); ok; ok = iter.Next() {
		value, err := iter.ValueAndErr()
		if err != nil {
			return err
		}
		if more, err := visit(iter.Key(), value); err != nil || !more {
			return err
		}
	}
	return iter.Error()
}

// scanPage visits at most limit rows that begin with prefix, those after the row prefix+cursor; a nil or empty cursor is the beginning.
func scanPage(g getter, prefix, cursor []byte, limit int, visit func(key, value []byte) error) error {
	if limit <= 0 {
		return nil
	}
	lower := prefix
	if len(cursor) > 0 {
		lower = after(prefix, cursor)
	}
	return scan(g, lower, end(prefix), func(key, value []byte) (bool, error) {
		err := visit(key, value)
		limit--
		return limit > 0, err
	})
}

// after is the first key behind prefix+cursor.
func after(prefix, cursor []byte) []byte {
	b := make([]byte, 0, len(prefix)+len(cursor)+1)
	return append(append(append(b, prefix...), cursor...), 0)
}

// behind is the first key behind another.
func behind(key []byte) []byte { return after(key, nil) }
