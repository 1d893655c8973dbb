package sim

import (
	"context"
	"fmt"
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

func (d *dealer) createThing() operation {
	name := d.anyThing()
	return operation{
		text:   "CreateThing " + string(name),
		expect: refusalOnly(func(m *model) jobs.Code { m.createThing(name); return 0 }),
		call: func(ctx context.Context, w *world) (string, error) {
			_, err := w.service.CreateThing(ctx, service.CreateThingInput{Name: name})
			return "", err
		},
	}
}

func (d *dealer) deleteThing() operation {
	name := d.knownThing()
	return operation{
		text:   "DeleteThing " + string(name),
		expect: refusalOnly(func(m *model) jobs.Code { m.deleteThing(name); return 0 }),
		call: func(ctx context.Context, w *world) (string, error) {
			return "", w.service.DeleteThing(ctx, name, nil)
		},
	}
}

// importThings registers all things of a large world, or some, each in up to two groups.
func (d *dealer) importThings() operation {
	all, large := d.things, d.things == largeWorld
	if large && len(d.m.things) >= all/2 {
		all = 10
	}
	crowded := d.knownGroup() // in large worlds one group holds more than a step does
	var list []service.ThingImport
	for i := range all {
		if d.once(8) {
			continue
		}
		thing := service.ThingImport{CreateThingInput: service.CreateThingInput{Name: d.thing(i)}}
		if large {
			thing.Groups = append(thing.Groups, crowded)
		}
		for range d.r.IntN(3) {
			if group := d.knownGroup(); !slices.Contains(thing.Groups, group) {
				thing.Groups = append(thing.Groups, group)
			}
		}
		list = append(list, thing)
	}
	return operation{
		text:   fmt.Sprintf("ImportThings %d: %s", len(list), short(list)),
		expect: func(m *model) (string, jobs.Code) { return m.importThings(list), 0 },
		call: func(ctx context.Context, w *world) (string, error) {
			out, err := w.service.ImportThings(ctx, service.ImportThingsInput{Things: list})
			refused := []int{}
			for _, r := range out.Refused {
				refused = append(refused, r.Index)
			}
			return fmt.Sprint("refused ", refused), err
		},
	}
}

// importThings registers things one by one; one that is refused changes nothing.
func (m *model) importThings(list []service.ThingImport) string {
	refused := []int{}
	for i, in := range list {
		var direct []int
		if t := m.things[in.Name]; t != nil {
			direct = t.direct
		}
		direct, refusal := m.moved(direct, nil, in.Groups)
		if refusal != 0 {
			refused = append(refused, i)
			continue
		}
		m.regroup(m.createThing(in.Name), direct)
	}
	return fmt.Sprint("refused ", refused)
}

func (d *dealer) createGroup() operation {
	name, parent := d.anyGroup(), registry.GroupName("")
	if d.once(2) {
		parent = d.knownGroup()
	}
	return operation{
		text:   fmt.Sprintf("CreateThingGroup %s below %q", name, parent),
		expect: refusalOnly(func(m *model) jobs.Code { return m.createGroup(name, parent) }),
		call: func(ctx context.Context, w *world) (string, error) {
			_, err := w.service.CreateThingGroup(ctx, service.CreateThingGroupInput{Name: name, Parent: parent})
			return "", err
		},
	}
}

func (d *dealer) deleteGroup() operation {
	name := d.knownGroup()
	return operation{
		text:   "DeleteThingGroup " + string(name),
		expect: refusalOnly(func(m *model) jobs.Code { return m.deleteGroup(name) }),
		call: func(ctx context.Context, w *world) (string, error) {
			return "", w.service.DeleteThingGroup(ctx, name, nil)
		},
	}
}

// moveThing is one of the three calls that change what groups a thing is in.
func (d *dealer) moveThing() operation {
	thing, out, into := d.knownThing(), d.knownGroup(), d.knownGroup()
	if t := d.m.things[thing]; t != nil && len(t.direct) > 0 {
		out = d.m.groups[t.direct[d.r.IntN(len(t.direct))]].name
	}
	var remove, add []registry.GroupName
	var call func(context.Context, *world) (string, error)
	switch d.r.IntN(4) {
	case 0:
		remove = []registry.GroupName{out}
		call = func(ctx context.Context, w *world) (string, error) {
			return "", w.service.RemoveThingFromThingGroup(ctx, service.ThingGroupMemberInput{Thing: thing, Group: out})
		}
	case 1:
		remove, add = []registry.GroupName{out}, []registry.GroupName{into}
		call = func(ctx context.Context, w *world) (string, error) {
			return "", w.service.UpdateThingGroupsForThing(ctx, service.UpdateThingGroupsForThingInput{Thing: thing, Remove: remove, Add: add})
		}
	default:
		add = []registry.GroupName{into}
		call = func(ctx context.Context, w *world) (string, error) {
			return "", w.service.AddThingToThingGroup(ctx, service.ThingGroupMemberInput{Thing: thing, Group: into})
		}
	}
	return operation{
		text:   fmt.Sprintf("move thing %s out of %v into %v", thing, remove, add),
		expect: refusalOnly(func(m *model) jobs.Code { return m.moveThing(thing, remove, add) }),
		call:   call,
	}
}
