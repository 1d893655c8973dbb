package devicehttp_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"iotjobs/internal/auth"
)

// Each operation asks for its own action on the thing of the path (HTTP-8).
func TestEveryOperationAsksTheGuard(t *testing.T) {
	d := newDevice(t, "lamp")
	d.job("job", 0, "lamp")
	for _, c := range []struct{ action, request, body string }{
		{"iotjobsdata:GetPendingJobExecutions", "GET /things/lamp/jobs", ""},
		{"iotjobsdata:DescribeJobExecution", "GET /things/lamp/jobs/job", ""},
		{"iotjobsdata:DescribeJobExecution", "GET /things/lamp/jobs/$next", ""},
		{"iotjobsdata:StartNextPendingJobExecution", "PUT /things/lamp/jobs/$next", "{}"},
		{"iotjobsdata:UpdateJobExecution", "POST /things/lamp/jobs/job", `{"status":"FAILED"}`},
	} {
		d.guard = guard{refusal: &auth.Refusal{Type: "AccessDeniedException", Status: http.StatusForbidden, Message: "No."}}
		d.call(c.request, c.body, 403, "AccessDeniedException", `{"message":"No."}`)
		want := []auth.Call{{Action: c.action, Resource: "arn:aws:iot:eu-west-1:123456789012:thing/lamp", Thing: "lamp"}}
		if !slices.Equal(d.guard.asked, want) {
			t.Errorf("%s asked for %+v, want %+v", c.request, d.guard.asked, want)
		}
	}
	d.guard = guard{}
	d.call("GET /things/lamp/jobs/job?includeJobDocument=false", "", 200, "",
		`{"execution":{"jobId":"job","thingName":"lamp","status":"QUEUED","queuedAt":1767323045,"lastUpdatedAt":1767323045,"versionNumber":1,"executionNumber":1}}`)
}

// A name that is too long for a thing is one of nobody's: nothing is kept about it.
func TestTheGuardHearsOfNoThingThatCannotBe(t *testing.T) {
	d := newDevice(t)
	d.guard.refusal = &auth.Refusal{Type: "AccessDeniedException", Status: http.StatusForbidden, Message: "No."}
	d.call("GET /things/"+strings.Repeat("x", 129)+"/jobs", "", 403, "AccessDeniedException", `{"message":"No."}`)
	if got := d.guard.asked[0]; got.Thing != "" || !strings.HasSuffix(got.Resource, ":thing/"+strings.Repeat("x", 129)) {
		t.Errorf("asked for %+v, want the resource of the path and no thing", got)
	}
}
