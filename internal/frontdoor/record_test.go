package frontdoor_test

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"iotjobs/internal/audit"
	"iotjobs/internal/frontdoor"
	"iotjobs/internal/wire"
)

// The audit log hears of changes, whether they succeed or not, and of whoever was denied; not of reading, and not of the device's daily work.
func TestWhatIsAudited(t *testing.T) {
	reply := func(status int, errorType string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if errorType == "" {
				w.WriteHeader(status)
				return
			}
			wire.WriteError(w, wire.Exception{Type: errorType, Status: status}, wire.ErrorReply{Message: "secret words"})
		}
	}
	device, control := http.NewServeMux(), http.NewServeMux()
	control.Handle("POST /things/{thingName}", reply(200, ""))
	control.Handle("DELETE /things/{thingName}", reply(409, "VersionConflictException"))
	control.Handle("GET /things/{thingName}", reply(200, ""))
	control.Handle("POST /attached-policies/{target...}", reply(200, ""))
	control.Handle("GET /jobs", reply(403, "AccessDeniedException"))
	device.Handle("POST /things/{thingName}/jobs/{jobId}", reply(200, ""))
	device.Handle("GET /things/{thingName}/jobs", reply(403, "AccessDeniedException"))
	var got []audit.Entry
	d := frontdoor.New(frontdoor.Config{
		Auth: verifying(), Device: device, Control: control, Identity: http.NewServeMux(), IdentityRefusal: plainly, Log: slog.New(slog.DiscardHandler), Metrics: frontdoor.NewMetrics(prometheus.NewRegistry()),
		ControlOperations: map[string]string{
			"POST /things/{thingName}": "CreateThing", "DELETE /things/{thingName}": "DeleteThing", "GET /things/{thingName}": "DescribeThing",
			"POST /attached-policies/{target...}": "ListAttachedPolicies", "GET /jobs": "ListJobs",
		},
		DeviceOperations: map[string]string{"GET /things/{thingName}/jobs": "GetPendingJobExecutions", "POST /things/{thingName}/jobs/{jobId}": "UpdateJobExecution"},
		Now:              func() time.Time { return realNow },
		Audit:            func(_ context.Context, e audit.Entry) { got = append(got, e) },
	})
	entry := func(plane, principal, operation, method, path string, status int, errorType string, denied bool) audit.Entry {
		return audit.Entry{
			Time: realNow, Principal: principal, SourceIP: "192.0.2.1", Plane: plane, Operation: operation, Method: method, Path: path, Status: status,
			Error: errorType, Denied: denied,
		}
	}
	for _, c := range []struct {
		request *http.Request
		want    []audit.Entry
	}{
		{signed(t, "iot", "POST", "/things/lamp?token=secret", `{"secret":1}`), []audit.Entry{entry("control", "AKIATEST", "CreateThing", "POST", "/things/lamp", 200, "", false)}},
		{
			signed(t, "iot", "DELETE", "/things/lamp", ""),
			[]audit.Entry{entry("control", "AKIATEST", "DeleteThing", "DELETE", "/things/lamp", 409, "VersionConflictException", false)},
		},
		{signed(t, "iot", "GET", "/things/lamp", ""), nil},
		{signed(t, "iot", "POST", "/attached-policies/x", ""), nil},
		{signed(t, "iot-jobs-data", "POST", "/things/lamp/jobs/j", ""), nil},
		{signed(t, "iot", "GET", "/jobs", ""), []audit.Entry{entry("control", "AKIATEST", "ListJobs", "GET", "/jobs", 403, "AccessDeniedException", true)}},
		{
			signed(t, "iot-jobs-data", "GET", "/things/lamp/jobs", ""),
			[]audit.Entry{entry("device", "AKIATEST", "GetPendingJobExecutions", "GET", "/things/lamp/jobs", 403, "AccessDeniedException", true)},
		},
		{request(t, "GET", "/jobs", ""), []audit.Entry{entry("none", "", "", "GET", "/jobs", 403, "MissingAuthenticationTokenException", true)}},
	} {
		got = nil
		w := do(d, c.request)
		for i := range c.want {
			c.want[i].RequestID = w.Header().Get(wire.RequestIDHeader)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s %s: audited %+v, want %+v", c.request.Method, c.request.URL.Path, got, c.want)
		}
	}
}
