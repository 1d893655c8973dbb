package controlhttp_test

import (
	"testing"
)

// registryIndexed turns the index on.
const registryIndexed = `{"thingIndexingConfiguration":{"thingIndexingMode":"REGISTRY"}}`

// TestDynamicGroupDocuments pins the documents of dynamic groups and of the index.
func TestDynamicGroupDocuments(t *testing.T) {
	p := newPlane(t)
	p.show("GetIndexingConfiguration_off", "GET /indexing/config", "")
	p.show("ListIndices_none", "GET /indices", "")
	p.silent("POST /indexing/config", registryIndexed)
	p.show("GetIndexingConfiguration", "GET /indexing/config", "")
	p.silent("POST /indexing/config", p.ok("GET /indexing/config", "")) // what was shown can be sent back
	p.show("ListIndices", "GET /indices?maxResults=500", "")
	p.show("DescribeIndex", "GET /indices/AWS_Things", "")

	p.ok("POST /thing-types/bulb", "")
	p.ok("POST /thing-groups/house", "")
	p.ok("POST /things/lamp", `{"thingTypeName":"bulb","attributePayload":{"attributes":{"watts":"7","room":"kitchen"}}}`)
	p.ok("POST /things/door", "")
	p.ok("PUT /thing-groups/addThingToThingGroup", `{"thingGroupName":"house","thingName":"lamp"}`)
	p.show("CreateDynamicThingGroup", "POST /dynamic-thing-groups/saving", `{"queryString":"attributes.watts<8","thingGroupProperties":`+
		`{"thingGroupDescription":"of <8 W","attributePayload":{"attributes":{"color":"green"}}}}`)
	p.ok("POST /dynamic-thing-groups/doors", `{"queryString":"door","indexName":"AWS_Things","queryVersion":"2017-09-30"}`)
	p.show("DescribeThingGroup_dynamic", "GET /thing-groups/saving", "")
	p.show("ListThingGroups_dynamic", "GET /thing-groups", "")
	p.show("ListThingsInThingGroup_dynamic", "GET /thing-groups/saving/things", "")
	p.show("UpdateDynamicThingGroup", "PATCH /dynamic-thing-groups/saving", `{"queryString":"attributes.watts<7","thingGroupProperties":{},"expectedVersion":1}`)
	p.show("DescribeThingGroup_dynamic_updated", "GET /thing-groups/saving", "")

	p.show("SearchIndex", "POST /indices/search", `{"queryString":"*","maxResults":100}`)
	p.show("SearchIndex_page", "POST /indices/search", `{"queryString":"*","maxResults":1,"indexName":"AWS_Things","queryVersion":"2017-09-30"}`)
	p.show("SearchIndex_none", "POST /indices/search", `{"queryString":"thingName:none"}`)
	p.silent("DELETE /dynamic-thing-groups/saving?expectedVersion=2", "")
	p.silent("DELETE /dynamic-thing-groups/saving", "") // a missing group is success
}

// TestDynamicGroupRefusals has every refusal of the operations on dynamic groups and the index once.
func TestDynamicGroupRefusals(t *testing.T) {
	p := newPlane(t)
	p.refused("POST /indices/search", `{"queryString":"*"}`, 400, "IndexNotReadyException", "Thing indexing is OFF; turn it on with UpdateIndexingConfiguration.")
	p.refused("GET /indices/AWS_Things", "", 404, notFound, "Index AWS_Things cannot be found.")
	p.refused("POST /dynamic-thing-groups/g", `{"queryString":"*"}`, 400, invalid,
		"Thing indexing is OFF; dynamic thing groups need it. Turn it on with UpdateIndexingConfiguration.")
	p.ok("POST /indexing/config", registryIndexed)
	p.things("a")
	p.ok("POST /thing-groups/static", "")
	p.ok("POST /dynamic-thing-groups/g", `{"queryString":"thingName:a"}`)
	const (
		static   = "This operation does not support dynamic thing groups. Thing group: g"
		dynamic  = "This operation supports dynamic thing groups only. Thing group: static"
		badQuery = "Unable to parse query, invalid syntax, query string: thingName:. " +
			"At character 11: expected a value, or '(' for several values, found the end of the query."
		onlyOff = " is not executed by this version: it waits for "
		nothing = ". Nothing was changed."
		things  = `{"thingIndexingConfiguration":{"thingIndexingMode":"REGISTRY",`
	)
	for _, c := range []struct {
		request, body string
		status        int
		errorType     string
		message       string
	}{
		{"POST /dynamic-thing-groups/g", `{"queryString":"*"}`, 409, "ResourceAlreadyExistsException", "Thing Group g already exists in current account with different properties"},
		{"POST /dynamic-thing-groups/h", `{"queryString":"thingName:"}`, 400, "InvalidQueryException", badQuery},
		{
			"POST /dynamic-thing-groups/h", `{"queryString":"shadow.hasDelta:true"}`, 400, "InvalidQueryException",
			"The index holds no shadow: shadow is not executed by this version.",
		},
		{"POST /dynamic-thing-groups/h", `{"queryString":"*","indexName":"other"}`, 404, notFound, "Index other cannot be found."},
		{"POST /dynamic-thing-groups/h", `{"queryString":"*","queryVersion":"1"}`, 400, invalid, "Query version 1 is not supported; it must be 2017-09-30."},
		{"POST /dynamic-thing-groups/h", `{"queryString":"*","tags":[{"Key":"k"}]}`, 400, invalid, "tags" + onlyOff + "tags" + nothing},
		{"PATCH /dynamic-thing-groups/none", `{"thingGroupProperties":{}}`, 404, notFound, "Thing group none cannot be found."},
		{"PATCH /dynamic-thing-groups/g", `{"thingGroupProperties":{},"queryString":"thingName:"}`, 400, "InvalidQueryException", badQuery},
		{"PATCH /dynamic-thing-groups/g", `{"thingGroupProperties":{},"expectedVersion":2}`, 409, conflict, "Expected version 2 but found version 1"},
		{"PATCH /dynamic-thing-groups/static", `{"thingGroupProperties":{}}`, 400, invalid, dynamic},
		{"DELETE /dynamic-thing-groups/g?expectedVersion=2", "", 409, conflict, "Expected version 2 but found version 1"},
		{"DELETE /dynamic-thing-groups/static", "", 400, invalid, dynamic},
		{"PATCH /thing-groups/g", `{"thingGroupProperties":{}}`, 400, invalid, static},
		{"DELETE /thing-groups/g", "", 400, invalid, static},
		{"POST /thing-groups/child", `{"parentGroupName":"g"}`, 400, invalid, static},
		{"PUT /thing-groups/addThingToThingGroup", `{"thingGroupName":"g","thingName":"a"}`, 400, invalid, static},
		{"PUT /thing-groups/removeThingFromThingGroup", `{"thingGroupName":"g","thingName":"a"}`, 400, invalid, static},
		{"POST /indices/search", `{"queryString":"thingName:"}`, 400, "InvalidQueryException", badQuery},
		{"POST /indices/search", `{"queryString":"*","indexName":"AWS_ThingGroups"}`, 404, notFound, "Index AWS_ThingGroups cannot be found."},
		{"POST /indices/search", `{"queryString":"*","nextToken":"garbage!"}`, 400, invalid, "Next token is invalid."},
		{"GET /indices/other", "", 404, notFound, "Index other cannot be found."},
		{"GET /indices?nextToken=x", "", 400, invalid, "Next token is invalid."},
		{
			"POST /indexing/config", `{"thingIndexingConfiguration":{"thingIndexingMode":"OFF"}}`, 400, invalid,
			"Thing indexing cannot be turned off while there are dynamic thing groups, found 1.",
		},
		{
			"POST /indexing/config", `{"thingIndexingConfiguration":{"thingIndexingMode":"REGISTRY_AND_SHADOW"}}`, 400, invalid,
			"thingIndexingConfiguration.thingIndexingMode REGISTRY_AND_SHADOW" + onlyOff + "device shadows" + nothing,
		},
		{
			"POST /indexing/config", things + `"thingConnectivityIndexingMode":"STATUS"}}`, 400, invalid,
			"thingIndexingConfiguration.thingConnectivityIndexingMode STATUS" + onlyOff + "the connectivity of things" + nothing,
		},
		{
			"POST /indexing/config", things + `"deviceDefenderIndexingMode":"VIOLATIONS"}}`, 400, invalid,
			"thingIndexingConfiguration.deviceDefenderIndexingMode VIOLATIONS" + onlyOff + "AWS IoT Device Defender" + nothing,
		},
		{
			"POST /indexing/config", things + `"namedShadowIndexingMode":"ON"}}`, 400, invalid,
			"thingIndexingConfiguration.namedShadowIndexingMode ON" + onlyOff + "device shadows" + nothing,
		},
		{
			"POST /indexing/config", things + `"filter":{"namedShadowNames":["s"]}}}`, 400, invalid,
			"thingIndexingConfiguration.filter.namedShadowNames" + onlyOff + "device shadows" + nothing,
		},
		{
			"POST /indexing/config", things + `"filter":{"geoLocations":[{"name":"s"}]}}}`, 400, invalid,
			"thingIndexingConfiguration.filter.geoLocations" + onlyOff + "device shadows" + nothing,
		},
		{
			"POST /indexing/config", things + `"customFields":[{"name":"attributes.a","type":"Number"}]}}`, 400, invalid,
			"thingIndexingConfiguration.customFields" + onlyOff + "aggregation over the index" + nothing,
		},
		{
			"POST /indexing/config", `{"thingGroupIndexingConfiguration":{"thingGroupIndexingMode":"ON"}}`, 400, invalid,
			"thingGroupIndexingConfiguration.thingGroupIndexingMode ON" + onlyOff + "an index of thing groups" + nothing,
		},
		{
			"POST /indexing/config", `{"thingGroupIndexingConfiguration":{"thingGroupIndexingMode":"OFF","customFields":[{"name":"x","type":"String"}]}}`, 400, invalid,
			"thingGroupIndexingConfiguration.customFields" + onlyOff + "an index of thing groups" + nothing,
		},
	} {
		p.refused(c.request, c.body, c.status, c.errorType, c.message)
	}
	p.refused("POST /dynamic-thing-groups/a.b", `{"indexName":"c/d","queryString":"","queryVersion":7}`, 400, invalid, violations(
		violation("'a.b'", "thingGroupName", namePattern), violation("''", "queryString", "have length greater than or equal to 1"),
		violation("'c/d'", "indexName", namePattern), violation("'7'", "queryVersion", "be a string"),
	))
	p.refused("POST /indices/search", `{"maxResults":101}`, 400, invalid, violations(
		violation("null", "queryString", "not be null"), violation("'101'", "maxResults", "have value less than or equal to 100"),
	))
	p.refused("POST /indexing/config", `{"thingIndexingConfiguration":{"managedFields":[{"name":"x","type":"String"}]}}`, 400, invalid, violations(
		violation("null", "thingIndexingConfiguration.thingIndexingMode", "not be null"),
		violation("'x'", "thingIndexingConfiguration.managedFields", "name a managed field with its type"),
	))
}
