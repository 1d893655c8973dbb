package registry

import (
	"cmp"
	"errors"
	"slices"
)

// Membership says that a group holds a thing: directly, or because one of its descendants does. Keeping the ancestors too makes the
// members of a whole hierarchy one list.
type Membership struct {
	Group  GroupNumber
	Direct bool
}

// Refusals of membership (CTRL-3).
var (
	ErrTooManyGroups = errors.New("a thing is in at most 10 thing groups")
	ErrSameHierarchy = errors.New("a thing is in at most one thing group of a hierarchy")
)

// In tells whether a group holds the thing, directly or not.
func (t *Thing) In(group GroupNumber) bool {
	return slices.ContainsFunc(t.Groups, func(m Membership) bool { return m.Group == group })
}

// DirectlyIn tells whether the thing itself was put into the group.
func (t *Thing) DirectlyIn(group GroupNumber) bool {
	return slices.Contains(t.Groups, Membership{Group: group, Direct: true})
}

// DirectGroups are the groups that the thing was put into, by number.
func (t *Thing) DirectGroups() []GroupNumber {
	var direct []GroupNumber
	for _, m := range t.Groups {
		if m.Direct {
			direct = append(direct, m.Group)
		}
	}
	return direct
}

// Join puts the thing into a group and so into all groups above. A thing that is there already stays as it is.
func (t *Thing) Join(group *ThingGroup) error {
	switch {
	case t.DirectlyIn(group.Number):
		return nil
	case len(t.DirectGroups()) >= MaxGroupsOfThing:
		return ErrTooManyGroups
	case t.In(group.Root()):
		return ErrSameHierarchy
	}
	joined := slices.Clone(t.Groups)
	for _, above := range group.Path {
		joined = append(joined, Membership{Group: above})
	}
	joined = append(joined, Membership{Group: group.Number, Direct: true})
	slices.SortFunc(joined, func(a, b Membership) int { return cmp.Compare(a.Group, b.Group) })
	t.Groups = joined
	return nil
}

// Leave takes the thing out of a group and out of all groups above, which hold it only through this one (ErrSameHierarchy).
func (t *Thing) Leave(group *ThingGroup) {
	if !t.DirectlyIn(group.Number) {
		return
	}
	t.Groups = slices.DeleteFunc(slices.Clone(t.Groups), func(m Membership) bool {
		return m.Group == group.Number || slices.Contains(group.Path, m.Group)
	})
}
