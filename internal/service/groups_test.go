package service_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

func (w *world) group(name, parent registry.GroupName) {
	w.t.Helper()
	_, err := w.CreateThingGroup(w.t.Context(), service.CreateThingGroupInput{Name: name, Parent: parent})
	w.must(err)
}

func (w *world) join(group registry.GroupName, things ...registry.ThingName) {
	w.t.Helper()
	for _, thing := range things {
		w.must(w.AddThingToThingGroup(w.t.Context(), service.ThingGroupMemberInput{Thing: thing, Group: group}))
	}
}

func (w *world) leave(group registry.GroupName, things ...registry.ThingName) {
	w.t.Helper()
	for _, thing := range things {
		w.must(w.RemoveThingFromThingGroup(w.t.Context(), service.ThingGroupMemberInput{Thing: thing, Group: group}))
	}
}

// groupJob makes a job on groups.
func (w *world) groupJob(id jobs.JobID, selection jobs.TargetSelection, groups ...registry.GroupName) {
	w.t.Helper()
	config := jobs.Config{TargetSelection: selection}
	for _, group := range groups {
		config.Targets = append(config.Targets, jobs.Target{Kind: jobs.GroupTarget, Name: string(group)})
	}
	w.jobWith(id, config)
}

func (w *world) wantMembers(group registry.GroupName, recursive bool, want ...registry.ThingName) {
	w.t.Helper()
	out, err := w.ListThingsInThingGroup(w.t.Context(), service.ListThingsInThingGroupInput{Group: group, Recursive: recursive})
	w.must(err)
	if !slices.Equal(out.Things, want) {
		w.t.Errorf("group %s (recursive %v) holds %q, want %q", group, recursive, out.Things, want)
	}
}

// wantNone checks that job j has no execution on the thing.
func (w *world) wantNone(thing registry.ThingName) {
	w.t.Helper()
	_, err := w.DescribeJobExecution(w.t.Context(), service.JobExecutionInput{Thing: thing, JobID: "j"})
	wantCode(w.t, err, jobs.ResourceNotFound)
}

func numbered(n int) []registry.ThingName {
	names := make([]registry.ThingName, n)
	for i := range names {
		names[i] = registry.ThingName(fmt.Sprintf("m%04d", i))
	}
	return names
}

func TestThingGroupTree(t *testing.T) {
	w := newWorld(t)
	w.group("root", "")
	w.group("root", "") // the same again is success
	w.group("left", "root")
	w.group("leaf", "left")
	_, err := w.CreateThingGroup(t.Context(), service.CreateThingGroupInput{Name: "left"})
	wantCode(t, err, jobs.ResourceAlreadyExists)
	_, err = w.CreateThingGroup(t.Context(), service.CreateThingGroupInput{Name: "x", Parent: "missing"})
	wantCode(t, err, jobs.ResourceNotFound)
	described, err := w.DescribeThingGroup(t.Context(), "leaf")
	w.must(err)
	if len(described.Path) != 2 || described.Path[0].Name != "root" || described.Path[1].Name != "left" {
		t.Errorf("the path of leaf is %+v, want root, left", described.Path)
	}
	names := func(in service.ListThingGroupsInput) (names []registry.GroupName) {
		out, err := w.ListThingGroups(t.Context(), in)
		w.must(err)
		for _, g := range out.Groups {
			names = append(names, g.Name)
		}
		return names
	}
	for _, c := range []struct {
		in   service.ListThingGroupsInput
		want []registry.GroupName
	}{
		{service.ListThingGroupsInput{}, []registry.GroupName{"leaf", "left", "root"}},
		{service.ListThingGroupsInput{NamePrefix: "le"}, []registry.GroupName{"leaf", "left"}},
		{service.ListThingGroupsInput{Parent: "root"}, []registry.GroupName{"left"}},
		{service.ListThingGroupsInput{Parent: "root", Recursive: true}, []registry.GroupName{"leaf", "left"}},
	} {
		if got := names(c.in); !slices.Equal(got, c.want) {
			t.Errorf("%+v lists %q, want %q", c.in, got, c.want)
		}
	}
	wantCode(t, w.DeleteThingGroup(t.Context(), "left", nil), jobs.InvalidRequest)
	w.must(w.DeleteThingGroup(t.Context(), "leaf", nil))
	w.must(w.DeleteThingGroup(t.Context(), "leaf", nil)) // a missing group is success
	w.must(w.DeleteThingGroup(t.Context(), "left", nil))
}

func TestThingGroupTreeIsBounded(t *testing.T) {
	w := newWorld(t)
	parent := registry.GroupName("")
	for level := range registry.MaxGroupDepth {
		name := registry.GroupName(fmt.Sprintf("level%d", level))
		w.group(name, parent)
		parent = name
	}
	_, err := w.CreateThingGroup(t.Context(), service.CreateThingGroupInput{Name: "deeper", Parent: parent})
	wantCode(t, err, jobs.InvalidRequest)
	for i := range registry.MaxChildGroups - 1 { // level1 is a child already
		w.group(registry.GroupName(fmt.Sprintf("child%d", i)), "level0")
	}
	_, err = w.CreateThingGroup(t.Context(), service.CreateThingGroupInput{Name: "wider", Parent: "level0"})
	wantCode(t, err, jobs.InvalidRequest)
}

func TestMembership(t *testing.T) {
	w := newWorld(t)
	w.things("a", "b")
	w.group("root", "")
	w.group("child", "root")
	w.group("sibling", "root")
	w.join("child", "a", "b", "a")
	w.wantMembers("child", false, "a", "b")
	w.wantMembers("root", false)
	w.wantMembers("root", true, "a", "b")
	for _, group := range []registry.GroupName{"sibling", "root"} { // one group of a hierarchy
		wantCode(t, w.AddThingToThingGroup(t.Context(), service.ThingGroupMemberInput{Thing: "a", Group: group}), jobs.InvalidRequest)
	}
	w.must(w.UpdateThingGroupsForThing(t.Context(), service.UpdateThingGroupsForThingInput{
		Thing: "a", Add: []registry.GroupName{"sibling"}, Remove: []registry.GroupName{"child"},
	}))
	w.wantMembers("child", true, "b")
	w.wantMembers("sibling", true, "a")
	groups, err := w.ListThingGroupsForThing(t.Context(), service.ListThingGroupsForThingInput{Thing: "a"})
	w.must(err)
	if len(groups.Groups) != 1 || groups.Groups[0].Name != "sibling" {
		t.Errorf("thing a is in %+v, want sibling only", groups.Groups)
	}
	w.must(w.DeleteThing(t.Context(), "a", nil))
	w.wantMembers("root", true, "b")
	wantCode(t, w.AddThingToThingGroup(t.Context(), service.ThingGroupMemberInput{Thing: "gone", Group: "root"}), jobs.ResourceNotFound)
	for i := range registry.MaxGroupsOfThing - 1 {
		group := registry.GroupName(fmt.Sprintf("more%d", i))
		w.group(group, "")
		w.join(group, "b")
	}
	w.group("eleventh", "")
	wantCode(t, w.AddThingToThingGroup(t.Context(), service.ThingGroupMemberInput{Thing: "b", Group: "eleventh"}), jobs.InvalidRequest)
}

func TestSnapshotJobReadsItsGroupsAsOfCreation(t *testing.T) { // LIFE-3.1, LIFE-3.2
	w := newWorld(t)
	members := numbered(250)
	w.things(members...)
	w.things("late")
	w.group("root", "")
	w.group("child", "root")
	w.join("child", members...)
	w.Virtual = false // nothing is released behind the call but its first step
	w.groupJob("j", jobs.Snapshot, "root")
	w.join("child", "late")
	w.leave("child", members[240])
	w.must(w.DeleteThing(t.Context(), members[241], nil))
	w.things(members[241])
	w.join("child", members[241])
	w.must(w.SweepJobs(t.Context())) // must not forget what the job still needs
	w.must(w.RunSteps(t.Context()))
	w.wantNone("late")
	w.wantNone(members[241])
	w.wantExecution(members[240], "j", jobs.Queued, 1)
	w.wantJob("j", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.Queued: 249})
}

func TestSnapshotJobOnAnEmptyGroupCompletes(t *testing.T) { // Q11
	w := newWorld(t)
	w.group("g", "")
	w.groupJob("j", jobs.Snapshot, "g")
	w.wantJob("j", jobs.JobCompleted, nil)
}

func TestContinuousJobFollowsItsGroups(t *testing.T) {
	w := newWorld(t)
	w.things("queued", "running", "done", "late")
	w.group("root", "")
	w.group("g", "root")
	w.group("h", "")
	w.join("g", "queued", "running", "done")
	w.groupJob("j", jobs.Continuous, "root", "h")
	w.start("running")
	w.must(w.report("done", "j", jobs.Succeeded))

	w.join("g", "late", "late") // LIFE-3.3, LIFE-3.9
	w.wantExecution("late", "j", jobs.Queued, 1)

	w.leave("g", "queued", "running", "done") // LIFE-3.5
	w.wantExecution("queued", "j", jobs.Removed, 1)
	w.wantExecution("running", "j", jobs.InProgress, 2)
	w.wantExecution("done", "j", jobs.Succeeded, 2)

	w.join("g", "queued", "running") // LIFE-3.6
	if e := w.execution("queued", "j"); e.Status != jobs.Queued || e.Number != 2 {
		t.Errorf("after the rejoin: %+v, want execution 2 queued", e)
	}
	w.wantExecution("running", "j", jobs.InProgress, 2)
	w.must(w.report("running", "j", jobs.Succeeded))
	w.wantExecution("running", "j", jobs.Succeeded, 3)

	w.join("h", "late") // LIFE-3.7, in reverse: a pending execution is enough
	w.leave("g", "late")
	w.wantExecution("late", "j", jobs.Queued, 1)

	w.join("h", "running") // LIFE-3.8
	if e := w.execution("running", "j"); e.Status != jobs.Queued || e.Number != 2 {
		t.Errorf("after joining another target group: %+v, want execution 2 queued", e)
	}
	w.wantJob("j", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.Queued: 3, jobs.Succeeded: 2, jobs.Removed: 1})
}

func TestFinishedJobFollowsNoMore(t *testing.T) {
	w := newWorld(t)
	w.things("a", "b")
	w.group("g", "")
	w.join("g", "a")
	w.groupJob("j", jobs.Continuous, "g")
	_, err := w.CancelJob(t.Context(), service.CancelJobInput{ID: "j"})
	w.must(err)
	w.join("g", "b")
	w.leave("g", "a")
	w.wantNone("b")
	w.wantExecution("a", "j", jobs.Canceled, 2)
}

// TestDeletedGroupLetsItsThingsGo deletes a group that is too large for one step.
func TestDeletedGroupLetsItsThingsGo(t *testing.T) {
	w := newWorld(t)
	members := numbered(600)
	w.things(members...)
	w.group("root", "")
	w.group("g", "root")
	w.join("g", members...)
	w.groupJob("j", jobs.Continuous, "g")
	w.Virtual = false
	w.must(w.DeleteThingGroup(t.Context(), "g", nil))
	_, err := w.DescribeThingGroup(t.Context(), "g")
	wantCode(t, err, jobs.ResourceNotFound)
	w.group("g", "root")            // the name is free at once
	w.join("g", members[599])       // and the old membership in nobody's way
	w.must(w.RunSteps(t.Context())) // the others leave
	w.wantMembers("g", false, members[599])
	w.wantMembers("root", true, members[599])
	w.wantJob("j", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.Removed: 600})
}

func TestAssociateTargetsWithJob(t *testing.T) { // LIFE-3.14
	w := newWorld(t)
	members := numbered(150)
	w.things(members...)
	w.group("g", "")
	w.group("h", "")
	w.join("g", members[:10]...)
	w.join("h", members[5:]...)
	w.groupJob("j", jobs.Continuous, "g")
	w.groupJob("s", jobs.Snapshot, "g")
	in := service.AssociateTargetsInput{ID: "j", Targets: []jobs.Target{{Kind: jobs.GroupTarget, Name: "h"}, {Kind: jobs.GroupTarget, Name: "g"}}, Comment: "more"}
	job, err := w.AssociateTargetsWithJob(t.Context(), in)
	w.must(err)
	if len(job.Config.Targets) != 2 || job.Comment != "more" {
		t.Errorf("the job has %+v, want two targets and the comment", job)
	}
	w.wantJob("j", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.Queued: 150})
	w.leave("g", members[0])
	w.leave("h", members[5]) // still held by g
	w.wantExecution(members[0], "j", jobs.Removed, 1)
	w.wantExecution(members[5], "j", jobs.Queued, 1)

	refused := func(id jobs.JobID, target jobs.Target, code jobs.Code) {
		t.Helper()
		_, err := w.AssociateTargetsWithJob(t.Context(), service.AssociateTargetsInput{ID: id, Targets: []jobs.Target{target}})
		wantCode(t, err, code)
	}
	refused("s", jobs.Target{Kind: jobs.GroupTarget, Name: "h"}, jobs.InvalidRequest)
	refused("j", jobs.Target{Kind: jobs.ThingTarget, Name: string(members[0])}, jobs.InvalidRequest)
	refused("j", jobs.Target{Kind: jobs.GroupTarget, Name: "missing"}, jobs.ResourceNotFound)
	refused("missing", jobs.Target{Kind: jobs.GroupTarget, Name: "h"}, jobs.ResourceNotFound)
	w.Quotas.TargetsPerJob = 2
	w.group("third", "")
	refused("j", jobs.Target{Kind: jobs.GroupTarget, Name: "third"}, jobs.LimitExceeded)
}

// TestFullThingIsWaitedFor fills a thing's queue; the job comes back for it.
func TestFullThingIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.Quotas.PendingPerThing = 1
	w.things("full", "free", "joins")
	w.group("g", "")
	w.join("g", "full", "free")
	w.job("before", "full", "joins")
	w.groupJob("j", jobs.Continuous, "g")
	w.wantNone("full")
	w.wantExecution("free", "j", jobs.Queued, 1)
	w.join("g", "joins")
	w.wantNone("joins")
	w.must(w.report("full", "before", jobs.Succeeded))
	w.must(w.report("joins", "before", jobs.Succeeded))
	w.advance(time.Minute)
	w.wantExecution("full", "j", jobs.Queued, 1)
	w.wantExecution("joins", "j", jobs.Queued, 1)
}

func TestThingTypes(t *testing.T) {
	w := newWorld(t)
	create := func(name registry.TypeName, description string) error {
		_, err := w.CreateThingType(t.Context(), service.CreateThingTypeInput{Name: name, Description: description})
		return err
	}
	w.must(create("meter", "counts"))
	w.must(create("meter", "counts"))
	wantCode(t, create("meter", "else"), jobs.ResourceAlreadyExists)
	many := map[string]string{"a": "1", "b": "2", "c": "3", "d": "4"}
	_, err := w.CreateThing(t.Context(), service.CreateThingInput{Name: "plain", Attributes: many})
	wantCode(t, err, jobs.InvalidRequest)
	_, err = w.CreateThing(t.Context(), service.CreateThingInput{Name: "m", Type: "meter", Attributes: many})
	w.must(err)
	_, err = w.CreateThing(t.Context(), service.CreateThingInput{Name: "n", Type: "missing"})
	wantCode(t, err, jobs.ResourceNotFound)
	wantCode(t, w.UpdateThing(t.Context(), service.UpdateThingInput{Name: "m", RemoveType: true}), jobs.InvalidRequest) // too many attributes
	list, err := w.ListThings(t.Context(), service.ListThingsInput{Type: "meter"})
	w.must(err)
	if len(list.Things) != 1 || list.Things[0].Name != "m" {
		t.Errorf("things of the type: %+v, want m", list.Things)
	}
	remove := func() error { return w.DeleteThingType(t.Context(), "meter") }
	wantCode(t, remove(), jobs.InvalidRequest) // not deprecated
	w.must(w.DeprecateThingType(t.Context(), service.DeprecateThingTypeInput{Name: "meter"}))
	_, err = w.CreateThing(t.Context(), service.CreateThingInput{Name: "n", Type: "meter"})
	wantCode(t, err, jobs.InvalidRequest)
	w.advance(4 * time.Minute)
	w.must(w.DeprecateThingType(t.Context(), service.DeprecateThingTypeInput{Name: "meter"})) // changes nothing
	wantCode(t, remove(), jobs.InvalidRequest)                                                // not long enough
	w.advance(time.Minute)
	wantCode(t, remove(), jobs.InvalidRequest) // a thing has it
	w.must(w.DeleteThing(t.Context(), "m", nil))
	w.must(remove())
	_, err = w.DescribeThingType(t.Context(), "meter")
	wantCode(t, err, jobs.ResourceNotFound)
}

func TestImportThings(t *testing.T) {
	w := newWorld(t)
	w.group("g", "")
	w.groupJob("j", jobs.Continuous, "g")
	thing := func(name registry.ThingName, kind registry.TypeName, groups ...registry.GroupName) service.ThingImport {
		return service.ThingImport{CreateThingInput: service.CreateThingInput{Name: name, Type: kind}, Groups: groups}
	}
	in := service.ImportThingsInput{Things: []service.ThingImport{
		thing("a", "", "g"), thing("b", "meter", "g"), thing("c", "", "missing"), thing("d", ""),
	}}
	out, err := w.ImportThings(t.Context(), in)
	w.must(err)
	if out.Imported != 2 || len(out.Refused) != 2 || out.Refused[0].Index != 1 || out.Refused[1].Index != 2 {
		t.Errorf("imported %+v, want a and d, the others refused", out)
	}
	w.wantExecution("a", "j", jobs.Queued, 1)
	_, err = w.DescribeThing(t.Context(), "c")
	wantCode(t, err, jobs.ResourceNotFound)

	in.CreateMissing = true
	out, err = w.ImportThings(t.Context(), in)
	w.must(err)
	if out.Imported != 2 || out.Unchanged != 2 || len(out.Refused) != 0 {
		t.Errorf("imported again %+v, want b and c, the others unchanged", out)
	}
	w.wantMembers("g", false, "a", "b")
	w.wantMembers("missing", false, "c")
	_, err = w.DescribeThingType(t.Context(), "meter")
	w.must(err)

	out, err = w.ImportThings(t.Context(), service.ImportThingsInput{Things: []service.ThingImport{thing("a", "meter", "g"), thing("d", "", "g")}})
	w.must(err)
	if out.Imported != 1 || len(out.Refused) != 1 || out.Refused[0].Index != 0 {
		t.Errorf("imported %+v, want a refused for its type and d put into its group", out)
	}
	w.wantExecution("d", "j", jobs.Queued, 1)
}
