package controlhttp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/auth"
	"iotjobs/internal/controlhttp"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store/memory"
	"iotjobs/internal/wire"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// plane is the control plane on the real service and the reference store, at a time that only the test moves.
type plane struct {
	t       *testing.T
	mux     *http.ServeMux
	service *service.Service
	now     time.Time
}

func newPlane(t *testing.T) *plane {
	t.Helper()
	ids := 0
	s := &service.Service{
		Store: memory.New(), Virtual: true, Quotas: service.DefaultQuotas(),
		NewID: func() string { ids++; return fmt.Sprintf("00000000-0000-4000-8000-%012d", ids) },
	}
	p := planeOn(t, s)
	p.service = s
	s.Now = func() time.Time { return p.now }
	return p
}

// planeOn is the control plane on any service.
func planeOn(t *testing.T, s controlhttp.Service) *plane {
	t.Helper()
	return planeGuarded(t, s, anybody{})
}

func planeGuarded(t *testing.T, s controlhttp.Service, guard controlhttp.Guard) *plane {
	t.Helper()
	p := &plane{t: t, now: time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)}
	control := controlhttp.Plane{
		Service: s, Guard: guard, Realm: wire.Realm{Region: "eu-central-1", Account: "123456789012"}, Endpoint: "iot.example:8443",
		MaxRolloutPerMinute: service.DefaultQuotas().RolloutPerMinute, Now: func() time.Time { return p.now }, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	p.mux = control.Mux()
	return p
}

// anybody may do everything.
type anybody struct{}

func (anybody) Authorize(context.Context, auth.Call) error { return nil }

// answer is what a client sees.
type answer struct {
	status    int
	errorType string
	body      string
}

func (p *plane) call(request, body string) answer {
	p.t.Helper()
	method, target, _ := strings.Cut(request, " ")
	r := httptest.NewRequestWithContext(p.t.Context(), method, target, strings.NewReader(body))
	w := httptest.NewRecorder()
	p.mux.ServeHTTP(w, r)
	return answer{w.Code, w.Header().Get("X-Amzn-ErrorType"), w.Body.String()}
}

// ok calls and demands success.
func (p *plane) ok(request, body string) string {
	p.t.Helper()
	got := p.call(request, body)
	if got.status != http.StatusOK || got.errorType != "" {
		p.t.Fatalf("%s %s\n got %d %s %s\nwant 200", request, body, got.status, got.errorType, got.body)
	}
	return got.body
}

// show calls and compares the answer with testdata/name.json. A second passes after it, as after silent.
func (p *plane) show(name, request, body string) {
	p.t.Helper()
	golden(p.t, name, p.ok(request, body))
	p.now = p.now.Add(time.Second)
}

// silent calls and demands success without a body.
func (p *plane) silent(request, body string) {
	p.t.Helper()
	if got := p.ok(request, body); got != "" {
		p.t.Errorf("%s: got %q, want an answer without a body", request, got)
	}
	p.now = p.now.Add(time.Second)
}

// refused calls and demands a refusal with this message.
func (p *plane) refused(request, body string, status int, errorType, message string) {
	p.t.Helper()
	got := p.call(request, body)
	var reply struct{ Message string }
	if err := json.Unmarshal([]byte(got.body), &reply); err != nil {
		p.t.Fatalf("%s: the answer %q is not JSON: %v", request, got.body, err)
	}
	if got.status != status || got.errorType != errorType || reply.Message != message {
		p.t.Errorf("%s %s\n got %d %s %s\nwant %d %s %s", request, body, got.status, got.errorType, reply.Message, status, errorType, message)
	}
}

// empty demands that no job and no thing is stored.
func (p *plane) empty() {
	p.t.Helper()
	if got, want := p.ok("GET /jobs", ""), `{"jobs":[],"nextToken":null}`; got != want {
		p.t.Errorf("jobs were stored: %s", got)
	}
}

// report plays a device.
func (p *plane) report(thing registry.ThingName, job jobs.JobID, report jobs.Report) {
	p.t.Helper()
	_, err := p.service.UpdateJobExecution(context.WithoutCancel(p.t.Context()), service.UpdateJobExecutionInput{Thing: thing, JobID: job, Report: report})
	if err != nil {
		p.t.Fatalf("device report: %v", err)
	}
}

// things registers things and returns the targets member that names them.
func (p *plane) things(names ...string) string {
	p.t.Helper()
	arns := make([]string, len(names))
	for i, name := range names {
		p.ok("POST /things/"+name, "")
		arns[i] = `"arn:aws:iot:eu-central-1:123456789012:thing/` + name + `"`
	}
	return `"targets":[` + strings.Join(arns, ",") + `]`
}

// golden compares a document with testdata/name.json.
func golden(t *testing.T, name, got string) {
	t.Helper()
	var text bytes.Buffer
	if err := json.Indent(&text, []byte(got), "", "  "); err != nil {
		t.Fatalf("%s: %q is not JSON: %v", name, got, err)
	}
	text.WriteByte('\n')
	file := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(file, text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text.Bytes(), want) {
		t.Errorf("%s (rewrite with -update)\n got %s\nwant %s", name, text.Bytes(), want)
	}
}
