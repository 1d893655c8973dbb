package storetest

import (
	"fmt"
	"slices"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// found writes a new group below a parent; nil for none.
func found(tx store.Tx, name registry.GroupName, parent *registry.ThingGroup) (*registry.ThingGroup, error) {
	n, err := tx.NextNumber()
	if err != nil {
		return nil, err
	}
	g := &registry.ThingGroup{
		Name: name, Number: registry.GroupNumber(n), ID: fmt.Sprintf("group-id-%d", n), Description: "made by the suite",
		Attributes: map[string]string{"made": string(name)}, Version: 1, CreatedAt: start0,
	}
	if parent != nil {
		g.Path = append(slices.Clone(parent.Path), parent.Number)
	}
	return g, tx.PutGroup(g)
}

// retouch changes the registry's part of a thing.
func retouch(tx store.Tx, name registry.ThingName, change func(*registry.Thing) error) error {
	v, err := tx.Thing(name)
	if err != nil {
		return err
	}
	if v.Thing == nil {
		return fmt.Errorf("change thing %s: there is none", name)
	}
	t := v.Thing.Clone()
	if err := change(t); err != nil {
		return err
	}
	return tx.PutThing(t)
}

func join(tx store.Tx, name registry.ThingName, g *registry.ThingGroup) error {
	return retouch(tx, name, func(t *registry.Thing) error { return t.Join(g) })
}

func leave(tx store.Tx, name registry.ThingName, g *registry.ThingGroup) error {
	return retouch(tx, name, func(t *registry.Thing) error {
		t.Leave(g)
		return nil
	})
}

// group founds a group.
func (p *probe) group(name registry.GroupName, parent *registry.ThingGroup) (made *registry.ThingGroup) {
	p.update("found "+string(name), func(tx store.Tx) (err error) {
		made, err = found(tx, name, parent)
		return err
	})
	return made
}

func (p *probe) join(g *registry.ThingGroup, names ...registry.ThingName) {
	p.regroup("join", join, g, names)
}

func (p *probe) leave(g *registry.ThingGroup, names ...registry.ThingName) {
	p.regroup("leave", leave, g, names)
}

func (p *probe) regroup(
	what string, change func(store.Tx, registry.ThingName, *registry.ThingGroup) error, g *registry.ThingGroup, names []registry.ThingName,
) {
	p.update(what+" "+string(g.Name), func(tx store.Tx) error {
		for _, name := range names {
			if err := change(tx, name, g); err != nil {
				return err
			}
		}
		return nil
	})
}

// draw uses up a number and returns it: as of it, the groups hold what they hold now.
func (p *probe) draw() (version uint64) {
	p.update("draw a number", func(tx store.Tx) (err error) {
		version, err = tx.NextNumber()
		return err
	})
	return version
}

// members are the names of what a group holds as of a version, those that it holds directly with a star.
func (p *probe) members(g *registry.ThingGroup, asOf uint64) (names []string) {
	p.view("read the members of "+string(g.Name), func(tx store.ReadTx) error {
		list, err := tx.Members(g.Number, asOf, registry.ThingKey{}, 1000)
		names = starred(list)
		return err
	})
	return names
}

func starred(list []store.Member) (names []string) {
	for _, m := range list {
		name := string(m.Thing.Name)
		if m.Direct {
			name += "*"
		}
		names = append(names, name)
	}
	return names
}
