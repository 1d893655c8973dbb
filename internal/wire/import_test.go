package wire_test

import (
	"reflect"
	"strings"
	"testing"

	"iotjobs/internal/registry"
	"iotjobs/internal/wire"
)

func TestImportedThing(t *testing.T) {
	for line, want := range map[string]wire.ImportedThing{
		`{"thingName":"lamp"}`: {Name: "lamp"},
		`{"thingName":"lamp","thingId":"x","thingTypeName":"light","attributes":{"room":"4"},"thingGroupNames":["a","b"],"connectivity":{"connected":true}}`: {
			Name: "lamp", Type: "light", Attributes: map[string]string{"room": "4"}, Groups: []registry.GroupName{"a", "b"},
		},
	} {
		reader, err := wire.NewReader([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		if got := reader.ImportedThing(); reader.Err() != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, error %v; want %+v", line, got, reader.Err(), want)
		}
	}
	for line, want := range map[string]string{
		`{}`:                                  "Value null at 'thingName'",
		`{"thingName":"lamp","groups":["a"]}`: "Value 'groups' at 'groups' failed to satisfy constraint: Member must be one of [thingName, thingTypeName, attributes, thingGroupNames]",
		`{"thingName":"lamp","thingtypename":"light"}`:            "'thingtypename'",
		`{"thingName":"a lamp"}`:                                  "'thingName'",
		`{"thingName":"lamp","thingGroupNames":"a"}`:              "'thingGroupNames'",
		`{"thingName":"lamp","attributes":{"room":["4"]}}`:        "'attributes",
		`{"thingName":"lamp","thingGroupNames":["a","bad name"]}`: "'thingGroupNames",
	} {
		reader, err := wire.NewReader([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		reader.ImportedThing()
		if err := reader.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %s", line, err, want)
		}
	}
}
