package registry

import (
	"maps"
	"slices"
	"time"
)

// GroupName names a thing group: 1 to 128 of [a-zA-Z0-9:_-], case-sensitive (CTRL-3).
type GroupName string

// GroupNumber is the store's own number of a group, from the same sequence as those of things and jobs; never reused.
type GroupNumber uint64

// ThingGroup is a static or a dynamic group. Its kind and its parent are fixed for life (CTRL-3).
type ThingGroup struct {
	Name   GroupName
	Number GroupNumber
	// ID is the UUID that AWS calls thingGroupId.
	ID          string
	Description string
	Attributes  map[string]string
	// Path leads from the root to the parent; empty for a root.
	Path []GroupNumber
	// Version counts changes; 1 at creation.
	Version   int64
	CreatedAt time.Time
	// Deleting is set once the group was deleted: nobody finds it by its name any more, which is free again, and its members are let go in
	// the background.
	Deleting bool

	// Query says which things a dynamic group holds; empty for a static one. IndexName and QueryVersion are what it is for, Status how far
	// it is carried out; all are empty for a static group.
	Query        string
	QueryVersion string
	IndexName    string
	Status       GroupStatus
}

// Limits of the group tree (CTRL-3).
const (
	MaxGroupDepth      = 7   // levels, the root included
	MaxChildGroups     = 100 // direct ones
	MaxGroupsOfThing   = 10  // direct ones
	MaxGroupAttributes = 50
)

// Parent is the group above; zero for a root.
func (g *ThingGroup) Parent() GroupNumber {
	if len(g.Path) == 0 {
		return 0
	}
	return g.Path[len(g.Path)-1]
}

// Root is the top of the group's hierarchy.
func (g *ThingGroup) Root() GroupNumber {
	if len(g.Path) == 0 {
		return g.Number
	}
	return g.Path[0]
}

// Clone returns a group that shares nothing with g.
func (g *ThingGroup) Clone() *ThingGroup {
	c := *g
	c.Attributes = maps.Clone(g.Attributes)
	c.Path = slices.Clone(g.Path)
	return &c
}
