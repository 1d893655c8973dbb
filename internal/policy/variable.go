package policy

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A variable stands for a value of the request: ${iot:ClientId}, ${aws:PrincipalTag/team, 'nobody'}.
type variable struct {
	key         string
	fallback    string // the default value; empty = none
	certificate bool   // its values come from a certificate, and with them some limits
}

// parseVariable reads the variable that text begins with, and says how long it is. ${*}, ${?} and ${$} are those characters as they are.
func parseVariable(text string, dialect Dialect) (token, int, error) {
	end := variableEnd(text)
	if end < 0 {
		return token{}, 0, errors.New("a variable that begins with ${ has no closing brace")
	}
	inside, length := text[len("${"):end], end+1
	if inside == "*" || inside == "?" || inside == "$" {
		return token{kind: literal, text: inside}, length, nil
	}
	name, fallback, err := splitDefault(inside)
	if err != nil {
		return token{}, 0, err
	}
	if !isContextKey(name) {
		return token{}, 0, fmt.Errorf("%s is not a variable: write a key as ${service:name}, or one of ${*}, ${?}, ${$}", quote(text[:length]))
	}
	key := dialect.contextKey(name)
	v := variable{key: key, fallback: fallback, certificate: strings.HasPrefix(key, "iot:certificate.")}
	return token{kind: substitute, variable: v}, length, nil
}

// variableEnd is the index of the brace that closes the variable; one in the quoted default does not.
func variableEnd(text string) int {
	quoted := false
	for i := range len(text) {
		switch {
		case text[i] == '\'':
			quoted = !quoted
		case text[i] == '}' && !quoted:
			return i
		}
	}
	return -1
}

// splitDefault takes "key, 'default'" apart.
func splitDefault(inside string) (name, fallback string, err error) {
	name, quoted, found := strings.Cut(inside, "'")
	if !found {
		return name, "", nil
	}
	name, comma := strings.CutSuffix(strings.TrimRight(name, " "), ",")
	fallback, closed := strings.CutSuffix(quoted, "'")
	if !comma || !closed || strings.Contains(fallback, "'") {
		return "", "", fmt.Errorf("%s has no default value of the form ${key, 'value'}", quote("${"+inside+"}"))
	}
	return strings.TrimRight(name, " "), fallback, nil
}

// value is what the variable stands for in this request. It has none if the request has no such key, if the key has several values (AWS allows
// only single-valued keys as variables), or if the value is empty: "${x}*" must not become "*".
func (v *variable) value(context Context) (string, bool) {
	if values := context.values(v.key); len(values) == 1 && values[0] != "" && (!v.certificate || isSubstitutable(values[0])) {
		return values[0], true
	}
	return v.fallback, v.fallback != ""
}

// isSubstitutable: AWS leaves a variable alone if the certificate's attribute holds one of these characters or is longer than this
// (IoT Core, "X.509 certificate policy variable limitations").
func isSubstitutable(value string) bool {
	const maxCharacters = 1024
	return !strings.ContainsAny(value, "*$+?#") && utf8.RuneCountInString(value) <= maxCharacters
}
