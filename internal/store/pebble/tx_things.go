package pebble

import (
	"fmt"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func (t *tx) PutThing(thing *registry.Thing) error {
	if err := storableThing(thing); err != nil {
		return err
	}
	s, err := t.thing(thing.Name, nil)
	if err != nil {
		return err
	}
	t.forget(thing.Name)
	var pending []jobs.JobExecution
	old := &registry.Thing{}
	if s != nil {
		old, pending = s.thing, s.pending
		if old.Number != thing.Number {
			return fmt.Errorf("put thing %s: its number would change from %d to %d", thing.Name, old.Number, thing.Number)
		}
	}
	if err := t.putThing(thing, pending); err != nil {
		return err
	}
	if err := t.retype(thing.Name, old.Type, thing.Type); err != nil {
		return err
	}
	return t.regroup(thing.Key(), s == nil, old.Groups, thing.Groups)
}

// putThing writes the row of a thing.
func (t *tx) putThing(thing *registry.Thing, pending []jobs.JobExecution) error {
	registered := rowOfThing(thing)
	raw, err := encode(&registered)
	if err != nil {
		return err
	}
	var w rowWriter
	w.thing(raw, pending)
	return t.batch.Set(thingKey(nil, thing.Name), w.b, nil)
}

// storableThing refuses a thing that would not be found again, and groups that are not by number, each once.
func storableThing(thing *registry.Thing) error {
	if err := storable("thing name", string(thing.Name)); err != nil {
		return err
	}
	if thing.Number == 0 {
		return fmt.Errorf("put thing %s: it has no number", thing.Name)
	}
	if thing.Type != "" {
		if err := storable("type name", string(thing.Type)); err != nil {
			return err
		}
	}
	var last registry.GroupNumber
	for _, m := range thing.Groups {
		if m.Group <= last {
			return fmt.Errorf("put thing %s: its group %d is not in order", thing.Name, m.Group)
		}
		last = m.Group
	}
	return nil
}

// retype keeps the index of things by type.
func (t *tx) retype(thing registry.ThingName, before, after registry.TypeName) error {
	if before == after {
		return nil
	}
	if before != "" {
		if err := t.batch.Delete(typeKey(nil, before, thing), nil); err != nil {
			return err
		}
	}
	if after == "" {
		return nil
	}
	return t.batch.Set(typeKey(nil, after, thing), nil, nil)
}

func (t *tx) DeleteThing(name registry.ThingName) error {
	s, err := t.thing(name, nil)
	switch {
	case err != nil:
		return err
	case s == nil:
		return fmt.Errorf("delete thing %s: there is none", name)
	case len(s.pending) > 0:
		return fmt.Errorf("delete thing %s: job %d is pending", name, s.pending[0].Job)
	}
	t.forget(name)
	if err := t.batch.Delete(thingKey(nil, name), nil); err != nil {
		return err
	}
	if err := t.retype(name, s.thing.Type, ""); err != nil {
		return err
	}
	return t.regroup(s.thing.Key(), false, s.thing.Groups, nil)
}

func (t *tx) ChangeThing(key registry.ThingKey, change store.ThingChange) error {
	s, err := t.thing(key.Name, nil)
	if err != nil {
		return err
	}
	if s != nil && s.thing.Key() != key {
		s = nil
	}
	p := &t.scratch
	if err := p.prepare(t.batch, key, s, change); err != nil {
		return err
	}
	t.forget(key.Name)
	if err := p.ops.each(t.batch.gather); err != nil {
		return err
	}
	t.lowestDue = lowest(t.lowestDue, p.lowestDue)
	for _, d := range p.deltas {
		t.deltas[d.job] = sum(t.deltas[d.job], d.counters)
	}
	for _, job := range p.marks {
		if err := t.Mark(job); err != nil {
			return err
		}
	}
	t.events = append(t.events, p.events...)
	return nil
}
