package devicehttp_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/auth"
	"iotjobs/internal/devicehttp"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store/memory"
	"iotjobs/internal/wire"
)

// device is the plane on the real service and the reference store, at a time that only the test moves.
type device struct {
	t       *testing.T
	mux     *http.ServeMux
	service *service.Service
	guard   guard
	now     time.Time
}

// guard remembers what it was asked, and refuses if it has a refusal.
type guard struct {
	asked   []auth.Call
	refusal *auth.Refusal
}

func (g *guard) Authorize(_ context.Context, call auth.Call) error {
	g.asked = append(g.asked, call)
	if g.refusal != nil {
		return g.refusal
	}
	return nil
}

func newDevice(t *testing.T, things ...registry.ThingName) *device {
	t.Helper()
	d := &device{t: t, now: time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)}
	d.service = &service.Service{Store: memory.New(), Now: func() time.Time { return d.now }, Virtual: true, Quotas: service.DefaultQuotas()}
	plane := &devicehttp.Plane{Service: d.service, Guard: &d.guard, Realm: wire.Realm{Region: "eu-west-1", Account: "123456789012"}, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	d.mux = plane.Mux()
	for _, name := range things {
		if _, err := d.service.CreateThing(t.Context(), service.CreateThingInput{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// job queues a job for things.
func (d *device) job(id jobs.JobID, timeout time.Duration, things ...string) {
	d.t.Helper()
	config := jobs.Config{TargetSelection: jobs.Snapshot, Document: `{ "op":"<` + string(id) + `>" }`, InProgressTimeout: timeout}
	for _, name := range things {
		config.Targets = append(config.Targets, jobs.Target{Kind: jobs.ThingTarget, Name: name})
	}
	if _, err := d.service.CreateJob(d.t.Context(), service.CreateJobInput{ID: id, Config: config}); err != nil {
		d.t.Fatal(err)
	}
	d.now = d.now.Add(time.Second)
}

// call demands an answer: the status, the error type (empty for success) and the body.
func (d *device) call(request, body string, status int, errorType, want string) {
	d.t.Helper()
	method, target, _ := strings.Cut(request, " ")
	w := httptest.NewRecorder()
	d.mux.ServeHTTP(w, httptest.NewRequestWithContext(d.t.Context(), method, target, strings.NewReader(body)))
	if w.Code != status || w.Header().Get("X-Amzn-ErrorType") != errorType || w.Body.String() != want {
		d.t.Errorf("%s %s\n got %d %s %s\nwant %d %s %s", request, body, w.Code, w.Header().Get("X-Amzn-ErrorType"), w.Body, status, errorType, want)
	}
	d.now = d.now.Add(time.Second)
}

// ok demands success.
func (d *device) ok(request, body, want string) {
	d.t.Helper()
	d.call(request, body, 200, "", want)
}
