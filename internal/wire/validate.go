package wire

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"iotjobs/internal/jobs"
)

// Violations collects what is wrong with a request, in AWS's words (HTTP-6). Its zero value is ready.
type Violations struct {
	texts []string
	found int
}

// toldViolations bounds the answer: all violations are counted, the first ones told.
const toldViolations = 20

// quotedLimit keeps a value that is quoted back to its sender from making a huge answer.
const quotedLimit = 256

// Quote shows a value in a violation.
func Quote(value string) string {
	if len(value) > quotedLimit {
		value = strings.ToValidUTF8(value[:quotedLimit], "") + "…"
	}
	return "'" + value + "'"
}

// Add records one violation. The value is as it shall be shown: quoted, or the word null.
func (v *Violations) Add(shown, path, constraint string) {
	if v.found++; v.found > toldViolations {
		return
	}
	v.texts = append(v.texts, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s", shown, path, constraint))
}

// Missing records that a required member is absent.
func (v *Violations) Missing(path string) { v.Add("null", path, "Member must not be null") }

// Err is nil, or one InvalidRequest that names the violations, at most toldViolations of them.
func (v *Violations) Err() error {
	switch v.found {
	case 0:
		return nil
	case 1:
		return jobs.Errorf(jobs.InvalidRequest, "1 validation error detected: %s", v.texts[0])
	default:
		return jobs.Errorf(jobs.InvalidRequest, "%d validation errors detected: %s", v.found, strings.Join(v.texts, "; "))
	}
}

// Constraint is a rule for a string; ok values satisfy it, text is what AWS says of the others.
type Constraint struct {
	ok   func(string) bool
	text string
}

// IntConstraint is a rule for a number.
type IntConstraint struct {
	ok   func(int64) bool
	text string
}

// MaxLen and MinLen bound the number of characters.
func MaxLen(n int) Constraint {
	return Constraint{func(s string) bool { return utf8.RuneCountInString(s) <= n }, fmt.Sprintf("Member must have length less than or equal to %d", n)}
}

// MinLen is the lower bound of the length.
func MinLen(n int) Constraint {
	return Constraint{func(s string) bool { return utf8.RuneCountInString(s) >= n }, fmt.Sprintf("Member must have length greater than or equal to %d", n)}
}

// Pattern demands that the whole value matches; the expression is shown as AWS's model writes it.
func Pattern(expr string) Constraint {
	re := regexp.MustCompile(`^(?:` + expr + `)$`)
	return Constraint{re.MatchString, "Member must satisfy regular expression pattern: " + expr}
}

// Printable is AWS's pattern [^\p{C}]+: no control, format, private or unassigned characters.
func Printable() Constraint {
	printable := func(s string) bool {
		return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.C, r) || unicode.Is(unicode.Cn, r) })
	}
	return Constraint{printable, `Member must satisfy regular expression pattern: [^\p{C}]+`}
}

// OneOf demands one of the values.
func OneOf[T ~string](values ...T) Constraint {
	names := make([]string, len(values))
	for i, value := range values {
		names[i] = string(value)
	}
	return Constraint{func(s string) bool { return slices.Contains(names, s) }, "Member must satisfy enum value set: [" + strings.Join(names, ", ") + "]"}
}

// Min and Max bound a number.
func Min(n int64) IntConstraint {
	return IntConstraint{func(i int64) bool { return i >= n }, fmt.Sprintf("Member must have value greater than or equal to %d", n)}
}

// Positive demands a number from 1 on.
var Positive = Min(1)

// Max is the upper bound of a number.
func Max(n int64) IntConstraint {
	return IntConstraint{func(i int64) bool { return i <= n }, fmt.Sprintf("Member must have value less than or equal to %d", n)}
}

// Check records every constraint that the value breaks.
func (v *Violations) Check(value, path string, constraints ...Constraint) bool {
	ok := true
	for _, c := range constraints {
		if !c.ok(value) {
			v.Add(Quote(value), path, c.text)
			ok = false
		}
	}
	return ok
}

// CheckInt records every constraint that the number breaks.
func (v *Violations) CheckInt(value int64, path string, constraints ...IntConstraint) bool {
	ok := true
	for _, c := range constraints {
		if !c.ok(value) {
			v.Add(fmt.Sprintf("'%d'", value), path, c.text)
			ok = false
		}
	}
	return ok
}

// CheckMap records once if a key, and once if a value, breaks one of its constraints; AWS then names them all.
func (v *Violations) CheckMap(m map[string]string, path string, keys, values []Constraint) {
	bad := func(constraints []Constraint, s string) bool {
		return slices.ContainsFunc(constraints, func(c Constraint) bool { return !c.ok(s) })
	}
	shown := func() string {
		pairs := make([]string, 0, len(m))
		for _, key := range slices.Sorted(maps.Keys(m)) {
			pairs = append(pairs, key+"="+m[key])
		}
		return Quote("{" + strings.Join(pairs, ", ") + "}")
	}
	texts := func(constraints []Constraint) string {
		list := make([]string, len(constraints))
		for i, c := range constraints {
			list[i] = c.text
		}
		return "[" + strings.Join(list, ", ") + "]"
	}
	for key := range m {
		if bad(keys, key) {
			v.Add(shown(), path, "Map keys must satisfy constraint: "+texts(keys))
			break
		}
	}
	for _, value := range m {
		if bad(values, value) {
			v.Add(shown(), path, "Map value must satisfy constraint: "+texts(values))
			break
		}
	}
}
