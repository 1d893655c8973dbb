package storetest

import (
	"fmt"
	"math"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func purgePromises() []promise {
	return []promise{
		{name: "purged memberships are forgotten, the oldest first", run: purge},
		{name: "a purge forgets what left after the last purge", run: purgeAgain},
		{name: "a purge in pieces forgets all that ended at one version", run: purgeInPieces},
	}
}

// purge forgets memberships and tells how many.
func (p *probe) purge(until uint64, limit int) (purged int) {
	p.update("purge", func(tx store.Tx) (err error) {
		purged, err = tx.PurgeMembers(until, limit)
		return err
	})
	return purged
}

func purge(p *probe) {
	names := []registry.ThingName{"a", "b", "c", "d"}
	g := p.group("g", nil)
	for _, name := range names {
		p.thing(name)
	}
	p.join(g, names...)
	whole := p.draw()
	var versions []uint64
	for _, name := range []registry.ThingName{"c", "a", "b"} { // d stays
		p.leave(g, name)
		versions = append(versions, p.draw())
	}
	p.join(g, "a")
	p.same(p.purge(whole, 100), 0, "memberships that ended before any did")
	p.same(p.purge(versions[0], 0), 0, "memberships forgotten at most none")
	p.same(p.purge(versions[2], 1), 1, "memberships forgotten at most one")
	p.same(p.members(g, whole), []string{"a*", "b*", "d*"}, "members without the one that left first")
	p.unchanged("a purge in an update that fails", func() {
		p.refused(p.s.Update(p.ctx, func(tx store.Tx) error {
			_, err := tx.PurgeMembers(versions[2], 100)
			return firstError(err, errOfFn)
		}), "purge and fail")
	})
	p.same(p.purge(versions[1], 100), 1, "memberships that ended up to the second version")
	p.same(p.members(g, versions[1]), []string{"b*", "d*"}, "members as of the version of the purge")
	p.same(p.purge(math.MaxUint64, 100), 1, "memberships that ended at any time")
	p.same(p.purge(math.MaxUint64, 100), 0, "memberships that ended, once more")
	p.same(p.members(g, 0), []string{"a*", "d*"}, "members now, after all purges")
	p.same(p.members(g, p.draw()), []string{"a*", "d*"}, "members as of a new version, after all purges")
}

// purgeAgain lets things leave before and behind where the last purge ended, in the order of versions, of groups and of names.
func purgeAgain(p *probe) {
	names := []registry.ThingName{"a", "b", "c"}
	first, second := p.group("first", nil), p.group("second", nil)
	for _, name := range names {
		p.thing(name)
	}
	p.join(first, names...)
	p.join(second, names...)
	next := p.draw() + 1
	forget := func(g *registry.ThingGroup, name registry.ThingName) {
		p.leave(g, name)
		p.same(p.purge(next, 10), 1, "memberships forgotten after "+string(name)+" left "+string(g.Name))
	}
	forget(second, "b")
	forget(second, "a")
	forget(second, "c")
	forget(first, "b")
	p.draw()
	next = p.draw() + 1
	forget(first, "a")
	p.leave(first, "c")
	p.same(p.purge(next-1, 10), 0, "memberships that ended before the version at which one left")
	p.same(p.purge(next, 10), 1, "memberships that ended at the version at which one left")
}

func purgeInPieces(p *probe) {
	names := []registry.ThingName{"a", "b", "c"}
	for _, name := range names {
		p.thing(name)
	}
	g := p.group("g", nil)
	p.join(g, names...)
	whole := p.draw()
	p.leave(g, names...)
	after := p.draw()
	for piece, want := range []int{1, 1, 1, 0} {
		p.same(p.purge(after, 1), want, fmt.Sprintf("memberships forgotten in piece %d", piece))
	}
	p.same(p.members(g, whole), []string{}, "members as of the version before")
}
