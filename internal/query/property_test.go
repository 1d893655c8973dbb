package query_test

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"iotjobs/internal/query"
)

// A query spelled canonically is an equal query, however the original was written.
func TestSpelledQueryIsEqual(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := drawQuery(rt, 3)
		q := mustParse(rt, text)
		again := mustParse(rt, q.String())
		if !reflect.DeepEqual(q, again) {
			rt.Fatalf("%s is spelled %s, which is another query, spelled %s", text, q, again)
		}
	})
}

// The laws of logic, for any two queries and any thing.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b := "("+drawQuery(rt, 2)+")", "("+drawQuery(rt, 2)+")"
		doc := drawDocument(rt)
		holds := func(text string) bool { return mustParse(rt, text).Match(doc) }
		for left, right := range map[string]string{
			a:                               "NOT (NOT " + a + ")",
			"NOT (" + a + " AND " + b + ")": "NOT " + a + " OR NOT " + b,
			"NOT (" + a + " OR " + b + ")":  "-" + a + " " + "-" + b,
			a + " AND " + b:                 b + " " + a,
			a + " OR " + b:                  b + " || " + a,
			a + " AND *":                    a,
			a + " OR * ":                    "*",
			a + " OR " + a + " AND " + b:    a,
			a + " OR " + b + " " + a:        a,
		} {
			if holds(left) != holds(right) {
				rt.Errorf("%s is %v, but %s is not", left, holds(left), right)
			}
		}
		if holds(a) == holds("NOT "+a) {
			rt.Errorf("%s and its opposite are both %v", a, holds(a))
		}
	})
}

// A thing is found by each value it has, written as a word with escapes, as a quoted text, in other case, and with wildcards.
func TestEveryValueIsFound(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.StringOfN(rapid.SampledFrom([]rune(`aZ09-_.:/@#,=[]*?\"!(){}<>^~+&|äÜ日`)), 1, 12, -1).Draw(rt, "value")
		doc := query.Document{ThingName: "t", Attributes: map[string]string{"k": value}}
		at := rapid.IntRange(1, len([]rune(value))).Draw(rt, "at")
		head, tail := string([]rune(value)[:at]), string([]rune(value)[at:])
		for _, spelled := range []string{
			escape(value), quote(value), escape(strings.ToUpper(value)), escape(strings.ToLower(value)),
			"[" + quote(value) + " TO " + quote(value) + "]", escape(head) + "*" + escape(tail), escape(head) + "*", "*",
		} {
			for _, field := range []string{"attributes.k:", ""} {
				if !mustParse(rt, field+spelled).Match(doc) {
					rt.Errorf("%s does not find %q", field+spelled, value)
				}
			}
		}
		if mustParse(rt, "attributes.k:"+escape(value+"x")).Match(doc) || mustParse(rt, "attributes.k:"+escape(head)+"?"+escape(tail)).Match(doc) {
			rt.Errorf("a longer value finds %q", value)
		}
	})
}

// A pattern finds what a plain, slow reading of it finds.
func TestPatternsMatchAsDefined(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		pattern := "a" + rapid.StringMatching(`[ab?]{0,3}\*?[ab?]{0,3}\*?[ab?]{0,3}`).Draw(rt, "pattern")
		value := "a" + rapid.StringMatching(`[ab]{0,9}`).Draw(rt, "value")
		got := mustParse(rt, "thingName:"+pattern).Match(query.Document{ThingName: value})
		if want := slowMatch(pattern, value); got != want {
			rt.Errorf("%s against %s: got %v, want %v", pattern, value, got, want)
		}
	})
}

// Numbers compare as numbers in every form of a range.
func TestRangesCompareNumbers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		number := rapid.IntRange(-30, 30)
		value, low, high := number.Draw(rt, "value"), number.Draw(rt, "low"), number.Draw(rt, "high")
		doc := query.Document{
			Attributes: map[string]string{"k": strconv.Itoa(value) + ".0"},
			Shadow:     func() map[string]any { return map[string]any{"reported": map[string]any{"k": float64(value)}} },
		}
		for _, field := range []string{"attributes.k", "shadow.reported.k"} {
			for query, want := range map[string]bool{
				":[" + strconv.Itoa(low) + " TO " + strconv.Itoa(high) + "]": low <= value && value <= high,
				":{" + strconv.Itoa(low) + " TO " + strconv.Itoa(high) + "]": low < value && value <= high,
				":[" + strconv.Itoa(low) + " TO " + strconv.Itoa(high) + "}": low <= value && value < high,
				":{" + strconv.Itoa(low) + " TO *}":                          low < value,
				":[* TO " + strconv.Itoa(high) + "]":                         value <= high,
				"<" + strconv.Itoa(high):                                     value < high,
				"<=" + strconv.Itoa(high):                                    value <= high,
				">" + strconv.Itoa(low):                                      value > low,
				">=" + strconv.Itoa(low):                                     value >= low,
			} {
				if got := mustParse(rt, field+query).Match(doc); got != want {
					rt.Errorf("%s%s for %d: got %v, want %v", field, query, value, got, want)
				}
			}
		}
	})
}

// drawQuery writes a query of at most 2 to the power of depth terms.
func drawQuery(rt *rapid.T, depth int) string {
	if depth == 0 || rapid.IntRange(0, 3).Draw(rt, "leaf") == 0 {
		return drawTerm(rt)
	}
	left, right := drawQuery(rt, depth-1), drawQuery(rt, depth-1)
	operator := rapid.SampledFrom([]string{" AND ", " OR ", " ", " && ", " || ", " NOT (", " -(", "\t OR !(", " thingName:("}).Draw(rt, "operator")
	joined := left + operator + right
	if strings.HasSuffix(operator, "(") {
		joined += ")"
	}
	form := rapid.SampledFrom([]string{"%", "(%)", "NOT (%)", "thingName:(%)", " % "}).Draw(rt, "form")
	return strings.Replace(form, "%", joined, 1)
}

func drawTerm(rt *rapid.T) string {
	field := rapid.SampledFrom([]string{
		"", "", "thingName:", "thingId : ", "thingTypeName:", "thingGroupNames:", "attributes.a:", "attributes.b\\:c:", "registry.version:",
		"connectivity.connected:", "connectivity.timestamp:", "shadow.reported.a.b:", "shadow.hasDelta:", "shadow.name.n.desired.*:",
	}).Draw(rt, "field")
	comparable := strings.TrimRight(field, ": ")
	word := rapid.StringOfN(rapid.SampledFrom([]rune(`ab1-.*?\" :(é`)), 0, 4, -1).Draw(rt, "word")
	end := rapid.SampledFrom([]string{"1", "-1.5", "a", `"b"`, `"1"`, "*", "a:b"})
	low, high := end.Draw(rt, "low"), end.Draw(rt, "high")
	forms := []string{
		field + "*", field + escape(word), field + quote(word), field + "a" + escape(word) + "*", field + "a?" + escape(word), field + `"OR"`, field + "1",
		field + "[" + low + " TO " + high + "]", field + "{" + low + "\tTO " + high + "}", field + "{ " + low + " TO " + high + " ]",
	}
	if comparable != "" {
		forms = append(forms, comparable+"<-1", comparable+" >= a", comparable+`>"1"`)
	}
	term := rapid.SampledFrom(forms).Draw(rt, "form")
	if _, err := query.Parse(term); err != nil {
		return field + "a" // the word made a wildcard with a space, or nothing at all
	}
	return term
}

func drawDocument(rt *rapid.T) query.Document {
	word := rapid.SampledFrom([]string{"a", "A", "ab", "b", "1", "-1.5", "a b", "é", "a1*"})
	value := rapid.OneOf(word.AsAny(), rapid.SampledFrom([]any{1.0, true, nil, []any{"a", 1.0}, map[string]any{"b": "a"}}))
	tree := map[string]any{
		"hasDelta": rapid.Bool().Draw(rt, "hasDelta"),
		"reported": map[string]any{"a": map[string]any{"b": value.Draw(rt, "reported")}},
		"name":     map[string]any{"n": map[string]any{"desired": map[string]any{"x": value.Draw(rt, "desired")}}},
	}
	return query.Document{
		ThingName: word.Draw(rt, "name"), ThingID: word.Draw(rt, "id"), ThingTypeName: word.Draw(rt, "type"), Version: int64(rapid.IntRange(1, 3).Draw(rt, "version")),
		ThingGroupNames: rapid.SliceOfN(word, 0, 2).Draw(rt, "groups"), Attributes: map[string]string{"a": word.Draw(rt, "a"), "b:c": word.Draw(rt, "b")},
		Connectivity: query.Connectivity{Known: rapid.Bool().Draw(rt, "known"), Timestamp: time.UnixMilli(1)},
		Shadow:       func() map[string]any { return tree },
	}
}

// escape writes any text that is not empty as a word; not the way the package does it.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		b.WriteString(`\` + string(r))
	}
	return b.String()
}

func quote(text string) string {
	return `"` + strings.ReplaceAll(strings.ReplaceAll(text, `\`, `\\`), `"`, `\"`) + `"`
}

func slowMatch(pattern, value string) bool {
	switch {
	case pattern == "":
		return value == ""
	case pattern[0] == '*':
		return slowMatch(pattern[1:], value) || value != "" && slowMatch(pattern, value[1:])
	default:
		return value != "" && (pattern[0] == '?' || pattern[0] == value[0]) && slowMatch(pattern[1:], value[1:])
	}
}

func mustParse(rt *rapid.T, text string) *query.Query {
	q, err := query.Parse(text)
	if err != nil {
		rt.Fatalf("%s: %v", text, err)
	}
	return q
}
