package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

// canonicalRequest is the text that the client hashed before signing.
func canonicalRequest(r *http.Request, sig *signature, payload string) ([]byte, error) {
	path, _ := target(r)
	buf := make([]byte, 0, 1024)
	buf = append(buf, r.Method...)
	buf = append(buf, '\n')
	buf = appendPath(buf, path, habitsOf(sig.credential.service))
	buf = append(buf, '\n')
	buf = appendQuery(buf, sig)
	buf = append(buf, '\n')
	for _, name := range sig.signedHeaders {
		buf = append(buf, name...)
		buf = append(buf, ':')
		var found bool
		if buf, found = appendHeader(buf, r, name); !found {
			return nil, invalid("The signed header '%s' is missing from the request.", shown(name))
		}
		buf = append(buf, '\n')
	}
	buf = append(buf, '\n')
	for i, name := range sig.signedHeaders {
		if i > 0 {
			buf = append(buf, ';')
		}
		buf = append(buf, name...)
	}
	buf = append(buf, '\n')
	return append(buf, payload...), nil
}

// appendPath encodes the path as received once more, with "/" kept (HTTP-1): $next is signed as %24next, %24next as %2524next.
// Clients also remove "//" and ".." before they sign; we do not, since a handler must not act on a path that differs from the signed one.
func appendPath(buf []byte, path string, habits habits) []byte {
	if path == "" {
		return append(buf, '/')
	}
	if habits.pathOnce {
		return append(buf, path...)
	}
	for i := range len(path) {
		if c := path[i]; c == '/' {
			buf = append(buf, c)
		} else {
			buf = appendEscaped(buf, c)
		}
	}
	return buf
}

// appendHeader writes the values of a signed header; false = the request does not have it.
func appendHeader(buf []byte, r *http.Request, lowerName string) ([]byte, bool) {
	switch lowerName {
	case "host": // net/http moves it out of the map
		return appendFolded(buf, r.Host), r.Host != ""
	case "content-length": // the number that was acted on, however it was spelled
		return strconv.AppendInt(buf, r.ContentLength, 10), r.ContentLength >= 0
	}
	values := r.Header[textproto.CanonicalMIMEHeaderKey(lowerName)]
	for i, value := range values {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = appendFolded(buf, value)
	}
	return buf, len(values) > 0
}

// appendFolded removes blanks around the value and makes one space of each run of blanks inside.
func appendFolded(buf []byte, value string) []byte {
	first := true
	for word := range strings.FieldsFuncSeq(value, func(c rune) bool { return c == ' ' || c == '\t' }) {
		if !first {
			buf = append(buf, ' ')
		}
		first = false
		buf = append(buf, word...)
	}
	return buf
}

func (s *signature) stringToSign(canonicalRequest []byte) []byte {
	sum := sha256.Sum256(canonicalRequest)
	buf := make([]byte, 0, 256)
	buf = append(buf, algorithm...)
	buf = append(buf, '\n')
	buf = s.signedAt.AppendFormat(buf, isoBasic)
	buf = append(buf, '\n')
	buf = append(buf, s.credential.scope()...)
	buf = append(buf, '\n')
	return hex.AppendEncode(buf, sum[:])
}
