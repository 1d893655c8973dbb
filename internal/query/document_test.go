package query_test

import (
	"encoding/json"
	"testing"

	"iotjobs/internal/query"
)

// A thing of which nothing is known has no values, except that it exists.
func TestEmptyDocument(t *testing.T) {
	nothing := func() map[string]any { return nil }
	for _, doc := range []query.Document{{}, {Shadow: nothing}, {Connectivity: query.Connectivity{DisconnectReason: "X", Connected: true}}} {
		for text, want := range map[string]bool{
			"*": true, "NOT a": true, "a": false, "thingTypeName:*": false, "thingTypeName:\"\"": false, "thingGroupNames:*": false, "attributes.k:*": false,
			"connectivity.connected:*": false, "connectivity.connected:true": false, "connectivity.timestamp:*": false, "connectivity.disconnectReason:*": false,
			"shadow.reported:*": false, "shadow.hasDelta:false": false, "[* TO 0]": false,
		} {
			if got := parse(t, text).Match(doc); got != want {
				t.Errorf("%s: got %v", text, got)
			}
		}
	}
}

// Shadows may have been decoded with UseNumber.
func TestExactNumbersOfShadows(t *testing.T) {
	doc := query.Document{Shadow: func() map[string]any { return map[string]any{"reported": map[string]any{"n": json.Number("7.50")}} }}
	for text, want := range map[string]bool{
		"shadow.reported.n:7.5": true, "shadow.reported.n:\"7.5\"": true, "shadow.reported.n>7": true, "7.5": true, "shadow.reported.n:*": true,
		"shadow.reported.n:7": false, "shadow.reported.n:[a TO z]": false, "shadow.reported.n:7*": false, "shadow.reported.n>8": false,
	} {
		if got := parse(t, text).Match(doc); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

// Shadow is called once for each term that reads it, and never by others.
func TestShadowIsLazy(t *testing.T) {
	for text, want := range map[string]int{"thingName:x": 0, "*": 0, "shadow.reported.a:x": 1, "NOT abc": 1, "thingName:x AND abc": 0, "a OR shadow.reported.x:1": 2} {
		calls := 0
		parse(t, text).Match(query.Document{Shadow: func() map[string]any { calls++; return nil }})
		if calls != want {
			t.Errorf("%s: %d calls, want %d", text, calls, want)
		}
	}
}
