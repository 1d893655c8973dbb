package pebble

import (
	"bytes"
	"slices"

	"iotjobs/internal/registry"
)

// PurgeMembers begins where the last purge ended: what that one deleted may still have to be stepped over otherwise.
func (t *tx) PurgeMembers(until uint64, limit int) (purged int, err error) {
	if limit <= 0 {
		return 0, nil
	}
	lower, upper, err := t.purgeBounds(until)
	if err != nil || bytes.Compare(lower, upper) >= 0 {
		return 0, err
	}
	var keys [][]byte
	if err := scan(t.batch, lower, upper, func(key, _ []byte) (bool, error) {
		keys = append(keys, bytes.Clone(key))
		return len(keys) < limit, nil
	}); err != nil || len(keys) == 0 {
		return 0, err
	}
	for _, key := range keys {
		if err := t.purge(key); err != nil {
			return 0, err
		}
	}
	return len(keys), t.rememberPurge(keys[len(keys)-1])
}

// purgeBounds are the keys between which the purge looks.
func (t *tx) purgeBounds(until uint64) (lower, upper []byte, err error) {
	lower, found, err := get(t.batch, purgedKey, func(value []byte) ([]byte, error) { return bytes.Clone(value), nil })
	if !found {
		lower = []byte{kindLeft}
	}
	upper = end([]byte{kindLeft})
	if next := until + 1; next != 0 {
		upper = leftPrefix(nil, next)
	}
	return lower, upper, err
}

// purge forgets the interval whose end a key names.
func (t *tx) purge(left []byte) error {
	version, group, thing, err := readLeft(left)
	if err != nil {
		return err
	}
	all, err := t.intervals(group, thing)
	if err != nil {
		return err
	}
	kept := slices.DeleteFunc(all, func(i interval) bool { return i.left == version })
	if err := t.putIntervals(group, thing, kept); err != nil {
		return err
	}
	return t.batch.Delete(left, nil)
}

// rememberPurge lets the next purge begin behind the last key of this one. But what leaves at a version that is still to come may sort
// before that key.
func (t *tx) rememberPurge(last []byte) error {
	version, _, _, err := readLeft(last)
	if err != nil {
		return err
	}
	now, err := t.Version()
	if err != nil {
		return err
	}
	next := behind(last)
	if version > now {
		next = leftPrefix(nil, now+1)
	}
	return t.batch.Set(purgedKey, next, nil)
}

func readLeft(k []byte) (version uint64, group registry.GroupNumber, thing registry.ThingKey, err error) {
	key := readKey(k, 1)
	version, group, thing = key.uint(), registry.GroupNumber(key.uint()), key.thing()
	return version, group, thing, key.done(k)
}
