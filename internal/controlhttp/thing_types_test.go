package controlhttp_test

import (
	"strings"
	"testing"
	"time"
)

// TestThingTypeDocuments pins the documents of thing types, and the type in those of things.
func TestThingTypeDocuments(t *testing.T) {
	p := newPlane(t)
	bulb := `{"thingTypeProperties":{"thingTypeDescription":"gives <light>","searchableAttributes":["watt","color"],"mqtt5Configuration":null}}`
	p.show("CreateThingType", "POST /thing-types/bulb%3A1", bulb)
	p.show("CreateThingType", "POST /thing-types/bulb:1", bulb) // again is success
	p.ok("POST /thing-types/bare", "")
	p.show("DescribeThingType", "GET /thing-types/bulb:1", "")
	p.show("ListThingTypes", "GET /thing-types?maxResults=1", "")
	p.show("ListThingTypes_name", "GET /thing-types?thingTypeName=bulb:1", "")
	p.show("ListThingTypes_none", "GET /thing-types?thingTypeName=none", "")

	p.ok("POST /things/a", `{"thingTypeName":"bulb:1"}`)
	p.ok("POST /things/b", "")
	p.ok("PATCH /things/b", `{"thingTypeName":"bare"}`)
	p.show("DescribeThing_type", "GET /things/a", "")
	p.show("ListThings_type", "GET /things?thingTypeName=bare", "")
	p.silent("PATCH /things/b", `{"removeThingType":true,"expectedVersion":2}`)

	p.silent("POST /thing-types/bare/deprecate", "")
	p.show("DescribeThingType_deprecated", "GET /thing-types/bare", "")
	p.silent("POST /thing-types/bare/deprecate", `{"undoDeprecate":true}`)
	if got := p.ok("GET /thing-types/bare", ""); !strings.Contains(got, `{"deprecated":false,"deprecationDate":null,`) {
		t.Errorf("the deprecation was undone, got %s", got)
	}
	p.silent("POST /thing-types/bare/deprecate", `{"undoDeprecate":false}`)
	p.now = p.now.Add(5 * time.Minute)
	p.silent("DELETE /thing-types/bare", "")
}
