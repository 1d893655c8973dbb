package service_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/query"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

// TestDynamicMembership changes each field that a query can read.
func TestDynamicMembership(t *testing.T) {
	w := newIndexedWorld(t)
	w.things("a", "b")
	w.attribute("site", "oslo", "a")
	w.dynamicGroup("oslo", "attributes.site:oslo")
	w.dynamicGroup("meters", "thingTypeName:meter AND NOT thingName:x*")
	w.dynamicGroup("housed", "thingGroupNames:house")
	w.dynamicGroup("changed", "registry.version>2")
	w.wantStatus("oslo", registry.GroupActive)
	w.wantMembers("oslo", false, "a")

	w.attribute("site", "oslo", "b")
	w.attribute("site", "bergen", "a") // version 3
	w.wantMembers("oslo", false, "b")
	w.wantMembers("changed", true, "a")
	_, err := w.CreateThing(t.Context(), service.CreateThingInput{Name: "c", Attributes: map[string]string{"site": "Oslo"}})
	w.must(err)
	w.wantMembers("oslo", false, "b", "c")

	_, err = w.CreateThingType(t.Context(), service.CreateThingTypeInput{Name: "meter"})
	w.must(err)
	w.must(w.UpdateThing(t.Context(), service.UpdateThingInput{Name: "b", Type: "meter"}))
	w.wantGroups("b", "changed", "oslo", "meters")
	w.must(w.UpdateThing(t.Context(), service.UpdateThingInput{Name: "b", RemoveType: true}))
	w.wantMembers("meters", false)

	w.group("house", "")
	w.join("house", "a")
	w.wantMembers("housed", false, "a")
	w.leave("house", "a")
	w.wantMembers("housed", false)
	w.join("house", "a", "c")
	w.must(w.DeleteThingGroup(t.Context(), "house", nil))
	w.wantMembers("housed", false)

	w.must(w.DeleteThing(t.Context(), "c", nil))
	w.wantMembers("oslo", false, "b")
	out, err := w.ImportThings(t.Context(), service.ImportThingsInput{CreateMissing: true, Things: []service.ThingImport{
		{CreateThingInput: service.CreateThingInput{Name: "d", Attributes: map[string]string{"site": "oslo"}}, Groups: []registry.GroupName{"house"}},
		{CreateThingInput: service.CreateThingInput{Name: "e"}, Groups: []registry.GroupName{"oslo"}},
	}})
	w.must(err)
	if out.Imported != 1 || len(out.Refused) != 1 || out.Refused[0].Index != 1 {
		t.Errorf("imported %+v, want d, and e refused for its dynamic group", out)
	}
	w.wantGroups("d", "house", "housed", "oslo")
}

// TestQueriesSeeStaticGroups: a group that depended on itself would have no answer.
func TestQueriesSeeStaticGroups(t *testing.T) {
	w := newIndexedWorld(t)
	w.things("a")
	w.dynamicGroup("lonely", "NOT thingGroupNames:*")
	w.wantGroups("a", "lonely")
	w.attribute("k", "v", "a")
	w.wantGroups("a", "lonely")
}

// TestQueryOfManyThings builds and rebuilds a group that is too large for one step, stops in between, and changes things before and behind the
// cursor meanwhile.
func TestQueryOfManyThings(t *testing.T) {
	w := newIndexedWorld(t)
	members := numbered(600)
	w.things(members...)
	w.attribute("ring", "1", members...)
	w.Virtual = false // nothing happens behind the calls
	w.dynamicGroup("g", "attributes.ring:1")
	w.wantStatus("g", registry.GroupBuilding)
	w.groupJob("j", jobs.Continuous, "g")
	out, err := w.DescribeJob(t.Context(), "j")
	w.must(err)
	_, err = w.StepJob(t.Context(), out.Job.Number, 10)
	w.must(err) // the first things have it
	w.attribute("ring", "2", members[0], members[599])
	w.must(w.RunSteps(t.Context()))
	w.wantStatus("g", registry.GroupActive)
	w.wantJob("j", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.Queued: 598, jobs.Removed: 1})

	w.editQuery("g", "attributes.ring:2")
	w.wantStatus("g", registry.GroupRebuilding)
	w.attribute("ring", "1", members[0])               // the cursor has passed it
	w.attribute("ring", "2", members[1], members[598]) // and comes to this one
	w.restart()
	w.must(w.RunSteps(t.Context()))
	w.wantStatus("g", registry.GroupActive)
	w.wantMembers("g", false, members[1], members[598], members[599])
	w.wantExecution(members[2], "j", jobs.Removed, 1)

	w.editQuery("g", "attributes.ring:1")
	w.editQuery("g", "attributes.ring:2 AND thingName:m000*") // takes the place of the one under way
	w.must(w.RunSteps(t.Context()))
	w.wantMembers("g", false, members[1])
	w.editQuery("g", "*")
	w.must(w.DeleteDynamicThingGroup(t.Context(), "g", nil)) // and so does this
	w.must(w.RunSteps(t.Context()))
	w.wantGroups(members[1])
	w.wantGroups(members[300])
}

// restart leaves a new service with the store of the old one.
func (w *world) restart() {
	old := w.Service
	w.Service = &service.Service{Store: old.Store, Now: old.Now, Virtual: old.Virtual, Quotas: old.Quotas, Sealer: old.Sealer}
}

// TestFullThings: static groups go before dynamic ones, and older dynamic ones before newer ones (CTRL-3.3.9).
func TestFullThings(t *testing.T) {
	w := newIndexedWorld(t)
	w.things("a")
	static := make([]registry.GroupName, registry.MaxGroupsOfThing-2)
	for i := range static {
		static[i] = registry.GroupName(fmt.Sprintf("s%d", i))
		w.group(static[i], "")
		w.join(static[i], "a")
	}
	w.group("more", "")
	w.dynamicGroup("old", "attributes.old:1")
	w.dynamicGroup("middle", "thingName:a")
	w.dynamicGroup("new", "thingName:a")
	w.wantGroups("a", append([]registry.GroupName{"middle", "new"}, static...)...)
	w.dynamicGroup("newest", "thingName:a")
	w.wantGroups("a", append([]registry.GroupName{"middle", "new"}, static...)...)
	w.attribute("old", "1", "a")
	w.wantGroups("a", append([]registry.GroupName{"old", "middle"}, static...)...)

	in := service.ThingGroupMemberInput{Thing: "a", Group: "more"}
	wantCode(t, w.AddThingToThingGroup(t.Context(), in), jobs.InvalidRequest)
	in.OverrideDynamicGroups = true
	w.must(w.AddThingToThingGroup(t.Context(), in))
	w.wantGroups("a", append([]registry.GroupName{"old", "more"}, static...)...)
	w.leave("more", "a") // there is room again
	w.wantGroups("a", append([]registry.GroupName{"old", "middle"}, static...)...)
}

var seed = flag.Uint64("seed", 0, "repeat the random test of this seed; 0 takes a new one")

// TestDynamicMembershipOfRandomThings changes things, groups and queries while cursors run, in any order and across restarts. In the end each
// thing is in its static groups and in the dynamic ones that its fields alone give it.
func TestDynamicMembershipOfRandomThings(t *testing.T) {
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("-seed=%d", *seed)
	random := rand.New(rand.NewPCG(*seed, 0))
	w := newIndexedWorld(t)
	w.Virtual = false
	things := numbered(120) // more than one call looks at
	w.things(things...)
	for i := range 8 {
		w.group(registry.GroupName(fmt.Sprintf("s%d", i)), "")
	}
	query := func() string {
		return [...]string{
			fmt.Sprintf("attributes.k:%d", random.IntN(3)), fmt.Sprintf("thingGroupNames:s%d", random.IntN(8)),
			"NOT thingGroupNames:*", "thingName:m000*", "registry.version>1", "*",
		}[random.IntN(6)]
	}
	name := func(kind string, n int) registry.GroupName {
		return registry.GroupName(fmt.Sprintf("%s%d", kind, random.IntN(n)))
	}
	queries := map[registry.GroupName]string{}
	for range 600 {
		thing := things[random.IntN(len(things))]
		switch random.IntN(12) {
		case 0:
			group := name("d", 14)
			if _, ok := queries[group]; ok {
				w.must(w.DeleteDynamicThingGroup(t.Context(), group, nil))
				delete(queries, group)
			}
		case 1, 2:
			group, text := name("d", 14), query()
			if _, ok := queries[group]; ok {
				w.editQuery(group, text)
			} else {
				w.dynamicGroup(group, text)
			}
			queries[group] = text
		case 3:
			w.must(w.DeleteThing(t.Context(), thing, nil))
			w.things(thing)
		case 4, 5, 6:
			w.must(w.UpdateThingGroupsForThing(t.Context(), service.UpdateThingGroupsForThingInput{
				Thing: thing, Add: []registry.GroupName{name("s", 8)}, OverrideDynamicGroups: true,
			}))
		case 7:
			w.leave(name("s", 8), thing)
		case 8:
			group := name("s", 8)
			w.must(w.DeleteThingGroup(t.Context(), group, nil))
			w.group(group, "")
		case 9:
			w.restart()
		case 10:
			if random.IntN(4) == 0 {
				w.must(w.RunSteps(t.Context()))
			}
		default:
			w.attribute("k", strconv.Itoa(random.IntN(3)), thing)
		}
	}
	w.must(w.RunSteps(t.Context()))
	for group := range queries {
		w.wantStatus(group, registry.GroupActive)
	}
	for _, thing := range things {
		w.wantPlaced(thing)
	}
}

// wantPlaced checks one thing against the rule, without what the service keeps to apply it.
func (w *world) wantPlaced(name registry.ThingName) {
	w.t.Helper()
	thing, err := w.DescribeThing(w.t.Context(), name)
	w.must(err)
	in, err := w.ListThingGroupsForThing(w.t.Context(), service.ListThingGroupsForThingInput{Thing: name})
	w.must(err)
	all, err := w.ListThingGroups(w.t.Context(), service.ListThingGroupsInput{})
	w.must(err)
	doc := query.Document{ThingName: string(name), ThingID: thing.ID, Attributes: thing.Attributes, Version: thing.Version}
	for _, group := range in.Groups {
		if !group.Dynamic() {
			doc.ThingGroupNames = append(doc.ThingGroupNames, string(group.Name))
		}
	}
	var want []registry.GroupName
	slices.SortFunc(all.Groups, func(a, b *registry.ThingGroup) int { return int(a.Number) - int(b.Number) })
	for _, group := range all.Groups {
		if !group.Dynamic() {
			continue
		}
		parsed, err := query.Parse(group.Query)
		w.must(err)
		if parsed.Match(doc) && len(doc.ThingGroupNames)+len(want) < registry.MaxGroupsOfThing {
			want = append(want, group.Name)
		}
	}
	for _, static := range doc.ThingGroupNames {
		want = append(want, registry.GroupName(static))
	}
	w.wantGroups(name, want...)
}
