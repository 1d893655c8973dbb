package pebble

import (
	"fmt"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func (r *readTx) Version() (uint64, error) {
	last, _, err := get(r.from, sequenceKey, decodeNumber)
	return last, err
}

// Members needs no locks: device traffic never changes the registry's part.
func (r *readTx) Members(group registry.GroupNumber, asOf uint64, after registry.ThingKey, limit int) (list []store.Member, err error) {
	if limit <= 0 {
		return nil, nil
	}
	prefix := membershipPrefix(nil, group)
	lower := prefix
	if after != (registry.ThingKey{}) {
		lower = behind(membershipKey(nil, group, after))
	}
	err = scan(r.from, lower, end(prefix), func(k, value []byte) (bool, error) {
		held, ok, err := heldAt(value, asOf)
		if err != nil || !ok {
			return true, err
		}
		key := readKey(k, len(prefix))
		member := store.Member{Thing: key.thing(), Direct: held.direct}
		list = append(list, member)
		r.tx.list(member.Thing.Name)
		return len(list) < limit, key.done(k)
	})
	return list, err
}

// regroup writes the memberships that follow from the groups of a thing before and after, both in order of their numbers. A thing
// that is new has no intervals yet, which saves the look.
func (t *tx) regroup(thing registry.ThingKey, isNew bool, before, after []registry.Membership) error {
	version, err := t.Version()
	if err != nil {
		return err
	}
	version++
	for len(before) > 0 || len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].Group < after[0].Group:
			err = t.leave(before[0].Group, thing, version)
			before = before[1:]
		case len(before) == 0 || after[0].Group < before[0].Group:
			err = t.join(after[0], thing, isNew, version)
			after = after[1:]
		default:
			if before[0].Direct != after[0].Direct {
				err = t.setDirect(after[0], thing)
			}
			before, after = before[1:], after[1:]
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) join(m registry.Membership, thing registry.ThingKey, isNew bool, version uint64) error {
	var past []interval
	if !isNew {
		var err error
		if past, err = t.intervals(m.Group, thing); err != nil {
			return err
		}
	}
	return t.putIntervals(m.Group, thing, append(past, interval{joined: version, direct: m.Direct}))
}

func (t *tx) leave(group registry.GroupNumber, thing registry.ThingKey, version uint64) error {
	all, err := t.lasting(group, thing)
	if err != nil {
		return err
	}
	last := len(all) - 1
	if all[last].joined == version { // no version sees it
		return t.putIntervals(group, thing, all[:last])
	}
	all[last].left = version
	if err := t.batch.Set(leftKey(nil, version, group, thing), nil, nil); err != nil {
		return err
	}
	return t.putIntervals(group, thing, all)
}

func (t *tx) setDirect(m registry.Membership, thing registry.ThingKey) error {
	all, err := t.lasting(m.Group, thing)
	if err != nil {
		return err
	}
	all[len(all)-1].direct = m.Direct
	return t.putIntervals(m.Group, thing, all)
}

// lasting are the intervals of a thing that the group holds now.
func (t *tx) lasting(group registry.GroupNumber, thing registry.ThingKey) ([]interval, error) {
	all, err := t.intervals(group, thing)
	if err == nil && (len(all) == 0 || all[len(all)-1].left != 0) {
		err = fmt.Errorf("thing %s is in group %d, whose members do not show it", thing.Name, group)
	}
	return all, err
}

func (t *tx) intervals(group registry.GroupNumber, thing registry.ThingKey) ([]interval, error) {
	all, _, err := get(t.batch, membershipKey(nil, group, thing), decodeIntervals)
	return all, err
}

func (t *tx) putIntervals(group registry.GroupNumber, thing registry.ThingKey, all []interval) error {
	key := membershipKey(nil, group, thing)
	if len(all) == 0 {
		return t.batch.Delete(key, nil)
	}
	var value []byte
	for _, i := range all {
		value = appendInterval(value, i)
	}
	return t.batch.Set(key, value, nil)
}
