package sigv4_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"iotjobs/internal/sigv4"
)

// What the AWS SDK for Go signs is accepted, in both forms.
func TestVerifyAcceptsWhatTheSDKSigns(t *testing.T) {
	orders := map[string]order{
		"plain":                     {url: "/things/pump-7/jobs"},
		"no path":                   {url: ""},
		"literal $next":             {method: "PUT", url: "/things/pump-7/jobs/$next", body: `{}`},
		"escaped $next":             {url: "/things/pump-7/jobs/%24next"},
		"escaped colon":             {url: "/things/a%3Ab/jobs"},
		"literal colon":             {url: "/things/a:b/jobs"},
		"lower-case escape in path": {url: "/things/a%3ab/jobs"},
		"space, plus, ü, ~ in path": {url: "/things/a%20b+c%C3%BC~/jobs"},
		"escaped slash in path":     {url: "/things/a%2Fb/jobs"},
		"query":                     {url: "/things/pump-7/jobs/j?includeJobDocument=false&executionNumber=3"},
		"query with space and plus": {url: "/things?a=x+y&b=x%20y&c=x%2By"},
		"query with unicode":        {url: "/things?%C3%BC=%E6%97%A5%E6%9C%AC&q=g%C3%BCte~"},
		"empty values and bare key": {url: "/things?a=&b&c=1&="},
		"empty pieces":              {url: "/things?&a=1&&b=2&"},
		"duplicates":                {url: "/things?a=2&a=1&a=1&b=0&a="},
		// By encoded name, and the name before the value: "a-b" < "a" + "=" if pairs were compared as text.
		"order of names":     {url: "/things?a-b=1&a=2&a%2Fb=3&A=4&a.=5&a0=6"},
		"reserved in query":  {url: "/things?q=thingName:pump*%20AND%20(a%3D1%3Bb)/!'@$,"},
		"session token":      {url: "/things/pump-7/jobs", id: session, token: token},
		"body":               {method: "POST", url: "/things/p/jobs/j", body: `{"status":"FAILED","statusDetails":{"why":"größe\u0000"}}`},
		"control plane":      {method: "PUT", url: "/jobs/j", body: "{}", service: "iot"},
		"content hash given": {method: "PUT", url: "/jobs/j", body: "{}", header: http.Header{"X-Amz-Content-Sha256": {hashOf("{}")}}},
		"headers to fold": {url: "/jobs", header: http.Header{
			"Content-Type": {"application/json"}, "X-Blank": {"  a   b  "}, "X-Two": {"b", " a  c "}, "X-Empty": {""}, "X-Amz-Meta-A": {"x"},
		}},
		"S3, encoded once":       {url: "/b/firm%20ware%2B1.bin", service: "s3", signer: func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }},
		"as early as is allowed": {url: "/jobs", at: now.Add(-5 * time.Minute)},
		"as late as is allowed":  {url: "/jobs", at: now.Add(5 * time.Minute)},
	}
	for name, o := range orders {
		t.Run(name, func(t *testing.T) {
			for form, expires := range map[string]time.Duration{"header": 0, "presigned": 300 * time.Second, "presigned without expiry": -1} {
				o.expires = expires
				if o.service == "s3" && expires != 0 {
					continue // never covers the body: TestUnsignedPayload
				}
				r := o.signed(t)
				got, err := newVerifier().Verify(r, []byte(o.body))
				if err != nil {
					t.Errorf("%s: %v\n%s %s", form, err, r.Method, r.RequestURI)
					continue
				}
				at := o.at
				if at.IsZero() {
					at = now
				}
				want := sigv4.Identity{
					AccessKeyID: or(o.id, longTerm), Service: or(o.service, device), Region: region,
					SignedAt: at.Truncate(time.Second), Presigned: expires != 0,
				}
				if got != want {
					t.Errorf("%s: identity\n got %+v\nwant %+v", form, got, want)
				}
				claim, err := sigv4.Read(r)
				if err != nil || !claim.Signed() || claim.Identity() != want {
					t.Errorf("%s: Read = %+v, %v, %v", form, claim.Identity(), claim.Signed(), err)
				}
			}
		})
	}
}

// The same meaning in another spelling on the wire has the same signature.
func TestVerifyAcceptsOtherSpellingsOfTheQuery(t *testing.T) {
	r := order{url: "/things?a=x%20y&b=%2F&c="}.signed(t)
	for _, query := range []string{"a=x%20y&b=%2F&c=", "c&b=%2f&a=x+y", "&%61=x%20y&&c=&b=/"} {
		r.RequestURI = "/things?" + query
		if _, err := newVerifier().Verify(r, nil); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// Both the parts and the separators of the header come in several styles.
func TestVerifyAcceptsStylesOfTheHeader(t *testing.T) {
	r := order{url: "/jobs"}.signed(t)
	header := r.Header.Get("Authorization")
	scheme, rest, _ := strings.Cut(header, " ")
	parts := strings.Split(rest, ", ")
	for _, style := range []string{
		header,
		scheme + " " + strings.Join(parts, ","),
		scheme + " " + strings.Join(parts, " "),
		scheme + "   " + strings.Join(parts, "  ,\t") + " ",
		scheme + " " + strings.Join([]string{parts[2], parts[0], parts[1]}, ", "),
	} {
		r.Header.Set("Authorization", style)
		if _, err := newVerifier().Verify(r, nil); err != nil {
			t.Errorf("%s: %v", style, err)
		}
	}
}

// MQTT over WebSocket: the token is appended after signing.
func TestTokenOutsideTheSignature(t *testing.T) {
	o := order{
		url: "/mqtt", service: "iotdevicegateway", id: session, token: token, expires: 60 * time.Second,
		signer: func(o *v4.SignerOptions) { o.DisableSessionToken = true },
	}
	const appended = "&X-Amz-Security-Token=FwoGZXIvYXdzEBYaD%2F%2Fsession%2Ftoken%2Bwith%3Dsigns%3D%3D"
	r := o.signed(t)
	_, err := newVerifier().Verify(r, nil)
	wantRefusal(t, err, 403, "UnrecognizedClientException", "The security token included in the request is invalid.")

	r.RequestURI += appended
	if _, err := newVerifier().Verify(r, nil); err != nil {
		t.Errorf("iotdevicegateway: %v", err)
	}
	o.expires = 0
	r = o.signed(t)
	r.Header.Set("X-Amz-Security-Token", token)
	if _, err := newVerifier().Verify(r, nil); err != nil {
		t.Errorf("iotdevicegateway, header form: %v", err)
	}
	r.RequestURI += "?" + appended[1:] // a second one, in the query, belongs to nothing
	_, err = newVerifier().Verify(r, nil)
	wantMismatch(t, err)

	// Elsewhere it is an addition like any other.
	o.expires, o.service = 60*time.Second, device
	r = o.signed(t)
	r.RequestURI += appended
	_, err = newVerifier().Verify(r, nil)
	wantMismatch(t, err)
}

// A real server fills the request in its own ways: HTTP/1.1 and HTTP/2, with and without a known length.
func TestVerifyBehindARealServer(t *testing.T) {
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			const body = `{"status":"SUCCEEDED"}`
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if (r.ProtoMajor == 2) != http2 {
					t.Errorf("got %s", r.Proto)
				}
				if _, err := newVerifier().Verify(r, []byte(body)); err != nil {
					t.Error(err)
				}
			}))
			server.EnableHTTP2 = http2
			server.StartTLS()
			defer server.Close()
			r, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+"/things/a%3Ab/jobs/$next?x=1+2", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			err = v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: longTerm, SecretAccessKey: secret}, r, hashOf(body), device, region, now)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			if err := answer.Body.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
