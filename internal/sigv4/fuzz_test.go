package sigv4_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/sigv4"
)

// FuzzVerify looks for a panic, an error that is not a refusal, a request accepted that nobody signed, and a query that we read unlike net/http.
func FuzzVerify(f *testing.F) {
	var signatures []string
	for _, o := range []order{tampered, {url: "/things/a%3Ab/jobs?x=1+2&y"}, {id: session, token: token}, {expires: time.Minute}, {service: "s3"}} {
		for _, o.expires = range []time.Duration{0, time.Minute} {
			r := o.signed(f)
			_, signature, _ := strings.Cut(r.Header.Get("Authorization")+r.RequestURI, "Signature=")
			signatures = append(signatures, signature[:64])
			f.Add(r.Method, r.RequestURI, r.Host, r.Header.Get("Authorization"), r.Header.Get("X-Amz-Date"), r.Header.Get("X-Amz-Security-Token"), o.body)
		}
	}
	for _, authorization := range []string{
		"AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 ,,=,", "AWS4-HMAC-SHA256 Credential=////, SignedHeaders=;, Signature=", "Basic eDp5", "\x00",
		"AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=content-length;host;x-amz-date, Signature=0",
	} {
		f.Add("GET", "/?%=%zz&;", "h", authorization, "20261124T035107Z", "", "")
	}
	f.Fuzz(func(t *testing.T, method, target, host, authorization, date, token, body string) {
		r := &http.Request{Method: method, RequestURI: target, Host: host, ContentLength: int64(len(body)), Header: http.Header{}}
		var err error
		if r.URL, err = url.ParseRequestURI(target); err != nil {
			return // net/http does not get this far
		}
		r = r.WithContext(t.Context())
		for name, value := range map[string]string{"Authorization": authorization, "X-Amz-Date": date, "X-Amz-Security-Token": token, "Content-Type": "x"} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		identity, err := newVerifier().Verify(r, []byte(body))
		claim, claimErr := sigv4.Read(r)
		if err == nil {
			if identity != claim.Identity() || !claim.Signed() || claimErr != nil {
				t.Errorf("verified %+v, but the claim is %+v, %v, %v", identity, claim.Identity(), claim.Signed(), claimErr)
			}
			// The fuzzer may spell a seed in another way; without the secret it cannot make a new signature.
			if !slices.ContainsFunc(signatures, func(s string) bool { return strings.Contains(authorization+target, s) }) {
				t.Errorf("accepted %s %s with %q", method, target, authorization)
			}
			if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
				t.Errorf("accepted a query that net/http cannot read: %v", err)
			}
			return
		}
		var refusal *sigv4.Error
		if !errors.As(err, &refusal) {
			t.Fatalf("got %v, want a refusal", err)
		}
		if refusal.Type == "" || refusal.Status < 400 || refusal.Message == "" || strings.ContainsFunc(refusal.Message, func(c rune) bool { return c < ' ' }) {
			t.Errorf("got %+v", refusal)
		}
	})
}
