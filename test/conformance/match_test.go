package conformance_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

// exactly is a structure that has these members and no other. Members alone allow for more.
type exactly Members

// date is a date in an output, as the client has parsed it.
type date struct{ time.Time }

// matcher is in place of a value in an expectation. It returns a line for each fault of what is at the path.
type matcher func(path string, got any) (faults []string)

// absent is a member that is not there. Clients drop nulls, so a null is absent too.
var absent = check("be absent", func(got any) bool { return got == nil })

// some is any text but the empty one.
var some = textLike(`(?s).+`)

// uuid is what the id of a thing looks like.
var uuid = textLike(`[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)

// aboutNow is how far a time in an answer may be from that of the test. It tells seconds from milliseconds, and does not mind a slow machine.
const aboutNow = time.Hour

// today is a date of about now: what a time on the control plane is to a client (CTRL-1).
var today = check("be a date of about now", func(got any) bool {
	d, ok := got.(date)
	return ok && time.Since(d.Time).Abs() < aboutNow
})

// epoch is about now in whole seconds: what a time on the device plane is (HTTP-3).
var epoch = check("be the whole seconds of about now", func(got any) bool {
	seconds, ok := wholeNumber(got)
	return ok && time.Since(time.Unix(seconds, 0)).Abs() < aboutNow
})

// between takes whole numbers, both ends included.
func between(least, most int64) matcher {
	return check(fmt.Sprintf("be a whole number from %d to %d", least, most), func(got any) bool {
		n, ok := wholeNumber(got)
		return ok && n >= least && n <= most
	})
}

// number takes a number however it is written: a double of 2 is 2.0 to one client and 2 to another.
func number(want float64) matcher {
	return check(fmt.Sprintf("be the number %g", want), func(got any) bool {
		n, ok := got.(json.Number)
		f, err := n.Float64()
		return ok && err == nil && f == want
	})
}

// textLike takes texts that match a regular expression as a whole.
func textLike(expression string) matcher {
	re := regexp.MustCompile(`^(?:` + expression + `)$`)
	return check("be a text like "+expression, func(got any) bool {
		text, ok := got.(string)
		return ok && re.MatchString(text)
	})
}

// containing takes texts that have all the parts in them.
func containing(parts ...string) matcher {
	return check(fmt.Sprintf("be a text with %q in it", parts), func(got any) bool {
		text, ok := got.(string)
		return ok && !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(text, part) })
	})
}

// inAnyOrder takes a list with these entries, in whatever order.
func inAnyOrder(want List) matcher {
	return check(fmt.Sprintf("be a list of %s in any order", show(want)), func(got any) bool {
		list, ok := got.([]any)
		left := slices.Clone(want)
		for _, entry := range list {
			left = slices.DeleteFunc(left, func(w any) bool { return len(match("", w, entry)) == 0 })
		}
		return ok && len(list) == len(want) && len(left) == 0
	})
}

func check(must string, ok func(got any) bool) matcher {
	return func(path string, got any) []string {
		if ok(got) {
			return nil
		}
		return []string{fmt.Sprintf("%s: got %s, must %s", path, show(got), must)}
	}
}

// match compares what a client has seen with what it must see, and returns a line for each fault. A list has as many entries as wanted, in
// their order. A whole number is not a fraction, and a date is not a text.
func match(path string, want, got any) (faults []string) {
	switch want := want.(type) {
	case matcher:
		return want(path, got)
	case exactly:
		return matchExactly(path, want, got)
	case Members:
		return matchMembers(path, want, got)
	case List:
		return matchList(path, want, got)
	case int:
		return between(int64(want), int64(want))(path, got)
	default:
		return check("be "+show(want), func(got any) bool { return reflect.DeepEqual(want, got) })(path, got)
	}
}

func matchExactly(path string, want exactly, got any) (faults []string) {
	faults = matchMembers(path, Members(want), got)
	members, _ := got.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if _, wanted := want[name]; !wanted {
			faults = append(faults, absent(join(path, name), members[name])...)
		}
	}
	return faults
}

func matchMembers(path string, want Members, got any) (faults []string) {
	members, ok := got.(map[string]any)
	if !ok {
		return check("be a structure", func(any) bool { return false })(path, got)
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		faults = append(faults, match(join(path, name), want[name], members[name])...)
	}
	return faults
}

func matchList(path string, want List, got any) (faults []string) {
	list, ok := got.([]any)
	if !ok || len(list) != len(want) {
		return check(fmt.Sprintf("be a list of %d", len(want)), func(any) bool { return false })(path, got)
	}
	for i := range want {
		faults = append(faults, match(fmt.Sprintf("%s[%d]", path, i), want[i], list[i])...)
	}
	return faults
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// wholeNumber reads a number that was written without a fraction.
func wholeNumber(got any) (int64, bool) {
	number, ok := got.(json.Number)
	if !ok {
		return 0, false
	}
	n, err := number.Int64()
	return n, err == nil
}

func show(value any) string {
	if value == nil {
		return "nothing"
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(raw)
}
