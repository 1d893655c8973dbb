package wire

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// Require records a violation unless the member is there.
func (r *Reader) Require(name string) {
	if !r.Has(name) {
		r.Missing(r.At(name))
	}
}

// RequiredLong reads a whole number that must be there.
func (r *Reader) RequiredLong(name string, constraints ...IntConstraint) int64 {
	r.Require(name)
	value, _ := r.Long(name, constraints...)
	return value
}

// Objects reads an optional list of objects; null items are violations and left out.
func (r *Reader) Objects(name string) []*Reader {
	raw, ok := r.raw(name)
	if !ok {
		return nil
	}
	var list []map[string]json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		r.wrongType(name, raw, "a list of objects")
		return nil
	}
	items := make([]*Reader, 0, len(list))
	for i, members := range list {
		at := r.At(name) + "." + strconv.Itoa(i+1) + ".member"
		if members == nil {
			r.Missing(at)
			continue
		}
		items = append(items, &Reader{members: members, path: at, NumericStrings: r.NumericStrings, Violations: r.Violations})
	}
	return items
}

// unbounded is no upper bound.
const unbounded = math.MaxInt

// Count bounds the number of items of an optional list; what is no list is left to the one who reads it.
func (r *Reader) Count(name string, least, most int) {
	raw, ok := r.raw(name)
	var list []json.RawMessage
	switch {
	case !ok || json.Unmarshal(raw, &list) != nil:
	case len(list) < least:
		r.Add(Quote(string(raw)), r.At(name), MinLen(least).text)
	case len(list) > most:
		r.Add(Quote(string(raw)), r.At(name), MaxLen(most).text)
	}
}

// Asks tells whether a member asks for anything: null, false, [] and objects with nothing but nulls do not. A path leads into member objects:
// thingTypeProperties.mqtt5Configuration.
func (r *Reader) Asks(path string) bool {
	name, rest, nested := strings.Cut(path, ".")
	raw, ok := r.raw(name)
	if nested {
		var members map[string]json.RawMessage
		_ = json.Unmarshal(raw, &members) // what is no object asks for nothing in it
		return (&Reader{members: members}).Asks(rest)
	}
	if !ok {
		return false
	}
	var members map[string]*json.RawMessage
	var items []json.RawMessage
	switch raw[0] {
	case '{':
		_ = json.Unmarshal(raw, &members) // raw is valid JSON and an object
		for _, member := range members {
			if member != nil {
				return true
			}
		}
		return false
	case '[':
		_ = json.Unmarshal(raw, &items) // raw is valid JSON and a list
		return len(items) > 0
	default:
		return string(raw) != "false"
	}
}
