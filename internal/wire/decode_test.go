package wire_test

import (
	"errors"
	"maps"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/wire"
)

func reader(t *testing.T, body string) *wire.Reader {
	t.Helper()
	r, err := wire.NewReader([]byte(body))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return r
}

func TestBodies(t *testing.T) {
	for body, want := range map[string]string{
		"":                 "",
		" \n":              "",
		"{}":               "",
		"{\"a\" : null }":  "",
		"null":             "The request body must be a JSON object.",
		"[]":               "The request body must be a JSON object.",
		`"a"`:              "The request body must be a JSON object.",
		"7":                "The request body must be a JSON object.",
		"{":                "The request body is not valid JSON: unexpected EOF.",
		"{'a':1}":          "The request body is not valid JSON: invalid character '\\'' looking for beginning of object key string.",
		"{} {}":            "The request body has text after the JSON object.",
		"{}x":              "The request body has text after the JSON object.",
		"{\"a\":\"\xff\"}": "The request body is not valid UTF-8.",
	} {
		_, err := wire.NewReader([]byte(body))
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", body, err)
		case want != "" && (err == nil || err.Error() != want || !errors.Is(err, jobs.InvalidRequest)):
			t.Errorf("%q: got %v, want an invalid request: %s", body, err, want)
		}
	}
}

// TestMemberNames: names are exact, the last of several wins, null is absent, unknown ones are ignored.
func TestMemberNames(t *testing.T) {
	r := reader(t, `{"Status":"a","status":"b","other":[1],"nothing": null ,"twice":"1","twice":"2"}`)
	if got := r.RequiredString("status"); got != "b" {
		t.Errorf("got status %q, want b", got)
	}
	if r.Has("nothing") || r.Has("STATUS") || !r.Has("other") {
		t.Error("null and names in another case are absent, other is not")
	}
	if got, _ := r.String("twice"); got != "2" {
		t.Errorf("got %q, want 2", got)
	}
	if err := r.Err(); err != nil {
		t.Error(err)
	}
}

func TestNumericStrings(t *testing.T) {
	for _, c := range []struct {
		body    string
		strings bool
		want    int64
		ok      bool
	}{
		{`{"n":2}`, false, 2, true},
		{`{"n":-9223372036854775808}`, false, -1 << 63, true},
		{`{"n":"2"}`, false, 0, false},
		{`{"n":"2"}`, true, 2, true},
		{`{"n":"\u0032"}`, true, 2, true},
		{`{"n":"two"}`, true, 0, false},
		{`{"n":""}`, true, 0, false},
		{`{"n":2.0}`, false, 0, false},
		{`{"n":1e3}`, true, 0, false},
		{`{"n":9223372036854775808}`, false, 0, false},
		{`{"n":true}`, true, 0, false},
		{`{"n":[2]}`, true, 0, false},
	} {
		r := reader(t, c.body)
		r.NumericStrings = c.strings
		got, ok := r.Long("n")
		if got != c.want || ok != c.ok || (r.Err() == nil) != c.ok {
			t.Errorf("%s with numeric strings %v: got %d %v (%v), want %d %v", c.body, c.strings, got, ok, r.Err(), c.want, c.ok)
		}
	}
}

// TestWrongTypes has a violation for every kind of member, at its full path.
func TestWrongTypes(t *testing.T) {
	r := reader(t, `{"s":1,"b":"true","o":[],"l":{},"m":[],"d":"1.5","x":{"y":[{"z":{}},7]},"list":["a",null],"map":{"c":null,"a":null,"b":"1"}}`)
	r.String("s")
	r.Bool("b")
	r.Object("o")
	r.Strings("l")
	r.StringMap("m", nil, nil)
	r.Decimal("d", 1)
	r.Object("x").Objects("y")
	r.Strings("list")
	r.StringMap("map", nil, nil)
	want := `10 validation errors detected: Value '1' at 's' failed to satisfy constraint: Member must be a string; ` +
		`Value '"true"' at 'b' failed to satisfy constraint: Member must be a boolean; ` +
		`Value '[]' at 'o' failed to satisfy constraint: Member must be an object; ` +
		`Value '{}' at 'l' failed to satisfy constraint: Member must be a list of strings; ` +
		`Value '[]' at 'm' failed to satisfy constraint: Member must be a map of strings; ` +
		`Value '"1.5"' at 'd' failed to satisfy constraint: Member must be a number; ` +
		`Value '[{"z":{}},7]' at 'x.y' failed to satisfy constraint: Member must be a list of objects; ` +
		`Value null at 'list.2.member' failed to satisfy constraint: Member must not be null; ` +
		`Value null at 'map.a.member' failed to satisfy constraint: Member must not be null; ` +
		`Value null at 'map.c.member' failed to satisfy constraint: Member must not be null`
	if err := r.Err(); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestAbsence: an empty map is not an absent one; absent members of every kind are no violation.
func TestAbsence(t *testing.T) {
	r := reader(t, `{"empty":{}}`)
	if r.StringMap("empty", nil, nil) == nil || r.StringMap("absent", nil, nil) != nil {
		t.Error("an empty map must not be nil, an absent one must")
	}
	if _, ok := r.String("absent"); ok {
		t.Error("an absent string is none")
	}
	if _, ok := r.Long("absent"); ok {
		t.Error("an absent number is none")
	}
	if r.Bool("absent") || r.Object("absent") != nil || r.Strings("absent") != nil || r.Objects("absent") != nil {
		t.Error("absent members are zero")
	}
	r.Count("absent", 1, 1)
	if err := r.Err(); err != nil {
		t.Error(err)
	}
}

func TestAsks(t *testing.T) {
	r := reader(t, `{"null":null,"no":false,"list":[],"object":{},"nulls":{"a":null, "b":null},"yes":true,"one":[null],"text":"","zero":0,"full":{"a":{}},"spaced":{ },`+
		`"outer":{"inner":{"yes":[1],"no":[]},"null":null}}`)
	for name, want := range map[string]bool{
		"absent": false, "null": false, "no": false, "list": false, "object": false, "nulls": false, "spaced": false,
		"yes": true, "one": true, "text": true, "zero": true, "full": true,
		"outer.inner": true, "outer.inner.yes": true, "outer.inner.no": false, "outer.null": false, "outer.absent": false, "outer.null.x": false,
		"absent.x": false, "null.x": false, "yes.x": false, "list.x": false,
	} {
		if got := r.Asks(name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	if err := r.Err(); err != nil {
		t.Errorf("asking found a violation: %v", err)
	}
}

func TestStatusDetails(t *testing.T) {
	r := reader(t, `{"statusDetails":{"a":"1","b:c":"é"}}`)
	if got, want := r.StatusDetails(), map[string]string{"a": "1", "b:c": "é"}; !maps.Equal(got, want) || r.Err() != nil {
		t.Errorf("got %v (%v), want %v", got, r.Err(), want)
	}
	for _, body := range []string{
		`{"statusDetails":{"a b":"1"}}`, `{"statusDetails":{"":"1"}}`, `{"statusDetails":{"a":""}}`, `{"statusDetails":{"a":"\n"}}`, `{"statusDetails":{"a":1}}`,
		`{"statusDetails":{"1":"","2":"","3":"","4":"","5":"","6":"","7":"","8":"","9":"","10":"","11":""}}`,
		`{"statusDetails":{"1":"x","2":"x","3":"x","4":"x","5":"x","6":"x","7":"x","8":"x","9":"x","10":"x","11":"x"}}`,
	} {
		r := reader(t, body)
		if r.StatusDetails(); r.Err() == nil {
			t.Errorf("%s was accepted", body)
		}
	}
}

func TestUpdateRequest(t *testing.T) {
	r := reader(t, `{"status":"FAILED","expectedVersion":"2","executionNumber":"3","includeJobExecutionState":true,"includeJobDocument":true,"stepTimeoutInMinutes":-1,"statusDetails":{}}`)
	u := r.Update()
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	if u.Report.Status != jobs.Failed || *u.Report.ExpectedVersion != 2 || u.ExecutionNumber != 3 || !u.IncludeState || !u.IncludeDocument ||
		u.Report.StepTimer != jobs.RemoveStepTimer || u.Report.StatusDetails == nil {
		t.Errorf("got %+v", u)
	}
	for _, body := range []string{
		`{}`, `{"status":"SUCCESS"}`, `{"status":"FAILED","stepTimeoutInMinutes":0}`, `{"status":"FAILED","stepTimeoutInMinutes":10081}`,
		`{"status":"FAILED","stepTimeoutInMinutes":-2}`, `{"status":"FAILED","executionNumber":0}`, `{"status":"FAILED","expectedVersion":"x"}`,
	} {
		r := reader(t, body)
		if r.Update(); r.Err() == nil {
			t.Errorf("update %s was accepted", body)
		}
	}
	start := reader(t, `{"stepTimeoutInMinutes":-1}`)
	if start.StartNext(); start.Err() == nil {
		t.Error("StartNext cannot remove a step timer")
	}
	for _, minutes := range []string{"1", "10080", `"5"`} {
		start := reader(t, `{"stepTimeoutInMinutes":`+minutes+`}`)
		if got := start.StartNext(); start.Err() != nil || got.StepTimer < 1 || got.StatusDetails != nil {
			t.Errorf("%s minutes: got %+v (%v)", minutes, got, start.Err())
		}
	}
}
