package service

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// CreateThingTypeInput describes a new thing type.
type CreateThingTypeInput struct {
	Name                 registry.TypeName
	Description          string
	SearchableAttributes []string
}

// CreateThingType makes a type. The same name with the same configuration is success again, with another one a conflict (CTRL-3).
func (s *Service) CreateThingType(ctx context.Context, in CreateThingTypeInput) (*registry.ThingType, error) {
	created := &registry.ThingType{
		Name: in.Name, ID: s.newID(), Description: in.Description, SearchableAttributes: in.SearchableAttributes, CreatedAt: s.Now(),
	}
	err := s.update(ctx, func(tx store.Tx) error {
		found, err := thingType(tx, in.Name)
		if err != nil {
			return err
		}
		if found == nil {
			return putThingType(tx, created)
		}
		if found.Description != in.Description || !slices.Equal(found.SearchableAttributes, in.SearchableAttributes) {
			return &jobs.Error{
				Code: jobs.ResourceAlreadyExists, Resource: found.ID,
				Message: fmt.Sprintf("Thing type %s already exists in account with different properties.", in.Name),
			}
		}
		created = found
		return nil
	})
	return created, err
}

// thingType finds a type; nil if there is none.
func thingType(tx store.ReadTx, name registry.TypeName) (*registry.ThingType, error) {
	raw, err := tx.Record(store.ThingTypeRecord, string(name))
	if err != nil || raw == nil {
		return nil, err
	}
	return decodeThingType(raw)
}

func decodeThingType(raw []byte) (*registry.ThingType, error) {
	var t registry.ThingType
	if err := json.Unmarshal(raw, &t); err != nil {
		return nil, fmt.Errorf("decode a thing type: %w", err)
	}
	return &t, nil
}

func putThingType(tx store.Tx, t *registry.ThingType) error {
	raw, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return tx.PutRecord(store.ThingTypeRecord, string(t.Name), raw)
}

// existingThingType finds a type or refuses.
func existingThingType(tx store.ReadTx, name registry.TypeName) (*registry.ThingType, error) {
	t, err := thingType(tx, name)
	if err == nil && t == nil {
		err = jobs.Errorf(jobs.ResourceNotFound, "Thing type %s cannot be found.", name)
	}
	return t, err
}

// assignable refuses types that a thing cannot get: missing and deprecated ones. No type is fine.
func assignable(tx store.ReadTx, name registry.TypeName) error {
	if name == "" {
		return nil
	}
	t, err := existingThingType(tx, name)
	if err == nil && !t.DeprecatedAt.IsZero() { // the typing error is AWS's (CTRL-3)
		err = jobs.Errorf(jobs.InvalidRequest, "Can not create new thing with depreated thing type:%s", name)
	}
	return err
}

// DescribeThingType shows a type.
func (s *Service) DescribeThingType(ctx context.Context, name registry.TypeName) (t *registry.ThingType, err error) {
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		t, err = existingThingType(tx, name)
		return err
	})
	return t, err
}

// DeprecateThingTypeInput deprecates a type, or with Undo makes it assignable again.
type DeprecateThingTypeInput struct {
	Name registry.TypeName
	Undo bool
}

// DeprecateThingType keeps new things from getting the type. Deprecating twice is success and changes nothing.
func (s *Service) DeprecateThingType(ctx context.Context, in DeprecateThingTypeInput) error {
	now := s.Now()
	return s.update(ctx, func(tx store.Tx) error {
		t, err := existingThingType(tx, in.Name)
		if err != nil {
			return err
		}
		switch {
		case in.Undo:
			t.DeprecatedAt = time.Time{}
		case t.DeprecatedAt.IsZero():
			t.DeprecatedAt = now
		}
		return putThingType(tx, t)
	})
}

// deprecatedFor is how long a type must have been deprecated before it can be deleted (CTRL-3).
const deprecatedFor = 5 * time.Minute

// DeleteThingType deletes a type that was deprecated five minutes ago or earlier and that no thing has (CTRL-3).
func (s *Service) DeleteThingType(ctx context.Context, name registry.TypeName) error {
	now := s.Now()
	return s.update(ctx, func(tx store.Tx) error {
		t, err := existingThingType(tx, name)
		if err != nil {
			return err
		}
		if t.DeprecatedAt.IsZero() {
			return jobs.Errorf(jobs.InvalidRequest, "Cannot delete thing type : %s. It must be deprecated first.", name)
		}
		if now.Sub(t.DeprecatedAt) < deprecatedFor {
			return jobs.Errorf(jobs.InvalidRequest, "Cannot delete thing type : %s. Please wait for 5 minutes after deprecation and then retry.", name)
		}
		things, err := tx.ThingsOfType(name, "", 1)
		if err != nil {
			return err
		}
		if len(things) > 0 {
			return jobs.Errorf(jobs.InvalidRequest, "Cannot delete thing type : %s. Thing %s still has it.", name, things[0].Name)
		}
		return tx.DeleteRecord(store.ThingTypeRecord, string(name))
	})
}

// ListThingTypesInput selects types; an empty name selects all.
type ListThingTypesInput struct {
	Name registry.TypeName
	Page Page
}

// ListThingTypesOutput is one page, by name.
type ListThingTypesOutput struct {
	Types     []*registry.ThingType
	NextToken string
}

// ListThingTypes lists types.
func (s *Service) ListThingTypes(ctx context.Context, in ListThingTypesInput) (ListThingTypesOutput, error) {
	var out ListThingTypesOutput
	after, err := cursorOf[registry.TypeName](in.Page)
	if err != nil {
		return out, err
	}
	match := func(t *registry.ThingType) bool { return in.Name == "" || t.Name == in.Name }
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		list := func(after registry.TypeName, limit int) (types []*registry.ThingType, err error) {
			records, err := tx.Records(store.ThingTypeRecord, string(after), limit)
			for _, record := range records {
				t, err := decodeThingType(record.Value)
				if err != nil {
					return nil, err
				}
				types = append(types, t)
			}
			return types, err
		}
		out.Types, out.NextToken, err = scan(in.Page.size(), after, match, list, func(t *registry.ThingType) registry.TypeName { return t.Name })
		return err
	})
	return out, err
}
