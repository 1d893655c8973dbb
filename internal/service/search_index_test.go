package service_test

import (
	"slices"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

func TestDynamicGroupsNeedTheIndex(t *testing.T) { // CTRL-3.3.4
	w := newWorld(t)
	in := service.CreateDynamicThingGroupInput{Name: "g", Search: service.Search{Query: "*"}}
	_, err := w.CreateDynamicThingGroup(t.Context(), in)
	wantCode(t, err, jobs.InvalidRequest)
	w.must(w.UpdateIndexingConfiguration(t.Context(), service.IndexingRegistry))
	w.dynamicGroup("g", "*")
	wantCode(t, w.UpdateIndexingConfiguration(t.Context(), service.IndexingOff), jobs.InvalidRequest)
	w.must(w.DeleteDynamicThingGroup(t.Context(), "g", nil))
	w.must(w.UpdateIndexingConfiguration(t.Context(), service.IndexingOff))
}

func TestSearchIndex(t *testing.T) { // CTRL-3.3.6
	w := newWorld(t)
	ctx := t.Context()
	_, err := w.SearchIndex(ctx, service.SearchIndexInput{Search: service.Search{Query: "*"}})
	wantCode(t, err, jobs.IndexNotReady)
	_, err = w.DescribeIndex(ctx, registry.ThingIndex)
	wantCode(t, err, jobs.ResourceNotFound)
	w.must(w.UpdateIndexingConfiguration(ctx, service.IndexingRegistry))
	if mode, err := w.DescribeIndex(ctx, registry.ThingIndex); err != nil || mode != service.IndexingRegistry {
		t.Errorf("the index is %s (%v), want REGISTRY", mode, err)
	}
	members := numbered(250)
	w.things(members...)
	w.group("house", "")
	w.join("house", members[:120]...)
	w.dynamicGroup("even", "thingName:*0")
	search := func(query string, page service.Page) service.SearchIndexOutput {
		t.Helper()
		out, err := w.SearchIndex(ctx, service.SearchIndexInput{Search: service.Search{Query: query}, Page: page})
		w.must(err)
		return out
	}
	var found []registry.ThingName
	for page := (service.Page{}); ; {
		out := search("thingGroupNames:house AND NOT thingName:m0000", page)
		for _, thing := range out.Things {
			found = append(found, thing.Thing.Name)
		}
		if page.NextToken = out.NextToken; page.NextToken == "" {
			break
		}
	}
	if !slices.Equal(found, members[1:120]) {
		t.Errorf("found %q, want things 1 to 119", found)
	}
	out := search("m0110", service.Page{MaxResults: 1})
	if len(out.Things) != 1 || out.NextToken != "" || !slices.Equal(out.Things[0].Groups, []registry.GroupName{"even", "house"}) {
		t.Errorf("found %+v, want m0110 in even and house", out)
	}
	_, err = w.SearchIndex(ctx, service.SearchIndexInput{Search: service.Search{Query: "thingName:("}})
	wantCode(t, err, jobs.InvalidQuery)
	_, err = w.SearchIndex(ctx, service.SearchIndexInput{Search: service.Search{Query: "*", IndexName: "AWS_ThingGroups"}})
	wantCode(t, err, jobs.ResourceNotFound)
	_, err = w.SearchIndex(ctx, service.SearchIndexInput{Search: service.Search{Query: "*"}, Page: service.Page{NextToken: "x!"}})
	wantCode(t, err, jobs.InvalidRequest)
}
