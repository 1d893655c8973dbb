// Package auth says who is calling, and asks policies whether they may. It verifies signatures (or, in emulator mode, only reads them) and the
// certificates of devices; it never decides what an operation means.
package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"iotjobs/internal/registry"
	"iotjobs/internal/sigv4"
)

// Refusal is why a caller is not let in: AWS's type, status and text (HTTP-7).
type Refusal struct {
	Type    string
	Status  int
	Message string
	// Principal is who was refused, for logs; empty if that is not known.
	Principal string
}

func (r *Refusal) Error() string { return r.Type + ": " + r.Message }

// Keys knows the access keys.
type Keys interface {
	// AccessKey is a key that may sign now; nil without an error for one that is unknown, revoked or inactive.
	AccessKey(ctx context.Context, id string) (*registry.Credential, error)
}

// Authenticator checks signatures against the keys, and certificates and temporary credentials if it accepts them.
type Authenticator struct {
	verifier     *sigv4.Verifier
	certificates Certificates // nil accepts none
	noteUse      func(id string, use registry.KeyUse)
	sessions     Sessions // nil accepts none
	now          func() time.Time
	parse        bool
}

// NewVerifying lets in who signed with a known key. The services are the credential scopes that the listener serves; now is the real clock, whatever
// the service's time is.
func NewVerifying(keys Keys, region string, services []string, now func() time.Time) *Authenticator {
	a := &Authenticator{now: now}
	a.verifier = &sigv4.Verifier{
		Region: region, Services: services, Now: now,
		Lookup: func(ctx context.Context, id, token string) (sigv4.Secret, bool, error) {
			if token != "" {
				return a.lookUpSession(ctx, id, token)
			}
			key, err := keys.AccessKey(ctx, id)
			if err != nil || key == nil {
				return sigv4.Secret{}, false, err
			}
			return sigv4.Secret{SecretAccessKey: key.Secret, Owner: key}, true, nil
		},
	}
	return a
}

// NoteUse tells for each request with a good signature which key signed it, but not of temporary credentials; note must not block. Call it before the first request.
func (a *Authenticator) NoteUse(note func(id string, use registry.KeyUse)) { a.noteUse = note }

// NewParsing reads credential scopes and verifies nothing: emulator mode.
func NewParsing() *Authenticator { return &Authenticator{parse: true} }

// Emulator tells whether nothing is verified.
func (a *Authenticator) Emulator() bool { return a.parse }

// Claim is what a request says of who signed it. Nobody believes it before Authenticate.
type Claim struct{ signature sigv4.Claim }

// Signed tells whether there is a signature.
func (c Claim) Signed() bool { return c.signature.Signed() }

// Service is what the request was signed for; empty without a signature.
func (c Claim) Service() string { return c.signature.Identity().Service }

// Claim reads the signature of a request. An unsigned one may go on if it has a certificate, and any may in emulator mode. A signature decides even
// beside a certificate.
func (a *Authenticator) Claim(r *http.Request) (Claim, error) {
	claim, err := sigv4.Read(r)
	if err == nil && !claim.Signed() && !a.parse && a.certificateOf(r) == nil {
		err = &sigv4.Error{Type: "MissingAuthenticationTokenException", Status: http.StatusForbidden, Message: "Missing Authentication Token"}
	}
	return Claim{claim}, refusal(err)
}

// Authenticate says who signed the request with this body, as it claims, or else whose certificate the connection has.
func (a *Authenticator) Authenticate(r *http.Request, claim Claim, body []byte) (Principal, error) {
	if a.parse {
		return Principal{AccessKeyID: claim.signature.Identity().AccessKeyID, SourceIP: SourceIP(r), Emulator: true}, nil
	}
	if shown := a.certificateOf(r); shown != nil && !claim.Signed() {
		return a.byCertificate(r, shown)
	}
	id, err := a.verifier.VerifyClaim(r, claim.signature, body)
	if err != nil {
		return Principal{}, refusal(err)
	}
	who := Principal{AccessKeyID: id.AccessKeyID, SourceIP: SourceIP(r), Secure: r.TLS != nil}
	if key, ok := id.Owner.(*registry.Credential); ok {
		who.User, who.Session = key.User, key.Session
	}
	if a.noteUse != nil && who.Session == nil { // temporary credentials are no keys of anybody
		a.noteUse(id.AccessKeyID, registry.KeyUse{At: a.now().UTC(), Service: id.Service, Region: id.Region})
	}
	return who, nil
}

// certificateOf is the certificate of the connection, if certificates are accepted.
func (a *Authenticator) certificateOf(r *http.Request) *presented {
	if a.certificates == nil {
		return nil
	}
	return presentedBy(r)
}

// refusal turns the verifier's refusals into this package's; other errors are ours.
func refusal(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*sigv4.Error](err); ok {
		return &Refusal{Type: e.Type, Status: e.Status, Message: e.Message}
	}
	return fmt.Errorf("authenticate: %w", err)
}

// WrongService refuses a credential scope that no plane serves, in AWS's words.
func WrongService(want string) *Refusal {
	return &Refusal{
		Type: "InvalidSignatureException", Status: http.StatusForbidden,
		Message: fmt.Sprintf("Credential should be scoped to correct service: '%s'.", want),
	}
}
