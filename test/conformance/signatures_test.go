package conformance_test

import (
	"testing"
	"time"
)

func TestSignatures(t *testing.T) { play(t, signatureCases) }

// Keys that are not the server's. What is left empty is the server's.
var (
	unknownKey  = credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
	wrongToken  = credentials{SessionToken: "made-up"}
	wrongSecret = credentials{SecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
)

const (
	mismatch     = "The request signature we calculated does not match the signature you provided."
	unrecognized = "The security token included in the request is invalid."
)

// lamp is the thing that must not be there after a refusal.
var lamp = Members{"thingName": "lamp"}

var signatureCases = []Case{
	{
		Name: "calls that are not signed with a key of the server",
		Steps: []Step{
			control("CreateThing", lamp).as(wrongSecret).turnedAway(403, "InvalidSignatureException", containing(mismatch)),
			control("CreateThing", lamp).as(unknownKey).turnedAway(403, "UnrecognizedClientException", unrecognized),
			control("CreateThing", lamp).as(wrongToken).turnedAway(403, "UnrecognizedClientException", unrecognized),
			control("CreateThing", lamp).unsigned().turnedAway(403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
			control("CreateThing", lamp).in("eu-west-1").turnedAway(403, "InvalidSignatureException", containing("Credential should be scoped to a valid region")),
			control("DescribeThing", lamp).sdks().fails(404, "ResourceNotFoundException", nil),
		},
	},
	{
		Name:  "the same, on the device plane",
		Given: given(things("lamp"), job("update", "lamp")),
		Steps: []Step{
			device("StartNextPendingJobExecution", lamp).as(wrongSecret).turnedAway(403, "InvalidSignatureException", containing(mismatch)),
			device("StartNextPendingJobExecution", lamp).as(unknownKey).sdks().turnedAway(403, "UnrecognizedClientException", unrecognized),
			device("StartNextPendingJobExecution", lamp).as(wrongToken).sdks().turnedAway(403, "UnrecognizedClientException", unrecognized),
			device("StartNextPendingJobExecution", lamp).unsigned().sdks().turnedAway(403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
			device("StartNextPendingJobExecution", lamp).in("eu-west-1").sdks().
				turnedAway(403, "InvalidSignatureException", containing("Credential should be scoped to a valid region")),
			device("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).sdks().
				gives(Members{"execution": Members{"status": "QUEUED", "versionNumber": 1}}),
		},
	},
	{
		Name:  "requests that somebody has changed on the way",
		Given: given(things("lamp", "door"), job("update", "lamp", "door"), starts("door")),
		Steps: []Step{
			control("CancelJob", Members{"jobId": "update"}).tampered(otherQuery("force=true")).turnedAway(403, "InvalidSignatureException", containing(mismatch)),
			control("DeleteThing", Members{"thingName": "lamp"}).tampered(otherPath("lamp", "door")).sdks().
				turnedAway(403, "InvalidSignatureException", containing(mismatch)),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "SUCCEEDED"}).tampered(otherPath("lamp", "door")).sdks().
				turnedAway(403, "InvalidSignatureException", containing(mismatch)),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "REJECTED"}).tampered(otherBody("REJECTED", "CANCELED")).
				turnedAway(403, "InvalidSignatureException", nil), // a client that also sends the body's hash is told of that one
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "REJECTED"}).tampered(otherHeader("Content-Type", "text/plain")).sdks().
				turnedAway(403, "InvalidSignatureException", containing(mismatch)),
			device("GetPendingJobExecutions", lamp).tampered(otherHeader("X-Amz-Date", "20150830T123600Z")).sdks().
				turnedAway(403, "InvalidSignatureException", nil),
			control("DescribeJob", Members{"jobId": "update"}).tampered(nothing).sdks().
				gives(Members{"job": Members{"status": "IN_PROGRESS", "jobProcessDetails": counters(Members{"Queued": 1, "InProgress": 1})}}),
		},
	},
	{
		Name:    "a client whose clock is six minutes off",
		Clients: []string{javascript}, // the others go by the clock of the machine
		Steps: []Step{
			control("CreateThing", lamp).withClockOff(-6*time.Minute).
				turnedAway(403, "InvalidSignatureException", textLike(`Signature expired: \w+ is now earlier than \w+ \(\w+ - 5 min\.\)`)),
			control("CreateThing", lamp).withClockOff(6*time.Minute).
				turnedAway(403, "InvalidSignatureException", textLike(`Signature not yet current: .*`)),
			control("DescribeThing", lamp).fails(404, "ResourceNotFoundException", nil),
			control("CreateThing", lamp).withClockOff(4 * time.Minute).gives(Members{"thingName": "lamp"}),
		},
	},
	{
		Name:    "a client learns the right time from a refusal and tries again",
		Clients: []string{javascript},
		Steps: []Step{
			control("CreateThing", lamp).withClockOff(-6 * time.Minute).tries(2).gives(Members{"thingName": "lamp"}),
		},
	},
	{
		Name:    "older clients sign the control plane as execute-api", // HTTP-1.5; botocore did until 2023, so do those of Debian 12
		Clients: []string{javascript},
		Steps: []Step{
			control("CreateThing", lamp).signedFor("execute-api").gives(Members{"thingName": "lamp"}),
			control("ListJobExecutionsForThing", lamp).signedFor("execute-api").gives(exactly{"executionSummaries": List{}}),
			control("CreateThing", lamp).signedFor("execute-api").as(wrongSecret).turnedAway(403, "InvalidSignatureException", containing(mismatch)),
		},
	},
	{
		Name:    "a signature for another service or for the other plane", // HTTP-7
		Clients: []string{javascript},
		Steps: []Step{
			control("CreateThing", lamp).signedFor("s3").turnedAway(403, "InvalidSignatureException", containing("Credential should be scoped to correct service: 'iot'")),
			device("StartNextPendingJobExecution", lamp).signedFor("s3").
				turnedAway(403, "InvalidSignatureException", containing("Credential should be scoped to correct service: 'iot-jobs-data'")),
			control("CreateThing", lamp).signedFor("iot-jobs-data").turnedAway(404, "UnknownOperationException", nil), // Q17
			control("DescribeThing", lamp).fails(404, "ResourceNotFoundException", nil),
		},
	},
	{
		Name:   "an emulator believes every signature, and needs none",
		Server: []string{"--signatures", "parse"},
		Steps: []Step{
			control("CreateThing", lamp).as(unknownKey).gives(Members{"thingName": "lamp"}),
			device("GetPendingJobExecutions", lamp).as(unknownKey).in("eu-west-1").gives(exactly{"inProgressJobs": List{}, "queuedJobs": List{}}),
			control("DescribeThing", lamp).unsigned().sdks().gives(Members{"thingName": "lamp"}),
			device("GetPendingJobExecutions", lamp).unsigned().sdks().gives(exactly{"inProgressJobs": List{}, "queuedJobs": List{}}),
		},
	},
}
