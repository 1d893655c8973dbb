package credentialhttp_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/auth"
	"iotjobs/internal/credentialhttp"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/session"
	"iotjobs/internal/wire"
)

var errBroken = errors.New("the store is on fire")

// world is all that stands behind the plane: what it is asked, in order, and where it breaks.
type world struct {
	asked  []string
	breaks string
	denies bool
	given  []registry.Session
}

func (w *world) ask(question string) error {
	w.asked = append(w.asked, question)
	if w.breaks == question {
		return errBroken
	}
	return nil
}

func (w *world) Authority(_ context.Context, _ registry.CertificateID, thing registry.ThingName) (service.Authority, error) {
	a := service.Authority{Certificate: &registry.Certificate{NotAfter: end}}
	if thing == "lamp" {
		a.Thing = &registry.Thing{Name: thing}
	}
	return a, w.ask("authority")
}

func (w *world) Authorize(_ context.Context, call auth.Call) error {
	if err := w.ask("guard"); err != nil {
		return err
	}
	if w.denies || call != (auth.Call{Action: "iot:AssumeRoleWithCertificate", Resource: "arn:aws:iot:us-east-1:123456789012:rolealias/camera", Thing: "lamp"}) {
		return &auth.Refusal{Type: "AccessDeniedException", Status: http.StatusForbidden, Message: "User: … is not authorized"}
	}
	return nil
}

func (w *world) AssumeRole(_ context.Context, alias registry.RoleAliasName) (service.AssumedRole, error) {
	if alias != "camera" {
		return service.AssumedRole{}, jobs.Errorf(jobs.ResourceNotFound, "Role alias does not exist")
	}
	return service.AssumedRole{Role: &registry.Role{Name: "device", ID: "AROATEST"}, Duration: 15 * time.Minute}, w.ask("role")
}

func (w *world) Issue(s registry.Session, life time.Duration, notAfter time.Time) (session.Credentials, error) {
	if life != 15*time.Minute || !notAfter.Equal(end) {
		return session.Credentials{}, errors.New("a wrong life")
	}
	s.ExpiresAt = end
	return session.Credentials{AccessKeyID: "ASIATEST", SecretAccessKey: "secret", Token: "token", Session: s}, w.ask("issue")
}

var end = time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)

func (w *world) get(t *testing.T, who auth.Principal, things ...string) *httptest.ResponseRecorder {
	t.Helper()
	plane := &credentialhttp.Plane{
		Service: w, Guard: w, Issuer: w, Realm: wire.Realm{Region: "us-east-1", Account: "123456789012"},
		Issued: func(_ *http.Request, s registry.Session) { w.given = append(w.given, s) }, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	r := httptest.NewRequestWithContext(auth.WithCaller(t.Context(), who, ""), http.MethodGet, "/role-aliases/camera/credentials", nil)
	for _, thing := range things {
		r.Header.Add("x-amzn-iot-thingname", thing)
	}
	answer := httptest.NewRecorder()
	plane.Mux().ServeHTTP(answer, r)
	return answer
}

var device = auth.Principal{CertificateID: "c0ffee"}

func TestCredentials(t *testing.T) {
	w := &world{}
	answer := w.get(t, device, "lamp")
	if got, want := answer.Body.String(), `{"credentials":{"accessKeyId":"ASIATEST","secretAccessKey":"secret","sessionToken":"token","expiration":"2027-01-02T03:04:05Z"}}`; answer.Code != 200 || got != want {
		t.Errorf("%d %s, want %s", answer.Code, got, want)
	}
	if got := strings.Join(w.asked, " "); got != "authority guard role issue" {
		t.Errorf("asked %s", got)
	}
	want := registry.Session{Role: "device", RoleID: "AROATEST", Certificate: "c0ffee", Thing: "lamp", ExpiresAt: end}
	if len(w.given) != 1 || w.given[0] != want {
		t.Errorf("told of %+v, want %+v", w.given, want)
	}
}

// A wrong thing is refused before policies are asked, a denied device before the alias is looked up: who may not learns nothing.
func TestRefusalsInOrder(t *testing.T) {
	for name, c := range map[string]struct {
		denies bool
		things []string
		asked  string
		text   string
	}{
		"another thing": {things: []string{"door"}, asked: "authority", text: "Invalid thing name passed"},
		"two things":    {things: []string{"lamp", "lamp"}, text: "Invalid thing name passed"},
		"a long name":   {things: []string{strings.Repeat("x", 129)}, text: "Invalid thing name passed"},
		"denied":        {denies: true, things: []string{"lamp"}, asked: "authority guard", text: "Access Denied"},
		"no thing":      {asked: "authority guard", text: "Access Denied"},
		"an empty one":  {things: []string{""}, asked: "authority guard", text: "Access Denied"},
	} {
		w := &world{denies: c.denies}
		answer := w.get(t, device, c.things...)
		if answer.Code != 403 || answer.Header().Get("X-Amzn-Errortype") != "AccessDeniedException" || answer.Body.String() != `{"message":"`+c.text+`"}` {
			t.Errorf("%s: %d %s, want 403 %s", name, answer.Code, answer.Body, c.text)
		}
		if got := strings.Join(w.asked, " "); got != c.asked || len(w.given) != 0 {
			t.Errorf("%s: asked %q and gave %v, want %q and nothing", name, got, w.given, c.asked)
		}
	}
}

// An error of ours gives out nothing and tells nothing.
func TestErrorsOfOursTellNothing(t *testing.T) {
	for _, breaks := range []string{"authority", "guard", "role", "issue"} {
		w := &world{breaks: breaks}
		answer := w.get(t, device, "lamp")
		if answer.Code != 500 || strings.Contains(answer.Body.String(), "fire") || strings.Contains(answer.Body.String(), "secret") || len(w.given) != 0 {
			t.Errorf("%s breaks: %d %s, gave %v", breaks, answer.Code, answer.Body, w.given)
		}
	}
	for name, who := range map[string]auth.Principal{"a key": {AccessKeyID: "AKIATEST"}, "nobody": {}} {
		w := &world{}
		if answer := w.get(t, who, "lamp"); answer.Code != 500 || len(w.asked) != 0 {
			t.Errorf("%s: %d after %v, want 500 and no question", name, answer.Code, w.asked)
		}
	}
}
