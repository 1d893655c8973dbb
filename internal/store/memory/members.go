package memory

import (
	"cmp"
	"fmt"
	"slices"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// heldKey names a membership that lasts. That it does stands in the thing; the state adds the version at which it began.
type heldKey struct {
	group registry.GroupNumber
	thing registry.ThingKey
}

// pastKey names a membership that ended. A thing cannot leave a group twice at one version, for what lasted no version at all was not.
type pastKey struct {
	left  uint64
	group registry.GroupNumber
	thing registry.ThingKey
}

type pastMembership struct {
	joined uint64
	direct bool
}

func (r reader) Version() (uint64, error) { return r.last[struct{}{}], nil }

func (r reader) Members(group registry.GroupNumber, asOf uint64, after registry.ThingKey, limit int) ([]store.Member, error) {
	var all []store.Member
	add := func(thing registry.ThingKey, direct bool) {
		if (after == registry.ThingKey{} || compareThings(thing, after) > 0) {
			all = append(all, store.Member{Thing: thing, Direct: direct})
		}
	}
	for _, thing := range r.things {
		for _, m := range thing.Groups {
			if m.Group == group && (asOf == 0 || r.joined[heldKey{group, thing.Key()}] <= asOf) {
				add(thing.Key(), m.Direct)
			}
		}
	}
	for key, m := range r.past {
		if key.group == group && asOf != 0 && m.joined <= asOf && asOf < key.left {
			add(key.thing, m.direct)
		}
	}
	return sorted(all, limit, func(a, b store.Member) int { return compareThings(a.Thing, b.Thing) }), nil
}

// regroup ends the memberships that a thing has before and not after, and begins those that it has after and not before.
func (w *writer) regroup(thing registry.ThingKey, before, after []registry.Membership) {
	holds := func(list []registry.Membership, group registry.GroupNumber) bool {
		return slices.ContainsFunc(list, func(m registry.Membership) bool { return m.Group == group })
	}
	version := w.last[struct{}{}] + 1
	for _, m := range before {
		if key := (heldKey{m.Group, thing}); !holds(after, m.Group) {
			if joined := w.joined[key]; joined != version {
				put(w, w.past, pastKey{version, m.Group, thing}, pastMembership{joined, m.Direct})
			}
			drop(w, w.joined, key)
		}
	}
	for _, m := range after {
		if !holds(before, m.Group) {
			put(w, w.joined, heldKey{m.Group, thing}, version)
		}
	}
}

// groupsInOrder refuses memberships that are not by number, each group once.
func groupsInOrder(thing *registry.Thing) error {
	for i, m := range thing.Groups {
		if m.Group == 0 || i > 0 && m.Group <= thing.Groups[i-1].Group {
			return fmt.Errorf("put thing %s: its group %d is not in order", thing.Name, m.Group)
		}
	}
	return nil
}

func (w *writer) PurgeMembers(until uint64, limit int) (purged int, err error) {
	var ended []pastKey
	for key := range w.past {
		if key.left <= until {
			ended = append(ended, key)
		}
	}
	ended = sorted(ended, limit, func(a, b pastKey) int {
		return cmp.Or(cmp.Compare(a.left, b.left), cmp.Compare(a.group, b.group), compareThings(a.thing, b.thing))
	})
	for _, key := range ended {
		drop(w, w.past, key)
	}
	return len(ended), nil
}
