package sigv4_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/sigv4"
)

// What goes wrong on our side is not the client's error.
func TestLookupErrors(t *testing.T) {
	broken := errors.New("the disk is on fire")
	for name, lookup := range map[string]func() (sigv4.Secret, bool, error){
		"failed":       func() (sigv4.Secret, bool, error) { return sigv4.Secret{}, false, broken },
		"empty secret": func() (sigv4.Secret, bool, error) { return sigv4.Secret{}, true, nil },
	} {
		v := newVerifier()
		v.Lookup = func(context.Context, string, string) (sigv4.Secret, bool, error) { return lookup() }
		_, err := v.Verify(order{}.signed(t), nil)
		if refusal := (*sigv4.Error)(nil); err == nil || errors.As(err, &refusal) {
			t.Errorf("%s: got %v, want an error of ours", name, err)
		}
		if name == "failed" && !errors.Is(err, broken) {
			t.Errorf("got %v, want %v inside", err, broken)
		}
	}
}

// A verifier that was not told its region and services accepts none.
func TestEmptyVerifierAcceptsNothing(t *testing.T) {
	v := newVerifier()
	v.Region, v.Services = "", nil
	_, err := v.Verify(order{}.signed(t), nil)
	wantRefusal(t, err, 403, "InvalidSignatureException",
		"Credential should be scoped to a valid region, not '"+region+"'. Credential should be scoped to correct service: ''.")
}

// Strangers cost no lookup: all that can be refused without the secret is refused before.
func TestRefusedBeforeLookup(t *testing.T) {
	for name, o := range map[string]order{
		"too old": {at: now.Add(-time.Hour)}, "region": {region: "x"}, "service": {service: "x"},
	} {
		v := newVerifier()
		v.Lookup = func(context.Context, string, string) (sigv4.Secret, bool, error) {
			t.Errorf("%s: looked up", name)
			return sigv4.Secret{}, false, nil
		}
		if _, err := v.Verify(o.signed(t), nil); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// Credentials that are stored nowhere are in their token: the look-up sees it, in both forms, and nothing where there is none.
func TestLookupSeesTheToken(t *testing.T) {
	for name, o := range map[string]order{
		"header": {id: session, token: token}, "presigned": {id: session, token: token, expires: time.Minute}, "no token": {},
	} {
		v := newVerifier()
		lookup, seen := v.Lookup, "nothing"
		v.Lookup = func(ctx context.Context, id, sent string) (sigv4.Secret, bool, error) {
			seen = sent
			return lookup(ctx, id, sent)
		}
		if _, err := v.Verify(o.signed(t), nil); err != nil || seen != o.token {
			t.Errorf("%s: the look-up saw %q, want %q; %v", name, seen, o.token, err)
		}
	}
}

func TestUnsignedPayload(t *testing.T) {
	v := newVerifier()
	v.AllowUnsignedPayload = func(service string) bool { return service == "s3" }
	const hash = "UNSIGNED-PAYLOAD"
	sent := http.Header{"X-Amz-Content-Sha256": {hash}}
	for name, o := range map[string]order{
		"header":                  {service: "s3", hash: hash, header: sent},
		"presigned":               {service: "s3", hash: hash, expires: time.Minute},
		"presigned, in the query": {service: "s3", hash: hash, expires: time.Minute, url: "/b/o?X-Amz-Content-Sha256=" + hash},
	} {
		if _, err := v.Verify(o.signed(t), []byte("any body")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		o.service = device
		if _, err := v.Verify(o.signed(t), []byte("any body")); err == nil {
			t.Errorf("%s: accepted for %s", name, device)
		}
	}
}

// Read believes everything but does not guess.
func TestRead(t *testing.T) {
	foreign := order{id: "anybody", secret: "x", service: "execute-api", region: "moon", at: now.Add(-999 * time.Hour)}.signed(t)
	claim, err := sigv4.Read(foreign)
	want := sigv4.Identity{AccessKeyID: "anybody", Service: "execute-api", Region: "moon", SignedAt: now.Add(-999 * time.Hour).Truncate(time.Second)}
	if claim.Identity() != want || !claim.Signed() || err != nil {
		t.Errorf("got %+v, %v, %v", claim.Identity(), claim.Signed(), err)
	}
	// A request without signature is nobody's error here, whatever its query looks like.
	for _, target := range []string{"/", "/?a=%zz;", "/?" + strings.Repeat("a&", 1000), "/?X-Amz-Date=1"} {
		claim, err := sigv4.Read(parse(t, "GET "+target+" HTTP/1.1\r\nHost: h\r\n\r\n"))
		if claim.Identity() != (sigv4.Identity{}) || claim.Signed() || err != nil {
			t.Errorf("%.20s: got %+v, %v, %v", target, claim.Identity(), claim.Signed(), err)
		}
	}
	for _, target := range []string{"/?X-Amz-Signature=" + strings.Repeat("0", 64), "/?a=%zz&X-Amz-Signature=" + strings.Repeat("0", 64)} {
		_, err := sigv4.Read(parse(t, "GET "+target+" HTTP/1.1\r\nHost: h\r\n\r\n"))
		if refusal := (*sigv4.Error)(nil); !errors.As(err, &refusal) {
			t.Errorf("%s: got %v, want a refusal", target, err)
		}
	}
}

// A proxy's request line names scheme and host; what was signed is the path and the query behind them.
func TestVerifyTakesAbsoluteRequestLines(t *testing.T) {
	for _, target := range []string{"", "/things/a%3Ab/jobs/$next?x=1+2"} {
		r := order{url: target}.signed(t)
		wire := "GET http://127.0.0.1:8080" + target + " HTTP/1.1\r\nHost: elsewhere\r\n\r\n"
		absolute := parse(t, wire)
		absolute.Header = r.Header
		if _, err := newVerifier().Verify(absolute, nil); err != nil {
			t.Errorf("%s: %v", target, err)
		}
	}
}
