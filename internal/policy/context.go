package policy

import "strings"

// Context finds the values of a context key such as "aws:sourceip". The key comes spelled as ContextKey spells it. No values means that the request
// has no such key; several are what AWS calls a multivalued key. The result is read at once and never kept or changed. A nil Context has no keys.
type Context func(key string) []string

// ContextKey is the one spelling of a context key. AWS does not distinguish keys by case, so it is lower case, except for what stands in brackets:
// iot:Connection.Thing.Attributes[Model] names an attribute of a thing, and those differ by case.
func ContextKey(name string) string {
	if i := strings.IndexByte(name, '['); i >= 0 {
		return strings.ToLower(name[:i]) + name[i:]
	}
	return strings.ToLower(name)
}

// foreignKey stands for a key that the dialect does not have; it never has values.
const foreignKey = ""

// contextKey is the key under which a policy of the dialect finds the values of name.
func (d Dialect) contextKey(name string) string {
	key := ContextKey(name)
	if d == IoTCore && strings.HasPrefix(key, "credentials-iot:") {
		return foreignKey // AWS fills these for the policies of roles only
	}
	return key
}

func (c Context) values(key string) []string {
	if c == nil || key == foreignKey {
		return nil
	}
	return c(key)
}

// isContextKey: a service prefix, a colon, a name. Names of thing attributes and of tags hold almost every character.
func isContextKey(name string) bool {
	prefix, rest, found := strings.Cut(name, ":")
	return found && onlyHas(prefix, isNameChar) && onlyHas(rest, func(c byte) bool { return c >= ' ' && strings.IndexByte("'{}$", c) < 0 })
}

func isNameChar(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-'
}

// onlyHas also wants at least one character.
func onlyHas(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return s != ""
}
