package controlhttp_test

import (
	"testing"
	"time"

	"iotjobs/internal/jobs"
)

const groupARN = "arn:aws:iot:eu-central-1:123456789012:thinggroup/"

// TestGroupDocuments walks through the life of a hierarchy and pins the document of every operation on groups that answers with one.
func TestGroupDocuments(t *testing.T) {
	p := newPlane(t)
	p.show("CreateThingGroup", "POST /thing-groups/site", "")
	p.show("CreateThingGroup", "POST /thing-groups/site", "{}") // again is success
	p.ok("POST /thing-groups/floor%3A1", `{"parentGroupName":"site"}`)
	room := `{"parentGroupName":"floor:1","thingGroupProperties":{"thingGroupDescription":"the <kitchen>","attributePayload":{"attributes":{"color":"red","size":"[4]"}}}}`
	p.ok("POST /thing-groups/room", room)
	p.show("DescribeThingGroup_root", "GET /thing-groups/site", "")
	p.show("DescribeThingGroup", "GET /thing-groups/room", "")
	update := `{"thingGroupProperties":{"thingGroupDescription":"","attributePayload":{"attributes":{"color":"","wet":"yes"},"merge":true}},"expectedVersion":1}`
	p.show("UpdateThingGroup", "PATCH /thing-groups/room", update)
	p.show("DescribeThingGroup_updated", "GET /thing-groups/room", "")
	p.show("ListThingGroups", "GET /thing-groups?maxResults=2", "")
	p.show("ListThingGroups_children", "GET /thing-groups?parentGroup=site", "")
	p.show("ListThingGroups_descendants", "GET /thing-groups?parentGroup=site&recursive=true&namePrefixFilter=roo", "")

	p.things("a", "b")
	p.silent("PUT /thing-groups/addThingToThingGroup", `{"thingGroupName":"room","thingName":"a","overrideDynamicGroups":true}`)
	p.silent("PUT /thing-groups/updateThingGroupsForThing", `{"thingName":"b","thingGroupsToAdd":["floor:1"],"thingGroupsToRemove":[],"overrideDynamicGroups":false}`)
	p.show("ListThingsInThingGroup", "GET /thing-groups/site/things?recursive=true", "")
	p.show("ListThingsInThingGroup_direct", "GET /thing-groups/floor:1/things?maxResults=1", "")
	p.show("ListThingsInThingGroup_none", "GET /thing-groups/site/things", "")
	p.show("ListThingGroupsForThing", "GET /things/a/thing-groups", "")
	p.silent("PUT /thing-groups/removeThingFromThingGroup", `{"thingGroupArn":"`+groupARN+`room","thingArn":"arn:aws:iot:eu-central-1:123456789012:thing/a"}`)
	p.show("ListThingGroupsForThing_none", "GET /things/a/thing-groups", "")
	p.silent("DELETE /thing-groups/room?expectedVersion=2", "")
	p.silent("DELETE /thing-groups/room", "") // a missing group is success
	p.show("ListThingGroups_none", "GET /thing-groups?parentGroup=floor:1", "")
}

// TestGroupJobDocuments follows a continuous job over a group that grows, and gets another target.
func TestGroupJobDocuments(t *testing.T) {
	p := newPlane(t)
	targets := p.things("a", "b", "c")
	p.ok("POST /thing-groups/lamps", "")
	p.ok("POST /thing-groups/more", "")
	p.ok("PUT /thing-groups/addThingToThingGroup", `{"thingGroupName":"lamps","thingName":"a"}`)
	p.ok("PUT /jobs/other", `{`+targets+`,"document":"{}"}`)
	p.ok("PUT /jobs/grow", `{"targets":["`+groupARN+`lamps","`+groupARN+`lamps"],"document":"{}","description":"all","targetSelection":"CONTINUOUS"}`)
	p.now = p.now.Add(time.Second)
	p.ok("PUT /thing-groups/addThingToThingGroup", `{"thingGroupName":"more","thingName":"b"}`)
	golden(t, "AssociateTargetsWithJob", p.ok("POST /jobs/grow/targets", `{"targets":["`+groupARN+`more"],"comment":"more of them"}`))
	golden(t, "DescribeJob_groups", p.ok("GET /jobs/grow", ""))
	p.report("b", "grow", jobs.Report{Status: jobs.Succeeded}) // it reached the new target

	golden(t, "ListJobs_group", p.ok("GET /jobs?thingGroupName=lamps", ""))
	id := "00000000-0000-4000-8000-000000000004" // three things were made before
	if byName, byID := p.ok("GET /jobs?thingGroupName=lamps", ""), p.ok("GET /jobs?thingGroupId="+id, ""); byName != byID {
		t.Errorf("by id: got %s, want %s", byID, byName)
	}
}

// TestGroupRefusals has every refusal of the operations on groups, types and associations once.
func TestGroupRefusals(t *testing.T) {
	p := newPlane(t)
	thing := p.things("a")
	for _, name := range []string{"site", "other"} {
		p.ok("POST /thing-groups/"+name, "")
	}
	p.ok("POST /thing-groups/floor", `{"parentGroupName":"site"}`)
	p.ok("PUT /thing-groups/addThingToThingGroup", `{"thingGroupName":"site","thingName":"a"}`)
	p.ok("POST /thing-types/bulb", "")
	p.ok("POST /thing-types/old", "")
	p.ok("POST /thing-types/old/deprecate", "")
	p.ok("PUT /jobs/snapshot", `{"targets":["`+groupARN+`site"],"document":"{}"}`)
	p.ok("PUT /jobs/continuous", `{"targets":["`+groupARN+`site"],"document":"{}","targetSelection":"CONTINUOUS"}`)
	const add, remove, update = "PUT /thing-groups/addThingToThingGroup", "PUT /thing-groups/removeThingFromThingGroup", "PUT /thing-groups/updateThingGroupsForThing"
	for _, c := range []struct {
		request, body string
		status        int
		errorType     string
		message       string
	}{
		{"POST /thing-groups/new", `{"parentGroupName":"none"}`, 404, notFound, "Thing group none cannot be found."},
		{"GET /thing-groups/none", "", 404, notFound, "Thing group none cannot be found."},
		{"PATCH /thing-groups/none", `{"thingGroupProperties":{}}`, 404, notFound, "Thing group none cannot be found."},
		{"PATCH /thing-groups/site", `{"thingGroupProperties":{},"expectedVersion":0}`, 409, conflict, "Expected version 0 but found version 1"},
		{"DELETE /thing-groups/other?expectedVersion=0", "", 409, conflict, "Expected version 0 but found version 1"},
		{"DELETE /thing-groups/site", "", 400, invalid, "Cannot delete thing group : site when there are still child groups attached to it"},
		{"GET /thing-groups?parentGroup=none", "", 404, notFound, "Thing group none cannot be found."},
		{"GET /thing-groups?nextToken=garbage!", "", 400, invalid, "Next token is invalid."},
		{"GET /thing-groups/none/things", "", 404, notFound, "Thing group none cannot be found."},
		{"GET /thing-groups/site/things?nextToken=garbage!", "", 400, invalid, "Next token is invalid."},
		{"GET /things/none/thing-groups", "", 404, notFound, "Thing none cannot be found."},
		{"GET /things/a/thing-groups?nextToken=garbage!", "", 400, invalid, "Next token is invalid."},

		{add, `{"thingName":"a"}`, 400, invalid, "Either thingGroupName or thingGroupArn must be specified."},
		{remove, `{"thingGroupName":"site"}`, 400, invalid, "Either thingName or thingArn must be specified."},
		{add, `{"thingGroupName":"site","thingGroupArn":"` + groupARN + `other","thingName":"a"}`, 400, invalid, "thingGroupName site and thingGroupArn " + groupARN + "other do not name the same."},
		{
			remove, `{"thingGroupName":"site","thingArn":"` + groupARN + `a"}`, 404, notFound,
			"thingArn '" + groupARN + "a' cannot be found: it names nothing of that kind in account 123456789012 in eu-central-1.",
		},
		{add, `{"thingGroupName":"none","thingName":"a"}`, 404, notFound, "Thing group none cannot be found."},
		{remove, `{"thingGroupName":"site","thingName":"none"}`, 404, notFound, "Thing none cannot be found."},
		{update, `{"thingName":"none"}`, 404, notFound, "Thing none cannot be found."},
		{update, `{"thingName":"a","thingGroupsToAdd":["floor"]}`, 400, invalid, "Thing a is in another thing group of the hierarchy of floor already."},

		{"GET /thing-types/none", "", 404, notFound, "Thing type none cannot be found."},
		{"GET /thing-types?nextToken=garbage!", "", 400, invalid, "Next token is invalid."},
		{"POST /thing-types/none/deprecate", "", 404, notFound, "Thing type none cannot be found."},
		{"DELETE /thing-types/none", "", 404, notFound, "Thing type none cannot be found."},
		{"DELETE /thing-types/bulb", "", 400, invalid, "Cannot delete thing type : bulb. It must be deprecated first."},
		{"DELETE /thing-types/old", "", 400, invalid, "Cannot delete thing type : old. Please wait for 5 minutes after deprecation and then retry."},
		{"POST /things/new", `{"thingTypeName":"old"}`, 400, invalid, "Can not create new thing with depreated thing type:old"},
		{"PATCH /things/a", `{"thingTypeName":"bulb","removeThingType":true}`, 400, invalid, "thingTypeName and removeThingType do not go together."},

		{"GET /jobs?thingGroupName=none", "", 404, notFound, "Thing group none cannot be found."},
		{"PUT /jobs/new", `{"targets":["` + groupARN + `site","` + groupARN + `none"],"document":"{}"}`, 404, notFound, "Thing group none cannot be found."},
		{"POST /jobs/none/targets", `{"targets":["` + groupARN + `site"]}`, 404, notFound, "Job none cannot be found."},
		{"POST /jobs/continuous/targets", `{"targets":["` + groupARN + `none"]}`, 404, notFound, "Thing group none cannot be found."},
		{"POST /jobs/continuous/targets", `{"targets":["a"]}`, 404, notFound, "Target a cannot be found: it is no thing and no thing group of account 123456789012 in eu-central-1."},
		{"POST /jobs/continuous/targets", `{` + thing + `}`, 400, invalid, "Target a is a thing; only thing groups can be associated with a job."},
		{
			"POST /jobs/snapshot/targets", `{"targets":["` + groupARN + `other"]}`, 400, invalid,
			"Job snapshot has target selection SNAPSHOT; targets can be associated with CONTINUOUS jobs only.",
		},
	} {
		p.refused(c.request, c.body, c.status, c.errorType, c.message)
	}
}
