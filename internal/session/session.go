// Package session makes temporary credentials of roles and knows them again. They are stored nowhere: all that belongs to them is in their session
// token, sealed with the server's key file, so that any node with the same key file knows them, and nobody else can make or change one.
//
// It says what a token says, no more: whether the certificate and the role are still there is asked by others, for each request.
package session

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"iotjobs/internal/registry"
)

// Credentials sign requests until their session expires. The token goes with each of them.
type Credentials struct {
	AccessKeyID, SecretAccessKey, Token string
	Session                             registry.Session
}

// Sealer seals tokens and opens them; the id binds a token to its access key.
type Sealer interface {
	SealToken(id string, plaintext []byte) ([]byte, error)
	OpenToken(id string, sealed []byte) ([]byte, error)
}

// Keeper issues credentials and opens their tokens. Set the fields before the first call; it may be used concurrently.
type Keeper struct {
	Sealer Sealer
	// Now is the real clock, whatever the service's time is.
	Now func() time.Time

	opened cache
}

// Issue makes credentials that live for a time, and never longer than until notAfter: the end of the certificate. The times of s are set here.
func (k *Keeper) Issue(s registry.Session, life time.Duration, notAfter time.Time) (Credentials, error) {
	if life <= 0 || life > registry.MaxSessionDuration {
		return Credentials{}, fmt.Errorf("issue credentials: a life of %s is not within %s", life, registry.MaxSessionDuration)
	}
	s.IssuedAt = k.Now().UTC().Truncate(time.Second)
	s.ExpiresAt = s.IssuedAt.Add(life)
	if notAfter.Before(s.ExpiresAt) {
		s.ExpiresAt = notAfter.UTC().Truncate(time.Second)
	}
	c := Credentials{AccessKeyID: newAccessKeyID(), SecretAccessKey: newSecret(), Session: s}
	plain, err := json.Marshal(payloadOf(c))
	if err != nil {
		return Credentials{}, fmt.Errorf("encode a session: %w", err)
	}
	sealed, err := k.Sealer.SealToken(sealID(c.AccessKeyID), plain)
	if err != nil {
		return Credentials{}, fmt.Errorf("seal a session: %w", err)
	}
	c.Token = base64.StdEncoding.EncodeToString(sealed)
	return c, nil
}

// Open reads the token that came with an access key id; nil for any other than the one that was issued with it. The session may have expired: who asks
// looks at ExpiresAt. The result is shared; nobody changes it.
func (k *Keeper) Open(accessKeyID, token string) *registry.Credential {
	if len(token) > maxToken {
		return nil
	}
	key := keyOf(accessKeyID, token)
	if known := k.opened.get(key); known != nil {
		return known
	}
	opened := k.open(accessKeyID, token)
	if opened != nil {
		k.opened.put(key, opened)
	}
	return opened
}

func (k *Keeper) open(accessKeyID, token string) *registry.Credential {
	sealed, err := base64.StdEncoding.DecodeString(token)
	// The decoder skips line breaks and forgives stray bits; a token has one spelling.
	if err != nil || base64.StdEncoding.EncodeToString(sealed) != token {
		return nil
	}
	plain, err := k.Sealer.OpenToken(sealID(accessKeyID), sealed)
	if err != nil {
		return nil
	}
	var p payload
	if json.Unmarshal(plain, &p) != nil || p.Secret == "" || p.ExpiresAt == 0 {
		return nil
	}
	return &registry.Credential{Secret: p.Secret, Session: p.session()}
}

// payload is the sealed content of a token. Members are only ever added: while a fleet moves to a new release, tokens of the one before must open.
type payload struct {
	Secret      string                 `json:"secret"`
	Role        registry.RoleName      `json:"role"`
	RoleID      registry.RoleID        `json:"roleId"`
	Certificate registry.CertificateID `json:"cert"`
	Thing       registry.ThingName     `json:"thing,omitempty"`
	IssuedAt    int64                  `json:"iat"` // seconds since 1970
	ExpiresAt   int64                  `json:"exp"`
}

func payloadOf(c Credentials) payload {
	s := c.Session
	return payload{c.SecretAccessKey, s.Role, s.RoleID, s.Certificate, s.Thing, s.IssuedAt.Unix(), s.ExpiresAt.Unix()}
}

func (p payload) session() *registry.Session {
	return &registry.Session{
		Role: p.Role, RoleID: p.RoleID, Certificate: p.Certificate, Thing: p.Thing,
		IssuedAt: time.Unix(p.IssuedAt, 0).UTC(), ExpiresAt: time.Unix(p.ExpiresAt, 0).UTC(),
	}
}

// maxToken is far above the few hundred characters of a token.
const maxToken = 4 << 10

// sealID binds a token to its access key.
func sealID(accessKeyID string) string { return "session/" + accessKeyID }

// newAccessKeyID looks like AWS's of temporary credentials: ASIA and 16 of [A-Z2-7].
func newAccessKeyID() string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return "ASIA" + base32.StdEncoding.EncodeToString(b[:])
}

// newSecret is 240 random bits in 40 characters, as long as AWS's.
func newSecret() string {
	var b [30]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.StdEncoding.EncodeToString(b[:])
}
