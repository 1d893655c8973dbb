package devicehttp_test

import (
	"testing"
)

const (
	invalid    = "InvalidRequestException"
	notFound   = "ResourceNotFoundException"
	transition = "InvalidStateTransitionException"
)

// TestRefusals has thing a with job j that is queued and job done that has succeeded.
func TestRefusals(t *testing.T) {
	d := newDevice(t, "a")
	d.job("done", 0, "a")
	d.job("j", 0, "a")
	d.ok("POST /things/a/jobs/done", `{"status":"SUCCEEDED","statusDetails":{"k":"v"}}`, `{}`)
	message := func(text string) string { return `{"message":"` + text + `"}` }
	queued := `,"executionState":{"status":"QUEUED","versionNumber":1}}`
	for _, c := range []struct {
		request, body string
		status        int
		errorType     string
		want          string
	}{
		{"GET /things/b/jobs", "", 404, notFound, message("Thing b cannot be found.")},
		{"PUT /things/b/jobs/$next", "", 404, notFound, message("Thing b cannot be found.")},
		{"GET /things/b/jobs/$next", "", 404, notFound, message("Thing b cannot be found.")},
		{"GET /things/a/jobs/x", "", 404, notFound, message("Job execution of job x on thing a cannot be found.")},
		{"GET /things/a/jobs/j?executionNumber=2", "", 404, notFound, message("Job execution 2 of job j on thing a cannot be found.")},
		{"GET /things/a/jobs/done", "", 410, "TerminalStateException", message("The job execution of job done on thing a is in terminal status SUCCEEDED.")},
		{"POST /things/a/jobs/x", `{"status":"FAILED"}`, 404, notFound, message("Job execution of job x on thing a cannot be found.")},
		{"POST /things/a/jobs/j", `{"status":"FAILED","executionNumber":2}`, 404, notFound, message("Job execution 2 of job j on thing a cannot be found.")},

		// The current state is in the answers to an update that came too late (HTTP-4.4).
		{"POST /things/a/jobs/j", `{"status":"FAILED","expectedVersion":2}`, 409, transition, `{"message":"Expected version 2 but found version 1"` + queued},
		{"POST /things/a/jobs/j", `{"status":"CANCELED"}`, 409, transition, `{"message":"The status of job execution cannot be changed to be CANCELED"` + queued},
		{"POST /things/a/jobs/j", `{"status":"QUEUED"}`, 409, transition, `{"message":"The status of job execution cannot be changed to be QUEUED"` + queued},
		{
			"POST /things/a/jobs/done", `{"status":"IN_PROGRESS"}`, 409, transition,
			`{"message":"The job execution is in terminal status SUCCEEDED and cannot be changed to be IN_PROGRESS","executionState":{"status":"SUCCEEDED","statusDetails":{"k":"v"},"versionNumber":2}}`,
		},
		// The version is checked before the transition.
		{"POST /things/a/jobs/j", `{"status":"CANCELED","expectedVersion":2}`, 409, transition, `{"message":"Expected version 2 but found version 1"` + queued},

		// Shape is checked before existence.
		{"POST /things/b/jobs/x", `{"status":"SUCCESS"}`, 400, invalid, message("1 validation error detected: Value 'SUCCESS' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [QUEUED, IN_PROGRESS, SUCCEEDED, FAILED, TIMED_OUT, REJECTED, REMOVED, CANCELED]")},
		{"POST /things/b/jobs/x", ``, 400, invalid, message("1 validation error detected: Value null at 'status' failed to satisfy constraint: Member must not be null")},
		{
			"POST /things/b.b/jobs/x.x", `{"Status":"FAILED","stepTimeoutInMinutes":0,"expectedVersion":"one"}`, 400, invalid,
			message(`5 validation errors detected: Value 'x.x' at 'jobId' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+; ` +
				`Value 'b.b' at 'thingName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9:_-]+; ` +
				`Value null at 'status' failed to satisfy constraint: Member must not be null; ` +
				`Value '\"one\"' at 'expectedVersion' failed to satisfy constraint: Member must be a whole number; ` +
				`Value '0' at 'stepTimeoutInMinutes' failed to satisfy constraint: Member must have value greater than or equal to 1`),
		},
		{"PUT /things/a/jobs/$next", `{"stepTimeoutInMinutes":-1}`, 400, invalid, message("1 validation error detected: Value '-1' at 'stepTimeoutInMinutes' failed to satisfy constraint: Member must have value greater than or equal to 1")},
		{"PUT /things/a/jobs/$next", `[]`, 400, invalid, message("The request body must be a JSON object.")},
		{"GET /things/a/jobs/x.x", "", 400, invalid, message(`1 validation error detected: Value 'x.x' at 'jobId' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+|^\\$next`)},
		{"GET /things/a/jobs/j?includeJobDocument=no&executionNumber=0", "", 400, invalid, message(`2 validation errors detected: Value 'no' at 'includeJobDocument' failed to satisfy constraint: Member must be a boolean; ` +
			`Value '0' at 'executionNumber' failed to satisfy constraint: Member must have value greater than or equal to 1`)},
	} {
		d.call(c.request, c.body, c.status, c.errorType, c.want)
	}
	// No refusal changed anything.
	d.ok("GET /things/a/jobs/j?includeJobDocument=false", "",
		`{"execution":{"jobId":"j","thingName":"a","status":"QUEUED","queuedAt":1767323046,"lastUpdatedAt":1767323046,"versionNumber":1,"executionNumber":1}}`)
}
