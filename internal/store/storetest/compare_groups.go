package storetest

import (
	"math/rand/v2"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

var (
	playGroups = []registry.GroupName{"g", "G", "g-", "g1", "h"}
	playTypes  = []registry.TypeName{"", "t", "T", "tt"}
)

var groupSteps = []updateStep{
	{"found group", stepFound},
	{"found group", stepFound},
	{"edit group", stepEditGroup},
	{"begin to delete group", stepEndGroup},
	{"delete group", stepDeleteGroup},
	{"regroup", stepRegroup},
	{"regroup", stepRegroup},
	{"regroup", stepRegroup},
	{"regroup", stepRegroup},
	{"regroup", stepRegroup},
	{"regroup", stepRegroup},
	{"purge members", stepPurgeMembers},
	{"purge members", stepPurgeMembers},
	{"purge members", stepPurgeMembers},
}

// someGroup is a group that is there; nil for none. One that is being deleted is among them.
func someGroup(tx store.ReadTx, r *rand.Rand) (*registry.ThingGroup, error) {
	if r.IntN(4) == 0 {
		number, err := someGroupNumber(tx, r)
		if err != nil {
			return nil, err
		}
		return tx.GroupByNumber(number)
	}
	return tx.Group(pick(r, playGroups))
}

// someGroupNumber is a number that was drawn, mostly for something else.
func someGroupNumber(tx store.ReadTx, r *rand.Rand) (registry.GroupNumber, error) {
	version, err := tx.Version()
	return registry.GroupNumber(r.IntN(int(version) + 1)), err
}

func stepFound(tx store.Tx, r *rand.Rand, out *transcript) error {
	parent, err := someGroup(tx, r)
	if err != nil {
		return err
	}
	name := pick(r, playGroups)
	if taken, err := tx.Group(name); err != nil || taken != nil && r.IntN(5) > 0 {
		return err
	}
	g, err := found(tx, name, parent) // the contract refuses a name that is taken
	out.say("founded", g)
	return err
}

func stepEditGroup(tx store.Tx, r *rand.Rand, _ *transcript) error {
	g, err := someGroup(tx, r)
	if err != nil || g == nil {
		return err
	}
	g = g.Clone()
	g.Version++
	g.Description = instant(r).String()
	switch r.IntN(20) {
	case 0: // the contract refuses these
		g.Name += "x"
	case 1:
		g.Path = append(g.Path, 1)
	case 2:
		g.Number = 0
	}
	return tx.PutGroup(g)
}

func stepEndGroup(tx store.Tx, r *rand.Rand, _ *transcript) error {
	g, err := someGroup(tx, r)
	if err != nil || g == nil || r.IntN(2) == 0 {
		return err
	}
	g = g.Clone()
	g.Deleting = true
	return tx.PutGroup(g)
}

func stepDeleteGroup(tx store.Tx, r *rand.Rand, _ *transcript) error {
	g, err := someGroup(tx, r)
	if err != nil || g == nil {
		return err
	}
	return tx.DeleteGroup(g.Number) // the contract refuses it while the group holds a thing
}

// stepRegroup lets things join and leave, some of them several times, with and without a number in between.
func stepRegroup(tx store.Tx, r *rand.Rand, out *transcript) error {
	some := []registry.ThingName{pick(r, playThings), pick(r, playThings)}
	for range 1 + r.IntN(8) {
		if err := regroupOnce(tx, r, pick(r, some)); err != nil {
			return err
		}
		if r.IntN(3) > 0 {
			continue
		}
		n, err := tx.NextNumber()
		out.say("drawn", n)
		if err != nil {
			return err
		}
	}
	return nil
}

func regroupOnce(tx store.Tx, r *rand.Rand, name registry.ThingName) error {
	v, err := tx.Thing(name)
	if err != nil || v.Thing == nil {
		return err
	}
	g, err := someGroup(tx, r)
	if err != nil || g == nil {
		return err
	}
	if whole, err := wholePath(tx, g); err != nil || !whole {
		return err
	}
	return tx.PutThing(regrouped(r, v.Thing.Clone(), g))
}

// wholePath tells whether the groups above are all there: a thing must not join one that is gone.
func wholePath(tx store.ReadTx, g *registry.ThingGroup) (bool, error) {
	for _, number := range g.Path {
		if above, err := tx.GroupByNumber(number); above == nil || err != nil {
			return false, err
		}
	}
	return true, nil
}

func regrouped(r *rand.Rand, t *registry.Thing, g *registry.ThingGroup) *registry.Thing {
	switch i := r.IntN(10); {
	case i < 6:
		_ = t.Join(g) // one that it may not join leaves it as it is
	case i < 9 && len(t.Groups) > 0:
		out := registry.ThingGroup{Number: pick(r, t.Groups).Group, Path: g.Path}
		t.Leave(&out)
	case len(t.Groups) > 0:
		at := r.IntN(len(t.Groups))
		t.Groups[at].Direct = !t.Groups[at].Direct
	}
	return t
}

func stepPurgeMembers(tx store.Tx, r *rand.Rand, out *transcript) error {
	version, err := tx.Version()
	if err != nil {
		return err
	}
	until := max(0, int(version)+1-r.IntN(3)*r.IntN(20)) // near the end, where things have just left
	purged, err := tx.PurgeMembers(uint64(until), r.IntN(5))
	out.say("purged", purged)
	return err
}

// retarget gives a job new targets, some of them groups.
func retarget(tx store.ReadTx, r *rand.Rand, cfg *jobs.Config) error {
	cfg.TargetSelection = pick(r, []jobs.TargetSelection{jobs.Snapshot, jobs.Continuous, jobs.Continuous, jobs.Continuous})
	cfg.Targets = []jobs.Target{{Kind: jobs.ThingTarget, Name: string(pick(r, playThings))}}
	for range r.IntN(5) {
		g, err := someGroup(tx, r)
		if err != nil {
			return err
		}
		if g != nil {
			cfg.Targets = append(cfg.Targets, jobs.Target{Kind: jobs.GroupTarget, Name: string(g.Name), Group: g.Number})
		}
	}
	return nil
}
