package frontdoor_test

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
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
	control.HandleFunc("POST /keys-and-certificate", func(w http.ResponseWriter, _ *http.Request) {
		wire.WriteJSON(w, 200, map[string]string{"certificateId": "c0ffee", "privateKey": "secret words"})
	})
	control.Handle("PUT /certificates/{certificateId}", reply(200, ""))
	control.Handle("PUT /target-policies/{policyName}", reply(200, ""))
	control.Handle("PUT /things/{thingName}/principals", reply(200, ""))
	control.Handle("GET /jobs", reply(403, "AccessDeniedException"))
	device.Handle("POST /things/{thingName}/jobs/{jobId}", reply(200, ""))
	device.Handle("GET /things/{thingName}/jobs", reply(403, "AccessDeniedException"))
	var got []audit.Entry
	d := frontdoor.New(frontdoor.Config{
		Credentials: http.NewServeMux(),
		Auth:        verifying(), Device: device, Control: control, Identity: http.NewServeMux(), IdentityRefusal: plainly, Log: slog.New(slog.DiscardHandler), Metrics: frontdoor.NewMetrics(prometheus.NewRegistry()),
		ControlOperations: map[string]string{
			"POST /things/{thingName}": "CreateThing", "DELETE /things/{thingName}": "DeleteThing", "GET /things/{thingName}": "DescribeThing",
			"POST /attached-policies/{target...}": "ListAttachedPolicies", "GET /jobs": "ListJobs", "PUT /certificates/{certificateId}": "UpdateCertificate",
			"POST /keys-and-certificate":        "CreateKeysAndCertificate",
			"PUT /target-policies/{policyName}": "AttachPolicy", "PUT /things/{thingName}/principals": "AttachThingPrincipal",
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
	with := func(e audit.Entry, p audit.Parameters) []audit.Entry {
		e.Parameters = p
		return []audit.Entry{e}
	}
	principal := request(t, "PUT", "/things/lamp/principals", "")
	principal.Header.Set("X-Amzn-Principal", "arn:cert")
	sign(t, principal, "iot", "")
	for _, c := range []struct {
		request *http.Request
		want    []audit.Entry
	}{
		{
			signed(t, "iot", "PUT", "/certificates/c?newStatus=REVOKED&other=secret", ""),
			with(entry("control", "AKIATEST", "UpdateCertificate", "PUT", "/certificates/c", 200, "", false), audit.Parameters{NewStatus: "REVOKED"}),
		},
		{
			signed(t, "iot", "POST", "/keys-and-certificate?setAsActive=true", ""),
			func() []audit.Entry {
				made := entry("control", "AKIATEST", "CreateKeysAndCertificate", "POST", "/keys-and-certificate", 200, "", false)
				made.CertificateID = "c0ffee"
				return with(made, audit.Parameters{SetAsActive: "true"})
			}(),
		},
		{ // as the plane reads it: in this case only, and the last one counts
			signed(t, "iot", "PUT", "/target-policies/p", `{"target":"arn:first","target":"arn:g","TARGET":"arn:other","thingName":{"no":"name"},"policyDocument":"secret"}`),
			with(entry("control", "AKIATEST", "AttachPolicy", "PUT", "/target-policies/p", 200, "", false), audit.Parameters{Target: "arn:g"}),
		},
		{
			signed(t, "iot", "PUT", "/target-policies/p", `{"target":"`+strings.Repeat("x", 1000)+`"}`),
			with(entry("control", "AKIATEST", "AttachPolicy", "PUT", "/target-policies/p", 200, "", false), audit.Parameters{Target: strings.Repeat("x", 256)}),
		},
		{
			principal,
			with(entry("control", "AKIATEST", "AttachThingPrincipal", "PUT", "/things/lamp/principals", 200, "", false), audit.Parameters{Principal: "arn:cert"}),
		},
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
