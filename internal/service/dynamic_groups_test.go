package service_test

import (
	"fmt"
	"slices"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

// newIndexedWorld has the index of things turned on.
func newIndexedWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.must(w.UpdateIndexingConfiguration(t.Context(), service.IndexingRegistry))
	return w
}

func (w *world) dynamicGroup(name registry.GroupName, query string) {
	w.t.Helper()
	_, err := w.CreateDynamicThingGroup(w.t.Context(), service.CreateDynamicThingGroupInput{Name: name, Search: service.Search{Query: query}})
	w.must(err)
}

func (w *world) editQuery(name registry.GroupName, query string) {
	w.t.Helper()
	in := service.UpdateDynamicThingGroupInput{Search: service.Search{Query: query}}
	in.Name = name
	_, err := w.UpdateDynamicThingGroup(w.t.Context(), in)
	w.must(err)
}

// attribute gives things one attribute; an empty value takes it away.
func (w *world) attribute(name, value string, things ...registry.ThingName) {
	w.t.Helper()
	for _, thing := range things {
		payload := &registry.AttributePayload{Attributes: map[string]string{name: value}, Merge: true}
		w.must(w.UpdateThing(w.t.Context(), service.UpdateThingInput{Name: thing, Payload: payload}))
	}
}

func (w *world) wantStatus(group registry.GroupName, want registry.GroupStatus) {
	w.t.Helper()
	described, err := w.DescribeThingGroup(w.t.Context(), group)
	w.must(err)
	if got := described.Group.Status; got != want {
		w.t.Errorf("group %s is %s, want %s", group, got, want)
	}
}

// wantGroups checks which groups hold a thing itself.
func (w *world) wantGroups(thing registry.ThingName, want ...registry.GroupName) {
	w.t.Helper()
	out, err := w.ListThingGroupsForThing(w.t.Context(), service.ListThingGroupsForThingInput{Thing: thing})
	w.must(err)
	var got []registry.GroupName
	for _, g := range out.Groups {
		got = append(got, g.Name)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Errorf("thing %s is in %q, want %q", thing, got, want)
	}
}

func TestJobsFollowDynamicGroups(t *testing.T) {
	w := newIndexedWorld(t)
	w.things("a", "b", "c")
	w.attribute("ring", "1", "a", "b")
	w.dynamicGroup("first", "attributes.ring:1")
	w.groupJob("j", jobs.Continuous, "first")
	w.groupJob("s", jobs.Snapshot, "first")
	w.attribute("ring", "1", "c")
	w.attribute("ring", "2", "b")
	w.wantExecution("a", "j", jobs.Queued, 1)
	w.wantExecution("b", "j", jobs.Removed, 1)
	w.wantExecution("c", "j", jobs.Queued, 1)
	w.wantJob("s", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.Queued: 2})

	w.editQuery("first", "attributes.ring:2")
	w.wantExecution("a", "j", jobs.Removed, 1)
	w.wantExecution("c", "j", jobs.Removed, 1)
	if e := w.execution("b", "j"); e.Status != jobs.Queued || e.Number != 2 {
		t.Errorf("after the new query: %+v, want execution 2 queued", e)
	}
	w.must(w.DeleteDynamicThingGroup(t.Context(), "first", nil))
	w.wantJob("j", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.Removed: 4})
	w.wantJob("s", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.Queued: 2})
}

func TestDynamicGroupRefusals(t *testing.T) { // CTRL-3.3.2, CTRL-3.3.5
	w := newIndexedWorld(t)
	w.things("a")
	w.group("static", "")
	w.dynamicGroup("g", "thingName:a")
	w.dynamicGroup("g", "thingName:a") // the same again is success
	ctx := t.Context()
	create := func(in service.CreateDynamicThingGroupInput) error {
		_, err := w.CreateDynamicThingGroup(ctx, in)
		return err
	}
	search := func(query string) service.Search { return service.Search{Query: query} }
	wantCode(t, create(service.CreateDynamicThingGroupInput{Name: "g", Search: search("thingName:b")}), jobs.ResourceAlreadyExists)
	wantCode(t, create(service.CreateDynamicThingGroupInput{Name: "static", Search: search("thingName:a")}), jobs.ResourceAlreadyExists)
	for _, query := range []string{"thingName:", "shadow.reported.x:1", "x AND connectivity.connected:true"} {
		wantCode(t, create(service.CreateDynamicThingGroupInput{Name: "new", Search: search(query)}), jobs.InvalidQuery)
	}
	wantCode(t, create(service.CreateDynamicThingGroupInput{Name: "new", Search: service.Search{Query: "*", IndexName: "x"}}), jobs.ResourceNotFound)
	wantCode(t, create(service.CreateDynamicThingGroupInput{Name: "new", Search: service.Search{Query: "*", QueryVersion: "1"}}), jobs.InvalidRequest)

	_, err := w.CreateThingGroup(ctx, service.CreateThingGroupInput{Name: "child", Parent: "g"})
	wantCode(t, err, jobs.InvalidRequest)
	_, err = w.CreateThingGroup(ctx, service.CreateThingGroupInput{Name: "g"})
	wantCode(t, err, jobs.ResourceAlreadyExists)
	_, err = w.UpdateThingGroup(ctx, service.UpdateThingGroupInput{Name: "g"})
	wantCode(t, err, jobs.InvalidRequest)
	update := service.UpdateDynamicThingGroupInput{Search: search("thingName:")}
	update.Name = "g"
	_, err = w.UpdateDynamicThingGroup(ctx, update)
	wantCode(t, err, jobs.InvalidQuery)
	update = service.UpdateDynamicThingGroupInput{}
	update.Name = "static"
	_, err = w.UpdateDynamicThingGroup(ctx, update)
	wantCode(t, err, jobs.InvalidRequest)
	wantCode(t, w.DeleteThingGroup(ctx, "g", nil), jobs.InvalidRequest)
	wantCode(t, w.DeleteDynamicThingGroup(ctx, "static", nil), jobs.InvalidRequest)
	w.must(w.DeleteDynamicThingGroup(ctx, "missing", nil))
	wantCode(t, w.AddThingToThingGroup(ctx, service.ThingGroupMemberInput{Thing: "a", Group: "g"}), jobs.InvalidRequest)
	wantCode(t, w.RemoveThingFromThingGroup(ctx, service.ThingGroupMemberInput{Thing: "a", Group: "g"}), jobs.InvalidRequest)
	w.wantMembers("g", false, "a")

	_, err = w.CreatePolicy(ctx, service.CreatePolicyInput{Name: "p", Document: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iot:Connect","Resource":"*"}}`})
	w.must(err)
	attachment := service.PolicyAttachmentInput{Policy: "p", Target: registry.PolicyTarget{Group: "g"}}
	wantCode(t, w.AttachPolicy(ctx, attachment), jobs.InvalidRequest)
	attachment.Target.Group = "static"
	w.must(w.AttachPolicy(ctx, attachment))

	for i := range registry.MaxDynamicGroups - 1 {
		w.dynamicGroup(registry.GroupName(fmt.Sprintf("g%d", i)), "thingName:none")
	}
	wantCode(t, create(service.CreateDynamicThingGroupInput{Name: "new", Search: search("*")}), jobs.LimitExceeded)
}

func TestUpdateDynamicThingGroup(t *testing.T) {
	w := newIndexedWorld(t)
	w.dynamicGroup("g", "thingName:a")
	text, one := "why", int64(1)
	in := service.UpdateDynamicThingGroupInput{}
	in.Name, in.Description, in.ExpectedVersion = "g", &text, &one
	version, err := w.UpdateDynamicThingGroup(t.Context(), in)
	w.must(err)
	_, err = w.UpdateDynamicThingGroup(t.Context(), in)
	wantCode(t, err, jobs.VersionConflict)
	described, err := w.DescribeThingGroup(t.Context(), "g")
	w.must(err)
	if g := described.Group; version != 2 || g.Version != 2 || g.Description != text || g.Query != "thingName:a" {
		t.Errorf("version %d, group %+v; want version 2 with the description and the query of before", version, g)
	}
	wantCode(t, w.DeleteDynamicThingGroup(t.Context(), "g", &one), jobs.VersionConflict)
}
