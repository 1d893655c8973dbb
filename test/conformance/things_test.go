package conformance_test

import (
	"testing"
)

func TestThings(t *testing.T) { play(t, thingCases) }

var thingCases = []Case{
	{
		Name: "a thing is created, described, changed and deleted",
		Steps: []Step{
			control("CreateThing", Members{"thingName": "lamp", "attributePayload": Members{"attributes": Members{"site": "berlin", "floor": "2"}}}).
				gives(exactly{"thingName": "lamp", "thingArn": thingARN("lamp"), "thingId": uuid}).
				keeps("id", "thingId"),
			control("DescribeThing", Members{"thingName": "lamp"}).
				gives(exactly{
					"thingName": "lamp", "thingArn": thingARN("lamp"), "thingId": Kept("id"), "defaultClientId": "lamp",
					"attributes": exactly{"site": "berlin", "floor": "2"}, "version": 1,
				}),
			control("UpdateThing", Members{"thingName": "lamp", "attributePayload": Members{"attributes": Members{"site": "kiel"}, "merge": true}, "expectedVersion": 1}).
				gives(exactly{}),
			control("DescribeThing", Members{"thingName": "lamp"}).sdks().
				gives(Members{"attributes": exactly{"site": "kiel", "floor": "2"}, "version": 2}),
			control("DeleteThing", Members{"thingName": "lamp", "expectedVersion": 2}).
				gives(exactly{}),
			control("DescribeThing", Members{"thingName": "lamp"}).
				fails(404, "ResourceNotFoundException", nil),
		},
	},
	{
		Name:    "attributes are merged or replaced, and an empty value removes one",
		Clients: sdks(),
		Given:   given(things("lamp")),
		Steps: []Step{
			control("UpdateThing", Members{"thingName": "lamp", "attributePayload": Members{"attributes": Members{"site": "kiel", "floor": "2"}}}),
			control("UpdateThing", Members{"thingName": "lamp", "attributePayload": Members{"attributes": Members{"site": ""}, "merge": true}}),
			control("DescribeThing", Members{"thingName": "lamp"}).
				gives(Members{"attributes": exactly{"floor": "2"}, "version": 3}),
			control("UpdateThing", Members{"thingName": "lamp", "attributePayload": Members{"attributes": Members{"room": "12"}, "merge": false}}),
			control("DescribeThing", Members{"thingName": "lamp"}).
				gives(Members{"attributes": exactly{"room": "12"}, "version": 4}),
		},
	},
	{
		Name: "creating a thing again succeeds with the same attributes only",
		Steps: []Step{
			control("CreateThing", Members{"thingName": "lamp", "attributePayload": Members{"attributes": Members{"site": "kiel"}}}).
				keeps("id", "thingId"),
			control("CreateThing", Members{"thingName": "lamp", "attributePayload": Members{"attributes": Members{"site": "kiel"}}}).sdks().
				gives(exactly{"thingName": "lamp", "thingArn": thingARN("lamp"), "thingId": Kept("id")}),
			control("CreateThing", Members{"thingName": "lamp", "attributePayload": Members{"attributes": Members{"site": "bonn"}}}).
				fails(409, "ResourceAlreadyExistsException", containing("lamp")).
				naming(Members{"resourceId": Kept("id"), "resourceArn": thingARN("lamp")}),
			control("DescribeThing", Members{"thingName": "lamp"}).sdks().
				gives(Members{"attributes": exactly{"site": "kiel"}, "version": 1}),
		},
	},
	{
		Name:    "deleting a thing that is not there succeeds",
		Clients: sdks(),
		Steps: []Step{
			control("DeleteThing", Members{"thingName": "lamp"}).gives(exactly{}),
		},
	},
	{
		Name: "a change that expects another version is refused",
		Given: given(things("lamp"), []Step{
			control("UpdateThing", Members{"thingName": "lamp", "attributePayload": Members{"attributes": Members{"site": "kiel"}}}),
		}),
		Steps: []Step{
			control("UpdateThing", Members{"thingName": "lamp", "expectedVersion": 1}).
				fails(409, "VersionConflictException", "Expected version 1 but found version 2"),
			control("DeleteThing", Members{"thingName": "lamp", "expectedVersion": 3}).sdks().
				fails(409, "VersionConflictException", "Expected version 3 but found version 2"),
			control("DescribeThing", Members{"thingName": "lamp"}).sdks().
				gives(Members{"version": 2}),
		},
	},
	{
		Name: "things are listed, all or by an attribute",
		Given: []Step{
			control("CreateThing", Members{"thingName": "lamp-1", "attributePayload": Members{"attributes": Members{"site": "berlin"}}}),
			control("CreateThing", Members{"thingName": "lamp-2", "attributePayload": Members{"attributes": Members{"site": "bern"}}}),
			control("CreateThing", Members{"thingName": "lamp-3"}),
		},
		Steps: []Step{
			control("ListThings", Members{}).
				gives(exactly{"things": List{
					exactly{"thingName": "lamp-1", "thingArn": thingARN("lamp-1"), "attributes": exactly{"site": "berlin"}, "version": 1},
					exactly{"thingName": "lamp-2", "thingArn": thingARN("lamp-2"), "attributes": exactly{"site": "bern"}, "version": 1},
					exactly{"thingName": "lamp-3", "thingArn": thingARN("lamp-3"), "attributes": exactly{}, "version": 1},
				}}),
			control("ListThings", Members{"attributeName": "site", "attributeValue": "bern"}).
				gives(exactly{"things": List{Members{"thingName": "lamp-2"}}}),
			control("ListThings", Members{"attributeName": "site", "attributeValue": "ber", "usePrefixAttributeValue": true}).sdks().
				gives(exactly{"things": List{Members{"thingName": "lamp-1"}, Members{"thingName": "lamp-2"}}}),
			control("ListThings", Members{"attributeName": "site", "attributeValue": "ber"}).sdks().
				gives(exactly{"things": List{}}),
		},
	},
	{
		Name:  "a thing may be called jobs, and have colons in its name", // HTTP-1.8, HTTP-1.9
		Given: given(things("jobs", "hall:lamp")),
		Steps: []Step{
			control("DescribeThing", Members{"thingName": "jobs"}).sdks().
				gives(Members{"thingName": "jobs", "thingArn": thingARN("jobs")}),
			control("DescribeThing", Members{"thingName": "hall:lamp"}).sdks().
				gives(Members{"thingName": "hall:lamp", "thingArn": thingARN("hall:lamp")}),
			device("GetPendingJobExecutions", Members{"thingName": "jobs"}).
				gives(exactly{"inProgressJobs": List{}, "queuedJobs": List{}}),
			device("GetPendingJobExecutions", Members{"thingName": "hall:lamp"}).
				gives(exactly{"inProgressJobs": List{}, "queuedJobs": List{}}),
		},
	},
}
