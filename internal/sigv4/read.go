package sigv4

import (
	"net/http"
	"strings"
	"time"
)

const algorithm = "AWS4-HMAC-SHA256"

// signature is what a request says about its own signature: taken apart, not yet believed.
type signature struct {
	presigned     bool
	credential    credential
	signedHeaders []string // lower case, strictly ascending
	value         string   // as given; hexadecimal if it is any good
	signedAt      time.Time
	expires       time.Duration // presigned: how long it holds; zero = not said
	token         string
	query         []param // all of the query, in canonical order
}

func (s *signature) identity() Identity {
	return Identity{
		AccessKeyID: s.credential.accessKeyID,
		Service:     s.credential.service,
		Region:      s.credential.region,
		SignedAt:    s.signedAt,
		Presigned:   s.presigned,
	}
}

// read finds the signature of a request; false = there is none. Requests without one are never refused here: they may have a certificate.
func read(r *http.Request) (*signature, bool, error) {
	_, rawQuery := target(r)
	query, queryErr := parseQuery(rawQuery)
	authorization := r.Header["Authorization"]
	inHeader := len(authorization) > 1 || len(authorization) == 1 && strings.TrimSpace(authorization[0]) != ""
	inQuery := isPresigned(query)
	if queryErr != nil && !inQuery {
		// The part that could not be read may be the one with the signature; refuse it rather than call the request unsigned.
		inQuery = strings.Contains(rawQuery, paramSignature+"=")
	}
	switch {
	case inHeader && inQuery:
		return nil, true, twoSignatures()
	case inHeader && len(authorization) > 1:
		return nil, true, incomplete("The request has more than one Authorization header.")
	case !inHeader && !inQuery:
		return nil, false, nil
	case queryErr != nil:
		return nil, true, queryErr
	}
	var sig *signature
	var err *Error
	if inHeader {
		sig, err = readHeader(r, authorization[0])
	} else {
		sig, err = readPresigned(query)
	}
	if err != nil {
		return nil, true, err
	}
	if len(sig.token) > maxToken {
		return nil, true, incomplete("The security token is longer than %d bytes.", maxToken)
	}
	sig.query = query
	return sig, true, nil
}

// target is the path and the query as they came over the wire. r.URL.Path is decoded, which loses the difference between "$" and "%24", and both may
// have been changed by a handler before us.
func target(r *http.Request) (path, query string) {
	if strings.HasPrefix(r.RequestURI, "/") {
		path, query, _ = strings.Cut(r.RequestURI, "?")
		return path, query
	}
	// A request line with scheme and host, as sent to a proxy; or "*".
	return r.URL.EscapedPath(), r.URL.RawQuery
}
