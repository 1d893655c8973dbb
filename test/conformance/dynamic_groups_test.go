package conformance_test

import (
	"testing"
)

func TestDynamicThingGroups(t *testing.T) { play(t, dynamicGroupCases) }

// indexing is the body of UpdateIndexingConfiguration.
func indexing(mode string) Members {
	return Members{"thingIndexingConfiguration": Members{"thingIndexingMode": mode}}
}

// indexed turns the index of things on.
func indexed() []Step { return []Step{control("UpdateIndexingConfiguration", indexing("REGISTRY"))} }

// watts sets the attribute that the queries of these cases read.
func watts(thing, value string) Step {
	return control("UpdateThing", Members{"thingName": thing, "attributePayload": Members{"attributes": Members{"watts": value}, "merge": true}}).sdks()
}

// managed are the fields that AWS indexes of the registry.
var managed = List{
	exactly{"name": "thingId", "type": "String"},
	exactly{"name": "thingName", "type": "String"},
	exactly{"name": "registry.version", "type": "Number"},
	exactly{"name": "registry.thingTypeName", "type": "String"},
	exactly{"name": "registry.thingGroupNames", "type": "String"},
}

var dynamicGroupCases = []Case{
	{
		Name: "the index of things is turned on and off", // CTRL-3.3.7, CTRL-3.3.8
		Steps: []Step{
			control("GetIndexingConfiguration", Members{}).
				gives(Members{"thingIndexingConfiguration": Members{"thingIndexingMode": "OFF"}, "thingGroupIndexingConfiguration": Members{"thingGroupIndexingMode": "OFF"}}),
			control("ListIndices", Members{}).sdks().
				gives(exactly{"indexNames": List{}}),
			control("DescribeIndex", Members{"indexName": "AWS_Things"}).sdks().
				fails(404, "ResourceNotFoundException", containing("AWS_Things")),
			control("SearchIndex", Members{"queryString": "*"}).
				fails(400, "IndexNotReadyException", containing("OFF")),
			control("UpdateIndexingConfiguration", indexing("REGISTRY")).
				gives(exactly{}),
			control("GetIndexingConfiguration", Members{}).sdks().
				gives(Members{"thingIndexingConfiguration": Members{"thingIndexingMode": "REGISTRY", "managedFields": inAnyOrder(managed)}}),
			control("ListIndices", Members{}).
				gives(exactly{"indexNames": List{"AWS_Things"}}),
			control("DescribeIndex", Members{"indexName": "AWS_Things"}).
				gives(exactly{"indexName": "AWS_Things", "indexStatus": "ACTIVE", "schema": "REGISTRY"}),
			control("UpdateIndexingConfiguration", indexing("OFF")).sdks(),
			control("ListIndices", Members{}).sdks().
				gives(exactly{"indexNames": List{}}),
		},
	},
	{
		Name:  "things are searched for", // CTRL-3.3.6
		Given: given(indexed(), things("door", "lamp", "light"), group("house", "lamp"), []Step{watts("lamp", "7"), watts("light", "9")}),
		Steps: []Step{
			control("SearchIndex", Members{"queryString": "attributes.watts<8", "indexName": "AWS_Things", "queryVersion": "2017-09-30"}).
				gives(exactly{"things": List{
					exactly{"thingName": "lamp", "thingId": uuid, "thingGroupNames": List{"house"}, "attributes": exactly{"watts": "7"}},
				}}),
			control("SearchIndex", Members{"queryString": "thingName:l* AND NOT thingGroupNames:house"}).sdks().
				gives(Members{"things": List{Members{"thingName": "light"}}}),
			control("SearchIndex", Members{"queryString": "*", "maxResults": 2}).sdks().
				gives(Members{"things": List{Members{"thingName": "door"}, Members{"thingName": "lamp"}}, "nextToken": some}),
			control("SearchIndex", Members{"queryString": "thingName:("}).
				fails(400, "InvalidQueryException", containing("Unable to parse query, invalid syntax, query string: thingName:(")),
			control("SearchIndex", Members{"queryString": "*", "indexName": "none"}).sdks().
				fails(404, "ResourceNotFoundException", containing("none")),
		},
	},
	{
		Name:  "a dynamic group is created, described, changed and deleted", // CTRL-3.3.1, CTRL-3.3.3
		Given: given(indexed(), things("lamp", "light"), []Step{watts("lamp", "7"), watts("light", "9")}),
		Steps: []Step{
			control("CreateDynamicThingGroup", Members{
				"thingGroupName": "saving", "queryString": "attributes.watts<8",
				"thingGroupProperties": Members{"thingGroupDescription": "need little", "attributePayload": Members{"attributes": Members{"color": "green"}}},
			}).
				gives(exactly{
					"thingGroupName": "saving", "thingGroupArn": groupARN("saving"), "thingGroupId": uuid,
					"indexName": "AWS_Things", "queryString": "attributes.watts<8", "queryVersion": "2017-09-30",
				}),
			control("DescribeThingGroup", Members{"thingGroupName": "saving"}).
				gives(exactly{
					"thingGroupName": "saving", "thingGroupArn": groupARN("saving"), "thingGroupId": uuid, "version": 1,
					"thingGroupProperties": exactly{"thingGroupDescription": "need little", "attributePayload": exactly{"attributes": exactly{"color": "green"}}},
					"thingGroupMetadata":   exactly{"creationDate": today},
					"indexName":            "AWS_Things", "queryString": "attributes.watts<8", "queryVersion": "2017-09-30", "status": "ACTIVE",
				}),
			control("ListThingGroups", Members{}).sdks().
				gives(exactly{"thingGroups": groups("saving")}),
			control("ListThingsInThingGroup", Members{"thingGroupName": "saving"}).sdks().
				gives(exactly{"things": List{"lamp"}}),
			control("UpdateDynamicThingGroup", Members{
				"thingGroupName": "saving", "queryString": "attributes.watts<10", "thingGroupProperties": Members{}, "expectedVersion": 1,
			}).
				gives(exactly{"version": 2}),
			control("ListThingsInThingGroup", Members{"thingGroupName": "saving"}).
				gives(exactly{"things": List{"lamp", "light"}}),
			control("DescribeThingGroup", Members{"thingGroupName": "saving"}).sdks().
				gives(Members{"queryString": "attributes.watts<10", "version": 2, "status": "ACTIVE"}),
			control("UpdateIndexingConfiguration", indexing("OFF")).sdks().
				fails(400, "InvalidRequestException", containing("dynamic thing groups")),
			control("DeleteDynamicThingGroup", Members{"thingGroupName": "saving", "expectedVersion": 2}).
				gives(exactly{}),
			control("DeleteDynamicThingGroup", Members{"thingGroupName": "saving"}).sdks().gives(exactly{}), // a missing group is success
			control("ListThingGroupsForThing", Members{"thingName": "lamp"}).sdks().
				gives(exactly{"thingGroups": List{}}),
		},
	},
	{
		Name:    "a continuous job follows a dynamic group as things change",
		Clients: sdks(),
		Given: given(indexed(), things("lamp", "light"), []Step{
			watts("lamp", "7"),
			watts("light", "9"),
			control("CreateDynamicThingGroup", Members{"thingGroupName": "saving", "queryString": "attributes.watts<8"}),
		}, groupJob("update", "CONTINUOUS", "saving")),
		Steps: []Step{
			watts("light", "5"),
			device("GetPendingJobExecutions", Members{"thingName": "light"}).
				gives(Members{"queuedJobs": List{Members{"jobId": "update"}}}),
			watts("lamp", "12"),
			control("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).
				gives(Members{"execution": Members{"status": "REMOVED"}}),
		},
	},
	{
		Name:    "things join and leave dynamic groups by their queries only",
		Clients: sdks(),
		Given: given(indexed(), things("lamp"), group("house"), []Step{
			control("CreateDynamicThingGroup", Members{"thingGroupName": "all", "queryString": "*"}),
		}),
		Steps: []Step{
			control("AddThingToThingGroup", Members{"thingGroupName": "all", "thingName": "lamp"}).
				fails(400, "InvalidRequestException", containing("This operation does not support dynamic thing groups.")),
			control("RemoveThingFromThingGroup", Members{"thingGroupName": "all", "thingName": "lamp"}).
				fails(400, "InvalidRequestException", containing("This operation does not support dynamic thing groups.")),
			control("UpdateThingGroupsForThing", Members{"thingName": "lamp", "thingGroupsToAdd": List{"all"}}).
				fails(400, "InvalidRequestException", containing("This operation does not support dynamic thing groups.")),
			control("UpdateThingGroup", Members{"thingGroupName": "all", "thingGroupProperties": Members{}}).
				fails(400, "InvalidRequestException", containing("This operation does not support dynamic thing groups.")),
			control("DeleteThingGroup", Members{"thingGroupName": "all"}).
				fails(400, "InvalidRequestException", containing("This operation does not support dynamic thing groups.")),
			control("CreateThingGroup", Members{"thingGroupName": "child", "parentGroupName": "all"}).
				fails(400, "InvalidRequestException", nil),
			control("DeleteDynamicThingGroup", Members{"thingGroupName": "house"}).
				fails(400, "InvalidRequestException", nil),
			control("AddThingToThingGroup", Members{"thingGroupName": "house", "thingName": "lamp", "overrideDynamicGroups": true}),
			control("ListThingGroupsForThing", Members{"thingName": "lamp"}).
				gives(exactly{"thingGroups": inAnyOrder(groups("all", "house"))}),
		},
	},
	{
		Name:    "what is wrong, with dynamic groups and the index",
		Clients: sdks(),
		Given: given(indexed(), []Step{
			control("CreateDynamicThingGroup", Members{"thingGroupName": "all", "queryString": "*"}).keeps("id", "thingGroupId"),
		}),
		Steps: []Step{
			control("CreateDynamicThingGroup", Members{"thingGroupName": "all", "queryString": "*"}).
				gives(Members{"thingGroupId": Kept("id")}),
			control("CreateDynamicThingGroup", Members{"thingGroupName": "all", "queryString": "lamp"}).
				fails(409, "ResourceAlreadyExistsException", containing("all")).
				naming(Members{"resourceId": Kept("id"), "resourceArn": groupARN("all")}),
			control("CreateDynamicThingGroup", Members{"thingGroupName": "has.dot", "queryString": "*"}).
				fails(400, "InvalidRequestException", oneViolation("has.dot", "thingGroupName", thingPattern)),
			control("CreateDynamicThingGroup", Members{"thingGroupName": "new", "queryString": "*", "indexName": "none"}).
				fails(404, "ResourceNotFoundException", containing("none")),
			control("CreateDynamicThingGroup", Members{"thingGroupName": "new", "queryString": "thingName:("}).
				fails(400, "InvalidQueryException", containing("invalid syntax")),
			control("UpdateDynamicThingGroup", Members{"thingGroupName": "all", "thingGroupProperties": Members{}, "queryString": "thingName:("}).
				fails(400, "InvalidQueryException", containing("invalid syntax")),
			control("UpdateDynamicThingGroup", Members{"thingGroupName": "all", "thingGroupProperties": Members{}, "expectedVersion": 3}).
				fails(409, "VersionConflictException", "Expected version 3 but found version 1"),
			control("UpdateDynamicThingGroup", Members{"thingGroupName": "none", "thingGroupProperties": Members{}}).
				fails(404, "ResourceNotFoundException", containing("none")),
			control("UpdateDynamicThingGroup", Members{"thingGroupName": "has.dot", "thingGroupProperties": Members{}}).
				fails(400, "InvalidRequestException", oneViolation("has.dot", "thingGroupName", thingPattern)),
			control("DeleteDynamicThingGroup", Members{"thingGroupName": "all", "expectedVersion": 3}).
				fails(409, "VersionConflictException", "Expected version 3 but found version 1"),
			control("DeleteDynamicThingGroup", Members{"thingGroupName": "has.dot"}).
				fails(400, "InvalidRequestException", oneViolation("has.dot", "thingGroupName", thingPattern)),
			control("SearchIndex", Members{"queryString": "*", "maxResults": 101}).fails(400, "InvalidRequestException", nil),
			control("DescribeIndex", Members{"indexName": "has.dot"}).
				fails(400, "InvalidRequestException", oneViolation("has.dot", "indexName", thingPattern)),
			control("ListIndices", Members{"maxResults": 501}).fails(400, "InvalidRequestException", nil),
			control("UpdateIndexingConfiguration", indexing("REGISTRY_AND_SHADOW")).
				fails(400, "InvalidRequestException", containing("REGISTRY_AND_SHADOW is not executed by this version")),
		},
	},
}
