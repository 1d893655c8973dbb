package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"iotjobs/internal/jobs"
)

// Reader reads the members of one JSON object and collects what is wrong with them, so that one answer names every violation.
// Member names match exactly (encoding/json alone would take "Status" for "status"); unknown members are ignored, null is absent.
type Reader struct {
	members map[string]json.RawMessage
	path    string
	// NumericStrings accepts "2" for 2, as FreeRTOS-class clients send it (HTTP-2).
	NumericStrings bool
	*Violations
}

// NewReader parses a request body. An empty one stands for {}.
func NewReader(body []byte) (*Reader, error) {
	members, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	return &Reader{members: members, Violations: &Violations{}}, nil
}

func parseObject(body []byte) (map[string]json.RawMessage, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil
	}
	if !utf8.Valid(body) {
		return nil, jobs.Errorf(jobs.InvalidRequest, "The request body is not valid UTF-8.")
	}
	var members map[string]json.RawMessage
	dec := json.NewDecoder(bytes.NewReader(body))
	if err := dec.Decode(&members); err != nil {
		if _, wrongType := errors.AsType[*json.UnmarshalTypeError](err); wrongType {
			return nil, jobs.Errorf(jobs.InvalidRequest, "The request body must be a JSON object.")
		}
		return nil, jobs.Errorf(jobs.InvalidRequest, "The request body is not valid JSON: %s.", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, jobs.Errorf(jobs.InvalidRequest, "The request body has text after the JSON object.")
	}
	if members == nil { // the body is null
		return nil, jobs.Errorf(jobs.InvalidRequest, "The request body must be a JSON object.")
	}
	return members, nil
}

// raw is the member's JSON; ok is false when it is absent or null.
func (r *Reader) raw(name string) (raw json.RawMessage, ok bool) {
	raw, ok = r.members[name]
	return raw, ok && string(raw) != "null"
}

// Has tells whether the member is there and not null.
func (r *Reader) Has(name string) bool {
	_, ok := r.raw(name)
	return ok
}

// At is the full path of a member, as AWS names it in violations: with a small first letter even where the member has a capital one.
func (r *Reader) At(name string) string {
	name = strings.ToLower(name[:1]) + name[1:]
	if r.path == "" {
		return name
	}
	return r.path + "." + name
}

// String reads an optional string that must satisfy the constraints.
func (r *Reader) String(name string, constraints ...Constraint) (value string, ok bool) {
	raw, ok := r.raw(name)
	if !ok {
		return "", false
	}
	if json.Unmarshal(raw, &value) != nil {
		r.wrongType(name, raw, "a string")
		return "", false
	}
	return value, r.Check(value, r.At(name), constraints...)
}

// RequiredString reads a string that must be there.
func (r *Reader) RequiredString(name string, constraints ...Constraint) string {
	if !r.Has(name) {
		r.Missing(r.At(name))
		return ""
	}
	value, _ := r.String(name, constraints...)
	return value
}

// Long reads an optional whole number.
func (r *Reader) Long(name string, constraints ...IntConstraint) (value int64, ok bool) {
	raw, ok := r.raw(name)
	if !ok {
		return 0, false
	}
	text := string(raw)
	if r.NumericStrings && raw[0] == '"' {
		if json.Unmarshal(raw, &text) != nil {
			text = ""
		}
	}
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		r.wrongType(name, raw, "a whole number")
		return 0, false
	}
	return value, r.CheckInt(value, r.At(name), constraints...)
}

// Bool reads an optional boolean; absent is false.
func (r *Reader) Bool(name string) (value bool) {
	if raw, ok := r.raw(name); ok && json.Unmarshal(raw, &value) != nil {
		r.wrongType(name, raw, "a boolean")
	}
	return value
}

// Object reads an optional member object; nil if it is absent or of another type.
func (r *Reader) Object(name string) *Reader {
	raw, ok := r.raw(name)
	if !ok {
		return nil
	}
	members := map[string]json.RawMessage{}
	if json.Unmarshal(raw, &members) != nil {
		r.wrongType(name, raw, "an object")
		return nil
	}
	return &Reader{members: members, path: r.At(name), NumericStrings: r.NumericStrings, Violations: r.Violations}
}

// Strings reads an optional list of strings, each of which must satisfy the constraints; nil if absent.
func (r *Reader) Strings(name string, constraints ...Constraint) []string {
	raw, ok := r.raw(name)
	if !ok {
		return nil
	}
	list := []*string{}
	if json.Unmarshal(raw, &list) != nil {
		r.wrongType(name, raw, "a list of strings")
		return nil
	}
	values := make([]string, 0, len(list))
	for i, item := range list {
		at := r.At(name) + "." + strconv.Itoa(i+1) + ".member"
		if item == nil {
			r.Missing(at)
			continue
		}
		r.Check(*item, at, constraints...)
		values = append(values, *item)
	}
	return values
}

// StringMap reads an optional map of strings; nil if absent, empty but not nil for {}.
func (r *Reader) StringMap(name string, keys, values []Constraint) map[string]string {
	raw, ok := r.raw(name)
	if !ok {
		return nil
	}
	parsed := map[string]*string{}
	if json.Unmarshal(raw, &parsed) != nil {
		r.wrongType(name, raw, "a map of strings")
		return nil
	}
	m := make(map[string]string, len(parsed))
	for _, key := range slices.Sorted(maps.Keys(parsed)) {
		value := parsed[key]
		if value == nil {
			r.Missing(r.At(name) + "." + key + ".member")
			continue
		}
		m[key] = *value
	}
	r.CheckMap(m, r.At(name), keys, values)
	return m
}

func (r *Reader) wrongType(name string, raw json.RawMessage, want string) {
	r.Add(Quote(string(raw)), r.At(name), "Member must be "+want)
}
