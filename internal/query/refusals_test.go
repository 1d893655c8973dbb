package query_test

import (
	"errors"
	"strings"
	"testing"

	"iotjobs/internal/query"
)

const meant = "did you mean "

// What is no query: AWS's words, the character where it goes wrong, and the help.
var refusals = []struct {
	text, reason string
	position     int
	hint         string
}{
	// Syntax.
	{"", "invalid syntax", 1, "expected a term, or '(', found the end of the query"},
	{" ", "invalid syntax", 2, "expected a term, or '(', found the end of the query"},
	{"thingName:", "invalid syntax", 11, "expected a value, or '(' for several values, found the end of the query"},
	{"thingName:a AND", "invalid syntax", 16, "expected a term, or '(', found the end of the query"},
	{"AND thingName:a", "invalid syntax", 1, `expected a term, or '(', found 'AND' (to look for this word write "AND")`},
	{"thingName:a AND OR thingName:b", "invalid syntax", 17, `expected a term, or '(', found 'OR' (to look for this word write "OR")`},
	{"thingName:OR", "invalid syntax", 11, `expected a value, or '(' for several values, found 'OR' (to look for this word write "OR")`},
	{"NOT", "invalid syntax", 4, "expected a term, or '(', found the end of the query"},
	{"thingName:a -", "invalid syntax", 14, "expected a term, or '(', found the end of the query"},
	{"NOT NOT a", "invalid syntax", 5, `expected a term or '(' after NOT; NOT may not follow NOT, found 'NOT' (to look for this word write "NOT")`},
	{"NOT -a", "invalid syntax", 5, "expected a term or '(' after NOT; NOT may not follow NOT, found '-'"},
	{"()", "invalid syntax", 2, `expected a term, or '(', found ')' (to look for this character write \))`},
	{"thingName:(a OR b", "invalid syntax", 18, "expected AND, OR, NOT, another term, or ')' for the '(' at character 11, found the end of the query"},
	{"thingName:a)", "invalid syntax", 12, `expected AND, OR, NOT, another term or the end, found ')' (to look for this character write \))`},
	{"thingGroupNames:a:b", "invalid syntax", 18, `expected AND, OR, NOT, another term or the end, found ':' (to look for this character write \:)`},
	{"attributes.k:a=b", "invalid syntax", 15, `expected AND, OR, NOT, another term or the end, found '=' (to look for this character write \=)`},
	{"attributes.k=b", "invalid syntax", 13, `a field and its value are joined by ':', as in thingName:pump; to look for the character = write \=`},
	{"attributes.k:>5", "invalid syntax", 14, "a comparison stands in the place of ':', as in attributes.size>5"},
	{"attributes.k>", "invalid syntax", 14, "expected a value to compare with, found the end of the query"},
	{"attributes.k>(5)", "invalid syntax", 14, "expected a value to compare with, found '('"},
	{">5", "invalid syntax", 1, "expected a term, or '(', found '>'"},
	{`"thingName":a`, "invalid syntax", 12, `expected AND, OR, NOT, another term or the end, found ':' (to look for this character write \:)`},
	{`thingName:"a`, "invalid syntax", 11, `the quoted text that starts here has no closing "`},
	{`thingName:a"`, "invalid syntax", 12, `the quoted text that starts here has no closing "`},
	{`thingName:a\`, "invalid syntax", 11, `a character must follow the escape \; write \\ for a backslash`},
	{`thingName:"a\`, "invalid syntax", 11, `a character must follow the escape \; write \\ for a backslash`},
	{"attributes.path:a/b", "invalid syntax", 18, `to look for the character / write \/`},
	{"thingName:[a TO b", "invalid syntax", 18, "expected ']' or '}' after the upper bound of the range, found the end of the query"},
	{"thingName:[a b]", "invalid syntax", 14, "expected TO, as in [75 TO 80], found 'b'"},
	{"thingName:[a to b]", "invalid syntax", 14, "expected TO, as in [75 TO 80], found 'to'"},
	{"thingName:[TO b]", "invalid syntax", 12, "expected the lower bound of the range, or *, found 'TO'"},
	{"thingName:[a TO]", "invalid syntax", 16, `expected the upper bound of the range, or *, found ']' (to look for this character write \])`},
	{"thingName:[a TO b TO c]", "invalid syntax", 19, "expected ']' or '}' after the upper bound of the range, found 'TO'"},
	{"thingName:[a TO b)", "invalid syntax", 19, "expected ']' or '}' after the upper bound of the range, found the end of the query"},
	{"attributes.a[0]:x", "invalid syntax", 15, `expected TO, as in [75 TO 80], found ']' (to look for this character write \])`},
	{"ä:ö ö:", "invalid syntax", 7, "expected a value, or '(' for several values, found the end of the query"},

	// Fields.
	{"thingGroupName:x", "invalid field name, field name: thingGroupName", 1, meant + "thingGroupNames?"},
	{"ThingName:x", "invalid field name, field name: ThingName", 1, meant + "thingName?"},
	{"thingType:x", "invalid field name, field name: thingType", 1, meant + "thingTypeName?"},
	{"a OR attributes:x", "invalid field name, field name: attributes", 6, meant + "attributes.NAME?"},
	{"attributes.>5", "invalid field name, field name: attributes.", 1, meant + "attributes.NAME?"},
	{"Attributes.x:(a b)", "invalid field name, field name: Attributes.x", 1, meant + "attributes.NAME?"},
	{"connectivity.Connected:true", "invalid field name, field name: connectivity.Connected", 1, meant + "connectivity.connected?"},
	{"bogus:1", "invalid field name, field name: bogus", 1, "fields are thingName, thingId, "},
	{"*:x", "invalid field name, field name: *", 1, "fields are "},
	{"thingNam?:x", "invalid field name, field name: thingNam?", 1, "fields are "},
	{"shadow:x", "invalid field name, field name: shadow", 1, "fields are "},
	{"shadow.version:1", "invalid field name, field name: shadow.version", 1, "fields are "},
	{"shadow.reported.:1", "invalid field name, field name: shadow.reported.", 1, meant + "shadow.reported.PATH?"},
	{"shadow.reported.x*:1", "invalid field name, field name: shadow.reported.x*", 1, "fields are "},
	{"shadow.name:x", "invalid field name, field name: shadow.name", 1, "fields are "},
	{"shadow.name.building:x", "invalid field name, field name: shadow.name.building", 1, "fields are "},
	{"shadow.name.building.hasDelta.x:1", "invalid field name, field name: shadow.name.building.hasDelta.x", 1, "fields are "},
	{"deviceDefender.violationCount:1", "invalid field name, field name: deviceDefender.violationCount", 1, "fields are "},

	// Wildcards.
	{
		"thingName:?a", "invalid value - wildcard character (?) is not allowed at the start of the value, field name: thingName, value: ?a", 11,
		"start with a character; ",
	},
	{"thingName:*a x *b", "number of terms with a leading wildcard cannot exceed 1", 16, "start with a character; "},
	{
		"thingName:*a OR thingName:" + strings.Repeat("b", 75), "query string with a leading wildcard cannot be longer than 100 characters", 0, "",
	},
	{
		"attributes.x:a*b*c*", "invalid value - too many wildcards (*). The maximum allowed per term is 2, field name: attributes.x, value: a*b*c*", 14,
		"leave some out, ",
	},
	{
		"attributes.x:new\\ y*", "invalid value - wildcards stand for characters of one word, field name: attributes.x, value: new\\ y*", 14,
		"make each word a term of its own, joined by AND",
	},
	{"attributes.x:[a* TO b]", "invalid value - wildcards are not allowed in a range, value: a*", 15, "an open bound is *, "},
	{"attributes.x<?", "invalid value - wildcards are not allowed in a comparison, value: ?", 14, "an open bound is *, "},

	// What Lucene has and AWS does not.
	{"a +thingName:a", `unsupported operator - "+"`, 3, "every term is required unless OR stands beside it; "},
	{"thingName:a~", "unsupported query type - fuzzy", 12, `to look for the character ~ write \~`},
	{"thingName:a~2 b", "unsupported query type - fuzzy", 12, `to look for the character ~ write \~`},
	{"a~ b c d e f g h i j k l m", "number of terms cannot exceed 12, terms found: 13", 0, "Each value is a term, "},
	{`thingName:"a b"~2`, "unsupported query type - proximity", 16, `to look for the character ~ write \~`},
	{"thingName:a^2", "unsupported query type - boost", 12, `to look for the character ^ write \^`},
	{"thingName:/a\\/b/", "unsupported query type - regular expression", 11, `wildcards are * and ?; to look for the character / write \/`},

	// Which fault is told: syntax, then the number of terms, then the first of the others.
	{"bogus:1 +a thingName:?", "invalid field name, field name: bogus", 1, "fields are "},
	{"bogus:1 OR thingName:", "invalid syntax", 22, "expected a value"},
	{strings.Repeat("thingName:z OR ", 12) + "thingName:", "invalid syntax", 191, "expected a value"},
	{strings.Repeat("thingName:z OR ", 12) + "bogus:z", "number of terms cannot exceed 12, terms found: 13", 0, "Each value is a term, "},
	{"thingName:(a b c d e f g h i j k l m)", "number of terms cannot exceed 12, terms found: 13", 0, "Each value is a term, "},
	{"* " + strings.Repeat("thingName:[a TO b] ", 12), "number of terms cannot exceed 12, terms found: 13", 0, "Each value is a term, "},
}

func TestRefusals(t *testing.T) {
	for _, row := range refusals {
		e := refused(t, row.text)
		if e == nil {
			continue
		}
		if e.Reason != row.reason || e.Position != row.position || !strings.HasPrefix(e.Hint, row.hint) {
			t.Errorf("%s: got %q at %d: %q; want %q at %d: %q", row.text, e.Reason, e.Position, e.Hint, row.reason, row.position, row.hint)
		}
	}
}

// The message is AWS's own, followed by the help.
func TestErrorText(t *testing.T) {
	for text, want := range map[string]string{
		"thingGroupName:mythinggroup": "Unable to parse query, invalid field name, field name: thingGroupName, query string: thingGroupName:mythinggroup. " +
			"At character 1: did you mean thingGroupNames? Names of fields have exact case.",
		"thingName:(a": "Unable to parse query, invalid syntax, query string: thingName:(a. " +
			"At character 13: expected AND, OR, NOT, another term, or ')' for the '(' at character 11, found the end of the query.",
		"a b c d e f g h i j k l m": "Unable to parse query, number of terms cannot exceed 12, terms found: 13, query string: a b c d e f g h i j k l m. " +
			"Each value is a term, also inside field:(…); a wildcard, a range or a thing group can stand for many values.",
		strings.Repeat("é", 1001): "Unable to parse query, query string cannot be longer than 1000 characters, characters found: 1001. " +
			"Name many things by a group or an attribute instead.",
		"a\xff": "Unable to parse query, invalid syntax. The query is not valid UTF-8.",
	} {
		if e := refused(t, text); e != nil && e.Error() != want {
			t.Errorf("got  %s\nwant %s", e, want)
		}
	}
}

func TestLimits(t *testing.T) {
	parse(t, "thingName:"+strings.Repeat("é", 990))
	parse(t, strings.Repeat("thingName:z OR ", 11)+"thingName:z")
	parse(t, strings.Repeat("(", 100)+"thingName:z"+strings.Repeat(")", 100))
	parse(t, "thingName:a?b?c?d?e?f")

	for _, text := range []string{
		strings.Repeat("(", 101) + "thingName:z" + strings.Repeat(")", 101),
		strings.Repeat("thingName:(", 80) + strings.Repeat("(", 21),
		strings.Repeat("(", 1000),
		strings.Repeat("-(", 500),
	} {
		if e := refused(t, text); e != nil && e.Hint != "parentheses nest deeper than 100" {
			t.Errorf("%s: got %s", text, e.Hint)
		}
	}

	wide := query.Limits{Characters: 5000, Terms: 200}
	if _, err := wide.Parse(strings.Repeat("thingName:z ", 200)); err != nil {
		t.Error(err)
	}
	if _, err := wide.Parse(strings.Repeat("(", 2500)); err == nil {
		t.Error("2500 parentheses accepted")
	}
}

// AWS's rule of today, and the one of before: no leading wildcard at all.
func TestLeadingWildcards(t *testing.T) { // CTRL-3.4.1
	limits := query.AWS
	limits.LeadingWildcards = 0
	for _, text := range []string{"thingName:*a", "x *a"} {
		if _, err := limits.Parse(text); err == nil || !strings.Contains(err.Error(), "wildcard character (*) is not allowed at the start of the value") {
			t.Errorf("%s, without leading wildcards: got %v, want a refusal", text, err)
		}
	}
	for text, finds := range map[string]string{
		"thingName:*-7":                    "pump-7",
		"thingName:*ump*":                  "pump-7 pump-8",
		"thingName:* AND attributes.*:*":   "refused",
		"thingName:*p-7 OR thingName:*mp":  "refused",
		"thingName:*-7 OR thingName:*":     "pump-7 pump-8 lamp",
		"thingName:?-7":                    "refused",
		"*" + strings.Repeat("x", 99):      "",
		"*" + strings.Repeat("x", 100):     "refused",
		`\*` + strings.Repeat("x", 100):    "",
		"thingName:*a*b*":                  "refused",
		"attributes.site:(*lo OR *bergen)": "refused",
	} {
		got := "refused"
		if q, err := query.Parse(text); err == nil {
			got = found(q)
		}
		if got != finds {
			t.Errorf("%s: got [%s], want [%s]", text, got, finds)
		}
	}
}

// refused returns the error of a text that is no query; nil, and the test fails, if it is one.
func refused(t *testing.T, text string) *query.Error {
	t.Helper()
	q, err := query.Parse(text)
	if err == nil {
		t.Errorf("%s was accepted as %s", text, q)
		return nil
	}
	e, ok := errors.AsType[*query.Error](err)
	if !ok {
		t.Fatalf("%s: got %T, want *query.Error", text, err)
	}
	return e
}
