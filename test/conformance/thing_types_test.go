package conformance_test

import (
	"testing"
)

func TestThingTypes(t *testing.T) { play(t, thingTypeCases) }

var thingTypeCases = []Case{
	{
		Name:   "a thing type is created, given to a thing, deprecated and deleted", // CTRL-3.1
		Server: virtualClock(),
		Steps: []Step{
			control("CreateThingType", Members{"thingTypeName": "bulb", "thingTypeProperties": Members{"thingTypeDescription": "shines", "searchableAttributes": List{"color"}}}).
				gives(exactly{"thingTypeName": "bulb", "thingTypeArn": typeARN("bulb"), "thingTypeId": uuid}).
				keeps("id", "thingTypeId"),
			control("DescribeThingType", Members{"thingTypeName": "bulb"}).
				gives(exactly{
					"thingTypeName": "bulb", "thingTypeArn": typeARN("bulb"), "thingTypeId": Kept("id"),
					"thingTypeProperties": exactly{"thingTypeDescription": "shines", "searchableAttributes": List{"color"}},
					"thingTypeMetadata":   exactly{"deprecated": false, "creationDate": today},
				}),
			control("CreateThing", Members{"thingName": "lamp", "thingTypeName": "bulb"}).sdks(),
			control("DescribeThing", Members{"thingName": "lamp"}).sdks().gives(Members{"thingTypeName": "bulb"}),
			control("DeprecateThingType", Members{"thingTypeName": "bulb"}).gives(exactly{}),
			control("DescribeThingType", Members{"thingTypeName": "bulb"}).sdks().
				gives(Members{"thingTypeMetadata": exactly{"deprecated": true, "deprecationDate": today, "creationDate": today}}),
			control("CreateThing", Members{"thingName": "door", "thingTypeName": "bulb"}).sdks().
				fails(400, "InvalidRequestException", "Can not create new thing with depreated thing type:bulb"), // the typing error is AWS's
			control("DeleteThingType", Members{"thingTypeName": "bulb"}).sdks().
				fails(400, "InvalidRequestException", containing("5 minutes")),
			later("5m"),
			control("DeleteThingType", Members{"thingTypeName": "bulb"}).sdks().
				fails(400, "InvalidRequestException", nil), // the lamp still has it
			control("UpdateThing", Members{"thingName": "lamp", "removeThingType": true}).sdks(),
			control("DescribeThing", Members{"thingName": "lamp"}).sdks().gives(Members{"thingTypeName": absent, "version": 2}),
			control("DeleteThing", Members{"thingName": "lamp"}).sdks(),
			control("DeleteThingType", Members{"thingTypeName": "bulb"}).gives(exactly{}),
			control("DescribeThingType", Members{"thingTypeName": "bulb"}).sdks().fails(404, "ResourceNotFoundException", containing("bulb")),
		},
	},
	{
		Name:    "creating a type again succeeds with the same properties only",
		Clients: sdks(),
		Steps: []Step{
			control("CreateThingType", Members{"thingTypeName": "bulb", "thingTypeProperties": Members{"thingTypeDescription": "shines"}}).
				keeps("id", "thingTypeId"),
			control("CreateThingType", Members{"thingTypeName": "bulb", "thingTypeProperties": Members{"thingTypeDescription": "shines"}}).
				gives(Members{"thingTypeId": Kept("id")}),
			control("CreateThingType", Members{"thingTypeName": "bulb", "thingTypeProperties": Members{"thingTypeDescription": "glows"}}).
				fails(409, "ResourceAlreadyExistsException", containing("bulb")).
				naming(Members{"resourceId": Kept("id"), "resourceArn": typeARN("bulb")}),
		},
	},
	{
		Name:    "a deprecation is taken back",
		Clients: sdks(),
		Given: []Step{
			control("CreateThingType", Members{"thingTypeName": "bulb"}),
			control("DeprecateThingType", Members{"thingTypeName": "bulb"}),
		},
		Steps: []Step{
			control("DeprecateThingType", Members{"thingTypeName": "bulb", "undoDeprecate": true}),
			control("DescribeThingType", Members{"thingTypeName": "bulb"}).
				gives(Members{"thingTypeMetadata": exactly{"deprecated": false, "creationDate": today}}),
			control("DeleteThingType", Members{"thingTypeName": "bulb"}).
				fails(400, "InvalidRequestException", nil),
			control("CreateThing", Members{"thingName": "lamp", "thingTypeName": "bulb"}),
		},
	},
	{
		Name: "types are listed, and things by their type",
		Given: []Step{
			control("CreateThingType", Members{"thingTypeName": "bulb"}),
			control("CreateThingType", Members{"thingTypeName": "lock", "thingTypeProperties": Members{"thingTypeDescription": "locks"}}),
			control("CreateThing", Members{"thingName": "lamp", "thingTypeName": "bulb"}),
			control("CreateThing", Members{"thingName": "door", "thingTypeName": "lock"}),
		},
		Steps: []Step{
			control("ListThingTypes", Members{}).
				gives(exactly{"thingTypes": List{
					Members{"thingTypeName": "bulb"},
					exactly{
						"thingTypeName": "lock", "thingTypeArn": typeARN("lock"), "thingTypeProperties": exactly{"thingTypeDescription": "locks"},
						"thingTypeMetadata": exactly{"deprecated": false, "creationDate": today},
					},
				}}),
			control("ListThingTypes", Members{"thingTypeName": "bulb"}).sdks().
				gives(exactly{"thingTypes": List{Members{"thingTypeName": "bulb"}}}),
			control("ListThingTypes", Members{}).paged(1).sdks().
				gives(exactly{"thingTypes": List{Members{"thingTypeName": "bulb"}, Members{"thingTypeName": "lock"}}}),
			control("ListThings", Members{"thingTypeName": "lock"}).sdks().
				gives(exactly{"things": List{Members{"thingName": "door", "thingTypeName": "lock"}}}),
		},
	},
	{
		Name:    "what is malformed or not there, with types",
		Clients: sdks(),
		Steps: []Step{
			control("CreateThingType", Members{"thingTypeName": "has.dot"}).fails(400, "InvalidRequestException", oneViolation("has.dot", "thingTypeName", thingPattern)),
			control("DescribeThingType", Members{"thingTypeName": "has.dot"}).fails(400, "InvalidRequestException", oneViolation("has.dot", "thingTypeName", thingPattern)),
			control("DeprecateThingType", Members{"thingTypeName": "has.dot"}).fails(400, "InvalidRequestException", oneViolation("has.dot", "thingTypeName", thingPattern)),
			control("DeleteThingType", Members{"thingTypeName": "has.dot"}).fails(400, "InvalidRequestException", oneViolation("has.dot", "thingTypeName", thingPattern)),
			control("ListThingTypes", Members{"maxResults": 251}).fails(400, "InvalidRequestException", oneViolation("251", "maxResults", tooMany)),
			control("DescribeThingType", Members{"thingTypeName": "bulb"}).fails(404, "ResourceNotFoundException", containing("bulb")),
			control("DeprecateThingType", Members{"thingTypeName": "bulb"}).fails(404, "ResourceNotFoundException", containing("bulb")),
			control("DeleteThingType", Members{"thingTypeName": "bulb"}).fails(404, "ResourceNotFoundException", containing("bulb")),
			control("CreateThing", Members{"thingName": "lamp", "thingTypeName": "bulb"}).fails(404, "ResourceNotFoundException", containing("bulb")),
			control("DescribeThing", Members{"thingName": "lamp"}).fails(404, "ResourceNotFoundException", nil),
		},
	},
}
