package query_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/query"
)

// manual is the language, form by form: what a query means, and which things of fleet it finds.
var manual = []struct {
	text, meaning string
	finds         string
}{
	// Fields.
	{"thingName:pump-7", "the thing of this name", "pump-7"},
	{"thingName:PUMP-7", "values match in any case", "pump-7"},
	{"thingName:pump", "a term is a whole word, not a part of one", ""},
	{"thingId:5d2c", "the thing with this UUID", "lamp"},
	{"thingTypeName:pump", "things of this type", "pump-7 pump-8"},
	{"thingGroupNames:north", "things in this group", "pump-7 lamp"},
	{"thingGroupNames:n\\:1", "a colon in a value is escaped", "pump-8"},
	{"attributes.site:bergen", "things with this attribute", "pump-8"},
	{"attributes.Site:bergen", "names of attributes have exact case", ""},
	{"attributes.a.b\\:c:1", "the name of an attribute may hold dots, and others if escaped", "lamp"},
	{"registry.version:3", "things changed twice since they were made", "pump-7"},
	{"connectivity.connected:true", "connected things", "pump-7"},
	{"connectivity.connected:false", "things known to be disconnected; of the lamp nothing is known", "pump-8"},
	{"connectivity.disconnectReason:connection_lost", "things that left in this way", "pump-8"},
	{"attributes.site : bergen", "white space around the colon means nothing", "pump-8"},

	// Any value.
	{"*", "all things", "pump-7 pump-8 lamp"},
	{"thingTypeName:*", "things that have a type", "pump-7 pump-8"},
	{"attributes.firmware:*", "things that have this attribute", "pump-7 pump-8"},
	{"connectivity.connected:*", "things whose connection is known", "pump-7 pump-8"},
	{"connectivity.disconnectReason:*", "things that have been disconnected", "pump-8"},
	{"thingGroupNames:*", "things in any group", "pump-7 pump-8 lamp"},
	{"NOT attributes.firmware:*", "things without this attribute", "lamp"},
	{"attributes.firmware:[* TO *]", "the same as the value *", "pump-7 pump-8"},

	// Wildcards.
	{"thingName:pump*", "* is any characters", "pump-7 pump-8"},
	{"thingName:pump-7*", "or none", "pump-7"},
	{"thingName:pump-?", "? is exactly one", "pump-7 pump-8"},
	{"thingName:pump?", "and never none", ""},
	{"thingName:*-7", "one of them may stand at the start", "pump-7"},
	{"attributes.site:B*N", "wildcards may stand inside, and have no case either", "pump-8"},
	{"thingName:p*m*7", "two * in a value", "pump-7"},
	{"thingName:\"pump*\"", "in quotes * is a character", ""},
	{"thingName:pump\\*", "and after a backslash", ""},

	// Numbers and ranges.
	{"attributes.firmware:2", "text that is this number, spelled the same", ""},
	{"attributes.firmware:1.5", "text that is this number, spelled the same", "pump-7"},
	{"attributes.firmware:[1.5 TO 10]", "numbers, the bounds included", "pump-7 pump-8"},
	{"attributes.firmware:{1.5 TO 10]", "without the lower bound", "pump-8"},
	{"attributes.firmware:{1.5 TO 10}", "without both", ""},
	{"attributes.firmware:[2 TO *]", "the bound * is open", "pump-8"},
	{"attributes.firmware<10", "as numbers 1.5 is below 10", "pump-7"},
	{"attributes.firmware<=10", "and 10 is not above it", "pump-7 pump-8"},
	{"attributes.firmware > 1.5", "white space around the comparison means nothing", "pump-8"},
	{"attributes.firmware>=\"5\"", "quotes make it a comparison of text, where 10 comes before 5", ""},
	{"attributes.site:[\"b\" TO \"c\"]", "text between two texts, in any case", "pump-8"},
	{"attributes.site:[b TO OSLO]", "text needs no quotes", "pump-7 pump-8"},
	{"attributes.built>1.2", "not even if it starts with one", ""},
	{"attributes.site>5", "text that is no number is outside all numbers", ""},
	{"attributes.offset<0", "a negative number", "lamp"},
	{"attributes.offset>-5", "needs no escape after a comparison", "lamp"},
	{"attributes.offset:-4", "nor after the colon", "lamp"},
	{"attributes.offset<-.5", "however it is spelled", "lamp"},
	{"attributes.offset:[-4e0 TO -0.4E+1]", "with an exponent, for example", "lamp"},
	{"attributes.offset:[-10 TO -1]", "nor in a range", "lamp"},
	{"connectivity.timestamp:[1557651600000 TO 1557867600000]", "milliseconds since 1970", "pump-7"},
	{"registry.version>1", "versions are numbers", "pump-7 pump-8"},
	{"attributes.built:[2026-01-01T00:00 TO 2026-12-31T23:59]", "a colon in a bound needs no escape", "lamp"},

	// AND, OR, NOT.
	{"thingTypeName:pump AND attributes.site:oslo", "both", "pump-7"},
	{"thingTypeName:pump attributes.site:oslo", "AND may be left out", "pump-7"},
	{"thingTypeName:pump && attributes.site:oslo", "or be written so", "pump-7"},
	{"thingName:lamp OR attributes.site:oslo", "at least one", "pump-7 lamp"},
	{"thingName:lamp || attributes.site:oslo", "also written so", "pump-7 lamp"},
	{"thingName:lamp||oslo", "but with spaces: this is one word", ""},
	{"NOT thingTypeName:pump", "all others, also those without the field", "lamp"},
	{"-thingTypeName:pump", "the same", "lamp"},
	{"!thingTypeName:pump", "the same", "lamp"},
	{"thingTypeName:pump NOT attributes.site:oslo", "AND NOT", "pump-8"},
	{"thingTypeName:pump - attributes.site:oslo", "AND NOT", "pump-8"},
	{"NOT thingTypeName:pump OR thingName:pump-7", "NOT binds to the next term only", "pump-7 lamp"},
	{"NOT (thingTypeName:pump OR thingName:lamp)", "unless that is in parentheses", ""},
	{"NOT (NOT thingName:lamp)", "twice not", "lamp"},
	{"thingName:lamp OR thingTypeName:pump AND attributes.site:oslo", "AND binds stronger than OR", "pump-7 lamp"},
	{"thingName:lamp OR thingTypeName:pump attributes.site:oslo", "the AND that is left out binds weaker: (lamp OR pump) AND oslo", "pump-7"},
	{"(thingName:lamp OR thingTypeName:pump) AND attributes.site:oslo", "parentheses say it", "pump-7"},
	{"attributes.site:oslo or thingName:lamp", "operators are upper case; this looks for the word \"or\"", ""},

	// Groups of one field.
	{"attributes.site:(oslo OR bergen)", "several values of a field", "pump-7 pump-8"},
	{"thingName:(pump* AND -pump-7)", "with the usual operators", "pump-8"},
	{"thingName:(pump* -pump-7)", "and the AND that is left out", "pump-8"},
	{"attributes.firmware:([0 TO 5] OR 10)", "ranges as well", "pump-7 pump-8"},
	{"thingName:(lamp OR thingTypeName:pump)", "a field inside is meant for its own value", "pump-7 pump-8 lamp"},

	// Words without a field.
	{"oslo", "in any field: here an attribute", "pump-7"},
	{"north", "here the name of a group", "pump-7 lamp"},
	{"5d2c", "here a UUID", "lamp"},
	{"bathroom", "here a shadow", "pump-7"},
	{"connection_lost", "but not in what is known of the connection", ""},
	{"pump*", "with wildcards", "pump-7 pump-8"},
	{"[71 TO 79]", "or a range: a number of a shadow", "pump-7"},
	{"oslo\u3000\x1c\u2028north", "words are separated by what Java calls white space", "pump-7"},
	{"oslo\u00a0north", "which a no-break space is not", ""},
	{"-oslo", "things without the word anywhere", "pump-8 lamp"},

	// Quotes and escapes.
	{"attributes.site:\"oslo\"", "quotes around one word mean nothing", "pump-7"},
	{"shadow.reported.place:\"new york\"", "words side by side", "pump-7"},
	{"shadow.reported.place:\"york new\"", "in this order", ""},
	{"shadow.reported.place:york", "a value is all its words", "pump-7"},
	{"shadow.reported.place:y?rk", "a wildcard is for one word", "pump-7"},
	{"shadow.reported.place:new\\ york", "an escaped space is as good as quotes", "pump-7"},
	{"attributes.site:\\o\\s\\l\\o", "an escape takes any character as it is", "pump-7"},
	{"attributes.motto:\"say \\\"hi\\\"\"", "a quote in quotes", ""},
	{"thingName:\"AND\"", "operators in quotes are words", ""},

	// Shadows.
	{"shadow.reported.stats.battery:78", "a number in the classic shadow", "pump-7"},
	{"shadow.reported.stats.battery:78.0", "numbers of shadows are numbers, however spelled", "pump-7"},
	{"shadow.reported.stats.battery:{70 TO 100}", "and have ranges", "pump-7"},
	{"shadow.reported.stats.battery:7*", "but no wildcards", ""},
	{"shadow.reported.myvalues:2", "an element of an array", "pump-7"},
	{"shadow.reported.rooms.name:bathroom", "a member of an object in an array", "pump-7"},
	{"shadow.reported.stats:*", "an object is something", "pump-7"},
	{"shadow.reported.stats:78", "but has no value", ""},
	{"shadow.desired.stats.battery:*", "nothing desired", ""},
	{"shadow.reported.on:true", "a boolean", "pump-7"},
	{"shadow.hasDelta:true", "reported and desired differ", "pump-7"},
	{"shadow.name.$package.reported.agent.version:1.0.0", "a named shadow", "pump-8"},
	{"shadow.name.$package.reported.*.attributes.packageID>1500", "the step * is any member", "pump-8"},
	{"shadow.name.$package.hasDelta:false", "a named shadow without a delta", "pump-8"},
	{"shadow.reported.location:* NOT shadow.desired.stats.battery:*", "things that report a place and are not told a battery", ""},
	{"NOT shadow.reported.place:paris", "also things without shadows", "pump-7 pump-8 lamp"},
}

func TestManual(t *testing.T) {
	for _, row := range manual {
		if got := found(parse(t, row.text)); got != row.finds {
			t.Errorf("%s (%s): got [%s], want [%s]", row.text, row.meaning, got, row.finds)
		}
	}
}

// The canonical spelling means the same, and spelled again stays as it is.
func TestManualSpelledAgain(t *testing.T) {
	for _, row := range manual {
		canonical := parse(t, row.text).String()
		again := parse(t, canonical)
		if got := found(again); got != row.finds {
			t.Errorf("%s is spelled %s, which finds [%s], want [%s]", row.text, canonical, got, row.finds)
		}
		if again.String() != canonical {
			t.Errorf("%s is spelled %s, and that %s", row.text, canonical, again)
		}
	}
}

func TestString(t *testing.T) {
	for text, want := range map[string]string{
		"a b":                          "a AND b",
		"a && b || c":                  "(a AND b) OR c",
		"a OR b c":                     "(a OR b) AND c",
		"(a (b c))":                    "a AND b AND c",
		"a OR (b OR c)":                "a OR b OR c",
		"-(a b)":                       "NOT (a AND b)",
		"!(NOT thingName:a)":           "thingName:a",
		"thingName:(a OR -b*)":         "thingName:a OR NOT thingName:b*",
		"attributes.x<5":               "attributes.x:{* TO 5}",
		"attributes.x>=b":              `attributes.x:["b" TO *}`,
		"attributes.x:[5 TO abc}":      `attributes.x:["5" TO "abc"}`,
		"attributes.a\\/b:\\-x\\:y":    `attributes.a\/b:\-x\:y`,
		"thingName:\"a b\"":            `thingName:"a b"`,
		"thingName:\"OR\"":             `thingName:"OR"`,
		"thingName:\"\"":               `thingName:""`,
		"{* TO *}":                     "*",
		"thingName : a\\*b*":           `thingName:a\*b*`,
		"shadow.name.*.reported.x : 5": "shadow.name.*.reported.x:5",
	} {
		if got := parse(t, text).String(); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestFields(t *testing.T) {
	for text, want := range map[string]string{
		"*":                             "",
		"thingName:a":                   "thingName",
		"thingName:* OR *":              "thingName",
		"attributes.a:1 attributes.b:2": "attributes",
		"shadow.hasDelta:true AND NOT connectivity.connected:true": "connectivity shadow",
		"registry.version>1 thingGroupNames:(a OR b)":              "thingGroupNames registry",
		"abc": "thingName thingId thingTypeName thingGroupNames attributes shadow",
		"thingId:a thingTypeName:b connectivity.timestamp:3 connectivity.disconnectReason:*": "thingId thingTypeName connectivity",
	} {
		if got := strings.Join(parse(t, text).Fields(), " "); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestNamed(t *testing.T) {
	for text, want := range map[string]string{
		"*":                               "",
		"abc":                             "",
		"abc AND shadow.hasDelta:true":    "shadow",
		"thingName:a (b OR thingId:c)":    "thingName thingId",
		"NOT connectivity.connected:true": "connectivity",
	} {
		if got := strings.Join(parse(t, text).Named(), " "); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// A change of a field that a query does not name cannot change what it finds.
func TestFieldsAreEnough(t *testing.T) {
	for _, row := range manual {
		q := parse(t, row.text)
		for _, doc := range fleet() {
			blank := doc
			for name, clear := range clearing {
				if !slices.Contains(q.Fields(), name) {
					clear(&blank)
				}
			}
			if got, want := q.Match(blank), q.Match(doc); got != want {
				t.Errorf("%s reads %v, but something else decided about %s", row.text, q.Fields(), doc.ThingName)
			}
		}
	}
}

var clearing = map[string]func(*query.Document){
	"thingName":       func(d *query.Document) { d.ThingName = "other" },
	"thingId":         func(d *query.Document) { d.ThingID = "other" },
	"thingTypeName":   func(d *query.Document) { d.ThingTypeName = "other" },
	"thingGroupNames": func(d *query.Document) { d.ThingGroupNames = nil },
	"attributes":      func(d *query.Document) { d.Attributes = nil },
	"registry":        func(d *query.Document) { d.Version = 99 },
	"connectivity":    func(d *query.Document) { d.Connectivity = query.Connectivity{} },
	"shadow":          func(d *query.Document) { d.Shadow = nil },
}

func fleet() []query.Document {
	return []query.Document{pump(), {
		ThingName: "pump-8", ThingID: "ab01", ThingTypeName: "Pump", ThingGroupNames: []string{"south", "n:1"}, Version: 2,
		Attributes: map[string]string{"site": "Bergen", "firmware": "10"},
		Connectivity: query.Connectivity{
			Known: true, Timestamp: time.UnixMilli(1557651599999), DisconnectReason: "CONNECTION_LOST",
		},
		Shadow: shadows(`{"name":{"$package":{"hasDelta":false,"reported":{"agent":{"version":"1.0.0","attributes":{"packageID":1600}}}}}}`),
	}, {
		ThingName: "lamp", ThingID: "5D2C", ThingGroupNames: []string{"east", "North"}, Version: 1,
		Attributes: map[string]string{"a.b:c": "1", "offset": "-4", "built": "2026-11-24T12:00"},
	}}
}

func pump() query.Document {
	return query.Document{
		ThingName: "pump-7", ThingID: "ab02", ThingTypeName: "pump", ThingGroupNames: []string{"north"}, Version: 3,
		Attributes:   map[string]string{"site": "Oslo", "firmware": "1.5"},
		Connectivity: query.Connectivity{Known: true, Connected: true, Timestamp: time.UnixMilli(1557651600000)},
		Shadow: shadows(`{"hasDelta":true,"desired":{"on":false},"delta":{"on":false},"reported":{"on":true,"place":"New  York","myvalues":[1,2,3],
			"stats":{"battery":78},"rooms":[{"name":"kitchen"},{"name":"Bathroom"}],"nothing":null}}`),
	}
}

func shadows(text string) func() map[string]any {
	var tree map[string]any
	if err := json.Unmarshal([]byte(text), &tree); err != nil {
		panic(err)
	}
	return func() map[string]any { return tree }
}

// found are the names of the things of fleet that match.
func found(q *query.Query) string {
	var names []string
	for _, doc := range fleet() {
		if q.Match(doc) {
			names = append(names, doc.ThingName)
		}
	}
	return strings.Join(names, " ")
}

func parse(t *testing.T, text string) *query.Query {
	t.Helper()
	q, err := query.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return q
}
