package service

import (
	"context"
	"errors"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// ThingGroupMemberInput names a thing and a group.
type ThingGroupMemberInput struct {
	Thing registry.ThingName
	Group registry.GroupName
	// OverrideDynamicGroups is for adding, as in UpdateThingGroupsForThingInput.
	OverrideDynamicGroups bool
}

// AddThingToThingGroup puts a thing into a static group, and with it into the jobs that follow the group (LIFE-3). A thing that is there already
// is success.
func (s *Service) AddThingToThingGroup(ctx context.Context, in ThingGroupMemberInput) error {
	return s.UpdateThingGroupsForThing(ctx, UpdateThingGroupsForThingInput{
		Thing: in.Thing, Add: []registry.GroupName{in.Group}, OverrideDynamicGroups: in.OverrideDynamicGroups,
	})
}

// RemoveThingFromThingGroup takes a thing out of a group, and out of the jobs that followed it there (LIFE-3). A thing that is not there is
// success.
func (s *Service) RemoveThingFromThingGroup(ctx context.Context, in ThingGroupMemberInput) error {
	return s.UpdateThingGroupsForThing(ctx, UpdateThingGroupsForThingInput{Thing: in.Thing, Remove: []registry.GroupName{in.Group}})
}

// UpdateThingGroupsForThingInput puts a thing into groups and takes it out of others, all or nothing.
type UpdateThingGroupsForThingInput struct {
	Thing       registry.ThingName
	Add, Remove []registry.GroupName
	// OverrideDynamicGroups lets a thing that would be in more groups than it may be leave its newest dynamic ones, instead of a refusal
	// (CTRL-3.3.9).
	OverrideDynamicGroups bool
}

// UpdateThingGroupsForThing first takes the thing out of the groups to remove, then puts it into the ones to add (CTRL-3).
func (s *Service) UpdateThingGroupsForThing(ctx context.Context, in UpdateThingGroupsForThingInput) error {
	now := s.Now()
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		view, err := tx.Thing(in.Thing)
		if err != nil {
			return err
		}
		if view.Thing == nil {
			return thingNotFound(in.Thing)
		}
		thing := view.Thing.Clone()
		if err := leaveDeleted(tx, thing); err != nil {
			return err
		}
		for _, name := range in.Remove {
			group, err := existingGroup(tx, name)
			if err != nil {
				return err
			}
			if err := ofKind(group, false); err != nil {
				return err
			}
			thing.Leave(group)
		}
		if in.OverrideDynamicGroups {
			if err := s.leaveDynamic(tx, thing); err != nil {
				return err
			}
		}
		for _, name := range in.Add {
			group, err := existingGroup(tx, name)
			if err != nil {
				return err
			}
			if err := join(thing, group); err != nil {
				return err
			}
		}
		if err := change.thing(tx, in.Thing); err != nil { // groups have policies
			return err
		}
		return s.regroup(tx, view, thing, now)
	})
}

// leaveDeleted takes a thing out of groups that are being deleted, so that they stand in no other group's way.
func leaveDeleted(tx store.ReadTx, thing *registry.Thing) error {
	for _, number := range thing.DirectGroups() {
		group, err := tx.GroupByNumber(number)
		if err != nil {
			return err
		}
		if group != nil && group.Deleting {
			thing.Leave(group)
		}
	}
	return nil
}

// leaveDynamic takes a thing out of all dynamic groups, to make room; regroup puts it back where room is left.
func (s *Service) leaveDynamic(tx store.ReadTx, thing *registry.Thing) error {
	dynamic, err := s.dynamicGroups(tx)
	if err == nil {
		thing.JoinDynamic(dynamic.numbers, func(registry.GroupNumber) bool { return false })
	}
	return err
}

// join puts a thing into a static group or refuses in AWS's terms.
func join(thing *registry.Thing, group *registry.ThingGroup) error {
	if err := ofKind(group, false); err != nil {
		return err
	}
	err := thing.Join(group)
	switch {
	case errors.Is(err, registry.ErrTooManyGroups):
		return jobs.Errorf(jobs.InvalidRequest, "Thing %s is in %d thing groups already, which is the most.", thing.Name, registry.MaxGroupsOfThing)
	case errors.Is(err, registry.ErrSameHierarchy):
		return jobs.Errorf(jobs.InvalidRequest, "Thing %s is in another thing group of the hierarchy of %s already.", thing.Name, group.Name)
	}
	return err
}

// ListThingsInThingGroupInput selects the things of a group, with Recursive also those of its descendants.
type ListThingsInThingGroupInput struct {
	Group     registry.GroupName
	Recursive bool
	Page      Page
}

// ListThingsInThingGroupOutput is one page, by name.
type ListThingsInThingGroupOutput struct {
	Things    []registry.ThingName
	NextToken string
}

// ListThingsInThingGroup lists the members of a group.
func (s *Service) ListThingsInThingGroup(ctx context.Context, in ListThingsInThingGroupInput) (ListThingsInThingGroupOutput, error) {
	var out ListThingsInThingGroupOutput
	after, err := cursorOf[registry.ThingKey](in.Page)
	if err != nil {
		return out, err
	}
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		group, err := existingGroup(tx, in.Group)
		if err != nil {
			return err
		}
		list := func(after registry.ThingKey, limit int) ([]store.Member, error) {
			return tx.Members(group.Number, 0, after, limit)
		}
		match := func(m store.Member) bool { return in.Recursive || m.Direct }
		members, token, err := scan(in.Page.size(), after, match, list, func(m store.Member) registry.ThingKey { return m.Thing })
		out = ListThingsInThingGroupOutput{NextToken: token}
		for _, member := range members {
			out.Things = append(out.Things, member.Thing.Name)
		}
		return err
	})
	return out, err
}

// ListThingGroupsForThingInput names a thing.
type ListThingGroupsForThingInput struct {
	Thing registry.ThingName
	Page  Page
}

// ListThingGroupsForThing lists the groups that a thing was put into, in the order of their creation. They are few; paging cuts them all the same.
func (s *Service) ListThingGroupsForThing(ctx context.Context, in ListThingGroupsForThingInput) (ListThingGroupsOutput, error) {
	var out ListThingGroupsOutput
	after, err := cursorOf[registry.GroupNumber](in.Page)
	if err != nil {
		return out, err
	}
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		view, err := tx.Thing(in.Thing)
		if err != nil {
			return err
		}
		if view.Thing == nil {
			return thingNotFound(in.Thing)
		}
		groups, err := groupsNumbered(tx, view.Thing.DirectGroups())
		if err != nil {
			return err
		}
		list := func(after registry.GroupNumber, limit int) (page []*registry.ThingGroup, err error) {
			for _, g := range groups {
				if g.Number > after && len(page) < limit {
					page = append(page, g)
				}
			}
			return page, nil
		}
		all := func(*registry.ThingGroup) bool { return true }
		out.Groups, out.NextToken, err = scan(in.Page.size(), after, all, list, func(g *registry.ThingGroup) registry.GroupNumber { return g.Number })
		return err
	})
	return out, err
}
