package memory

import (
	"cmp"
	"fmt"
	"slices"

	"iotjobs/internal/registry"
)

func (r reader) Group(name registry.GroupName) (*registry.ThingGroup, error) {
	return cloneGroup(r.groupNamed(name)), nil
}

func (r reader) GroupByNumber(number registry.GroupNumber) (*registry.ThingGroup, error) {
	return cloneGroup(r.groups[number]), nil
}

func (r reader) Groups(after registry.GroupName, limit int) ([]*registry.ThingGroup, error) {
	return r.listGroups(after, limit, func(*registry.ThingGroup) bool { return true }), nil
}

func (r reader) ChildGroups(parent registry.GroupNumber, after registry.GroupName, limit int) ([]*registry.ThingGroup, error) {
	return r.listGroups(after, limit, func(g *registry.ThingGroup) bool { return g.Parent() == parent }), nil
}

func (r reader) listGroups(after registry.GroupName, limit int, wanted func(*registry.ThingGroup) bool) []*registry.ThingGroup {
	var all []*registry.ThingGroup
	for _, g := range r.groups {
		if !g.Deleting && g.Name > after && wanted(g) {
			all = append(all, g.Clone())
		}
	}
	return sorted(all, limit, func(a, b *registry.ThingGroup) int { return cmp.Compare(a.Name, b.Name) })
}

func (w *writer) PutGroup(group *registry.ThingGroup) error {
	if group.Number == 0 {
		return fmt.Errorf("put group %s: it has no number", group.Name)
	}
	if old := w.groups[group.Number]; old != nil && (old.Name != group.Name || !slices.Equal(old.Path, group.Path)) {
		return fmt.Errorf("put group %d: its place would change from %s below %v to %s below %v", group.Number, old.Name, old.Path, group.Name, group.Path)
	}
	if other := w.groupNamed(group.Name); !group.Deleting && other != nil && other.Number != group.Number {
		return fmt.Errorf("put group %d: its name %s is that of group %d", group.Number, group.Name, other.Number)
	}
	put(w, w.groups, group.Number, group.Clone())
	return nil
}

func (w *writer) DeleteGroup(number registry.GroupNumber) error {
	if w.groups[number] == nil {
		return fmt.Errorf("delete group %d: there is none", number)
	}
	for _, thing := range w.things {
		if thing.In(number) {
			return fmt.Errorf("delete group %d: it holds thing %s", number, thing.Name)
		}
	}
	drop(w, w.groups, number)
	return nil
}

// groupNamed finds a group that is not being deleted; nil if there is none.
func (s *state) groupNamed(name registry.GroupName) *registry.ThingGroup {
	for _, g := range s.groups {
		if g.Name == name && !g.Deleting {
			return g
		}
	}
	return nil
}

func cloneGroup(group *registry.ThingGroup) *registry.ThingGroup {
	if group == nil {
		return nil
	}
	return group.Clone()
}
