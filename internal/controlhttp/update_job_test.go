package controlhttp_test

import (
	"strings"
	"testing"
	"time"

	"iotjobs/internal/jobs"
)

// TestUpdateJobTogether: a change is checked as a new job is, before anything is looked up.
func TestUpdateJobTogether(t *testing.T) {
	p := newPlane(t)
	for _, c := range configsTogether {
		p.refused("PATCH /jobs/none", `{`+c.members+`}`, 400, invalid, c.want)
	}
}

// TestUpdateJobViolations has the texts about single members, in the order of the model, which has namespaceId before the retries.
func TestUpdateJobViolations(t *testing.T) {
	p := newPlane(t)
	for _, c := range []struct {
		request, body string
		want          []string
	}{
		{
			"PATCH /jobs/a.b?namespaceId=c.d", `{"jobExecutionsRetryConfig":{"criteriaList":[]},"timeoutConfig":{"inProgressTimeoutInMinutes":1.5},` +
				`"abortConfig":{"criteriaList":[{"failureType":"ALL","action":"CANCEL","thresholdPercentage":101,"minNumberOfExecutedThings":1}]},` +
				`"jobExecutionsRolloutConfig":{"maximumPerMinute":1001},"presignedUrlConfig":{"expiresInSec":3601},"description":"\u0007"}`,
			[]string{
				violation("'a.b'", "jobId", idPattern),
				violation("'\a'", "description", `satisfy regular expression pattern: [^\p{C}]+`),
				violation("'3601'", "presignedUrlConfig.expiresInSec", "have value less than or equal to 3600"),
				violation("'1001'", "jobExecutionsRolloutConfig.maximumPerMinute", "have value less than or equal to 1000"),
				violation("'101.0'", "abortConfig.criteriaList.1.member.thresholdPercentage", "have value less than or equal to 100"),
				violation("'1.5'", "timeoutConfig.inProgressTimeoutInMinutes", "be a whole number"),
				violation("'c.d'", "namespaceId", idPattern),
				violation("'[]'", "jobExecutionsRetryConfig.criteriaList", "have length greater than or equal to 1"),
			},
		},
		{"PATCH /jobs/j", `{"description":""}`, []string{violation("''", "description", `satisfy regular expression pattern: [^\p{C}]+`)}},
		{"PATCH /jobs/j", `{"abortConfig":{}}`, []string{violation("null", "abortConfig.criteriaList", "not be null")}},
		{"PATCH /jobs/j", `{"abortConfig":{"criteriaList":[]}}`, []string{violation("'[]'", "abortConfig.criteriaList", "have length greater than or equal to 1")}},
		{"PATCH /jobs/j", `{"jobExecutionsRolloutConfig":[]}`, []string{violation("'[]'", "jobExecutionsRolloutConfig", "be an object")}},
		{
			"PATCH /jobs/j", `{"jobExecutionsRetryConfig":{"criteriaList":[{"failureType":"REJECTED","numberOfRetries":11}]}}`,
			[]string{
				violation("'REJECTED'", "jobExecutionsRetryConfig.criteriaList.1.member.failureType", "satisfy enum value set: [FAILED, TIMED_OUT, ALL]"),
				violation("'11'", "jobExecutionsRetryConfig.criteriaList.1.member.numberOfRetries", "have value less than or equal to 10"),
			},
		},
	} {
		p.refused(c.request, c.body, 400, invalid, violations(c.want...))
	}
}

// TestUpdateJobRefusals has what depends on the job, in the measured texts and after what does not (CTRL-2.1).
func TestUpdateJobRefusals(t *testing.T) {
	p := newPlane(t)
	targets := p.things("a")
	retried := `"jobExecutionsRetryConfig":{"criteriaList":[{"failureType":"FAILED","numberOfRetries":2}]}`
	p.ok("PUT /jobs/plain", `{`+targets+`,"document":"{}"}`)
	p.ok("PUT /jobs/retried", `{`+targets+`,"document":"{}",`+retried+`}`)
	for _, end := range []string{"completed", "canceled"} {
		p.ok("PUT /jobs/"+end, `{`+targets+`,"document":"{}"}`)
	}
	p.report("a", "completed", jobs.Report{Status: jobs.Succeeded})
	p.ok("PUT /jobs/canceled/cancel", "")

	zero := strings.ReplaceAll(retried, "2", "0")
	for _, c := range []struct {
		job, members string
		status       int
		errorType    string
		want         string
	}{
		{"none", ``, 400, invalid, "Update Job request for job none cannot be empty."},
		{"none", `"presignedUrlConfig":{},"targets":["a"]`, 400, invalid, "Update Job request for job none cannot be empty."},
		{"canceled", ``, 400, invalid, "Update Job request for job canceled cannot be empty."},
		{"none", `"description":"d"`, 404, notFound, "Job none cannot be found."},
		{"completed", `"description":"d"`, 400, invalid, "Job completed in status COMPLETED cannot be updated."},
		{"canceled", zero, 400, invalid, "Job canceled in status CANCELED cannot be updated."},
		{"retried", retried, 400, invalid, "The number of retries cannot be updated to any number other than 0."},
		{"retried", retries("FAILED", "TIMED_OUT", 6), 400, invalid, "The number of retries cannot be updated to any number other than 0."},
		{"plain", zero, 400, invalid, "RetryConfig cannot be updated if the job has no RetryConfig defined during creation."},
		{"retried", strings.ReplaceAll(zero, "FAILED", "ALL"), 400, invalid, "FailureTypes must match existing FailureTypes defined in RetryConfig."},
		{"retried", retries("FAILED", "TIMED_OUT", 0), 400, invalid, "FailureTypes must match existing FailureTypes defined in RetryConfig."},
	} {
		p.refused("PATCH /jobs/"+c.job, `{`+c.members+`}`, c.status, c.errorType, c.want)
	}
	p.silent("PATCH /jobs/retried", `{`+zero+`}`)
}

// TestUpdateJob: a given member replaces what is there whole, and what is not given stays.
func TestUpdateJob(t *testing.T) {
	p := newPlane(t)
	p.ok("PUT /jobs/j", `{`+p.things("a", "b")+`,"document":"{}",`+everyConfig+`}`)
	p.show("DescribeJob_configured", "GET /jobs/j", "")
	p.silent("PATCH /jobs/j", `{"jobExecutionsRolloutConfig":{"maximumPerMinute":30}}`)
	p.show("DescribeJob_constant", "GET /jobs/j", "")
	p.silent("PATCH /jobs/j", `{"description":"b","timeoutConfig":{"inProgressTimeoutInMinutes":1},`+
		`"abortConfig":{"criteriaList":[{"failureType":"REJECTED","action":"CANCEL","thresholdPercentage":100,"minNumberOfExecutedThings":2}]},`+
		retries("FAILED", "TIMED_OUT", 0)+`}`)
	p.show("DescribeJob_updated", "GET /jobs/j", "")
}

// TestScheduledJob walks a job from SCHEDULED to its start, and shows the openings of its windows.
func TestScheduledJob(t *testing.T) {
	p := newPlane(t)
	p.ok("PUT /jobs/plain", `{`+p.things("a")+`,"document":"{}"}`)
	p.ok("POST /thing-groups/g", "")
	p.ok("PUT /jobs/j", `{"targets":["`+groupARN+`g"],"document":"{}","targetSelection":"CONTINUOUS","schedulingConfig":{"startTime":"2026-01-05 01:00",`+
		`"endTime":"2026-03-01T02:00","endBehavior":"STOP_ROLLOUT","maintenanceWindows":[{"startTime":"cron(0 2 ? * MON *)","durationInMinutes":90}]}}`)
	p.show("DescribeJob_scheduled", "GET /jobs/j", "")
	p.show("ListJobs_scheduled", "GET /jobs?status=SCHEDULED", "")
	p.now = time.Date(2026, 1, 19, 2, 0, 1, 0, time.UTC)
	p.show("DescribeJob_started", "GET /jobs/j", "")
}

// TestRetryAttempts: the lists of executions tell how many retries came before each.
func TestRetryAttempts(t *testing.T) {
	p := newPlane(t)
	p.ok("PUT /jobs/j", `{`+p.things("a")+`,"document":"{}","jobExecutionsRetryConfig":{"criteriaList":[{"failureType":"FAILED","numberOfRetries":2}]}}`)
	for range 2 {
		p.report("a", "j", jobs.Report{Status: jobs.Failed})
		p.now = p.now.Add(time.Second)
	}
	p.show("ListJobExecutionsForThing_retried", "GET /things/a/jobs", "")
	p.show("ListJobExecutionsForJob_retried", "GET /jobs/j/things?status=QUEUED", "")
}
