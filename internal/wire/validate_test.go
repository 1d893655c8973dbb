package wire_test

import (
	"strings"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/wire"
)

func TestConstraints(t *testing.T) {
	for _, c := range []struct {
		name       string
		constraint wire.Constraint
		good, bad  []string
	}{
		{"MaxLen", wire.MaxLen(2), []string{"", "éé"}, []string{"abc"}},
		{"MinLen", wire.MinLen(2), []string{"éé", "abc"}, []string{"", "é"}},
		{"Pattern", wire.Pattern("a|b"), []string{"a", "b"}, []string{"", "ab", "a\n", "xa"}},
		{"Printable", wire.Printable(), []string{"é ü", "日本", "a b"}, []string{"", "a\nb", "\u200b", "\ue000", "\u0378"}},
		{"OneOf", wire.OneOf("A", "B"), []string{"A"}, []string{"", "a", "C"}},
	} {
		for _, value := range c.good {
			if v := (&wire.Violations{}); !v.Check(value, "x", c.constraint) || v.Err() != nil {
				t.Errorf("%s: %q was refused: %v", c.name, value, v.Err())
			}
		}
		for _, value := range c.bad {
			if v := (&wire.Violations{}); v.Check(value, "x", c.constraint) || v.Err() == nil {
				t.Errorf("%s: %q was accepted", c.name, value)
			}
		}
	}
}

func TestViolationTexts(t *testing.T) {
	v := &wire.Violations{}
	if err := v.Err(); err != nil {
		t.Errorf("no violation, got %v", err)
	}
	v.Check("has.dot", "jobTemplateId", wire.Pattern(`[a-zA-Z0-9_-]+`))
	one := "Value 'has.dot' at 'jobTemplateId' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+"
	if err := v.Err(); err == nil || err.Error() != "1 validation error detected: "+one || jobs.CodeOf(err) != jobs.InvalidRequest {
		t.Errorf("got %v", err)
	}
	v.Missing("description")
	v.CheckInt(0, "n", wire.Min(1), wire.Max(5))
	v.CheckInt(6, "n", wire.Min(1), wire.Max(5))
	want := "4 validation errors detected: " + one + "; Value null at 'description' failed to satisfy constraint: Member must not be null; " +
		"Value '0' at 'n' failed to satisfy constraint: Member must have value greater than or equal to 1; " +
		"Value '6' at 'n' failed to satisfy constraint: Member must have value less than or equal to 5"
	if err := v.Err(); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestQuote: a value is quoted back, but a huge one is cut between characters.
func TestQuote(t *testing.T) {
	if got := wire.Quote(strings.Repeat("x", 256)); got != "'"+strings.Repeat("x", 256)+"'" {
		t.Errorf("256 bytes are shown whole, got %s", got)
	}
	if got := wire.Quote("x" + strings.Repeat("é", 200)); got != "'x"+strings.Repeat("é", 127)+"…'" {
		t.Errorf("got %s", got)
	}
}

func TestNames(t *testing.T) {
	for name, good := range map[string]bool{"a": true, "A:b_c-9": true, strings.Repeat("x", 128): true, "": false, "a.b": false, "a/b": false, strings.Repeat("x", 129): false} {
		v := &wire.Violations{}
		if v.ThingName(name); (v.Err() == nil) != good {
			t.Errorf("thing name %q: %v", name, v.Err())
		}
		v = &wire.Violations{}
		if v.ThingGroupName(name); (v.Err() == nil) != good {
			t.Errorf("thing group name %q: %v", name, v.Err())
		}
		v = &wire.Violations{}
		if v.ThingTypeName(name); (v.Err() == nil) != good {
			t.Errorf("thing type name %q: %v", name, v.Err())
		}
	}
	for id, good := range map[string]bool{"a": true, "b_c-9": true, strings.Repeat("x", 64): true, "": false, "a:b": false, strings.Repeat("x", 65): false, "$next": false} {
		v := &wire.Violations{}
		if v.JobID(id); (v.Err() == nil) != good {
			t.Errorf("job id %q: %v", id, v.Err())
		}
		if v := (&wire.Violations{}); id != "$next" {
			if v.JobIDOrNext(id); (v.Err() == nil) != good {
				t.Errorf("job id or next %q: %v", id, v.Err())
			}
		}
	}
	v := &wire.Violations{}
	if got := v.JobIDOrNext("$next"); got != jobs.NextJobID || v.Err() != nil {
		t.Errorf("$next: got %q, %v", got, v.Err())
	}
}
