package conformance_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestRefusalsOfOperations(t *testing.T) { play(t, refusalCases) }

// violation is what AWS says of a value that breaks a rule of its model (HTTP-6).
func violation(value, member, rule string) string {
	return fmt.Sprintf("Value '%s' at '%s' failed to satisfy constraint: Member must %s", value, member, rule)
}

func oneViolation(value, member, rule string) string {
	return "1 validation error detected: " + violation(value, member, rule)
}

func twoViolations(first, second string) string {
	return "2 validation errors detected: " + first + "; " + second
}

const (
	idPattern    = "satisfy regular expression pattern: [a-zA-Z0-9_-]+"
	thingPattern = "satisfy regular expression pattern: [a-zA-Z0-9:_-]+"
	tooMany      = "have value less than or equal to 250"
	statuses     = "satisfy enum value set: [QUEUED, IN_PROGRESS, SUCCEEDED, FAILED, TIMED_OUT, REJECTED, REMOVED, CANCELED]"
)

// manyTargets are more than a job may have (LIFE-14).
func manyTargets() List {
	names := make([]string, 101)
	for i := range names {
		names[i] = fmt.Sprintf("lamp-%d", i)
	}
	return thingARNs(names...)
}

var refusalCases = []Case{
	{
		Name: "malformed requests, on the control plane",
		Steps: []Step{
			control("CreateThing", Members{"thingName": "has.dot"}).
				fails(400, "InvalidRequestException", oneViolation("has.dot", "thingName", thingPattern)),
			control("DescribeThing", Members{"thingName": strings.Repeat("x", 129)}).sdks().
				fails(400, "InvalidRequestException", oneViolation(strings.Repeat("x", 129), "thingName", "have length less than or equal to 128")),
			control("UpdateThing", Members{"thingName": "has.dot"}).sdks().
				fails(400, "InvalidRequestException", oneViolation("has.dot", "thingName", thingPattern)),
			control("DeleteThing", Members{"thingName": "has.dot"}).sdks().
				fails(400, "InvalidRequestException", oneViolation("has.dot", "thingName", thingPattern)),
			control("ListThings", Members{"maxResults": 251}).sdks().
				fails(400, "InvalidRequestException", oneViolation("251", "maxResults", tooMany)),
			control("CreateJob", Members{"jobId": "has.dot", "targets": thingARNs("lamp"), "document": document}).sdks().
				fails(400, "InvalidRequestException", oneViolation("has.dot", "jobId", idPattern)),
			control("DescribeJob", Members{"jobId": "has.dot"}).sdks().
				fails(400, "InvalidRequestException", oneViolation("has.dot", "jobId", idPattern)),
			control("ListJobs", Members{"maxResults": 251}).sdks().
				fails(400, "InvalidRequestException", oneViolation("251", "maxResults", tooMany)),
			control("GetJobDocument", Members{"jobId": "has.dot"}).sdks().
				fails(400, "InvalidRequestException", oneViolation("has.dot", "jobId", idPattern)),
			control("CancelJob", Members{"jobId": "update", "reasonCode": "lower"}).sdks().
				fails(400, "InvalidRequestException", oneViolation("lower", "reasonCode", `satisfy regular expression pattern: [\p{Upper}\p{Digit}_]+`)),
			control("DeleteJob", Members{"jobId": strings.Repeat("x", 65)}).sdks().
				fails(400, "InvalidRequestException", oneViolation(strings.Repeat("x", 65), "jobId", "have length less than or equal to 64")),
			control("ListJobExecutionsForJob", Members{"jobId": "update", "status": "DONE"}).sdks().
				fails(400, "InvalidRequestException", oneViolation("DONE", "status", statuses)),
			control("ListJobExecutionsForThing", Members{"thingName": "lamp", "status": "DONE"}).sdks().
				fails(400, "InvalidRequestException", oneViolation("DONE", "status", statuses)),
			control("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "has.dot"}).sdks().
				fails(400, "InvalidRequestException", oneViolation("has.dot", "jobId", idPattern)),
			control("CancelJobExecution", Members{"thingName": "lamp", "jobId": "update", "statusDetails": Members{"has.dot": "1"}}).sdks().
				fails(400, "InvalidRequestException", containing("'statusDetails'", "Map keys", "[a-zA-Z0-9:_-]+")),
			control("DeleteJobExecution", Members{"thingName": "lamp", "jobId": "has.dot", "executionNumber": 1}).sdks().
				fails(400, "InvalidRequestException", oneViolation("has.dot", "jobId", idPattern)),
			control("DescribeEndpoint", Members{"endpointType": "iot:Nothing"}).sdks().
				fails(400, "InvalidRequestException", containing("iot:Nothing")),
		},
	},
	{
		Name: "malformed requests, on the device plane",
		Steps: []Step{
			device("GetPendingJobExecutions", Members{"thingName": "has.dot"}).
				fails(400, "InvalidRequestException", oneViolation("has.dot", "thingName", thingPattern)),
			device("StartNextPendingJobExecution", Members{"thingName": "lamp", "stepTimeoutInMinutes": 10081}).sdks().
				fails(400, "InvalidRequestException", oneViolation("10081", "stepTimeoutInMinutes", "have value less than or equal to 10080")),
			device("StartNextPendingJobExecution", Members{"thingName": "lamp", "stepTimeoutInMinutes": -1}).sdks().
				fails(400, "InvalidRequestException", oneViolation("-1", "stepTimeoutInMinutes", "have value greater than or equal to 1")),
			device("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "has.dot"}).sdks().
				fails(400, "InvalidRequestException", containing("'has.dot'", "'jobId'")),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "SUCCESS"}).sdks().
				fails(400, "InvalidRequestException", oneViolation("SUCCESS", "status", statuses)),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "FAILED", "stepTimeoutInMinutes": 0}).sdks().
				fails(400, "InvalidRequestException", oneViolation("0", "stepTimeoutInMinutes", "have value greater than or equal to 1")),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "FAILED", "statusDetails": Members{"why": "\a"}}).sdks().
				fails(400, "InvalidRequestException", containing("'statusDetails'", "Map value", `[^\p{C}]+`)),
		},
	},
	{
		Name:    "every violation is told at once",
		Clients: sdks(),
		Steps: []Step{
			control("DescribeJobExecution", Members{"thingName": "a.b", "jobId": "has.dot"}).
				fails(400, "InvalidRequestException", twoViolations(violation("has.dot", "jobId", idPattern), violation("a.b", "thingName", thingPattern))),
			control("CancelJob", Members{"jobId": "has.dot", "reasonCode": "lower"}).
				fails(400, "InvalidRequestException", twoViolations(
					violation("has.dot", "jobId", idPattern), violation("lower", "reasonCode", `satisfy regular expression pattern: [\p{Upper}\p{Digit}_]+`),
				)),
		},
	},
	{
		Name: "what is not there, on the control plane",
		Given: given(things("lamp"), job("update", "lamp"), []Step{
			control("DeleteJobExecution", Members{"thingName": "lamp", "jobId": "update", "executionNumber": 1}),
		}),
		Steps: []Step{
			control("DescribeThing", Members{"thingName": "door"}).sdks().fails(404, "ResourceNotFoundException", containing("door")),
			control("UpdateThing", Members{"thingName": "door"}).sdks().fails(404, "ResourceNotFoundException", containing("door")),
			control("CreateJob", Members{"jobId": "new", "targets": thingARNs("lamp", "door"), "document": document}).
				fails(404, "ResourceNotFoundException", containing("door")),
			control("DescribeJob", Members{"jobId": "new"}).sdks().fails(404, "ResourceNotFoundException", "Job new cannot be found."),
			control("GetJobDocument", Members{"jobId": "new"}).sdks().fails(404, "ResourceNotFoundException", "Job new cannot be found."),
			control("CancelJob", Members{"jobId": "new"}).sdks().fails(404, "ResourceNotFoundException", "Job new cannot be found."),
			control("DeleteJob", Members{"jobId": "new"}).sdks().fails(404, "ResourceNotFoundException", "Job new cannot be found."),
			control("ListJobExecutionsForJob", Members{"jobId": "new"}).sdks().fails(404, "ResourceNotFoundException", "Job new cannot be found."),
			control("ListJobExecutionsForThing", Members{"thingName": "door"}).sdks().fails(404, "ResourceNotFoundException", nil),
			control("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).sdks().fails(404, "ResourceNotFoundException", nil),
			control("CancelJobExecution", Members{"thingName": "lamp", "jobId": "update"}).sdks().fails(404, "ResourceNotFoundException", nil),
			control("DeleteJobExecution", Members{"thingName": "lamp", "jobId": "update", "executionNumber": 1}).sdks().fails(404, "ResourceNotFoundException", nil),
		},
	},
	{
		Name:  "what is not there, on the device plane", // Q16
		Given: given(things("lamp")),
		Steps: []Step{
			device("GetPendingJobExecutions", Members{"thingName": "door"}).fails(404, "ResourceNotFoundException", nil),
			device("StartNextPendingJobExecution", Members{"thingName": "door"}).sdks().fails(404, "ResourceNotFoundException", nil),
			device("DescribeJobExecution", Members{"thingName": "door", "jobId": "$next"}).sdks().fails(404, "ResourceNotFoundException", nil),
			device("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).sdks().fails(404, "ResourceNotFoundException", nil),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "FAILED"}).sdks().fails(404, "ResourceNotFoundException", nil),
		},
	},
	{
		Name:  "a job is not created",
		Given: given(things("lamp"), job("update", "lamp")),
		Steps: []Step{
			control("CreateJob", Members{"jobId": "update", "targets": thingARNs("lamp"), "document": document}).
				fails(409, "ResourceAlreadyExistsException", containing("update")).
				naming(Members{"resourceId": "update", "resourceArn": jobARN("update")}),
			control("CreateJob", Members{"jobId": "new", "targets": manyTargets(), "document": document}).
				fails(410, "LimitExceededException", nil),
			control("CreateJob", Members{"jobId": "new", "targets": thingARNs("lamp")}).sdks().
				fails(400, "InvalidRequestException", "Neither job document nor job document source is specified."),
			control("CreateJob", Members{"jobId": "new", "targets": thingARNs("lamp"), "document": document, "documentSource": "https://s3.eu-central-1.amazonaws.com/b/k"}).sdks().
				fails(400, "InvalidRequestException", "Job document and job document source cannot be specified at the same time."),
			control("CreateJob", Members{"jobId": "new", "targets": thingARNs("lamp"), "document": "{"}).sdks().
				fails(400, "InvalidRequestException", nil),
			control("CreateJob", Members{"jobId": "new", "targets": thingARNs("lamp"), "document": `"` + strings.Repeat("x", 32767) + `"`}).sdks().
				fails(400, "InvalidRequestException", containing("'document'", "have length less than or equal to 32768")),
			control("CreateJob", Members{"jobId": "new", "targets": thingARNs("lamp"), "document": document, "timeoutConfig": Members{"inProgressTimeoutInMinutes": 10081}}).sdks().
				fails(400, "InvalidRequestException", "Provide valid timeout value, inProgressTimeoutInMinutes cannot be 10081."),
			control("CreateJob", Members{"jobId": "new", "targets": List{"arn:aws:iot:us-west-2:" + account + ":thing/lamp"}, "document": document}).sdks().
				fails(404, "ResourceNotFoundException", nil),
			control("DescribeJob", Members{"jobId": "new"}).sdks().
				fails(404, "ResourceNotFoundException", nil),
			device("GetPendingJobExecutions", Members{"thingName": "lamp"}).sdks().
				gives(Members{"queuedJobs": jobIDs("update")}),
		},
	},
	{
		Name:    "a job that is over is not canceled again", // Q21
		Clients: sdks(),
		Given:   given(things("lamp"), job("update", "lamp"), reports("lamp", "update", "SUCCEEDED")),
		Steps: []Step{
			// It is completed in the background, and a description waits for that.
			control("DescribeJob", Members{"jobId": "update"}).
				gives(Members{"job": Members{"status": "COMPLETED"}}),
			control("CancelJob", Members{"jobId": "update", "force": true}).
				fails(400, "InvalidRequestException", containing("update", "COMPLETED")),
			control("DescribeJob", Members{"jobId": "update"}).
				gives(Members{"job": Members{"status": "COMPLETED"}}),
		},
	},
	{
		Name:    "a thing without a type has at most three attributes", // CTRL-3
		Clients: sdks(),
		Steps: []Step{
			control("CreateThing", Members{"thingName": "lamp", "attributePayload": Members{"attributes": Members{"a": "1", "b": "2", "c": "3", "d": "4"}}}).
				fails(400, "InvalidRequestException", nil),
			control("DescribeThing", Members{"thingName": "lamp"}).
				fails(404, "ResourceNotFoundException", nil),
		},
	},
	{
		Name:    "an operation that this server does not have is refused by its name",
		Clients: sdks(),
		Steps: []Step{
			control("ListStreams", Members{}).fails(400, "InvalidRequestException", containing("ListStreams", "not executed")),
		},
	},
}
