package conformance_test

import (
	"testing"
)

func TestPrincipals(t *testing.T) { play(t, principalCases) }

const exclusiveTypes = "satisfy enum value set: [EXCLUSIVE_THING, NON_EXCLUSIVE_THING]"

var principalCases = []Case{
	{
		Name:  "a certificate is attached to things, listed from both sides and detached",
		Given: given(things("lamp", "door"), issued()),
		Steps: []Step{
			control("AttachThingPrincipal", Members{"thingName": "lamp", "principal": Kept("arn")}).gives(exactly{}),
			control("AttachThingPrincipal", Members{"thingName": "door", "principal": Kept("arn")}).gives(exactly{}),
			control("ListThingPrincipals", Members{"thingName": "lamp"}).gives(exactly{"principals": List{Kept("arn")}}),
			control("ListThingPrincipalsV2", Members{"thingName": "lamp"}).
				gives(exactly{"thingPrincipalObjects": List{exactly{"principal": Kept("arn"), "thingPrincipalType": "NON_EXCLUSIVE_THING"}}}),
			control("ListPrincipalThings", Members{"principal": Kept("arn")}).gives(exactly{"things": List{"door", "lamp"}}),
			control("ListPrincipalThingsV2", Members{"principal": Kept("arn")}).
				gives(exactly{"principalThingObjects": List{
					exactly{"thingName": "door", "thingPrincipalType": "NON_EXCLUSIVE_THING"}, exactly{"thingName": "lamp", "thingPrincipalType": "NON_EXCLUSIVE_THING"},
				}}),
			control("ListPrincipalThings", Members{"principal": Kept("arn"), "maxResults": 1}).sdks().
				gives(exactly{"things": List{"door"}, "nextToken": some}).keeps("rest", "nextToken"),
			control("ListPrincipalThings", Members{"principal": Kept("arn"), "maxResults": 1, "nextToken": Kept("rest")}).sdks().gives(exactly{"things": List{"lamp"}}),
			control("DeleteThing", Members{"thingName": "lamp"}).sdks().fails(400, "InvalidRequestException", containing("still attached")),
			control("DetachThingPrincipal", Members{"thingName": "lamp", "principal": Kept("arn")}).gives(exactly{}),
			control("ListThingPrincipals", Members{"thingName": "lamp"}).sdks().gives(exactly{"principals": List{}}),
			control("DeleteThing", Members{"thingName": "lamp"}).sdks().gives(exactly{}),
		},
	},
	{
		Name:    "a thing may have a certificate for itself",
		Clients: sdks(),
		Given:   given(things("lamp", "door"), issued()),
		Steps: []Step{
			control("AttachThingPrincipal", Members{"thingName": "lamp", "principal": Kept("arn"), "thingPrincipalType": "EXCLUSIVE_THING"}).gives(exactly{}),
			control("AttachThingPrincipal", Members{"thingName": "door", "principal": Kept("arn")}).
				fails(400, "InvalidRequestException", containing("lamp", "door")),
			control("ListThingPrincipalsV2", Members{"thingName": "lamp", "thingPrincipalType": "EXCLUSIVE_THING"}).
				gives(exactly{"thingPrincipalObjects": List{exactly{"principal": Kept("arn"), "thingPrincipalType": "EXCLUSIVE_THING"}}}),
			control("ListPrincipalThingsV2", Members{"principal": Kept("arn"), "thingPrincipalType": "NON_EXCLUSIVE_THING"}).
				gives(exactly{"principalThingObjects": List{}}),
		},
	},
	{
		Name:    "malformed requests on principals, and on those that are not there",
		Clients: sdks(),
		Given:   given(things("lamp"), issued()),
		Steps: []Step{
			control("AttachThingPrincipal", Members{"thingName": "has.dot", "principal": foreignARN}).
				fails(400, "InvalidRequestException", containing("'thingName'", thingPattern)),
			control("DetachThingPrincipal", Members{"thingName": "has.dot", "principal": foreignARN}).
				fails(400, "InvalidRequestException", containing("'thingName'", thingPattern)),
			control("ListThingPrincipals", Members{"thingName": "has.dot"}).
				fails(400, "InvalidRequestException", oneViolation("has.dot", "thingName", thingPattern)),
			control("ListThingPrincipalsV2", Members{"thingName": "lamp", "thingPrincipalType": "SHARED"}).
				fails(400, "InvalidRequestException", oneViolation("SHARED", "thingPrincipalType", exclusiveTypes)),
			control("ListPrincipalThings", Members{"principal": Kept("arn"), "maxResults": 251}).
				fails(400, "InvalidRequestException", oneViolation("251", "maxResults", pagePattern)),
			control("ListPrincipalThingsV2", Members{"principal": Kept("arn"), "thingPrincipalType": "SHARED"}).
				fails(400, "InvalidRequestException", oneViolation("SHARED", "thingPrincipalType", exclusiveTypes)),
			control("AttachThingPrincipal", Members{"thingName": "door", "principal": Kept("arn")}).fails(404, "ResourceNotFoundException", containing("door")),
			control("AttachThingPrincipal", Members{"thingName": "lamp", "principal": certARN(noID)}).fails(404, "ResourceNotFoundException", containing(noID)),
			control("DetachThingPrincipal", Members{"thingName": "lamp", "principal": foreignARN}).fails(404, "ResourceNotFoundException", containing(noID)),
			control("ListThingPrincipals", Members{"thingName": "door"}).fails(404, "ResourceNotFoundException", containing("door")),
			control("ListThingPrincipalsV2", Members{"thingName": "door"}).fails(404, "ResourceNotFoundException", containing("door")),
			control("ListPrincipalThings", Members{"principal": foreignARN}).fails(404, "ResourceNotFoundException", containing(noID)),
			control("ListPrincipalThingsV2", Members{"principal": foreignARN}).fails(404, "ResourceNotFoundException", containing(noID)),
		},
	},
}
