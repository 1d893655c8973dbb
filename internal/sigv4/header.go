package sigv4

import (
	"net/http"
	"strings"
)

// readHeader takes apart
//
//	AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…
//
// and the headers that belong to it. Between the parts AWS takes commas, spaces or both, and so do clients.
func readHeader(r *http.Request, header string) (*signature, *Error) {
	if len(header) > maxAuthorization {
		return nil, incomplete("The Authorization header is longer than %d bytes.", maxAuthorization)
	}
	scheme, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	if scheme != algorithm {
		if strings.HasPrefix(scheme, "AWS4-") {
			return nil, unsupportedAlgorithm(scheme)
		}
		// Basic, Bearer or a bare token: it may be a secret, so not even the first word is repeated.
		return nil, notAPair(header)
	}
	parts, err := headerParts(rest, header)
	if err != nil {
		return nil, err
	}

	date, err := requestDate(r)
	if err != nil {
		return nil, err
	}
	var missing strings.Builder
	for _, part := range [...]struct{ name, value string }{
		{"Credential", parts.credential}, {"Signature", parts.signature}, {"SignedHeaders", parts.signedHeaders},
	} {
		if part.value == "" {
			missing.WriteString("Authorization header requires '" + part.name + "' parameter. ")
		}
	}
	if date == "" {
		missing.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
	}
	if missing.Len() > 0 {
		return nil, incomplete("%s(Hashed with SHA-256 and encoded with Base64) Authorization=%s", missing.String(), hashed(header))
	}

	sig := &signature{value: parts.signature}
	if sig.credential, err = parseCredential(parts.credential); err != nil {
		return nil, err
	}
	if sig.signedHeaders, err = parseSignedHeaders(parts.signedHeaders); err != nil {
		return nil, err
	}
	if sig.signedAt, err = parseDate(date); err != nil {
		return nil, err
	}
	if sig.token, err = onlyValue(r, "X-Amz-Security-Token"); err != nil {
		return nil, err
	}
	return sig, nil
}

type authorizationParts struct{ credential, signedHeaders, signature string }

func headerParts(rest, header string) (authorizationParts, *Error) {
	var parts authorizationParts
	separator := func(c rune) bool { return c == ',' || c == ' ' || c == '\t' }
	for pair := range strings.FieldsFuncSeq(rest, separator) {
		name, value, found := strings.Cut(pair, "=")
		if !found {
			return parts, notAPair(header)
		}
		var part *string
		switch name {
		case "Credential":
			part = &parts.credential
		case "SignedHeaders":
			part = &parts.signedHeaders
		case "Signature":
			part = &parts.signature
		default:
			return parts, incomplete("Authorization header has an unknown parameter '%s'.", shown(name))
		}
		if *part != "" {
			return parts, incomplete("Authorization header has more than one '%s' parameter.", name)
		}
		*part = value
	}
	return parts, nil
}

func notAPair(header string) *Error {
	return incomplete("Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '%s'.",
		hashed(header))
}

// requestDate is the date that the header form was signed with, "" if there is none. X-Amz-Date wins: clients that cannot choose Date send both.
func requestDate(r *http.Request) (string, *Error) {
	date, err := onlyValue(r, "X-Amz-Date")
	if date != "" || err != nil {
		return date, err
	}
	return onlyValue(r, "Date")
}

// onlyValue is the value of a header that makes no sense twice: which one would be meant? Absent is empty.
func onlyValue(r *http.Request, canonicalName string) (string, *Error) {
	switch values := r.Header[canonicalName]; len(values) {
	case 0:
		return "", nil
	case 1:
		return strings.TrimSpace(values[0]), nil
	default:
		return "", incomplete("The request has more than one %s header.", canonicalName)
	}
}
