package storetest

import (
	"slices"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func groupPromises() []promise {
	return []promise{
		{name: "a group reads as it was written", run: groupRoundTrip},
		{name: "groups are listed by name", run: groupsByName},
		{name: "children are listed by name", run: childrenByName},
		{name: "a group that is being deleted is found by its number only", run: groupInDeletion},
		{name: "a group that holds a thing is not deleted", run: heldGroupStays},
		{name: "a group keeps its place", run: groupKeepsItsPlace},
	}
}

// findGroup finds a group in each way there is and demands that all agree.
func (p *probe) findGroup(name registry.GroupName, number registry.GroupNumber) (byName *registry.ThingGroup) {
	p.view("find group", func(tx store.ReadTx) (err error) {
		if byName, err = tx.Group(name); err != nil {
			return err
		}
		byNumber, err := tx.GroupByNumber(number)
		if err != nil {
			return err
		}
		return differ(byName, byNumber, "group found by name and by number")
	})
	return byName
}

func groupRoundTrip(p *probe) {
	top := p.group("top", nil)
	for i, g := range filled[registry.ThingGroup]() {
		made := p.group(registry.GroupName("g"+string(rune('a'+i))), top)
		g.Name, g.Number, g.Path = made.Name, made.Number, made.Path
		p.update("write group", func(tx store.Tx) error { return tx.PutGroup(&g) })
		p.view("read group", func(tx store.ReadTx) error {
			got, err := tx.GroupByNumber(g.Number)
			return firstError(err, differ(got, g, "group with every member set"))
		})
		g = registry.ThingGroup{Name: g.Name, Number: g.Number, Path: g.Path}
		p.update("write group", func(tx store.Tx) error { return tx.PutGroup(&g) })
		p.same(p.findGroup(g.Name, g.Number), g, "group with zero members")
	}
	p.same(p.findGroup("top", top.Number), top, "group as it was made")
	p.same(p.findGroup("Top", top.Number+1000), nil, "group of a name in other letters")
}

// trickyGroups are named as the things in trickyNames.
func (p *probe) trickyGroups(parent *registry.ThingGroup) (inOrder []*registry.ThingGroup) {
	for _, name := range slices.Backward(trickyNames) {
		full := registry.GroupName(name)
		if parent != nil {
			full += ":of:" + parent.Name
		}
		inOrder = append(inOrder, p.group(full, parent))
	}
	slices.SortFunc(inOrder, func(a, b *registry.ThingGroup) int { return slices.Compare([]byte(a.Name), []byte(b.Name)) })
	return inOrder
}

func groupsByName(p *probe) {
	inPages(p, "no groups", nil, allGroups)
	want := p.trickyGroups(nil)
	inPages(p, "groups", want, allGroups)
	p.update("delete", func(tx store.Tx) error {
		return firstError(tx.DeleteGroup(want[3].Number), tx.DeleteGroup(want[0].Number))
	})
	inPages(p, "groups after a deletion", append(slices.Clone(want[1:3]), want[4:]...), allGroups)
}

func childrenByName(p *probe) {
	children := func(parent registry.GroupNumber) func(store.ReadTx, func() int) ([]*registry.ThingGroup, error) {
		return func(tx store.ReadTx, page func() int) ([]*registry.ThingGroup, error) {
			return allChildGroups(tx, parent, page)
		}
	}
	inPages(p, "no groups", nil, children(0))
	top, other := p.group("top", nil), p.group("other", nil)
	want := p.trickyGroups(top)
	grandchild := p.group("grandchild", want[0])
	inPages(p, "groups without a parent", []*registry.ThingGroup{other, top}, children(0))
	inPages(p, "children", want, children(top.Number))
	inPages(p, "grandchildren", []*registry.ThingGroup{grandchild}, children(want[0].Number))
	inPages(p, "children of a group without any", nil, children(other.Number))
	p.update("delete a child", func(tx store.Tx) error { return tx.DeleteGroup(want[2].Number) })
	inPages(p, "children after a deletion", append(slices.Clone(want[:2]), want[3:]...), children(top.Number))
}

func groupInDeletion(p *probe) {
	p.thing("a")
	top := p.group("top", nil)
	first := p.group("g", top)
	p.join(first, "a")
	gone := first.Clone()
	gone.Deleting, gone.Version = true, 2
	p.update("begin the deletion", func(tx store.Tx) error { return tx.PutGroup(gone) })
	p.view("look for it", func(tx store.ReadTx) error {
		byName, err := tx.Group("g")
		if err != nil {
			return err
		}
		byNumber, err := tx.GroupByNumber(first.Number)
		if err != nil {
			return err
		}
		return firstError(differ(byName, nil, "group in deletion by its name"), differ(byNumber, gone, "group in deletion by its number"))
	})
	inPages(p, "groups without the one in deletion", []*registry.ThingGroup{top}, allGroups)
	ofTop := func(tx store.ReadTx, page func() int) ([]*registry.ThingGroup, error) {
		return allChildGroups(tx, top.Number, page)
	}
	inPages(p, "children without the one in deletion", nil, ofTop)
	p.same(p.members(first, 0), []string{"a*"}, "members of the group in deletion")

	second := p.group("g", top)
	p.same(p.findGroup("g", second.Number), second, "another group of the name")
	gone.Description = "still going"
	p.update("write the one in deletion again", func(tx store.Tx) error { return tx.PutGroup(gone) })
	p.same(p.findGroup("g", second.Number), second, "the other group beside the one in deletion")
	inPages(p, "children, one of the name", []*registry.ThingGroup{second}, ofTop)
	p.same(p.members(second, 0), []string{}, "members of the other group")
	p.leave(first, "a")
	p.update("end the deletion", func(tx store.Tx) error { return tx.DeleteGroup(first.Number) })
	p.same(p.findGroup("g", second.Number), second, "the other group after the deletion")
	p.view("look for the deleted one", func(tx store.ReadTx) error {
		byNumber, err := tx.GroupByNumber(first.Number)
		return firstError(err, differ(byNumber, nil, "deleted group"))
	})
}

func heldGroupStays(p *probe) {
	p.thing("a")
	top := p.group("top", nil)
	g := p.group("g", top)
	p.join(g, "a")
	for _, held := range []*registry.ThingGroup{top, g} {
		p.unchanged("deleting a group that holds a thing", func() {
			p.refused(p.s.Update(p.ctx, func(tx store.Tx) error { return tx.DeleteGroup(held.Number) }), "delete "+string(held.Name))
		})
	}
	p.unchanged("deleting a group that is not there", func() {
		p.refused(p.s.Update(p.ctx, func(tx store.Tx) error { return tx.DeleteGroup(g.Number + 1000) }), "delete no group")
	})
	before := p.draw()
	p.leave(g, "a")
	p.update("delete both, which have only a past", func(tx store.Tx) error {
		return firstError(tx.DeleteGroup(g.Number), tx.DeleteGroup(top.Number))
	})
	p.same(p.members(g, before), []string{"a*"}, "whom the deleted group held")
}

func groupKeepsItsPlace(p *probe) {
	top, g := p.group("top", nil), p.group("g", nil)
	child := p.group("child", top)
	change := func(of *registry.ThingGroup, change func(*registry.ThingGroup)) func(store.Tx) error {
		c := of.Clone()
		change(c)
		return func(tx store.Tx) error { return tx.PutGroup(c) }
	}
	for what, fn := range map[string]func(store.Tx) error{
		"another name":                   change(g, func(c *registry.ThingGroup) { c.Name = "h" }),
		"another parent":                 change(child, func(c *registry.ThingGroup) { c.Path = []registry.GroupNumber{g.Number} }),
		"no parent":                      change(child, func(c *registry.ThingGroup) { c.Path = nil }),
		"a second group of a name":       change(g, func(c *registry.ThingGroup) { c.Number += 100 }),
		"a second group beside a parent": change(g, func(c *registry.ThingGroup) { c.Number, c.Path = c.Number+100, child.Path }),
		"no number":                      change(g, func(c *registry.ThingGroup) { c.Name, c.Number = "h", 0 }),
	} {
		p.unchanged(what, func() { p.refused(p.s.Update(p.ctx, fn), what) })
	}
}
