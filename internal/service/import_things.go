package service

import (
	"context"
	"errors"
	"slices"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// ThingImport is one thing of an import: as CreateThing makes it, and put into groups.
type ThingImport struct {
	CreateThingInput

	Groups []registry.GroupName
}

// ImportThingsInput is a part of an import, of at most MaxImport things.
type ImportThingsInput struct {
	Things []ThingImport
	// CreateMissing makes thing types and, as roots, thing groups that do not exist; without it their things are refused.
	CreateMissing bool
}

// MaxImport is how many things one part may hold, so that no device waits long behind it.
const MaxImport = 500

// ImportRefusal tells why one thing was not imported. Index is its place in the part.
type ImportRefusal struct {
	Index   int    `json:"index"`
	Message string `json:"message"`
}

// ImportThingsOutput counts what became of the things of a part.
type ImportThingsOutput struct {
	Imported  int             `json:"imported"`
	Unchanged int             `json:"unchanged"` // they were there already, as an import that starts anew finds them
	Refused   []ImportRefusal `json:"refused,omitempty"`
}

// ImportThings registers things in one transaction. A thing that is refused changes nothing and holds up no other; one that is there with the
// same configuration only joins the groups that it is not in.
func (s *Service) ImportThings(ctx context.Context, in ImportThingsInput) (ImportThingsOutput, error) {
	var out ImportThingsOutput
	if n := len(in.Things); n > MaxImport {
		return out, jobs.Errorf(jobs.InvalidRequest, "A part of an import has at most %d things, found %d.", MaxImport, n)
	}
	now := s.Now()
	err := s.updateIdentity(ctx, func(tx store.Tx, change *IdentityChange) error {
		out = ImportThingsOutput{} // the function may run again
		i := importer{service: s, tx: tx, change: change, now: now, createMissing: in.CreateMissing, groups: map[registry.GroupName]*registry.ThingGroup{}}
		for n, thing := range in.Things {
			changed, err := i.thing(thing)
			refusal, refused := errors.AsType[*jobs.Error](err)
			switch {
			case refused:
				out.Refused = append(out.Refused, ImportRefusal{n, refusal.Message})
			case err != nil:
				return err
			case changed:
				out.Imported++
			default:
				out.Unchanged++
			}
		}
		return nil
	})
	return out, err
}

// importer imports things within one transaction.
type importer struct {
	service       *Service
	tx            store.Tx
	change        *IdentityChange
	now           time.Time
	createMissing bool
	groups        map[registry.GroupName]*registry.ThingGroup // those that were read
}

// thing checks everything before it writes anything, so that a refusal has no effect.
func (i *importer) thing(in ThingImport) (changed bool, err error) {
	in.Attributes = registry.AttributePayload{Attributes: in.Attributes}.Apply(nil)
	if err := checkAttributes(in.Type, in.Attributes); err != nil {
		return false, err
	}
	view, err := i.tx.Thing(in.Name)
	if err != nil {
		return false, err
	}
	thing := &registry.Thing{Name: in.Name}
	if view.Thing != nil {
		thing = view.Thing.Clone()
		if err := sameThing(thing, in.CreateThingInput); err != nil {
			return false, err
		}
		if err := leaveDeleted(i.tx, thing); err != nil {
			return false, err
		}
	}
	if err := i.thingType(in.Type); err != nil {
		return false, err
	}
	for _, name := range in.Groups {
		group, err := i.group(name)
		if err != nil {
			return false, err
		}
		if err := join(thing, group); err != nil {
			return false, err
		}
	}
	if view.Thing != nil && slices.Equal(thing.Groups, view.Thing.Groups) {
		return false, nil
	}
	if view.Thing == nil {
		created, err := newThing(i.tx, in.CreateThingInput, i.service.newID(), i.now)
		if err != nil {
			return false, err
		}
		created.Groups = thing.Groups
		thing = created
	} else if err := i.change.thing(i.tx, in.Name); err != nil { // groups have policies
		return false, err
	}
	return true, i.service.regroup(i.tx, view, thing, i.now)
}

// thingType makes a type that is missing, if that was asked for. A deprecated one is refused later.
func (i *importer) thingType(name registry.TypeName) error {
	if name == "" || !i.createMissing {
		return nil
	}
	t, err := thingType(i.tx, name)
	if err != nil || t != nil {
		return err
	}
	return putThingType(i.tx, &registry.ThingType{Name: name, ID: i.service.newID(), CreatedAt: i.now})
}

func (i *importer) group(name registry.GroupName) (group *registry.ThingGroup, err error) {
	if group = i.groups[name]; group != nil {
		return group, nil
	}
	if group, err = i.tx.Group(name); err != nil {
		return nil, err
	}
	switch {
	case group != nil:
	case i.createMissing:
		in := CreateThingGroupInput{Name: name, Attributes: map[string]string{}}
		if group, err = newGroup(i.tx, in, nil, i.service.newID(), i.now); err != nil {
			return nil, err
		}
	default:
		return existingGroup(i.tx, name)
	}
	i.groups[name] = group
	return group, nil
}
