package service

import (
	"context"
	"maps"
	"strings"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// CreateThingInput describes a new thing.
type CreateThingInput struct {
	Name registry.ThingName
	// Type is empty for none.
	Type       registry.TypeName
	Attributes map[string]string
}

// CreateThing registers a thing. The same name with the same configuration is success again, with another one a conflict (CTRL-3).
func (s *Service) CreateThing(ctx context.Context, in CreateThingInput) (*registry.Thing, error) {
	now, id := s.Now(), s.newID()
	in.Attributes = registry.AttributePayload{Attributes: in.Attributes}.Apply(nil)
	if err := checkAttributes(in.Type, in.Attributes); err != nil {
		return nil, err
	}
	var thing *registry.Thing
	err := s.update(ctx, func(tx store.Tx) error {
		view, err := tx.Thing(in.Name)
		if err != nil {
			return err
		}
		if view.Thing != nil {
			thing = view.Thing.Clone()
			return sameThing(thing, in)
		}
		if thing, err = newThing(tx, in, id, now); err != nil {
			return err
		}
		return s.regroup(tx, view, thing, now)
	})
	return thing, err
}

func sameThing(thing *registry.Thing, in CreateThingInput) error {
	if maps.Equal(thing.Attributes, in.Attributes) && thing.Type == in.Type {
		return nil
	}
	return &jobs.Error{
		Code: jobs.ResourceAlreadyExists, Resource: thing.ID,
		Message: "Thing " + string(in.Name) + " already exists in account with different tags and/or attributes.",
	}
}

// newThing is a thing that is not there yet; the caller writes it.
func newThing(tx store.Tx, in CreateThingInput, id string, now time.Time) (*registry.Thing, error) {
	if err := assignable(tx, in.Type); err != nil {
		return nil, err
	}
	number, err := tx.NextNumber()
	if err != nil {
		return nil, err
	}
	return &registry.Thing{
		Name: in.Name, Number: registry.ThingNumber(number), ID: id, Type: in.Type, Attributes: in.Attributes, Version: 1, CreatedAt: now,
	}, nil
}

// checkAttributes bounds how many attributes a thing holds, more of them with a thing type (CTRL-3).
func checkAttributes(thingType registry.TypeName, attributes map[string]string) error {
	most, kind := registry.MaxAttributesWithType, "with"
	if thingType == "" {
		most, kind = registry.MaxAttributesWithoutType, "without"
	}
	if len(attributes) > most {
		return jobs.Errorf(jobs.InvalidRequest, "A thing %s a thing type has at most %d attributes, found %d.", kind, most, len(attributes))
	}
	return nil
}

// DescribeThing shows a thing.
func (s *Service) DescribeThing(ctx context.Context, name registry.ThingName) (*registry.Thing, error) {
	view, err := s.Store.ReadThing(ctx, name, nil)
	if err == nil && view.Thing == nil {
		err = thingNotFound(name)
	}
	return view.Thing, err
}

// UpdateThingInput changes a thing.
type UpdateThingInput struct {
	Name registry.ThingName
	// Payload is nil to leave the attributes.
	Payload *registry.AttributePayload
	// Type is empty to leave the type; RemoveType takes it away, and does not go with a Type.
	Type            registry.TypeName
	RemoveType      bool
	ExpectedVersion *int64
}

// UpdateThing changes a thing's attributes and type and counts its version up (CTRL-3).
func (s *Service) UpdateThing(ctx context.Context, in UpdateThingInput) error {
	if in.RemoveType && in.Type != "" {
		return jobs.Errorf(jobs.InvalidRequest, "thingTypeName and removeThingType do not go together.")
	}
	now := s.Now()
	return s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		view, err := tx.Thing(in.Name)
		if err != nil {
			return err
		}
		if view.Thing == nil {
			return thingNotFound(in.Name)
		}
		if err := expectVersion(in.ExpectedVersion, view.Thing.Version); err != nil {
			return err
		}
		thing := view.Thing.Clone()
		if in.Payload != nil {
			thing.Attributes = in.Payload.Apply(thing.Attributes)
		}
		switch {
		case in.RemoveType:
			thing.Type = ""
		case in.Type != "" && in.Type != thing.Type:
			if err := assignable(tx, in.Type); err != nil {
				return err
			}
			thing.Type = in.Type
		}
		if err := checkAttributes(thing.Type, thing.Attributes); err != nil {
			return err
		}
		thing.Version++
		if err := change.thing(tx, in.Name); err != nil { // policies may name its attributes and its type
			return err
		}
		return s.regroup(tx, view, thing, now)
	})
}

func expectVersion(expected *int64, found int64) error {
	if expected != nil && *expected != found {
		return jobs.Errorf(jobs.VersionConflict, "Expected version %d but found version %d", *expected, found)
	}
	return nil
}

// DeleteThing unregisters a thing that no principal is attached to; a missing one is success. What it had pending becomes REMOVED, so that jobs can complete, and its
// history stays with the jobs (Q8).
func (s *Service) DeleteThing(ctx context.Context, name registry.ThingName, expectedVersion *int64) error {
	now := s.Now()
	var marks []jobs.JobNumber
	err := s.update(ctx, func(tx store.Tx) error {
		view, err := tx.Thing(name)
		if err != nil || view.Thing == nil {
			return err
		}
		if err := expectVersion(expectedVersion, view.Thing.Version); err != nil {
			return err
		}
		if err := notAttached(tx, name); err != nil {
			return err
		}
		change := removeAll(view, now)
		marks = change.Marks
		if err := s.changeThing(tx, view.Thing.Key(), change, view.Jobs, now); err != nil {
			return err
		}
		return tx.DeleteThing(name)
	})
	if err == nil {
		s.wake(marks...)
	}
	return err
}

// removeAll ends everything that a thing has pending: canceled with its job, deleted with its job, or removed with the thing.
func removeAll(view store.ThingView, now time.Time) store.ThingChange {
	state := newThingState(view)
	for _, e := range state.pending {
		state.replace(e, e.Remove(now))
	}
	change := state.made
	change.Executions = append(change.Executions, state.settled...)
	for i := range view.Pending {
		stored := &view.Pending[i]
		if _, ok := jobs.Effective(*stored, view.Jobs[stored.Job]); !ok {
			change.Executions = append(change.Executions, store.ExecutionChange{Before: stored})
		}
	}
	return change
}

// ListThingsInput selects things by type and one attribute, and pages.
type ListThingsInput struct {
	Type                          registry.TypeName // empty selects all
	AttributeName, AttributeValue string            // an empty name selects all
	PrefixValue                   bool
	Page                          Page
}

// ListThingsOutput is one page.
type ListThingsOutput struct {
	Things    []*registry.Thing
	NextToken string
}

// ListThings lists things by name. A page may hold less than asked for while a token leads on: scanning is bounded.
func (s *Service) ListThings(ctx context.Context, in ListThingsInput) (ListThingsOutput, error) {
	var out ListThingsOutput
	after, err := cursorOf[registry.ThingName](in.Page)
	if err != nil {
		return out, err
	}
	match := func(t *registry.Thing) bool {
		if in.AttributeName == "" {
			return true
		}
		value, ok := t.Attributes[in.AttributeName]
		return ok && (in.AttributeValue == "" || value == in.AttributeValue || in.PrefixValue && strings.HasPrefix(value, in.AttributeValue))
	}
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		list := tx.Things
		if in.Type != "" {
			list = func(after registry.ThingName, limit int) ([]*registry.Thing, error) {
				return tx.ThingsOfType(in.Type, after, limit)
			}
		}
		out.Things, out.NextToken, err = scan(in.Page.size(), after, match, list, func(t *registry.Thing) registry.ThingName { return t.Name })
		return err
	})
	return out, err
}
