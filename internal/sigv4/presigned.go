package sigv4

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	paramAlgorithm     = "X-Amz-Algorithm"
	paramCredential    = "X-Amz-Credential"
	paramSignature     = "X-Amz-Signature"
	paramSignedHeaders = "X-Amz-SignedHeaders"
	paramDate          = "X-Amz-Date"
	paramExpires       = "X-Amz-Expires"
	paramToken         = "X-Amz-Security-Token"
	paramContentSHA256 = "X-Amz-Content-Sha256"
)

const maxExpires = 7 * 24 * time.Hour

// isPresigned also finds a presigned URL that lost a part (a shell that ends at "&"), so that the answer can say which.
func isPresigned(query []param) bool {
	for _, p := range query {
		switch p.name {
		case paramAlgorithm, paramCredential, paramSignature:
			return true
		}
	}
	return false
}

func readPresigned(query []param) (*signature, *Error) {
	for i, p := range query[1:] { // sorted: equal names are neighbours
		if p.name != query[i].name {
			continue
		}
		switch p.name {
		case paramAlgorithm, paramCredential, paramSignature, paramSignedHeaders, paramDate, paramExpires, paramToken, paramContentSHA256:
			return nil, incomplete("The query string has more than one '%s' parameter.", p.name)
		}
	}

	var missing strings.Builder
	for _, name := range [...]string{paramAlgorithm, paramCredential, paramSignature, paramSignedHeaders, paramDate} {
		if value, _ := paramValue(query, name); value == "" {
			missing.WriteString("AWS query-string parameters must include '" + name + "'. ")
		}
	}
	if missing.Len() > 0 {
		return nil, incomplete("%sRe-examine the query-string parameters.", missing.String())
	}
	if name, _ := paramValue(query, paramAlgorithm); name != algorithm {
		return nil, unsupportedAlgorithm(name)
	}

	sig := &signature{presigned: true}
	sig.value, _ = paramValue(query, paramSignature)
	sig.token, _ = paramValue(query, paramToken)
	text, _ := paramValue(query, paramCredential)
	var err *Error
	if sig.credential, err = parseCredential(text); err != nil {
		return nil, err
	}
	text, _ = paramValue(query, paramSignedHeaders)
	if sig.signedHeaders, err = parseSignedHeaders(text); err != nil {
		return nil, err
	}
	text, _ = paramValue(query, paramDate)
	if sig.signedAt, err = parseISODate(text); err != nil {
		return nil, err
	}
	if text, found := paramValue(query, paramExpires); found {
		if sig.expires, err = parseExpires(text); err != nil {
			return nil, err
		}
	}
	return sig, nil
}

// parseExpires reads X-Amz-Expires, in seconds. It may be left out (many clients that presign an MQTT WebSocket do): see checkTime.
func parseExpires(text string) (time.Duration, *Error) {
	seconds, err := strconv.ParseUint(text, 10, 32)
	switch {
	case err != nil:
		return 0, incomplete("X-Amz-Expires should be a number")
	case seconds == 0:
		return 0, incomplete("X-Amz-Expires must be greater than zero")
	case seconds > uint64(maxExpires/time.Second):
		return 0, incomplete("X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds")
	}
	return time.Duration(seconds) * time.Second, nil
}

// paramValue is the decoded value of a parameter whose name needs no encoding.
func paramValue(query []param, name string) (string, bool) {
	for _, p := range query {
		if p.name == name {
			value, err := url.PathUnescape(p.value)
			return value, err == nil // canonical encoding is always well formed
		}
	}
	return "", false
}
