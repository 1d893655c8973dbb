package service

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// CreateDynamicThingGroupInput describes a new dynamic group.
type CreateDynamicThingGroupInput struct {
	Search

	Name        registry.GroupName
	Description string
	Attributes  map[string]string
}

// CreateDynamicThingGroup makes a group of the things that a query is true of, now and later (CTRL-3.3.1). It holds those that change from the
// answer on; those of before join in the background, and with the last one its status is ACTIVE. The same name with the same configuration is
// success again, with another one a conflict.
func (s *Service) CreateDynamicThingGroup(ctx context.Context, in CreateDynamicThingGroupInput) (*registry.ThingGroup, error) {
	now, id := s.Now(), s.newID()
	in.Attributes = registry.AttributePayload{Attributes: in.Attributes}.Apply(nil)
	if err := checkGroupAttributes(in.Attributes); err != nil {
		return nil, err
	}
	if _, err := in.parse(); err != nil {
		return nil, err
	}
	var group *registry.ThingGroup
	err := s.update(ctx, func(tx store.Tx) (err error) {
		if group, err = tx.Group(in.Name); err != nil {
			return err
		}
		if group != nil {
			return sameDynamicGroup(group, in)
		}
		group, err = s.newDynamicGroup(tx, in, id, now)
		return err
	})
	return group, err
}

func (s *Service) newDynamicGroup(tx store.Tx, in CreateDynamicThingGroupInput, id string, now time.Time) (*registry.ThingGroup, error) {
	if mode, err := indexingMode(tx); err != nil || mode == IndexingOff {
		return nil, cmp.Or[error](err, jobs.Errorf(jobs.InvalidRequest, "Thing indexing is OFF; dynamic thing groups need it. Turn it on with UpdateIndexingConfiguration."))
	}
	dynamic, err := s.dynamicGroups(tx)
	if err != nil {
		return nil, err
	}
	if len(dynamic.groups) >= registry.MaxDynamicGroups {
		return nil, jobs.Errorf(jobs.LimitExceeded, "There are %d dynamic thing groups already, which is the most.", registry.MaxDynamicGroups)
	}
	number, err := tx.NextNumber()
	if err != nil {
		return nil, err
	}
	group := &registry.ThingGroup{
		Name: in.Name, Number: registry.GroupNumber(number), ID: id, Description: in.Description, Attributes: in.Attributes, Version: 1, CreatedAt: now,
		Query: in.Query, QueryVersion: registry.QueryVersion, IndexName: registry.ThingIndex, Status: registry.GroupBuilding,
	}
	return group, s.changeQuery(tx, group, now)
}

// changeQuery writes a group whose query is new and begins to look at all things.
func (s *Service) changeQuery(tx store.Tx, group *registry.ThingGroup, now time.Time) error {
	dynamic, err := s.dynamicGroups(tx)
	if err != nil {
		return err
	}
	if err := tx.PutGroup(group); err != nil {
		return err
	}
	if err := dynamic.putQuery(tx, group.Number, group.Query); err != nil {
		return err
	}
	return s.startMassChange(tx, massChange{Kind: placing, Group: group.Number}, now)
}

func sameDynamicGroup(group *registry.ThingGroup, in CreateDynamicThingGroupInput) error {
	if group.Query == in.Query && group.Description == in.Description && maps.Equal(group.Attributes, in.Attributes) {
		return nil
	}
	return &jobs.Error{
		Code: jobs.ResourceAlreadyExists, Resource: group.ID,
		Message: fmt.Sprintf("Thing Group %s already exists in current account with different properties", in.Name),
	}
}

// UpdateDynamicThingGroupInput changes a dynamic group; an empty query leaves the one that it has.
type UpdateDynamicThingGroupInput struct {
	UpdateThingGroupInput
	Search
}

// UpdateDynamicThingGroup changes what describes a group and which things it holds, and returns its new version. A new query holds for things
// that change from the answer on; the others follow in the background, and until then the status is REBUILDING.
func (s *Service) UpdateDynamicThingGroup(ctx context.Context, in UpdateDynamicThingGroupInput) (version int64, err error) {
	now := s.Now()
	if in.Query != "" {
		if _, err := in.parse(); err != nil {
			return 0, err
		}
	}
	err = s.update(ctx, func(tx store.Tx) error {
		group, err := existingGroup(tx, in.Name)
		if err != nil {
			return err
		}
		if group, err = changedGroup(group, in.UpdateThingGroupInput, true); err != nil {
			return err
		}
		version = group.Version
		if in.Query == "" || in.Query == group.Query {
			return tx.PutGroup(group)
		}
		group.Query, group.Status = in.Query, registry.GroupRebuilding
		return s.changeQuery(tx, group, now)
	})
	return version, err
}

// DeleteDynamicThingGroup deletes a dynamic group; a missing one is success. Nobody finds the group from the answer on, and its things leave it
// in the background.
func (s *Service) DeleteDynamicThingGroup(ctx context.Context, name registry.GroupName, expectedVersion *int64) error {
	now := s.Now()
	return s.update(ctx, func(tx store.Tx) error {
		group, err := tx.Group(name)
		if err != nil || group == nil {
			return err
		}
		if err := ofKind(group, true); err != nil {
			return err
		}
		if err := expectVersion(expectedVersion, group.Version); err != nil {
			return err
		}
		dynamic, err := s.dynamicGroups(tx)
		if err != nil {
			return err
		}
		if err := dynamic.putQuery(tx, group.Number, ""); err != nil {
			return err
		}
		return s.letGo(tx, group, now)
	})
}

// ofKind refuses groups that an operation is not for (CTRL-3.3.5).
func ofKind(group *registry.ThingGroup, dynamic bool) error {
	switch {
	case group.Dynamic() == dynamic:
		return nil
	case group.Dynamic():
		return jobs.Errorf(jobs.InvalidRequest, "This operation does not support dynamic thing groups. Thing group: %s", group.Name)
	}
	return jobs.Errorf(jobs.InvalidRequest, "This operation supports dynamic thing groups only. Thing group: %s", group.Name)
}
