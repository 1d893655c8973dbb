package devicehttp_test

import (
	"testing"
	"time"
)

// TestLife is what a device does from one poll to the next, with every document as it stands on the wire. Job a is created at 1767323045
// and job b a second later.
func TestLife(t *testing.T) {
	d := newDevice(t, "lamp:1", "idle")
	d.job("a", 0, "lamp:1")
	d.job("b", 10*time.Minute, "lamp:1")

	d.ok("GET /things/idle/jobs", "", `{"inProgressJobs":[],"queuedJobs":[]}`)
	d.ok("PUT /things/idle/jobs/$next", "{}", `{}`)
	d.ok("GET /things/idle/jobs/%24next", "", `{}`)
	// Now is 1767323050.
	d.ok("GET /things/lamp%3A1/jobs", "", `{"inProgressJobs":[],"queuedJobs":[`+
		`{"jobId":"a","queuedAt":1767323045,"lastUpdatedAt":1767323045,"executionNumber":1,"versionNumber":1},`+
		`{"jobId":"b","queuedAt":1767323046,"lastUpdatedAt":1767323046,"executionNumber":1,"versionNumber":1}]}`)
	d.ok("GET /things/lamp:1/jobs/$next?includeJobDocument=false", "",
		`{"execution":{"jobId":"a","thingName":"lamp:1","status":"QUEUED","queuedAt":1767323045,"lastUpdatedAt":1767323045,"versionNumber":1,"executionNumber":1}}`)
	started := `{"execution":{"jobId":"a","thingName":"lamp:1","status":"IN_PROGRESS","statusDetails":{"step":"1"},"queuedAt":1767323045,"startedAt":1767323052,` +
		`"lastUpdatedAt":1767323052,"versionNumber":2,"executionNumber":1,"jobDocument":"{ \"op\":\"<a>\" }"}}`
	d.ok("PUT /things/lamp:1/jobs/$next", `{"statusDetails":{"step":"1"}}`, started)
	d.ok("PUT /things/lamp:1/jobs/%24next", "", started) // handed out again, also without a body
	d.ok("GET /things/lamp:1/jobs/$next", "", started)
	d.ok("GET /things/lamp:1/jobs/a?executionNumber=1", "", started)

	d.ok("POST /things/lamp:1/jobs/a", `{"status":"IN_PROGRESS","expectedVersion":"2","statusDetails":{"step":"2"}}`, `{}`)
	d.ok("POST /things/lamp:1/jobs/a", `{"status":"SUCCEEDED","expectedVersion":3,"includeJobExecutionState":true,"includeJobDocument":true}`,
		`{"executionState":{"status":"SUCCEEDED","statusDetails":{"step":"2"},"versionNumber":4},"jobDocument":"{ \"op\":\"<a>\" }"}`)

	// Now is 1767323058: the next job has a timer of ten minutes.
	d.ok("PUT /things/lamp:1/jobs/$next", `{"stepTimeoutInMinutes":5}`,
		`{"execution":{"jobId":"b","thingName":"lamp:1","status":"IN_PROGRESS","queuedAt":1767323046,"startedAt":1767323058,"lastUpdatedAt":1767323058,`+
			`"versionNumber":2,"executionNumber":1,"approximateSecondsBeforeTimedOut":300,"jobDocument":"{ \"op\":\"<b>\" }"}}`)
	d.ok("POST /things/lamp:1/jobs/b", `{"status":"IN_PROGRESS","stepTimeoutInMinutes":-1}`, `{}`)
	d.ok("GET /things/lamp:1/jobs/b?includeJobDocument=false", "",
		`{"execution":{"jobId":"b","thingName":"lamp:1","status":"IN_PROGRESS","queuedAt":1767323046,"startedAt":1767323058,"lastUpdatedAt":1767323059,`+
			`"versionNumber":3,"executionNumber":1,"approximateSecondsBeforeTimedOut":598}}`)
	d.ok("GET /things/lamp:1/jobs", "", `{"inProgressJobs":[`+
		`{"jobId":"b","queuedAt":1767323046,"lastUpdatedAt":1767323059,"startedAt":1767323058,"executionNumber":1,"versionNumber":3}],"queuedJobs":[]}`)
}

// TestThingCalledJobs: a thing may have any name, that of a path too.
func TestThingCalledJobs(t *testing.T) {
	d := newDevice(t, "jobs")
	d.job("jobs", 0, "jobs")
	d.ok("POST /things/jobs/jobs/jobs", `{"status":"FAILED"}`, `{}`)
	d.ok("GET /things/jobs/jobs", "", `{"inProgressJobs":[],"queuedJobs":[]}`)
}
