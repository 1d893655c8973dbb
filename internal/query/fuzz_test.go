package query_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"iotjobs/internal/query"
)

// FuzzParse looks for a panic, an error without help, and a query whose spelling is another query.
func FuzzParse(f *testing.F) {
	for _, row := range manual {
		f.Add(row.text)
	}
	for _, row := range refusals {
		f.Add(row.text)
	}
	f.Add(strings.Repeat("(", 500))
	f.Add("a\xff")
	// As long as canonical spelling can make a query of AWS's length: every character escaped, every field repeated for each value.
	spelled := query.AWS
	spelled.Characters *= 100
	spelled.CharactersWithLeadingWildcard = spelled.Characters
	f.Fuzz(func(t *testing.T, text string) {
		q, err := query.Parse(text)
		if err != nil {
			e, ok := errors.AsType[*query.Error](err)
			if !ok || e.Reason == "" || e.Hint == "" || e.Position < 0 || e.Position > utf8.RuneCountInString(e.Query)+1 {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		again, err := spelled.Parse(q.String())
		if err != nil {
			t.Fatalf("%q is spelled %q: %v", text, q, err)
		}
		if !reflect.DeepEqual(q, again) {
			t.Fatalf("%q is spelled %q, which is another query, spelled %q", text, q, again)
		}
		for _, doc := range fleet() {
			if q.Match(doc) != again.Match(doc) {
				t.Fatalf("%q and %q do not find the same", text, q)
			}
		}
	})
}
