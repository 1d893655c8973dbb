package controlhttp_test

import (
	"strconv"
	"strings"
	"testing"
)

// configsTogether is what AWS checks of the configurations of new jobs and of changes, once single members are fine (CTRL-2.4, CTRL-2.1).
var configsTogether = []struct{ members, want string }{
	{`"timeoutConfig":{"inProgressTimeoutInMinutes":0}`, "Provide valid timeout value, inProgressTimeoutInMinutes cannot be 0."},
	{`"timeoutConfig":{"inProgressTimeoutInMinutes":10081}`, "Provide valid timeout value, inProgressTimeoutInMinutes cannot be 10081."},
	{`"timeoutConfig":{"inProgressTimeoutInMinutes":-1}`, "Provide valid timeout value, inProgressTimeoutInMinutes cannot be -1."},
	{`"timeoutConfig":{}`, "Provide valid timeout value, inProgressTimeoutInMinutes cannot be null."},
	{`"jobExecutionsRolloutConfig":{}`, "Provide MaximumPerMinute value or provide ExponentialRate and MaximumPerMinute"},
	{`"jobExecutionsRolloutConfig":{"maximumPerMinute":null,"exponentialRate":null}`, "Provide MaximumPerMinute value or provide ExponentialRate and MaximumPerMinute"},
	{exponential("", `"numberOfNotifiedThings":5`), "Provide MaximumPerMinute value when ExponentialRate is defined"},
	{exponential(`"maximumPerMinute":10,`, `"numberOfNotifiedThings":5`), "Exponential rollout baseRatePerMinute should be less than maximumPerMinute."},
	{exponential(`"maximumPerMinute":11,`, ``), "Provide either NumberOfNotifiedThings or NumberOfSucceededThings when RateIncreaseCriteria is defined"},
	{exponential(`"maximumPerMinute":11,`, `"numberOfNotifiedThings":5,"numberOfSucceededThings":5`), "Provide only one of NumberOfNotifiedThings or NumberOfSucceededThings when RateIncreaseCriteria is defined"},
	{`"presignedUrlConfig":{"roleArn":"short"}`, "Given role short is invalid."},
	{retries("ALL", "FAILED", 0), "A retryCriteria with failure type ALL must be used by itself."},
	{retries("TIMED_OUT", "ALL", 1), "A retryCriteria with failure type ALL must be used by itself."},
}

func exponential(maximum, criteria string) string {
	return `"jobExecutionsRolloutConfig":{` + maximum + `"exponentialRate":{"baseRatePerMinute":10,"incrementFactor":1.5,"rateIncreaseCriteria":{` + criteria + `}}}`
}

// retries is a retry configuration with two failure types, each with the number.
func retries(one, other string, number int) string {
	criterion := func(failureType string) string {
		return `{"failureType":"` + failureType + `","numberOfRetries":` + strconv.Itoa(number) + `}`
	}
	return `"jobExecutionsRetryConfig":{"criteriaList":[` + criterion(one) + `,` + criterion(other) + `]}`
}

// TestCreateJobTogether has what AWS checks once single members are fine, in the measured texts (CTRL-2).
func TestCreateJobTogether(t *testing.T) {
	p := newPlane(t)
	targets := p.things("a")
	with := func(members string) string { return `{` + targets + `,"document":"{}",` + members + `}` }
	for _, c := range []struct{ body, want string }{
		{with(`"documentSource":"https://s3.eu-central-1.amazonaws.com/b/k"`), "Job document and job document source cannot be specified at the same time."},
		{`{` + targets + `}`, "Neither job document nor job document source is specified."},
		{`{` + targets + `,"document":null}`, "Neither job document nor job document source is specified."},
		{`{` + targets + `,"document":"{"}`, "The job document is not valid JSON: unexpected end of JSON input."},
		{`{` + targets + `,"document":""}`, "The job document is not valid JSON: unexpected end of JSON input."},
		{with(`"schedulingConfig":{"maintenanceWindows":[{"startTime":"cron(0 2 ? * MON *)","durationInMinutes":60}]}`), "TargetSelection is invalid. MaintenanceWindow cannot be used with SNAPSHOT job."},
		{with(retries("FAILED", "FAILED", 1)), "Only one retryCriteria can have the failure type FAILED."},
		{with(retries("FAILED", "TIMED_OUT", 6)), "The numbers of retries of all retryCriteria can be at most 10 together, found 12."},
		// The service reads the times, of which it knows whether they have passed.
		{with(`"schedulingConfig":{"startTime":"2026-01-02 03:33"}`), "StartTime is invalid. 2026-01-02 03:33 is less than 30 minutes from now."},
		{with(`"schedulingConfig":{"endBehavior":"CANCEL"}`), "EndBehavior is invalid. EndBehavior cannot be used without EndTime."},
		{with(`"jobTemplateArn":"arn:aws:iot:eu-central-1:123456789012:job/x"`), "Resource type should be jobtemplate but found invalid resource type job"},
	} {
		p.refused("PUT /jobs/j", c.body, 400, invalid, c.want)
	}
	for _, c := range configsTogether {
		p.refused("PUT /jobs/j", with(c.members), 400, invalid, c.want)
	}
	p.empty()
}

// TestCreateJobViolations has the texts about single members, in the order of the model whatever the order of the request.
func TestCreateJobViolations(t *testing.T) {
	p := newPlane(t)
	targets := p.things("a")
	for _, c := range []struct {
		body string
		want []string
	}{
		{`{"document":"{}"}`, []string{violation("null", "targets", "not be null")}},
		{`{"targets":[],"document":"{}"}`, []string{violation("'[]'", "targets", "have length greater than or equal to 1")}},
		{`{"targets":"a"}`, []string{violation(`'"a"'`, "targets", "be a list of strings")}},
		{`{"targets":[null]}`, []string{violation("null", "targets.1.member", "not be null")}},
		{
			`{"targetSelection":"ONCE","description":"","document":7,"documentSource":"","presignedUrlConfig":{"expiresInSec":59},` + targets + `}`,
			[]string{
				violation("''", "documentSource", "have length greater than or equal to 1"),
				violation("'7'", "document", "be a string"),
				violation("''", "description", `satisfy regular expression pattern: [^\p{C}]+`),
				violation("'59'", "presignedUrlConfig.expiresInSec", "have value greater than or equal to 60"),
				violation("'ONCE'", "targetSelection", "satisfy enum value set: [CONTINUOUS, SNAPSHOT]"),
			},
		},
		{
			`{` + targets + `,"jobExecutionsRolloutConfig":{"maximumPerMinute":1001,"exponentialRate":{"incrementFactor":5.1}}}`,
			[]string{
				violation("'1001'", "jobExecutionsRolloutConfig.maximumPerMinute", "have value less than or equal to 1000"),
				violation("null", "jobExecutionsRolloutConfig.exponentialRate.baseRatePerMinute", "not be null"),
				violation("'5.1'", "jobExecutionsRolloutConfig.exponentialRate.incrementFactor", "have value less than or equal to 5"),
				violation("null", "jobExecutionsRolloutConfig.exponentialRate.rateIncreaseCriteria", "not be null"),
			},
		},
		{
			`{` + targets + `,"abortConfig":{"criteriaList":[{"failureType":"LATE","action":"CANCEL","thresholdPercentage":101,"minNumberOfExecutedThings":0},{}]}}`,
			[]string{
				violation("'LATE'", "abortConfig.criteriaList.1.member.failureType", "satisfy enum value set: [FAILED, REJECTED, TIMED_OUT, ALL]"),
				violation("'101.0'", "abortConfig.criteriaList.1.member.thresholdPercentage", "have value less than or equal to 100"),
				violation("'0'", "abortConfig.criteriaList.1.member.minNumberOfExecutedThings", "have value greater than or equal to 1"),
				violation("null", "abortConfig.criteriaList.2.member.failureType", "not be null"),
				violation("null", "abortConfig.criteriaList.2.member.action", "not be null"),
				violation("null", "abortConfig.criteriaList.2.member.thresholdPercentage", "not be null"),
				violation("null", "abortConfig.criteriaList.2.member.minNumberOfExecutedThings", "not be null"),
			},
		},
		{
			`{` + targets + `,"jobExecutionsRolloutConfig":{"maximumPerMinute":0,"exponentialRate":{"baseRatePerMinute":1001,"incrementFactor":1,"rateIncreaseCriteria":{"numberOfNotifiedThings":0,"numberOfSucceededThings":1.5}}}}`,
			[]string{
				violation("'0'", "jobExecutionsRolloutConfig.maximumPerMinute", "have value greater than or equal to 1"),
				violation("'1001'", "jobExecutionsRolloutConfig.exponentialRate.baseRatePerMinute", "have value less than or equal to 1000"),
				violation("'1.0'", "jobExecutionsRolloutConfig.exponentialRate.incrementFactor", "have value greater than or equal to 1.1"),
				violation("'0'", "jobExecutionsRolloutConfig.exponentialRate.rateIncreaseCriteria.numberOfNotifiedThings", "have value greater than or equal to 1"),
				violation("'1.5'", "jobExecutionsRolloutConfig.exponentialRate.rateIncreaseCriteria.numberOfSucceededThings", "be a whole number"),
			},
		},
		{
			`{` + targets + `,"jobExecutionsRolloutConfig":{"exponentialRate":{"baseRatePerMinute":1,"incrementFactor":1.25,"rateIncreaseCriteria":{}}},` +
				`"abortConfig":{"criteriaList":[{"failureType":"ALL","action":"STOP","thresholdPercentage":-1.005,"minNumberOfExecutedThings":1}]}}`,
			[]string{
				violation("'1.25'", "jobExecutionsRolloutConfig.exponentialRate.incrementFactor", "have at most 1 digits after the decimal point"),
				violation("'STOP'", "abortConfig.criteriaList.1.member.action", "satisfy enum value set: [CANCEL]"),
				violation("'-1.005'", "abortConfig.criteriaList.1.member.thresholdPercentage", "have value greater than or equal to 0"),
				violation("'-1.005'", "abortConfig.criteriaList.1.member.thresholdPercentage", "have at most 2 digits after the decimal point"),
			},
		},
		{`{` + targets + `,"abortConfig":{}}`, []string{violation("null", "abortConfig.criteriaList", "not be null")}},
		{`{` + targets + `,"abortConfig":{"criteriaList":[]}}`, []string{violation("'[]'", "abortConfig.criteriaList", "have length greater than or equal to 1")}},
		{
			`{` + targets + `,"jobExecutionsRetryConfig":{"criteriaList":[{"failureType":"FAILED","numberOfRetries":11},{"failureType":"ALL"},{}]}}`,
			[]string{
				violation(`'[{"failureType":"FAILED","numberOfRetries":11},{"failureType":"ALL"},{}]'`, "jobExecutionsRetryConfig.criteriaList", "have length less than or equal to 2"),
				violation("'11'", "jobExecutionsRetryConfig.criteriaList.1.member.numberOfRetries", "have value less than or equal to 10"),
				violation("null", "jobExecutionsRetryConfig.criteriaList.2.member.numberOfRetries", "not be null"),
				violation("null", "jobExecutionsRetryConfig.criteriaList.3.member.failureType", "not be null"),
				violation("null", "jobExecutionsRetryConfig.criteriaList.3.member.numberOfRetries", "not be null"),
			},
		},
		{
			`{` + targets + `,"tags":[{"Value":"x"}],"schedulingConfig":{"endBehavior":"STOP","maintenanceWindows":[{"startTime":"cron(0 2 ? * MON *)","durationInMinutes":1431}]}}`,
			[]string{
				violation("null", "tags.1.member.key", "not be null"),
				violation("'STOP'", "schedulingConfig.endBehavior", "satisfy enum value set: [STOP_ROLLOUT, CANCEL, FORCE_CANCEL]"),
				violation("'1431'", "schedulingConfig.maintenanceWindows.1.member.durationInMinutes", "have value less than or equal to 1430"),
			},
		},
		{
			`{` + targets + `,"schedulingConfig":{"maintenanceWindows":[{"startTime":"","durationInMinutes":0},null,{}],"endTime":"` + strings.Repeat("2", 65) + `","startTime":""}}`,
			[]string{
				violation("''", "schedulingConfig.startTime", "have length greater than or equal to 1"),
				violation("'"+strings.Repeat("2", 65)+"'", "schedulingConfig.endTime", "have length less than or equal to 64"),
				violation("null", "schedulingConfig.maintenanceWindows.2.member", "not be null"),
				violation("''", "schedulingConfig.maintenanceWindows.1.member.startTime", "have length greater than or equal to 1"),
				violation("'0'", "schedulingConfig.maintenanceWindows.1.member.durationInMinutes", "have value greater than or equal to 1"),
				violation("null", "schedulingConfig.maintenanceWindows.3.member.startTime", "not be null"),
				violation("null", "schedulingConfig.maintenanceWindows.3.member.durationInMinutes", "not be null"),
			},
		},
		{`{` + targets + `,"schedulingConfig":{"maintenanceWindows":{}}}`, []string{violation("'{}'", "schedulingConfig.maintenanceWindows", "be a list of objects")}},
		{`{` + targets + `,"timeoutConfig":{"inProgressTimeoutInMinutes":"5"}}`, []string{violation(`'"5"'`, "timeoutConfig.inProgressTimeoutInMinutes", "be a whole number")}},
	} {
		p.refused("PUT /jobs/j", c.body, 400, invalid, violations(c.want...))
	}
	tooLong := strings.Repeat("x", 32767)
	p.refused("PUT /jobs/j", `{`+targets+`,"document":"`+quoted(tooLong)[1:32768]+`xx"}`, 400, invalid,
		violations(violation("'"+tooLong[:256]+"…'", "document", "have length less than or equal to 32768")))
	p.ok("PUT /jobs/j", `{`+targets+`,"document":`+quoted(`"`+tooLong[:32766]+`"`)+`}`)
}

// TestTargets: a target of another account or region, a malformed and a missing one spoil the whole job.
func TestTargets(t *testing.T) {
	p := newPlane(t)
	good := p.things("a")
	unknown := func(arn string) string {
		return "Target " + arn + " cannot be found: it is no thing and no thing group of account 123456789012 in eu-central-1."
	}
	for _, arn := range []string{
		"arn:aws:iot:eu-central-1:999999999999:thing/a", "arn:aws:iot:eu-west-1:123456789012:thing/a", "arn:aws-cn:iot:eu-central-1:123456789012:thing/a",
		"arn:aws:iot:eu-central-1:123456789012:thing/", "arn:aws:iot:eu-central-1:123456789012:thing/a/b", "arn:aws:iot:eu-central-1:123456789012:job/a",
		"arn:aws:iot:eu-central-1:123456789012:thing", "arn:aws:iot:eu-central-1:999999999999:thinggroup/g", "a", "",
	} {
		p.refused("PUT /jobs/j", `{`+strings.TrimSuffix(good, "]")+`,"`+arn+`"],"document":"{}"}`, 404, notFound, unknown(arn))
	}
	p.refused("PUT /jobs/j", `{`+strings.TrimSuffix(good, "]")+`,"arn:aws:iot:eu-central-1:123456789012:thing/none"],"document":"{}"}`, 404, notFound, "Thing none cannot be found.")
	p.empty()

	many := make([]string, 101)
	for i := range many {
		many[i] = "m" + strings.Repeat("x", i)
	}
	targets := p.things(many...)
	p.refused("PUT /jobs/j", `{`+targets+`,"document":"{}"}`, 410, "LimitExceededException", "A job has at most 100 targets, found 101.")
	p.empty()
	// A repeat is no target of its own.
	p.ok("PUT /jobs/j", `{`+strings.Replace(targets, "mx\"", "m\"", 1)+`,"document":"{}"}`)
}
