package sigv4

import "strings"

const terminator = "aws4_request"

// credential is AKID/20261124/us-east-1/iot-jobs-data/aws4_request; all parts are non-empty printable ASCII.
type credential struct {
	accessKeyID, date, region, service, terminator string
}

func parseCredential(text string) (credential, *Error) {
	if len(text) > maxCredential {
		return credential{}, incomplete("Credential is longer than %d bytes.", maxCredential)
	}
	// AWS repeats the value here. The usual cause is a secret in the place of the key id (secrets have slashes, ids have none), so we count instead.
	if n := strings.Count(text, "/") + 1; n != 5 {
		return credential{}, incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got %d", n)
	}
	var c credential
	for _, part := range [...]*string{&c.accessKeyID, &c.date, &c.region, &c.service, &c.terminator} {
		*part, text, _ = strings.Cut(text, "/")
		// The presigned form can spell any byte; from here on the parts go to the store, the log and the answer.
		if *part == "" || strings.ContainsFunc(*part, func(c rune) bool { return c <= ' ' || c > '~' }) {
			return credential{}, incomplete("Credential must have exactly 5 slash-delimited elements of printable ASCII, " +
				"e.g. keyid/date/region/service/term; one is empty or has another character")
		}
	}
	if len(c.accessKeyID) > maxAccessKeyID {
		return credential{}, incomplete("The access key id in Credential is longer than %d bytes.", maxAccessKeyID)
	}
	return c, nil
}

// scope is the credential without its key, as it stands in the string to sign.
func (c credential) scope() string {
	return c.date + "/" + c.region + "/" + c.service + "/" + c.terminator
}

// parseSignedHeaders wants the names as every AWS client writes them: lower case, ascending, none twice. Another order would leave open in which
// order the client signed them.
func parseSignedHeaders(text string) ([]string, *Error) {
	if strings.Count(text, ";") >= maxSignedHeaders {
		return nil, incomplete("SignedHeaders has more than %d names.", maxSignedHeaders)
	}
	names := strings.Split(text, ";")
	for i, name := range names {
		if !isLowerToken(name) {
			return nil, incomplete("SignedHeaders must be header names in lower case, separated by ';', got '%s'", shown(name))
		}
		if i > 0 && names[i-1] >= name {
			return nil, incomplete("SignedHeaders must be in alphabetical order and hold each name once: '%s' follows '%s'", shown(name), shown(names[i-1]))
		}
	}
	return names, nil
}

// isLowerToken: a header name (RFC 9110, 5.6.2) without capitals.
func isLowerToken(name string) bool {
	for i := range len(name) {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return name != ""
}
