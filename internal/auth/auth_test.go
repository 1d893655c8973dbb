package auth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"iotjobs/internal/auth"
	"iotjobs/internal/registry"
)

type noKeys struct{}

func (noKeys) AccessKey(context.Context, string) (*registry.Credential, error) { return nil, nil } //nolint:nilnil // as Keys wants it

func get(t *testing.T, authorization string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/jobs", nil)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
		r.Header.Set("X-Amz-Date", "20260506T070809Z")
	}
	return r
}

// authenticate goes the whole way of a request.
func authenticate(a *auth.Authenticator, r *http.Request) (auth.Principal, error) {
	claim, err := a.Claim(r)
	if err != nil {
		return auth.Principal{}, err
	}
	return a.Authenticate(r, claim, nil)
}

const header = "AWS4-HMAC-SHA256 Credential=AKIATEST/20260506/us-east-1/iot/aws4_request, SignedHeaders=host;x-amz-date, Signature=0000000000000000000000000000000000000000000000000000000000000000"

func TestVerifyingRefusesWithAWSsTypes(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC) }
	a := auth.NewVerifying(noKeys{}, "us-east-1", []string{"iot"}, now)
	_, unsigned := a.Claim(get(t, ""))
	_, unknownKey := authenticate(a, get(t, header))
	for want, err := range map[string]error{"MissingAuthenticationTokenException": unsigned, "UnrecognizedClientException": unknownKey} {
		refusal, ok := errors.AsType[*auth.Refusal](err)
		if !ok || refusal.Type != want || refusal.Status != http.StatusForbidden {
			t.Errorf("got %v, want a refusal with type %s and status 403", err, want)
		}
	}
}

func TestParsingBelievesTheScope(t *testing.T) {
	a := auth.NewParsing()
	claim, err := a.Claim(get(t, header))
	if err != nil || claim.Service() != "iot" {
		t.Errorf("scope %q, %v; want iot", claim.Service(), err)
	}
	who, err := authenticate(a, get(t, header))
	if err != nil || who.String() != "emulator" || who.AccessKeyID != "AKIATEST" {
		t.Errorf("principal %+v (%v), %v; want the emulator, for AKIATEST", who, who, err)
	}
	if claim, err := a.Claim(get(t, "")); err != nil || claim.Signed() || claim.Service() != "" {
		t.Errorf("unsigned: scope %q, %v; want none and no refusal", claim.Service(), err)
	}
	if _, err := a.Claim(get(t, "AWS4-HMAC-SHA256 nonsense")); err == nil {
		t.Error("a malformed signature was accepted")
	}
}

func TestCallerTravelsInTheContext(t *testing.T) {
	if _, ok := auth.PrincipalOf(t.Context()); ok || auth.RequestIDOf(t.Context()) != "" {
		t.Error("a caller without authentication")
	}
	want := auth.Principal{AccessKeyID: "AKIATEST"}
	ctx := auth.WithCaller(t.Context(), want, "id")
	if got, ok := auth.PrincipalOf(ctx); !ok || got != want {
		t.Errorf("principal %+v, want %+v", got, want)
	}
	if got := auth.RequestIDOf(ctx); got != "id" {
		t.Errorf("request id %q", got)
	}
}
