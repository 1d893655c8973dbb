package auth_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"iotjobs/internal/auth"
	"iotjobs/internal/registry"
)

// sessions knows one token.
type sessions struct {
	key    *registry.Credential
	broken bool
}

func (s sessions) SessionKey(_ context.Context, id, token string) (*registry.Credential, error) {
	switch {
	case s.broken:
		return nil, errors.New("the store is closed")
	case id != "ASIATEST" || token != "the token":
		return nil, nil //nolint:nilnil // as auth.Sessions wants it
	}
	return s.key, nil
}

func signedWith(t *testing.T, credentials aws.Credentials) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/jobs", nil)
	r.URL.Host, r.URL.Scheme = r.Host, "http"
	none := sha256.Sum256(nil)
	if err := v4.NewSigner().SignHTTP(t.Context(), credentials, r, hex.EncodeToString(none[:]), "iot", "us-east-1", realNow); err != nil {
		t.Fatal(err)
	}
	return r
}

// Temporary credentials make their session the principal, and are refused with AWS's types and texts (HTTP-7.2, HTTP-7.8).
func TestTemporaryCredentials(t *testing.T) {
	lamp := &registry.Session{Role: "device", RoleID: "AROATEST", Certificate: "c0ffee", ExpiresAt: realNow.Add(time.Second)}
	expired := &registry.Session{Role: "device", RoleID: "AROATEST", Certificate: "c0ffee", ExpiresAt: realNow}
	good := aws.Credentials{AccessKeyID: "ASIATEST", SecretAccessKey: "secret", SessionToken: "the token"}
	with := func(change func(*aws.Credentials)) aws.Credentials {
		c := good
		change(&c)
		return c
	}
	const invalid = "The security token included in the request is invalid."
	for name, c := range map[string]struct {
		sessions    auth.Sessions
		credentials aws.Credentials
		kind, text  string
	}{
		"good":               {sessions{key: &registry.Credential{Secret: "secret", Session: lamp}}, good, "", ""},
		"expired":            {sessions{key: &registry.Credential{Secret: "secret", Session: expired}}, good, "ExpiredTokenException", "The security token included in the request is expired"},
		"gone":               {sessions{}, good, "UnrecognizedClientException", invalid},
		"of no session":      {sessions{key: &registry.Credential{Secret: "secret"}}, good, "UnrecognizedClientException", invalid},
		"not accepted":       {nil, good, "UnrecognizedClientException", invalid},
		"another token":      {sessions{key: &registry.Credential{Secret: "secret", Session: lamp}}, with(func(c *aws.Credentials) { c.SessionToken = "x" }), "UnrecognizedClientException", invalid},
		"without its token":  {sessions{key: &registry.Credential{Secret: "secret", Session: lamp}}, with(func(c *aws.Credentials) { c.SessionToken = "" }), "UnrecognizedClientException", invalid},
		"another access key": {sessions{key: &registry.Credential{Secret: "secret", Session: lamp}}, with(func(c *aws.Credentials) { c.AccessKeyID = "ASIAOTHER" }), "UnrecognizedClientException", invalid},
		"expired, another secret": {
			sessions{key: &registry.Credential{Secret: "other", Session: expired}},
			good, "InvalidSignatureException",
			"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
		},
	} {
		a := auth.NewVerifying(noKeys{}, "us-east-1", []string{"iot"}, func() time.Time { return realNow })
		if c.sessions != nil {
			a.AcceptSessions(c.sessions)
		}
		a.NoteUse(func(id string, _ registry.KeyUse) { t.Errorf("%s: noted as a use of the key %s", name, id) })
		who, err := authenticate(a, signedWith(t, c.credentials))
		if c.kind == "" {
			if err != nil || who.Session != lamp || who.User != nil || who.AccessKeyID != "ASIATEST" || who.String() != "assumed-role/device/c0ffee" {
				t.Errorf("%s: %+v, %v", name, who, err)
			}
			continue
		}
		refusal, ok := errors.AsType[*auth.Refusal](err)
		if !ok || refusal.Type != c.kind || refusal.Status != http.StatusForbidden || refusal.Message != c.text || who != (auth.Principal{}) {
			t.Errorf("%s: %+v, %v; want %s: %s", name, who, err, c.kind, c.text)
		}
	}
	a := auth.NewVerifying(noKeys{}, "us-east-1", []string{"iot"}, func() time.Time { return realNow })
	a.AcceptSessions(sessions{broken: true})
	_, err := authenticate(a, signedWith(t, good))
	if _, refused := errors.AsType[*auth.Refusal](err); err == nil || refused {
		t.Errorf("a broken store: %v, want an error that is no refusal", err)
	}
}
