package storetest

import (
	"fmt"
	"math"
	"slices"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func memberPromises() []promise {
	return []promise{
		{name: "members follow the groups of their things", run: membersFollow},
		{name: "members are shown as of a version", run: membersAsOf},
		{name: "who leaves and comes back at one version was never away", run: backAtOnce},
		{name: "a number that is drawn sees what happened before", run: versionIsDrawn},
		{name: "a thing made again has no groups", run: membershipOfIncarnation},
		{name: "members are listed by thing name", run: membersByName},
		{name: "groups out of order are refused", run: groupsOutOfOrder},
	}
}

func membersFollow(p *probe) {
	p.fleet(2)
	const a, b registry.ThingName = "thing-0000", "thing-0001"
	top := p.group("top", nil)
	left, right := p.group("left", top), p.group("right", top)
	want := func(after string, inTop, inLeft, inRight []string) {
		p.same(p.members(top, 0), inTop, "members of the top after "+after)
		p.same(p.members(left, 0), inLeft, "members on the left after "+after)
		p.same(p.members(right, 0), inRight, "members on the right after "+after)
	}
	want("nothing", nil, nil, nil)
	p.join(left, a)
	want("a joined", []string{string(a)}, []string{string(a) + "*"}, nil)
	p.join(right, b)
	want("b joined", []string{string(a), string(b)}, []string{string(a) + "*"}, []string{string(b) + "*"})
	p.update("move a up", func(tx store.Tx) error {
		return retouch(tx, a, func(t *registry.Thing) error {
			t.Groups = []registry.Membership{{Group: top.Number, Direct: true}}
			return nil
		})
	})
	want("a moved up", []string{string(a) + "*", string(b)}, nil, []string{string(b) + "*"})
	p.update("another change", func(tx store.Tx) error {
		return retouch(tx, a, func(t *registry.Thing) error {
			t.Version++
			return nil
		})
	})
	want("another change of a", []string{string(a) + "*", string(b)}, nil, []string{string(b) + "*"})
	p.job("j")
	p.device(b, "j", queue)
	want("a device's change", []string{string(a) + "*", string(b)}, nil, []string{string(b) + "*"})
	p.device(b, "j", forget)
	p.update("delete b", func(tx store.Tx) error { return tx.DeleteThing(b) })
	want("b was deleted", []string{string(a) + "*"}, nil, nil)
	p.leave(top, a)
	want("a left", nil, nil, nil)
}

// asOf takes steps, draws a number behind each, and demands after each of them that every number still shows what was there at it.
type asOf struct {
	*probe
	group *registry.ThingGroup
	seen  map[uint64][]string
}

func (a *asOf) step(what string, want []string, fn func(tx store.Tx) error) {
	a.update(what, fn)
	a.seen[a.draw()] = want
	a.same(a.members(a.group, 0), want, "members now after: "+what)
	a.check(what)
}

func (a *asOf) check(after string) {
	for version, want := range a.seen {
		a.same(a.members(a.group, version), want, fmt.Sprintf("members as of version %d after: %s", version, after))
	}
}

func membersAsOf(p *probe) {
	for _, name := range []registry.ThingName{"a", "b", "c"} {
		p.thing(name)
	}
	top := p.group("top", nil)
	g, sibling := p.group("g", top), p.group("sibling", top)
	w := &asOf{probe: p, group: top, seen: map[uint64][]string{}}
	in := func(name registry.ThingName, g *registry.ThingGroup) func(store.Tx) error {
		return func(tx store.Tx) error { return join(tx, name, g) }
	}
	out := func(name registry.ThingName, g *registry.ThingGroup) func(store.Tx) error {
		return func(tx store.Tx) error { return leave(tx, name, g) }
	}
	w.step("nothing", nil, func(store.Tx) error { return nil })
	w.step("a joins", []string{"a"}, in("a", g))
	w.step("b joins", []string{"a", "b"}, in("b", g))
	w.step("a leaves", []string{"b"}, out("a", g))
	w.step("a comes back", []string{"a", "b"}, in("a", sibling))
	w.step("a leaves again", []string{"b"}, out("a", sibling))
	w.step("c joins", []string{"b", "c"}, in("c", g))
	w.step("a comes back again", []string{"a", "b", "c"}, in("a", g))
	w.step("b is deleted", []string{"a", "c"}, func(tx store.Tx) error { return tx.DeleteThing("b") })
	w.step("a moves to another group below", []string{"a", "c"}, func(tx store.Tx) error {
		return firstError(leave(tx, "a", g), join(tx, "a", sibling))
	})
	w.step("all go", nil, func(tx store.Tx) error { return firstError(leave(tx, "a", sibling), tx.DeleteThing("c")) })
	w.step("the group goes", nil, func(tx store.Tx) error {
		return firstError(tx.DeleteGroup(g.Number), tx.DeleteGroup(sibling.Number), tx.DeleteGroup(top.Number))
	})
	if p.engine.Reopens {
		p.reopen()
		w.check("opening again")
	}
}

func backAtOnce(p *probe) {
	p.thing("a")
	p.thing("b")
	g := p.group("g", nil)
	w := &asOf{probe: p, group: g, seen: map[uint64][]string{}}
	w.step("b comes and goes", nil, func(tx store.Tx) error { return firstError(join(tx, "b", g), leave(tx, "b", g)) })
	w.step("a joins", []string{"a*"}, func(tx store.Tx) error { return join(tx, "a", g) })
	w.step("a goes and comes", []string{"a*"}, func(tx store.Tx) error { return firstError(leave(tx, "a", g), join(tx, "a", g)) })
	w.step("a goes, comes and goes", nil, func(tx store.Tx) error {
		return firstError(leave(tx, "a", g), join(tx, "a", g), leave(tx, "a", g))
	})
	w.step("a comes, goes and comes", []string{"a*"}, func(tx store.Tx) error {
		return firstError(join(tx, "a", g), leave(tx, "a", g), join(tx, "a", g))
	})
	// The same beyond one update: no number is drawn in between.
	p.leave(g, "a")
	p.join(g, "a", "b")
	p.leave(g, "b")
	w.step("nothing more", []string{"a*"}, func(store.Tx) error { return nil })
	p.same(p.purge(math.MaxUint64, 100), 3, "memberships that ended, those that never were left out")
}

func versionIsDrawn(p *probe) {
	p.thing("a")
	p.thing("b")
	g := p.group("g", nil)
	var first, second uint64
	p.update("everything in one update", func(tx store.Tx) error {
		before, err := tx.Version()
		if err != nil {
			return err
		}
		if err := join(tx, "a", g); err != nil {
			return err
		}
		if first, err = tx.NextNumber(); err != nil {
			return err
		}
		after, err := tx.Version()
		if err != nil {
			return err
		}
		if first != before+1 || after != first {
			return fmt.Errorf("the version was %d, then %d was drawn, and the version is %d", before, first, after)
		}
		if err := firstError(leave(tx, "a", g), join(tx, "b", g)); err != nil {
			return err
		}
		second, err = tx.NextNumber()
		return err
	})
	p.same(p.members(g, first-1), []string{}, "members as of the version before")
	p.same(p.members(g, first), []string{"a*"}, "members as of the first number drawn")
	p.same(p.members(g, second), []string{"b*"}, "members as of the second number drawn")
	p.view("the version afterwards", func(tx store.ReadTx) error {
		version, err := tx.Version()
		return firstError(err, differ(version, second, "version"))
	})
}

func membershipOfIncarnation(p *probe) {
	first := p.thing("a")
	g := p.group("g", nil)
	p.join(g, "a")
	whileFirst := p.draw()
	p.update("delete thing", func(tx store.Tx) error { return tx.DeleteThing("a") })
	second := p.thing("a")
	p.same(p.members(g, 0), []string{}, "members while the thing made again has not joined")
	p.same(len(p.read("a").Thing.Groups), 0, "groups of the thing made again")
	p.join(g, "a")
	for version, want := range map[uint64]registry.ThingKey{whileFirst: first.Key(), 0: second.Key(), p.draw(): second.Key()} {
		p.view("read the members", func(tx store.ReadTx) error {
			got, err := tx.Members(g.Number, version, registry.ThingKey{}, 10)
			return firstError(err, differ(got, []store.Member{{Thing: want, Direct: true}}, fmt.Sprintf("members as of version %d", version)))
		})
	}
}

func membersByName(p *probe) {
	g, other := p.group("g", nil), p.group("other", nil)
	var all []store.Member
	for _, name := range slices.Backward(trickyNames) {
		all = append(all, store.Member{Thing: p.thing(name).Key(), Direct: true})
		p.join(g, name)
	}
	slices.Reverse(all)
	p.join(other, "A", "a")
	full := p.draw()
	p.leave(g, "A", "_", "z")
	p.update("delete", func(tx store.Tx) error { return tx.DeleteThing("a-") })
	some := slices.DeleteFunc(slices.Clone(all), func(m store.Member) bool {
		return slices.Contains([]registry.ThingName{"A", "_", "z", "a-"}, m.Thing.Name)
	})
	list := func(version uint64) func(store.ReadTx, func() int) ([]store.Member, error) {
		return func(tx store.ReadTx, page func() int) ([]store.Member, error) {
			return allMembers(tx, g.Number, version, page)
		}
	}
	inPages(p, "members now", some, list(0))
	inPages(p, "members as of the version before", all, list(full))
	p.view("members behind a cursor", func(tx store.ReadTx) error {
		for after, want := range map[registry.ThingKey]int{
			{Name: "+"}: len(all), {Name: "0"}: len(all) - 1, {Name: "0", Number: math.MaxUint64}: len(all) - 2, {Name: "y"}: 1, all[len(all)-1].Thing: 0,
		} {
			got, err := tx.Members(g.Number, full, after, 1000)
			if err := firstError(err, differ(len(got), want, "number of members behind "+text(after))); err != nil {
				return err
			}
		}
		return nil
	})
}

func groupsOutOfOrder(p *probe) {
	a, b := p.group("a", nil), p.group("b", nil)
	p.thing("t")
	for what, groups := range map[string][]registry.Membership{
		"backwards": {{Group: b.Number}, {Group: a.Number}},
		"twice":     {{Group: a.Number, Direct: true}, {Group: a.Number}},
		"of none":   {{Group: 0}},
	} {
		p.unchanged("groups "+what, func() {
			p.refused(p.s.Update(p.ctx, func(tx store.Tx) error {
				return retouch(tx, "t", func(t *registry.Thing) error {
					t.Groups = groups
					return nil
				})
			}), "groups "+what)
		})
	}
}
