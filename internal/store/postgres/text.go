package postgres

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// storable refuses what the database cannot keep as text.
func storable(what, name string) error {
	if name == "" || !isText(name) {
		return fmt.Errorf("the %s %q is empty or no text", what, name)
	}
	return nil
}

func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// storableText is a name to look for. What cannot be stored is not there, as nothing has the empty name.
func storableText(name string) string {
	if !isText(name) {
		return ""
	}
	return name
}
