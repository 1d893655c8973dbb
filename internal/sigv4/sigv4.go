// Package sigv4 verifies AWS Signature Version 4 on received HTTP requests, in both forms: the Authorization header and the presigned query.
//
// It answers one question: was this request, exactly as it came over the wire, signed with the secret of the access key it names, just now, for this
// region and one of these services? What the caller may do is not decided here. It never signs, never reads a body, never starts a goroutine, and
// never shows a signature, a token or a secret in an error.
//
// A request passes these files in order: read.go finds the signature (header.go, presigned.go, credential.go, date.go take it apart), check.go refuses
// what needs no secret, canonical.go (query.go, payload.go) rebuilds the text that the client signed, key.go holds the keys.
//
// A signature protects what it covers and nothing else. So a header that carries meaning must be signed (mustBeSigned), and two requests with the same
// canonical form must mean the same to whoever reads them afterwards; queries in which net/http would see something else than we do are refused.
package sigv4

import (
	"context"
	"crypto/hmac"
	"fmt"
	"net/http"
	"time"
)

// Identity is who a request says it is from, and for what it was signed. Only Verify makes it more than a claim.
type Identity struct {
	AccessKeyID string
	Service     string // of the credential scope: "iot", "iot-jobs-data", …; it chooses the plane (HTTP-1)
	Region      string
	SignedAt    time.Time // whole seconds, UTC
	Presigned   bool
	Owner       any // Secret.Owner; only Verify knows it
}

// Secret is what a key lookup yields.
type Secret struct {
	SecretAccessKey string
	SessionToken    string    // empty = long-term key, the request must carry no token; else it must carry exactly this one
	ExpiresAt       time.Time // zero = never
	// Owner is whose key it is, in the words of whoever looked it up; Verify hands it on unseen, so that a key and its owner come from one look-up.
	Owner any
}

// Verifier verifies requests. The fields are set once, before the first use; then any number of goroutines may call it. It must not be copied.
type Verifier struct {
	// Region is the only region accepted in a credential scope.
	Region string
	// Services are the names accepted in a credential scope, in the order in which a refusal names them.
	Services []string
	// Lookup finds the secret of an access key; false = no such key. An error is ours and is passed on. The id is 1 to 128 printable ASCII characters
	// without a slash. The token is the one that the request carries, believed by nobody yet, or empty: credentials that are stored nowhere are all in
	// it. Called only for requests that are well formed, in time and in scope.
	Lookup func(ctx context.Context, accessKeyID, token string) (Secret, bool, error)
	// Now is the real clock, also when the service runs on virtual time: clients sign with theirs.
	Now func() time.Time
	// AllowUnsignedPayload says whether requests for the service may leave their body out of the signature (UNSIGNED-PAYLOAD); nil = never.
	// Give it only to listeners with TLS: nothing else protects such a body.
	AllowUnsignedPayload func(service string) bool

	keys keyCache
}

// Claim is what a request says about its own signature. The zero value is that of a request without one.
type Claim struct{ signature *signature }

// Read takes the signature of a request apart and believes nothing. One that cannot be read is an *Error.
func Read(r *http.Request) (Claim, error) {
	sig, _, err := read(r)
	return Claim{sig}, err
}

// Signed tells whether there is a signature.
func (c Claim) Signed() bool { return c.signature != nil }

// Identity is who the request says it is from: for the choice of the plane before Verify, and for emulator mode. It is zero without a signature.
func (c Claim) Identity() Identity {
	if c.signature == nil {
		return Identity{}
	}
	return c.signature.identity()
}

// Verify says who signed r. The body is passed because it was read already, with its limit, by the caller; r.Body is not touched.
// A refusal is an *Error; any other error is ours (Lookup failed).
func (v *Verifier) Verify(r *http.Request, body []byte) (Identity, error) {
	claim, err := Read(r)
	if err != nil {
		return Identity{}, err
	}
	return v.VerifyClaim(r, claim, body)
}

// VerifyClaim is Verify of a request whose claim was read before, so that it is read only once.
func (v *Verifier) VerifyClaim(r *http.Request, claim Claim, body []byte) (Identity, error) {
	sig := claim.signature
	if sig == nil {
		return Identity{}, missingToken()
	}
	now := v.Now().UTC()
	// What needs no secret comes first, cheapest first, so that a stranger cannot make us look up keys or hash bodies. Time before
	// headers before scope is the order that the authors of emulators recorded from AWS: a client with a wrong clock and a wrong region hears of the clock.
	if err := checkTime(sig, now); err != nil {
		return Identity{}, err
	}
	if err := checkSignedHeaders(r, sig); err != nil {
		return Identity{}, err
	}
	if err := v.checkScope(sig); err != nil {
		return Identity{}, err
	}

	// An unknown key is answered faster than a known one, and with another text (HTTP-7). Doing useless work to even out the time would hide nothing
	// that the text does not say; access key ids are no secrets, every presigned URL shows one.
	id := sig.credential.accessKeyID
	secret, known, err := v.Lookup(r.Context(), id, sig.token)
	if err != nil {
		return Identity{}, fmt.Errorf("look up access key %s: %w", id, err)
	}
	if !known || !hmac.Equal([]byte(sig.token), []byte(secret.SessionToken)) {
		return Identity{}, unrecognizedClient()
	}
	if secret.SecretAccessKey == "" {
		// Anybody can sign with the empty secret.
		return Identity{}, fmt.Errorf("look up access key %s: the secret is empty", id)
	}

	payload, err := v.payloadHash(r, sig, body)
	if err != nil {
		return Identity{}, err
	}
	canonical, err := canonicalRequest(r, sig, payload)
	if err != nil {
		return Identity{}, err
	}
	key := v.keys.signingKey(scopeKey{
		secret: secret.SecretAccessKey, date: sig.credential.date, region: sig.credential.region, service: sig.credential.service,
	})
	if !key.signed(sig.stringToSign(canonical), sig.value) {
		return Identity{}, signatureMismatch()
	}
	// Last, so that only the owner of the key learns that it has expired.
	if !secret.ExpiresAt.IsZero() && !now.Before(secret.ExpiresAt) {
		return Identity{}, expiredToken()
	}
	identity := sig.identity()
	identity.Owner = secret.Owner
	return identity, nil
}
