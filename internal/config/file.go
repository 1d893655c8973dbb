package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"
)

// maxFileSize is far beyond all flags together; a wrong path (a log, a device) is noticed before it fills the memory.
const maxFileSize = 1 << 20

// File holds the values of a configuration file: a JSON object whose members are named as the flags without their dashes in front.
//
// The resolver that kong brings was tried and does not do: its file wins over the environment, it wants account_id for account-id, and it ignores
// what it does not know, so that a misspelt quota would silently not hold.
type File struct {
	values map[string]string
	envs   map[string]string // flag → environment variable
}

// ParseFile reads a configuration file and reports together all members that are no flags, that repeat, or whose value is of the wrong kind (text,
// number and boolean are not taken for each other). What the values mean is for Validate.
func ParseFile(r io.Reader) (*File, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFileSize+1))
	if err != nil {
		return nil, fmt.Errorf("configuration file: %w", err)
	}
	if len(data) > maxFileSize {
		return nil, fmt.Errorf("configuration file: longer than %d bytes", maxFileSize)
	}
	file := &File{values: make(map[string]string), envs: make(map[string]string)}
	types := make(map[string]reflect.Type)
	for field := range reflect.TypeFor[Config]().Fields() {
		name := field.Tag.Get("name")
		types[name] = field.Type
		file.envs[name] = field.Tag.Get("env")
	}

	var faults []error
	err = eachMember(data, func(name string, value json.RawMessage) {
		want, known := types[name]
		if !known {
			faults = append(faults, unknownMember(name, types))
			return
		}
		if _, twice := file.values[name]; twice {
			faults = append(faults, fmt.Errorf("configuration file: %q stands there twice", name))
			return
		}
		text, err := textOf(want, value)
		if err != nil {
			faults = append(faults, fmt.Errorf("configuration file: %q: %w", name, err))
		}
		file.values[name] = text
	})
	if err != nil {
		return nil, fmt.Errorf("configuration file: %w", err)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return file, nil
}

// Lookup returns the file's value of a flag as it would stand on the command line. It returns false if the file does not set the flag, and also if
// the environment does, since that wins.
func (f *File) Lookup(flag string) (string, bool) {
	if env := f.envs[flag]; env != "" {
		if _, set := os.LookupEnv(env); set {
			return "", false
		}
	}
	value, ok := f.values[flag]
	return value, ok
}

// eachMember calls fn for each member of the one JSON object in data, in its order, repeated ones too.
func eachMember(data []byte, fn func(name string, value json.RawMessage)) error {
	// A syntax error anywhere comes first, so that fn never sees half a file.
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return fmt.Errorf("want one JSON object, such as {\"region\": \"eu-west-1\"}: %w", err)
	}
	if object == nil {
		return errors.New("want one JSON object, got null")
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	if _, err := dec.Token(); err != nil { // {
		return err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return err
		}
		fn(fmt.Sprint(name), value)
	}
	return nil
}

// wanted says what a value must look like. These are the kinds of Config's fields.
var wanted = map[reflect.Kind]string{
	reflect.String: "text in quotation marks",
	reflect.Int:    "a whole number",
	reflect.Bool:   "true or false",
}

// textOf never quotes the value: it may be a URL with a password.
func textOf(want reflect.Type, value json.RawMessage) (string, error) {
	if want == reflect.TypeFor[time.Duration]() {
		var text string
		if json.Unmarshal(value, &text) == nil {
			if _, err := time.ParseDuration(text); err == nil {
				return text, nil
			}
		}
		return "", errors.New(`want a duration in quotation marks, such as "30m"`)
	}
	target := reflect.New(want)
	// Unmarshal takes null for anything and leaves the zero value.
	if json.Unmarshal(value, target.Interface()) != nil || string(value) == "null" {
		return "", fmt.Errorf("want %s", wanted[want.Kind()])
	}
	return fmt.Sprint(target.Elem()), nil
}

func unknownMember(name string, types map[string]reflect.Type) error {
	// The usual slips: account_id, --account-id, AccountID.
	plain := func(s string) string { return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(s)) }
	var known []string
	for flag := range types {
		if plain(flag) == plain(name) {
			return fmt.Errorf("configuration file: %q is not known; did you mean %q?", name, flag)
		}
		known = append(known, flag)
	}
	slices.Sort(known)
	return fmt.Errorf("configuration file: %q is not known; there are: %s", name, strings.Join(known, ", "))
}
