package sigv4

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
)

// Error is a refusal, in AWS's words (HTTP-7). It is made for the client: Message holds nothing secret.
type Error struct {
	Type    string // without prefix, such as InvalidSignatureException
	Status  int
	Message string
}

func (e *Error) Error() string { return e.Type + ": " + e.Message }

// incomplete refuses a signature that cannot be read.
func incomplete(format string, args ...any) *Error {
	return &Error{Type: "IncompleteSignatureException", Status: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}

// invalid refuses a signature that can be read but is not good.
func invalid(format string, args ...any) *Error {
	return &Error{Type: "InvalidSignatureException", Status: http.StatusForbidden, Message: fmt.Sprintf(format, args...)}
}

func missingToken() *Error {
	return &Error{Type: "MissingAuthenticationTokenException", Status: http.StatusForbidden, Message: "Missing Authentication Token"}
}

func unrecognizedClient() *Error {
	return &Error{Type: "UnrecognizedClientException", Status: http.StatusForbidden, Message: "The security token included in the request is invalid."}
}

func expiredToken() *Error {
	return &Error{Type: "ExpiredTokenException", Status: http.StatusForbidden, Message: "The security token included in the request is expired"}
}

func signatureMismatch() *Error {
	return invalid("The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
}

func twoSignatures() *Error {
	return incomplete("Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization header should be specified")
}

func unsupportedAlgorithm(name string) *Error {
	return incomplete("Unsupported AWS 'algorithm': '%s' (only AWS4-HMAC-SHA256 for now). ", shown(name))
}

// hashed stands for an Authorization header in a message, as at AWS: a client can recognise its own header, and no log ever holds a signature,
// nor the password or token of a client that mistook the scheme.
func hashed(header string) string {
	sum := sha256.Sum256([]byte(header))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// shown makes a piece of the request fit for a message: short, printable, on one line.
func shown(s string) string {
	const limit = 64
	cut := ""
	if len(s) > limit {
		s, cut = s[:limit], "…"
	}
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, s) + cut
}
