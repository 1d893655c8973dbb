package query

import "strings"

// source is where in a Document the values of a field come from.
type source uint8

const (
	anyField source = iota // the term names no field
	thingName
	thingID
	thingTypeName
	thingGroupNames
	attribute
	registryVersion
	connected
	connectionTimestamp
	disconnectReason
	shadow
)

// field is what a term looks at. The zero field is all that a word without a field searches.
type field struct {
	source source
	name   string // in canonical spelling
	key    string // an attribute's name
	path   []step // into the tree of shadows
}

// step goes from an object to one of its members.
type step struct {
	member string
	any    bool // the step *: any member
}

// fixedFields have one source each. AWS says that registry.version is indexed but cannot be searched; here it can (CTRL-3.4.2).
var fixedFields = map[string]source{
	"thingName": thingName, "thingId": thingID, "thingTypeName": thingTypeName, "thingGroupNames": thingGroupNames,
	"registry.version": registryVersion, "connectivity.connected": connected, "connectivity.timestamp": connectionTimestamp,
	"connectivity.disconnectReason": disconnectReason,
}

// searchedWithoutField are what a word without a field is looked for in. AWS names the registry and the shadows, not connectivity
// (CTRL-3.4.7).
var searchedWithoutField = []source{thingName, thingID, thingTypeName, thingGroupNames, attribute, shadow}

// parseField knows the field of a name; names have exact case.
func parseField(name glyphs) (f field, ok bool) {
	f.name = name.spelled()
	head, rest, _ := strings.Cut(name.plain(), ".")
	switch {
	case head == "shadow":
		f.source = shadow
		f.path, ok = shadowPath(name.split()[1:])
	case name.wild():
	case head == "attributes":
		f.source, f.key, ok = attribute, rest, rest != ""
	default:
		f.source, ok = fixedFields[name.plain()]
	}
	return f, ok
}

// shadowPath checks what follows "shadow": hasDelta, a section and a path into it, or name, the name of a shadow and then the same (CTRL-3.4.4).
func shadowPath(parts []glyphs) (path []step, ok bool) {
	for _, part := range parts {
		s := step{member: part.plain(), any: len(part) == 1 && part[0] == star}
		if s.member == "" || part.wild() && !s.any {
			return nil, false
		}
		path = append(path, s)
	}
	inShadow := path
	if len(path) > 2 && path[0].member == "name" {
		inShadow = path[2:]
	}
	if len(inShadow) == 0 {
		return nil, false
	}
	switch inShadow[0].member {
	case "reported", "desired", "delta", "metadata":
		return path, true
	case "hasDelta":
		return path, len(inShadow) == 1
	}
	return nil, false
}

// fieldHint says what the author of an unknown field's name may have meant: thingname, thingGroupName, thingType, attributes, Attributes.x.
func fieldHint(name string) string {
	asked := strings.ToLower(name)
	for _, known := range []string{
		"thingName", "thingId", "thingTypeName", "thingGroupNames", "attributes.NAME", "registry.version",
		"connectivity.connected", "connectivity.timestamp", "connectivity.disconnectReason", "shadow.reported.PATH", "shadow.hasDelta",
	} {
		prefix := strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(known, "NAME"), "PATH"))
		begun := len(asked) > len(prefix)/2 && strings.HasPrefix(prefix, asked)
		if begun || strings.HasSuffix(prefix, ".") && strings.HasPrefix(asked, prefix) && !strings.HasPrefix(name, prefix) {
			return "did you mean " + known + "? Names of fields have exact case"
		}
	}
	return "fields are thingName, thingId, thingTypeName, thingGroupNames, attributes.NAME, registry.version, connectivity.connected, " +
		"connectivity.timestamp, connectivity.disconnectReason, shadow.hasDelta, shadow.reported.PATH (or desired, delta, metadata), " +
		"and shadow.name.SHADOW followed by .hasDelta or .reported.PATH"
}
