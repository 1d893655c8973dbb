package service

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// CreateThingGroupInput describes a new static group.
type CreateThingGroupInput struct {
	Name registry.GroupName
	// Parent is empty for a root.
	Parent      registry.GroupName
	Description string
	Attributes  map[string]string
}

// CreateThingGroup makes a group. The same name with the same configuration is success again, with another one a conflict (CTRL-3).
func (s *Service) CreateThingGroup(ctx context.Context, in CreateThingGroupInput) (*registry.ThingGroup, error) {
	now, id := s.Now(), s.newID()
	in.Attributes = registry.AttributePayload{Attributes: in.Attributes}.Apply(nil)
	if err := checkGroupAttributes(in.Attributes); err != nil {
		return nil, err
	}
	var group *registry.ThingGroup
	err := s.update(ctx, func(tx store.Tx) (err error) {
		path, err := pathBelow(tx, in.Parent)
		if err != nil {
			return err
		}
		if group, err = tx.Group(in.Name); err != nil {
			return err
		}
		if group != nil {
			return sameGroup(group, in, path)
		}
		group, err = newGroup(tx, in, path, id, now)
		return err
	})
	return group, err
}

func newGroup(tx store.Tx, in CreateThingGroupInput, path []registry.GroupNumber, id string, now time.Time) (*registry.ThingGroup, error) {
	if len(path) > 0 {
		siblings, err := tx.ChildGroups(path[len(path)-1], "", registry.MaxChildGroups)
		if err != nil {
			return nil, err
		}
		if len(siblings) == registry.MaxChildGroups {
			return nil, jobs.Errorf(jobs.InvalidRequest, "Thing group %s has %d child groups already, which is the most.", in.Parent, registry.MaxChildGroups)
		}
	}
	number, err := tx.NextNumber()
	if err != nil {
		return nil, err
	}
	group := &registry.ThingGroup{
		Name: in.Name, Number: registry.GroupNumber(number), ID: id, Description: in.Description, Attributes: in.Attributes, Path: path,
		Version: 1, CreatedAt: now,
	}
	return group, tx.PutGroup(group)
}

// pathBelow is the path of a group with that parent.
func pathBelow(tx store.ReadTx, parent registry.GroupName) ([]registry.GroupNumber, error) {
	if parent == "" {
		return nil, nil
	}
	above, err := existingGroup(tx, parent)
	if err != nil {
		return nil, err
	}
	if err := ofKind(above, false); err != nil {
		return nil, err
	}
	path := append(slices.Clone(above.Path), above.Number)
	if len(path) >= registry.MaxGroupDepth {
		return nil, jobs.Errorf(jobs.InvalidRequest, "Thing group %s is at level %d of its hierarchy, which is the deepest.", parent, registry.MaxGroupDepth)
	}
	return path, nil
}

func sameGroup(group *registry.ThingGroup, in CreateThingGroupInput, path []registry.GroupNumber) error {
	if !group.Dynamic() && group.Description == in.Description && maps.Equal(group.Attributes, in.Attributes) && slices.Equal(group.Path, path) {
		return nil
	}
	return &jobs.Error{
		Code: jobs.ResourceAlreadyExists, Resource: group.ID,
		Message: fmt.Sprintf("Thing Group %s already exists in current account with different properties", in.Name),
	}
}

func checkGroupAttributes(attributes map[string]string) error {
	if n := len(attributes); n > registry.MaxGroupAttributes {
		return jobs.Errorf(jobs.InvalidRequest, "A thing group has at most %d attributes, found %d.", registry.MaxGroupAttributes, n)
	}
	return nil
}

// existingGroup finds a group or refuses.
func existingGroup(tx store.ReadTx, name registry.GroupName) (*registry.ThingGroup, error) {
	group, err := tx.Group(name)
	if err == nil && group == nil {
		err = jobs.Errorf(jobs.ResourceNotFound, "Thing group %s cannot be found.", name)
	}
	return group, err
}

// ThingGroupDescription is a group with the groups above it, from the root to the parent.
type ThingGroupDescription struct {
	Group *registry.ThingGroup
	Path  []*registry.ThingGroup
}

// DescribeThingGroup shows a group.
func (s *Service) DescribeThingGroup(ctx context.Context, name registry.GroupName) (ThingGroupDescription, error) {
	var out ThingGroupDescription
	err := s.Store.View(ctx, func(tx store.ReadTx) (err error) {
		if out.Group, err = existingGroup(tx, name); err != nil {
			return err
		}
		out.Path, err = groupsNumbered(tx, out.Group.Path)
		return err
	})
	return out, err
}

// groupsNumbered reads groups, without those that are gone or about to go.
func groupsNumbered(tx store.ReadTx, numbers []registry.GroupNumber) ([]*registry.ThingGroup, error) {
	var groups []*registry.ThingGroup
	for _, number := range numbers {
		group, err := tx.GroupByNumber(number)
		if err != nil {
			return nil, err
		}
		if group != nil && !group.Deleting {
			groups = append(groups, group)
		}
	}
	return groups, nil
}

// UpdateThingGroupInput changes a group.
type UpdateThingGroupInput struct {
	Name registry.GroupName
	// Description and Payload are nil to leave what is there.
	Description     *string
	Payload         *registry.AttributePayload
	ExpectedVersion *int64
}

// UpdateThingGroup changes what describes a static group, and returns its new version.
func (s *Service) UpdateThingGroup(ctx context.Context, in UpdateThingGroupInput) (version int64, err error) {
	err = s.update(ctx, func(tx store.Tx) error {
		group, err := existingGroup(tx, in.Name)
		if err != nil {
			return err
		}
		if group, err = changedGroup(group, in, false); err != nil {
			return err
		}
		version = group.Version
		return tx.PutGroup(group)
	})
	return version, err
}

// changedGroup is a group of the right kind after a change of what describes it.
func changedGroup(group *registry.ThingGroup, in UpdateThingGroupInput, dynamic bool) (*registry.ThingGroup, error) {
	if err := ofKind(group, dynamic); err != nil {
		return nil, err
	}
	if err := expectVersion(in.ExpectedVersion, group.Version); err != nil {
		return nil, err
	}
	group = group.Clone()
	if in.Description != nil {
		group.Description = *in.Description
	}
	if in.Payload != nil {
		group.Attributes = in.Payload.Apply(group.Attributes)
		if err := checkGroupAttributes(group.Attributes); err != nil {
			return nil, err
		}
	}
	group.Version++
	return group, nil
}

// DeleteThingGroup deletes a static group without children; a missing one is success. Nobody finds the group from the answer on, and its things
// leave it in the background, as they would one by one (CTRL-3).
func (s *Service) DeleteThingGroup(ctx context.Context, name registry.GroupName, expectedVersion *int64) error {
	now := s.Now()
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		group, err := tx.Group(name)
		if err != nil || group == nil {
			return err
		}
		if err := ofKind(group, false); err != nil {
			return err
		}
		if err := expectVersion(expectedVersion, group.Version); err != nil {
			return err
		}
		children, err := tx.ChildGroups(group.Number, "", 1)
		if err != nil {
			return err
		}
		if len(children) > 0 {
			return jobs.Errorf(jobs.InvalidRequest, "Cannot delete thing group : %s when there are still child groups attached to it", name)
		}
		change.Everybody = true // its things are no longer judged by its policies, nor by those of the groups above
		if err := detachAll(tx, groupKey(group.Number)); err != nil {
			return err
		}
		return s.letGo(tx, group, now)
	})
}

// letGo hides a group and begins to let its things leave it.
func (s *Service) letGo(tx store.Tx, group *registry.ThingGroup, now time.Time) error {
	group = group.Clone()
	group.Deleting = true
	if err := tx.PutGroup(group); err != nil {
		return err
	}
	return s.startMassChange(tx, massChange{Kind: leaving, Group: group.Number}, now)
}

// ListThingGroupsInput selects groups; empty members select all.
type ListThingGroupsInput struct {
	// Parent selects its children: the direct ones, with Recursive all descendants.
	Parent     registry.GroupName
	Recursive  bool
	NamePrefix string
	Page       Page
}

// ListThingGroupsOutput is one page, by name.
type ListThingGroupsOutput struct {
	Groups    []*registry.ThingGroup
	NextToken string
}

// ListThingGroups lists groups (CTRL-3). A page may hold less than asked for while a token leads on: scanning is bounded.
func (s *Service) ListThingGroups(ctx context.Context, in ListThingGroupsInput) (ListThingGroupsOutput, error) {
	var out ListThingGroupsOutput
	after, err := cursorOf[registry.GroupName](in.Page)
	if err != nil {
		return out, err
	}
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		list := tx.Groups
		var above registry.GroupNumber
		if in.Parent != "" {
			parent, err := existingGroup(tx, in.Parent)
			if err != nil {
				return err
			}
			if above = parent.Number; !in.Recursive {
				list = func(after registry.GroupName, limit int) ([]*registry.ThingGroup, error) {
					return tx.ChildGroups(above, after, limit)
				}
			}
		}
		match := func(g *registry.ThingGroup) bool {
			return strings.HasPrefix(string(g.Name), in.NamePrefix) && (above == 0 || slices.Contains(g.Path, above))
		}
		out.Groups, out.NextToken, err = scan(in.Page.size(), after, match, list, func(g *registry.ThingGroup) registry.GroupName { return g.Name })
		return err
	})
	return out, err
}
