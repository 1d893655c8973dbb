package frontdoor_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"iotjobs/internal/auth"
	"iotjobs/internal/fidelity"
	"iotjobs/internal/frontdoor"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

var realNow = time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)

type oneKey struct{ fails error }

func (k oneKey) AccessKey(_ context.Context, id string) (*registry.Credential, error) {
	switch {
	case k.fails != nil:
		return nil, k.fails
	case id != "AKIATEST":
		return nil, nil //nolint:nilnil // as auth.Keys wants it
	}
	return &registry.Credential{Secret: "secret"}, nil
}

// newDoor has one route on each plane, which answers its plane's name and the body it got.
func newDoor(t *testing.T, authenticator *auth.Authenticator) (*frontdoor.Door, *prometheus.Registry) {
	t.Helper()
	return newDoorLike(t, authenticator, fidelity.Switches{})
}

func newDoorLike(t *testing.T, authenticator *auth.Authenticator, aws fidelity.Switches) (*frontdoor.Door, *prometheus.Registry) {
	t.Helper()
	echo := func(plane string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			who, _ := auth.PrincipalOf(r.Context())
			_, _ = w.Write([]byte(plane + " " + who.String() + " " + string(body)))
		}
	}
	device, control := http.NewServeMux(), http.NewServeMux()
	device.HandleFunc("/things/{thingName}/jobs", echo("device"))
	control.HandleFunc("/things/{thingName}/jobs", echo("control"))
	control.HandleFunc("/jobs", echo("control"))
	control.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic("the store is on fire") })
	identity := http.NewServeMux()
	identity.HandleFunc("POST /{$}", echo("identity"))
	credentials := http.NewServeMux()
	credentials.HandleFunc("GET /role-aliases/{roleAlias}/credentials", echo("credentials"))
	metrics := prometheus.NewRegistry()
	return frontdoor.New(frontdoor.Config{
		Auth: authenticator, Device: device, Control: control, Identity: identity, IdentityRefusal: plainly, Credentials: credentials, Hosts: []string{"iot.example"}, Fidelity: aws,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Metrics: frontdoor.NewMetrics(metrics), Now: time.Now,
	}), metrics
}

// plainly is the protocol of the identity plane here.
func plainly(w http.ResponseWriter, refusal *auth.Refusal) {
	w.WriteHeader(refusal.Status)
	_, _ = w.Write([]byte("plainly: " + refusal.Type))
}

func verifying() *auth.Authenticator {
	return auth.NewVerifying(oneKey{}, "us-east-1", frontdoor.Scopes(), func() time.Time { return realNow })
}

func request(t *testing.T, method, target, body string) *http.Request {
	t.Helper()
	return httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
}

func signed(t *testing.T, scope, method, target, body string) *http.Request {
	t.Helper()
	return sign(t, request(t, method, target, body), scope, body)
}

func sign(t *testing.T, r *http.Request, scope, body string) *http.Request {
	t.Helper()
	r.URL.Host, r.URL.Scheme = r.Host, "http"
	hash := sha256.Sum256([]byte(body))
	credentials := aws.Credentials{AccessKeyID: "AKIATEST", SecretAccessKey: "secret"}
	if err := v4.NewSigner().SignHTTP(t.Context(), credentials, r, hex.EncodeToString(hash[:]), scope, "us-east-1", realNow); err != nil {
		t.Fatal(err)
	}
	return r
}

func do(d http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func TestTheScopeChoosesThePlane(t *testing.T) {
	d, registry := newDoor(t, verifying())
	for scope, plane := range map[string]string{"iot": "control", "execute-api": "control", "iot-jobs-data": "device"} {
		w := do(d, signed(t, scope, "POST", "/things/a/jobs", `{"x":1}`))
		if got, want := w.Body.String(), plane+` AKIATEST {"x":1}`; w.Code != 200 || got != want {
			t.Errorf("scope %s: %d %q, want %q", scope, w.Code, got, want)
		}
		if len(w.Header().Get("x-amzn-requestid")) != 36 {
			t.Errorf("request id %q", w.Header().Get("x-amzn-requestid"))
		}
	}
	if n := testutil.CollectAndCount(registry, "iotjobs_http_request_seconds"); n != 2 {
		t.Errorf("%d series of the request metric, want one for each plane", n)
	}
}

func TestUnknownPathsCanAnswerAsAWSDoes(t *testing.T) { // Q17
	d, _ := newDoorLike(t, verifying(), fidelity.Switches{UnknownOperationOK: true})
	w := do(d, signed(t, "iot-jobs-data", "GET", "/nothing/here", ""))
	want := `{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException","message":null},"Version":"1.0"}`
	if w.Code != 200 || w.Body.String() != want {
		t.Errorf("device plane: %d %s, want 200 %s", w.Code, w.Body, want)
	}
	if w := do(d, signed(t, "iot", "GET", "/nothing/here", "")); w.Code != 404 {
		t.Errorf("control plane: %d, want 404 as ever", w.Code)
	}
}

// TestAServerThatCannotKnowSaysSo, so that clients try again.
func TestAServerThatCannotKnowSaysSo(t *testing.T) {
	away := auth.NewVerifying(oneKey{fails: jobs.Errorf(jobs.Unavailable, "The database is away.")}, "us-east-1", frontdoor.Scopes(), func() time.Time { return realNow })
	d, _ := newDoor(t, away)
	w := do(d, signed(t, "iot", "GET", "/jobs", ""))
	if w.Code != 503 || w.Header().Get("x-amzn-errortype") != "ServiceUnavailableException" || w.Body.String() != `{"message":"The database is away."}` {
		t.Errorf("%d %s %s", w.Code, w.Header().Get("x-amzn-errortype"), w.Body)
	}
}

func TestRefusals(t *testing.T) {
	d, _ := newDoor(t, verifying())
	tampered := signed(t, "iot", "POST", "/jobs", `{"x":1}`)
	tampered.Body = io.NopCloser(strings.NewReader(`{"x":2}`))
	large := signed(t, "iot-jobs-data", "POST", "/things/a/jobs", strings.Repeat("x", 128<<10+1))
	unmeasured := signed(t, "iot-jobs-data", "POST", "/things/a/jobs", strings.Repeat("x", 128<<10+1))
	unmeasured.ContentLength = -1
	broken := signed(t, "iot", "POST", "/jobs", "{}")
	broken.Body, broken.ContentLength = io.NopCloser(&brokenBody{}), 2
	for _, c := range []struct {
		name    string
		request *http.Request
		status  int
		kind    string
	}{
		{"unsigned", request(t, "GET", "/jobs", ""), 403, "MissingAuthenticationTokenException"},
		{"another service", signed(t, "s3", "GET", "/jobs", ""), 403, "InvalidSignatureException"},
		{"changed body", tampered, 403, "InvalidSignatureException"},
		{"unknown path", signed(t, "iot", "GET", "/nothing/here", ""), 404, "UnknownOperationException"},
		{"trailing slash", signed(t, "iot", "GET", "/jobs/", ""), 404, "UnknownOperationException"},
		{"HEAD", signed(t, "iot", "HEAD", "/jobs", ""), 404, "UnknownOperationException"},
		{"double slash", signed(t, "iot", "GET", "/x//jobs", ""), 400, "InvalidRequestException"},
		{"dots", signed(t, "iot", "GET", "/x/../jobs", ""), 400, "InvalidRequestException"},
		{"escaped dots", signed(t, "iot", "GET", "/x/%2e%2e/jobs", ""), 400, "InvalidRequestException"},
		{"large body", large, 413, "RequestEntityTooLargeException"},
		{"large body without a length", unmeasured, 413, "RequestEntityTooLargeException"},
		{"body that ends early", broken, 400, "InvalidRequestException"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := do(d, c.request)
			if w.Code != c.status || w.Header().Get("x-amzn-errortype") != c.kind {
				t.Errorf("%d %s %s, want %d %s", w.Code, w.Header().Get("x-amzn-errortype"), w.Body, c.status, c.kind)
			}
			var reply struct{ Message string }
			if err := json.Unmarshal(w.Body.Bytes(), &reply); err != nil || reply.Message == "" {
				t.Errorf("body %q has no message", w.Body)
			}
		})
	}
}

type brokenBody struct{}

func (*brokenBody) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestAnErrorOfOursTellsNothing(t *testing.T) {
	d, _ := newDoor(t, auth.NewVerifying(oneKey{fails: errors.New("the store is closed")}, "us-east-1", []string{"iot"}, func() time.Time { return realNow }))
	w := do(d, signed(t, "iot", "GET", "/jobs", ""))
	if w.Code != 500 || bytes.Contains(w.Body.Bytes(), []byte("store")) {
		t.Errorf("%d %s, want 500 without details", w.Code, w.Body)
	}
}

// The plane of STS has a protocol of its own, also for refusals.
func TestTheIdentityPlaneRefusesInItsOwnWords(t *testing.T) {
	d, _ := newDoor(t, verifying())
	tampered := signed(t, "sts", "POST", "/", "Action=x")
	tampered.Body = io.NopCloser(strings.NewReader("Action=y"))
	for _, c := range []struct {
		request *http.Request
		status  int
		body    string
	}{
		{signed(t, "sts", "POST", "/", "Action=x"), 200, "identity AKIATEST Action=x"},
		{signed(t, "sts", "GET", "/things/a/jobs", ""), 404, "plainly: UnknownOperationException"},
		{tampered, 403, "plainly: InvalidSignatureException"},
	} {
		if w := do(d, c.request); w.Code != c.status || w.Body.String() != c.body {
			t.Errorf("%s: %d %s, want %d %s", c.request.URL.Path, w.Code, w.Body, c.status, c.body)
		}
	}
}

func TestAPanicIsOneRequestsError(t *testing.T) {
	d, _ := newDoor(t, verifying())
	w := do(d, signed(t, "iot", "GET", "/panic", ""))
	if w.Code != 500 || bytes.Contains(w.Body.Bytes(), []byte("fire")) || w.Header().Get("X-Amzn-Errortype") == "" {
		t.Errorf("%d %s, want 500 without details", w.Code, w.Body)
	}
	if w := do(d, signed(t, "iot", "GET", "/jobs", "")); w.Code != 200 {
		t.Errorf("the next request: %d", w.Code)
	}
}

func TestEmulatorModeReadsScopesAndGuardsItsHost(t *testing.T) {
	d, _ := newDoor(t, auth.NewParsing())
	wrongSecret := signed(t, "iot", "GET", "http://localhost:8080/things/a/jobs", "")
	wrongSecret.Header.Set("Authorization", wrongSecret.Header.Get("Authorization")+"0")
	for _, c := range []struct {
		name string
		r    *http.Request
		want string
	}{
		{"bad signature, control scope", wrongSecret, "control emulator "},
		{"unsigned, path of both planes", request(t, "GET", "http://127.0.0.1/things/a/jobs", ""), "device emulator "},
		{"unsigned, path of the control plane", request(t, "GET", "http://iot.example:1234/jobs", ""), "control emulator "},
	} {
		if w := do(d, c.r); w.Code != 200 || w.Body.String() != c.want {
			t.Errorf("%s: %d %q, want %q", c.name, w.Code, w.Body, c.want)
		}
	}
	rebound := request(t, "GET", "http://evil.example/jobs", "")
	page := request(t, "GET", "http://localhost/jobs", "")
	page.Header.Set("Origin", "http://evil.example")
	for _, r := range []*http.Request{rebound, page} {
		if w := do(d, r); w.Code != 403 {
			t.Errorf("host %s origin %q: %d, want 403", r.Host, r.Header.Get("Origin"), w.Code)
		}
	}
}
