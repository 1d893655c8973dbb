package auth

import (
	"context"
	"fmt"

	"iotjobs/internal/registry"
	"iotjobs/internal/sigv4"
)

// Sessions knows the temporary credentials of devices.
type Sessions interface {
	// SessionKey is what the token says that came with an access key id; nil without an error for one that was never issued with it, or whose
	// certificate or role is no more. One that has only expired is returned: its owner shall read that it has.
	SessionKey(ctx context.Context, accessKeyID, token string) (*registry.Credential, error)
}

// AcceptSessions lets in devices with temporary credentials. Call it before the first request.
func (a *Authenticator) AcceptSessions(known Sessions) { a.sessions = known }

// lookUpSession is for the verifier, which compares the token with the one that belongs to the key: a token that was opened is that one.
func (a *Authenticator) lookUpSession(ctx context.Context, accessKeyID, token string) (sigv4.Secret, bool, error) {
	if a.sessions == nil {
		return sigv4.Secret{}, false, nil
	}
	key, err := a.sessions.SessionKey(ctx, accessKeyID, token)
	if err != nil {
		return sigv4.Secret{}, false, fmt.Errorf("look up a session: %w", err)
	}
	if key == nil || key.Session == nil {
		return sigv4.Secret{}, false, nil
	}
	return sigv4.Secret{SecretAccessKey: key.Secret, SessionToken: token, ExpiresAt: key.Session.ExpiresAt, Owner: key}, true, nil
}
