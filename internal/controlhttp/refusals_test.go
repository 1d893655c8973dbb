package controlhttp_test

import (
	"strings"
	"testing"

	"iotjobs/internal/jobs"
)

const (
	invalid    = "InvalidRequestException"
	notFound   = "ResourceNotFoundException"
	conflict   = "VersionConflictException"
	transition = "InvalidStateTransitionException"
)

// TestRefusals has every refusal of every operation once, on one fleet: thing a with a running execution and thing b with a queued one
// of job j, job done that is completed.
func TestRefusals(t *testing.T) {
	p := newPlane(t)
	targets := p.things("a", "b")
	p.ok("PUT /jobs/done", `{`+targets+`,"document":"{}"}`)
	p.report("a", "done", jobs.Report{Status: jobs.Succeeded})
	p.report("b", "done", jobs.Report{Status: jobs.Failed})
	p.ok("PUT /jobs/j", `{`+targets+`,"document":"{}"}`)
	p.report("a", "j", jobs.Report{Status: jobs.InProgress})
	for _, c := range []struct {
		request, body string
		status        int
		errorType     string
		message       string
	}{
		{"POST /things/a", `{"attributePayload":{"attributes":{"x":"1"}}}`, 409, "ResourceAlreadyExistsException", "Thing a already exists in account with different tags and/or attributes."},
		{"POST /things/c", `{"attributePayload":{"attributes":{"a":"1","b":"1","c":"1","d":"1"}}}`, 400, invalid, "A thing without a thing type has at most 3 attributes, found 4."},
		{"GET /things/c", "", 404, notFound, "Thing c cannot be found."},
		{"PATCH /things/c", "", 404, notFound, "Thing c cannot be found."},
		{"PATCH /things/a", `{"expectedVersion":2}`, 409, conflict, "Expected version 2 but found version 1"},
		{"DELETE /things/a?expectedVersion=7", "", 409, conflict, "Expected version 7 but found version 1"},
		{"GET /things?nextToken=garbage!", "", 400, invalid, "Next token is invalid."},
		{"GET /things?attributeValue=1", "", 400, invalid, "attributeValue needs attributeName, which names the attribute that must have the value."},

		{"PUT /jobs/j", `{` + targets + `,"document":"{}"}`, 409, "ResourceAlreadyExistsException", "Job j already exists."},
		{"GET /jobs/x", "", 404, notFound, "Job x cannot be found."},
		{"GET /jobs/x/job-document", "", 404, notFound, "Job x cannot be found."},
		{"GET /jobs?nextToken=garbage!", "", 400, invalid, "Next token is invalid."},
		{"PUT /jobs/x/cancel", "", 404, notFound, "Job x cannot be found."},
		{"PUT /jobs/done/cancel?force=true", "", 400, invalid, "Job done in status COMPLETED cannot be canceled."},
		{"DELETE /jobs/x", "", 404, notFound, "Job x cannot be found."},
		{"DELETE /jobs/j", "", 409, transition, "Job j in status IN_PROGRESS can be deleted only with force."},

		{"GET /jobs/x/things", "", 404, notFound, "Job x cannot be found."},
		{"GET /jobs/j/things?nextToken=garbage!", "", 400, invalid, "Next token is invalid."},
		{"GET /things/c/jobs", "", 404, notFound, "Thing c cannot be found."},
		{"GET /things/a/jobs?nextToken=garbage!", "", 400, invalid, "Next token is invalid."},
		{"GET /things/c/jobs/j", "", 404, notFound, "Thing c cannot be found."},
		{"GET /things/a/jobs/x", "", 404, notFound, "Job execution of job x on thing a cannot be found."},
		{"GET /things/a/jobs/j?executionNumber=2", "", 404, notFound, "Job execution 2 of job j on thing a cannot be found."},
		{"PUT /things/a/jobs/j/cancel", "", 409, transition, "The job execution is in status IN_PROGRESS and can be canceled only with force"},
		{"PUT /things/b/jobs/j/cancel", `{"expectedVersion":5}`, 409, conflict, "Expected version 5 but found version 1"},
		{"PUT /things/a/jobs/done/cancel?force=true", "", 409, transition, "The job execution is in terminal status SUCCEEDED and cannot be canceled"},
		{"PUT /things/a/jobs/x/cancel", "", 404, notFound, "Job execution of job x on thing a cannot be found."},
		{"DELETE /things/a/jobs/j/executionNumber/1", "", 409, transition, "The job execution is in status IN_PROGRESS and can be deleted only with force."},
		{"DELETE /things/a/jobs/j/executionNumber/2", "", 404, notFound, "Job execution 2 of job j on thing a cannot be found."},
	} {
		p.refused(c.request, c.body, c.status, c.errorType, c.message)
	}
}

// TestTakenNames pins the members that say whose name it is.
func TestTakenNames(t *testing.T) {
	p := newPlane(t)
	targets := p.things("a")
	p.ok("PUT /jobs/j", `{`+targets+`,"document":"{}"}`)
	p.ok("POST /thing-groups/g", "")
	p.ok("POST /thing-types/t", "")
	for request, want := range map[string]string{
		"PUT /jobs/j":          `"resourceId":"j","resourceArn":"arn:aws:iot:eu-central-1:123456789012:job/j"}`,
		"POST /things/a":       `"resourceId":"00000000-0000-4000-8000-000000000001","resourceArn":"arn:aws:iot:eu-central-1:123456789012:thing/a"}`,
		"POST /thing-groups/g": `,"resourceArn":"arn:aws:iot:eu-central-1:123456789012:thinggroup/g"}`,
		"POST /thing-types/t":  `"resourceId":"00000000-0000-4000-8000-000000000003","resourceArn":"arn:aws:iot:eu-central-1:123456789012:thingtype/t"}`,
	} {
		got := p.call(request, `{`+targets+`,"document":"{}","attributePayload":{"attributes":{"x":"y"}},`+
			`"thingGroupProperties":{"thingGroupDescription":"x"},"thingTypeProperties":{"thingTypeDescription":"x"}}`)
		if got.status != 409 || !strings.HasSuffix(got.body, want) {
			t.Errorf("%s: got %d %s, want 409 …%s", request, got.status, got.body, want)
		}
	}
}

// TestVersionZeroIsChecked: an expected version of zero is a wrong one, not an absent one.
func TestVersionZeroIsChecked(t *testing.T) {
	p := newPlane(t)
	p.ok("PUT /jobs/j", `{`+p.things("a")+`,"document":"{}"}`)
	p.refused("PATCH /things/a", `{"expectedVersion":0}`, 409, conflict, "Expected version 0 but found version 1")
	p.refused("DELETE /things/a?expectedVersion=0", "", 409, conflict, "Expected version 0 but found version 1")
	p.refused("PUT /things/a/jobs/j/cancel", `{"expectedVersion":0}`, 409, conflict, "Expected version 0 but found version 1")
}

// TestDeletionsAtOnce needs jobs that stay in deletion, which the virtual clock of the other tests does not leave.
func TestDeletionsAtOnce(t *testing.T) {
	p := newPlane(t)
	p.service.Virtual = false
	p.service.Quotas.TargetsPerJob = 200
	names := make([]string, 101)
	for i := range names {
		names[i] = "t" + strings.Repeat("x", i)
	}
	body := `{` + p.things(names...) + `,"document":"{}"}`
	for i := range 11 {
		id := "/jobs/j" + string(rune('a'+i))
		p.ok("PUT "+id, body)
		if err := p.service.RunSteps(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 10 {
		p.ok("DELETE /jobs/j"+string(rune('a'+i))+"?force=true", "")
	}
	p.refused("DELETE /jobs/jk?force=true", "", 410, "LimitExceededException", "At most 10 jobs can be in deletion at the same time.")
	p.refused("DELETE /jobs/ja?force=true", "", 409, transition, "Job ja is being deleted already.")
}
