package sigv4

import (
	"cmp"
	"slices"
	"strings"
)

// param is one parameter of the query, in canonical encoding: RFC 3986, upper-case hexadecimal, only unreserved characters left as they are.
type param struct{ name, value string }

// parseQuery reads a raw query into canonical order: by encoded name, then by encoded value. On an error it returns what it read so far.
//
// It reads exactly what url.Values would: "+" is a space, a name alone has an empty value, empty pieces are nothing. Signing "+" as itself, as RFC 3986
// has it, would let somebody on the way change "%2B" to "+" unseen, and the handler would read a space. For the same reason what net/http drops
// silently (";", broken escapes) is refused: nobody would notice the loss.
func parseQuery(raw string) ([]param, *Error) {
	if raw == "" {
		return nil, nil
	}
	if len(raw) > maxQuery {
		return nil, incomplete("The query string is longer than %d bytes.", maxQuery)
	}
	if strings.Count(raw, "&") >= maxParams {
		return nil, incomplete("The query string has more than %d parameters.", maxParams)
	}
	params := make([]param, 0, strings.Count(raw, "&")+1)
	for piece := range strings.SplitSeq(raw, "&") {
		if piece == "" {
			continue
		}
		name, value, _ := strings.Cut(piece, "=")
		name, okName := reencode(name)
		value, okValue := reencode(value)
		if !okName || !okValue {
			return params, incomplete("The query string must be percent-encoded: it has a broken escape or a bare ';'.")
		}
		params = append(params, param{name, value})
	}
	slices.SortFunc(params, func(a, b param) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.value, b.value))
	})
	return params, nil
}

// reencode brings one name or value into canonical encoding; false = it cannot be decoded.
func reencode(raw string) (string, bool) {
	i := 0
	for i < len(raw) && unreserved(raw[i]) {
		i++
	}
	if i == len(raw) {
		return raw, true // nearly always
	}
	out := make([]byte, i, len(raw)+16)
	copy(out, raw)
	for ; i < len(raw); i++ {
		c := raw[i]
		switch c {
		case '+':
			c = ' '
		case ';':
			return "", false
		case '%':
			if i+2 >= len(raw) || !isHex(raw[i+1]) || !isHex(raw[i+2]) {
				return "", false
			}
			c = fromHex(raw[i+1])<<4 | fromHex(raw[i+2])
			i += 2
		}
		out = appendEscaped(out, c)
	}
	return string(out), true
}

func appendQuery(buf []byte, sig *signature) []byte {
	first := true
	for _, p := range sig.query {
		if sig.presigned && (p.name == paramSignature || p.name == paramToken && habitsOf(sig.credential.service).tokenOutside) {
			continue
		}
		if !first {
			buf = append(buf, '&')
		}
		first = false
		buf = append(buf, p.name...)
		buf = append(buf, '=')
		buf = append(buf, p.value...)
	}
	return buf
}

func appendEscaped(buf []byte, c byte) []byte {
	if unreserved(c) {
		return append(buf, c)
	}
	const digits = "0123456789ABCDEF"
	return append(buf, '%', digits[c>>4], digits[c&0xF])
}

// unreserved: RFC 3986, 2.3.
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func fromHex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	default:
		return c - 'a' + 10
	}
}
