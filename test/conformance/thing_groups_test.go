package conformance_test

import (
	"testing"
)

func TestThingGroups(t *testing.T) { play(t, thingGroupCases) }

// groups are entries of the lists of groups.
func groups(names ...string) List {
	list := make(List, len(names))
	for i, name := range names {
		list[i] = exactly{"groupName": name, "groupArn": groupARN(name)}
	}
	return list
}

var thingGroupCases = []Case{
	{
		Name: "a group is created, described, changed and deleted", // CTRL-3.2
		Steps: []Step{
			control("CreateThingGroup", Members{"thingGroupName": "house"}).
				gives(exactly{"thingGroupName": "house", "thingGroupArn": groupARN("house"), "thingGroupId": uuid}),
			control("CreateThingGroup", Members{
				"thingGroupName": "kitchen", "parentGroupName": "house",
				"thingGroupProperties": Members{"thingGroupDescription": "where it is warm", "attributePayload": Members{"attributes": Members{"floor": "1"}}},
			}).keeps("id", "thingGroupId"),
			control("DescribeThingGroup", Members{"thingGroupName": "kitchen"}).
				gives(exactly{
					"thingGroupName": "kitchen", "thingGroupArn": groupARN("kitchen"), "thingGroupId": Kept("id"), "version": 1,
					"thingGroupProperties": exactly{"thingGroupDescription": "where it is warm", "attributePayload": exactly{"attributes": exactly{"floor": "1"}}},
					"thingGroupMetadata":   exactly{"parentGroupName": "house", "rootToParentThingGroups": groups("house"), "creationDate": today},
				}),
			control("UpdateThingGroup", Members{
				"thingGroupName": "kitchen", "expectedVersion": 1,
				"thingGroupProperties": Members{"thingGroupDescription": "where it is cold", "attributePayload": Members{"attributes": Members{"wall": "white"}, "merge": true}},
			}).
				gives(exactly{"version": 2}),
			control("DescribeThingGroup", Members{"thingGroupName": "kitchen"}).sdks().
				gives(Members{"version": 2, "thingGroupProperties": exactly{
					"thingGroupDescription": "where it is cold", "attributePayload": exactly{"attributes": exactly{"floor": "1", "wall": "white"}},
				}}),
			control("DeleteThingGroup", Members{"thingGroupName": "house"}).sdks().
				fails(400, "InvalidRequestException", "Cannot delete thing group : house when there are still child groups attached to it"),
			control("DeleteThingGroup", Members{"thingGroupName": "kitchen", "expectedVersion": 2}).gives(exactly{}),
			control("DescribeThingGroup", Members{"thingGroupName": "kitchen"}).
				fails(404, "ResourceNotFoundException", containing("kitchen")),
			control("DeleteThingGroup", Members{"thingGroupName": "kitchen"}).sdks().gives(exactly{}), // a missing group is success
		},
	},
	{
		Name:    "creating a group again succeeds with the same properties only",
		Clients: sdks(),
		Steps: []Step{
			control("CreateThingGroup", Members{"thingGroupName": "house", "thingGroupProperties": Members{"thingGroupDescription": "old"}}).
				keeps("id", "thingGroupId"),
			control("CreateThingGroup", Members{"thingGroupName": "house", "thingGroupProperties": Members{"thingGroupDescription": "old"}}).
				gives(Members{"thingGroupId": Kept("id")}),
			control("CreateThingGroup", Members{"thingGroupName": "house", "thingGroupProperties": Members{"thingGroupDescription": "new"}}).
				fails(409, "ResourceAlreadyExistsException", containing("house")).
				naming(Members{"resourceId": Kept("id"), "resourceArn": groupARN("house")}),
		},
	},
	{
		Name:    "a change of a group that expects another version is refused",
		Clients: sdks(),
		Given:   given(group("house")),
		Steps: []Step{
			control("UpdateThingGroup", Members{"thingGroupName": "house", "thingGroupProperties": Members{}, "expectedVersion": 3}).
				fails(409, "VersionConflictException", "Expected version 3 but found version 1"),
			control("DeleteThingGroup", Members{"thingGroupName": "house", "expectedVersion": 3}).
				fails(409, "VersionConflictException", "Expected version 3 but found version 1"),
		},
	},
	{
		Name: "groups are listed: all, below a group, or by the beginning of their names",
		Given: given(group("attic"), group("house"), []Step{
			control("CreateThingGroup", Members{"thingGroupName": "kitchen", "parentGroupName": "house"}),
			control("CreateThingGroup", Members{"thingGroupName": "kitchen-wall", "parentGroupName": "kitchen"}),
		}),
		Steps: []Step{
			control("ListThingGroups", Members{}).
				gives(exactly{"thingGroups": groups("attic", "house", "kitchen", "kitchen-wall")}),
			control("ListThingGroups", Members{"parentGroup": "house"}).sdks().
				gives(exactly{"thingGroups": groups("kitchen")}),
			control("ListThingGroups", Members{"parentGroup": "house", "recursive": true}).sdks().
				gives(exactly{"thingGroups": groups("kitchen", "kitchen-wall")}),
			control("ListThingGroups", Members{"namePrefixFilter": "kit"}).sdks().
				gives(exactly{"thingGroups": groups("kitchen", "kitchen-wall")}),
			control("ListThingGroups", Members{"maxResults": 3}).sdks().
				gives(exactly{"thingGroups": groups("attic", "house", "kitchen"), "nextToken": some}),
			control("ListThingGroups", Members{}).paged(3).sdks().
				gives(exactly{"thingGroups": groups("attic", "house", "kitchen", "kitchen-wall")}),
		},
	},
	{
		Name: "things join and leave groups",
		Given: given(things("door", "lamp"), group("house"), group("shining"), []Step{
			control("CreateThingGroup", Members{"thingGroupName": "kitchen", "parentGroupName": "house"}),
		}),
		Steps: []Step{
			control("AddThingToThingGroup", Members{"thingGroupName": "house", "thingName": "door"}).
				gives(exactly{}),
			control("AddThingToThingGroup", Members{"thingGroupArn": groupARN("kitchen"), "thingArn": thingARN("lamp")}).sdks().
				gives(exactly{}),
			control("UpdateThingGroupsForThing", Members{"thingName": "lamp", "thingGroupsToAdd": List{"kitchen", "shining"}}).
				gives(exactly{}),
			control("ListThingsInThingGroup", Members{"thingGroupName": "house"}).sdks().
				gives(exactly{"things": List{"door"}}),
			control("ListThingsInThingGroup", Members{"thingGroupName": "house", "recursive": true}).
				gives(exactly{"things": List{"door", "lamp"}}),
			control("ListThingsInThingGroup", Members{"thingGroupName": "house", "recursive": true}).paged(1).sdks().
				gives(exactly{"things": List{"door", "lamp"}}),
			control("ListThingGroupsForThing", Members{"thingName": "lamp"}).
				gives(exactly{"thingGroups": inAnyOrder(groups("kitchen", "shining"))}),
			control("ListThingGroupsForThing", Members{"thingName": "lamp"}).paged(1).sdks().
				gives(exactly{"thingGroups": inAnyOrder(groups("kitchen", "shining"))}),
			control("RemoveThingFromThingGroup", Members{"thingGroupName": "kitchen", "thingName": "lamp"}).
				gives(exactly{}),
			control("UpdateThingGroupsForThing", Members{"thingName": "lamp", "thingGroupsToAdd": List{"house"}, "thingGroupsToRemove": List{"shining"}}).sdks(),
			control("ListThingGroupsForThing", Members{"thingName": "lamp"}).sdks().
				gives(exactly{"thingGroups": groups("house")}),
		},
	},
	{
		Name:    "a thing is in one group of a hierarchy only",
		Clients: sdks(),
		Given: given(things("lamp"), group("house", "lamp"), []Step{
			control("CreateThingGroup", Members{"thingGroupName": "kitchen", "parentGroupName": "house"}),
		}),
		Steps: []Step{
			control("AddThingToThingGroup", Members{"thingGroupName": "kitchen", "thingName": "lamp"}).
				fails(400, "InvalidRequestException", nil),
			control("UpdateThingGroupsForThing", Members{"thingName": "lamp", "thingGroupsToAdd": List{"kitchen"}}).
				fails(400, "InvalidRequestException", nil),
			control("ListThingGroupsForThing", Members{"thingName": "lamp"}).
				gives(exactly{"thingGroups": groups("house")}),
		},
	},
	{
		Name:    "a group that is deleted loses its things, and a thing that is deleted leaves its groups",
		Clients: sdks(),
		Given:   given(things("lamp", "door"), group("house", "lamp", "door"), group("shining", "lamp")),
		Steps: []Step{
			control("DeleteThingGroup", Members{"thingGroupName": "house"}),
			control("ListThingGroupsForThing", Members{"thingName": "lamp"}).
				gives(exactly{"thingGroups": groups("shining")}),
			control("ListThingGroupsForThing", Members{"thingName": "door"}).
				gives(exactly{"thingGroups": List{}}),
			control("DeleteThing", Members{"thingName": "lamp"}),
			control("ListThingsInThingGroup", Members{"thingGroupName": "shining"}).
				gives(exactly{"things": List{}}),
		},
	},
	{
		Name:    "what is malformed, with groups",
		Clients: sdks(),
		Steps: []Step{
			control("CreateThingGroup", Members{"thingGroupName": "has.dot"}).fails(400, "InvalidRequestException", oneViolation("has.dot", "thingGroupName", thingPattern)),
			control("DescribeThingGroup", Members{"thingGroupName": "has.dot"}).fails(400, "InvalidRequestException", oneViolation("has.dot", "thingGroupName", thingPattern)),
			control("UpdateThingGroup", Members{"thingGroupName": "has.dot", "thingGroupProperties": Members{}}).
				fails(400, "InvalidRequestException", oneViolation("has.dot", "thingGroupName", thingPattern)),
			control("ListThingGroups", Members{"maxResults": 251}).fails(400, "InvalidRequestException", oneViolation("251", "maxResults", tooMany)),
			control("AddThingToThingGroup", Members{"thingGroupName": "has.dot", "thingName": "lamp"}).
				fails(400, "InvalidRequestException", oneViolation("has.dot", "thingGroupName", thingPattern)),
			control("RemoveThingFromThingGroup", Members{"thingGroupName": "house"}).fails(400, "InvalidRequestException", nil),
			control("UpdateThingGroupsForThing", Members{"thingName": "has.dot"}).fails(400, "InvalidRequestException", oneViolation("has.dot", "thingName", thingPattern)),
			control("ListThingsInThingGroup", Members{"thingGroupName": "has.dot"}).fails(400, "InvalidRequestException", oneViolation("has.dot", "thingGroupName", thingPattern)),
			control("ListThingGroupsForThing", Members{"thingName": "has.dot"}).fails(400, "InvalidRequestException", oneViolation("has.dot", "thingName", thingPattern)),
		},
	},
	{
		Name:    "what is not there, with groups",
		Clients: sdks(),
		Given:   given(things("lamp"), group("house")),
		Steps: []Step{
			control("CreateThingGroup", Members{"thingGroupName": "new", "parentGroupName": "none"}).fails(404, "ResourceNotFoundException", containing("none")),
			control("UpdateThingGroup", Members{"thingGroupName": "none", "thingGroupProperties": Members{}}).fails(404, "ResourceNotFoundException", containing("none")),
			control("ListThingGroups", Members{"parentGroup": "none"}).fails(404, "ResourceNotFoundException", containing("none")),
			control("AddThingToThingGroup", Members{"thingGroupName": "none", "thingName": "lamp"}).fails(404, "ResourceNotFoundException", containing("none")),
			control("AddThingToThingGroup", Members{"thingGroupName": "house", "thingName": "none"}).fails(404, "ResourceNotFoundException", containing("none")),
			control("RemoveThingFromThingGroup", Members{"thingGroupName": "none", "thingName": "lamp"}).fails(404, "ResourceNotFoundException", containing("none")),
			control("UpdateThingGroupsForThing", Members{"thingName": "none", "thingGroupsToAdd": List{"house"}}).fails(404, "ResourceNotFoundException", containing("none")),
			control("ListThingsInThingGroup", Members{"thingGroupName": "none"}).fails(404, "ResourceNotFoundException", containing("none")),
			control("ListThingGroupsForThing", Members{"thingName": "none"}).fails(404, "ResourceNotFoundException", containing("none")),
		},
	},
}
