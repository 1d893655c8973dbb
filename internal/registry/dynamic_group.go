package registry

import (
	"cmp"
	"slices"
)

// What a dynamic thing group is made of besides its query: AWS has one index of things and one language for it (CTRL-3.3.1).
const (
	ThingIndex   = "AWS_Things"
	QueryVersion = "2017-09-30"
)

// GroupStatus tells how far a dynamic thing group holds the things that its query finds (CTRL-3.3.3).
type GroupStatus string

// The statuses of dynamic thing groups, in AWS's words.
const (
	GroupBuilding   GroupStatus = "BUILDING"   // it is new: things of before are still being looked at
	GroupRebuilding GroupStatus = "REBUILDING" // its query was changed: as above
	GroupActive     GroupStatus = "ACTIVE"     // it holds all that it should
)

// MaxDynamicGroups is how many dynamic thing groups there may be (CTRL-3.3.2).
const MaxDynamicGroups = 100

// Dynamic tells a dynamic group, whose query says which things it holds, from a static one.
func (g *ThingGroup) Dynamic() bool { return g.Query != "" }

// JoinDynamic puts the thing into the dynamic groups that have it now, and takes it out of all others of them. dynamic are all dynamic groups
// by number, so by age: where the thing would be in more groups than it may be, older ones go before newer ones and static ones before both
// (CTRL-3.3.9). The outcome depends on nothing but the arguments and the thing's other groups, not on the order of changes that led here.
func (t *Thing) JoinDynamic(dynamic []GroupNumber, has func(GroupNumber) bool) {
	groups := slices.DeleteFunc(slices.Clone(t.Groups), func(m Membership) bool { return slices.Contains(dynamic, m.Group) })
	t.Groups = groups
	free := MaxGroupsOfThing - len(t.DirectGroups())
	for _, number := range dynamic {
		if free > 0 && has(number) {
			groups = append(groups, Membership{Group: number, Direct: true})
			free--
		}
	}
	slices.SortFunc(groups, func(a, b Membership) int { return cmp.Compare(a.Group, b.Group) })
	t.Groups = groups
}
