package conformance_test

import (
	"testing"
)

func TestExecutions(t *testing.T) { play(t, executionCases) }

var executionCases = []Case{
	{
		Name: "an execution from the queue to its end, as operators see it",
		Given: given(things("lamp"), []Step{
			control("CreateJob", Members{"jobId": "update", "targets": thingARNs("lamp"), "document": document, "timeoutConfig": Members{"inProgressTimeoutInMinutes": 10}}),
		}),
		Steps: []Step{
			control("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).
				gives(exactly{"execution": exactly{
					"jobId": "update", "thingArn": thingARN("lamp"), "status": "QUEUED", "statusDetails": exactly{},
					"queuedAt": today, "lastUpdatedAt": today, "executionNumber": 1, "versionNumber": 1,
				}}),
			device("StartNextPendingJobExecution", Members{"thingName": "lamp", "statusDetails": Members{"step": "download", "progress": "10%"}}),
			control("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update", "executionNumber": 1}).
				gives(exactly{"execution": exactly{
					"jobId": "update", "thingArn": thingARN("lamp"), "status": "IN_PROGRESS",
					"statusDetails": exactly{"detailsMap": exactly{"step": "download", "progress": "10%"}},
					"queuedAt":      today, "startedAt": today, "lastUpdatedAt": today, "executionNumber": 1, "versionNumber": 2,
					"approximateSecondsBeforeTimedOut": between(1, 600),
				}}),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "FAILED", "statusDetails": Members{"reason": "disk full"}}),
			control("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).sdks().
				gives(exactly{"execution": exactly{
					"jobId": "update", "thingArn": thingARN("lamp"), "status": "FAILED", "statusDetails": exactly{"detailsMap": exactly{"reason": "disk full"}},
					"queuedAt": today, "startedAt": today, "lastUpdatedAt": today, "executionNumber": 1, "versionNumber": 3,
				}}),
		},
	},
	{
		Name:  "the executions of a job are listed, all or by status",
		Given: given(things("door", "gate", "lamp"), job("update", "door", "gate", "lamp"), starts("gate"), reports("lamp", "update", "SUCCEEDED")),
		Steps: []Step{
			control("ListJobExecutionsForJob", Members{"jobId": "update"}).
				gives(exactly{"executionSummaries": List{
					exactly{"thingArn": thingARN("door"), "jobExecutionSummary": exactly{
						"status": "QUEUED", "queuedAt": today, "lastUpdatedAt": today, "executionNumber": 1, "retryAttempt": 0,
					}},
					exactly{"thingArn": thingARN("gate"), "jobExecutionSummary": exactly{
						"status": "IN_PROGRESS", "queuedAt": today, "startedAt": today, "lastUpdatedAt": today, "executionNumber": 1, "retryAttempt": 0,
					}},
					Members{"thingArn": thingARN("lamp"), "jobExecutionSummary": Members{"status": "SUCCEEDED"}},
				}}),
			control("ListJobExecutionsForJob", Members{"jobId": "update", "status": "IN_PROGRESS"}).
				gives(exactly{"executionSummaries": List{Members{"thingArn": thingARN("gate")}}}),
			control("ListJobExecutionsForJob", Members{"jobId": "update", "status": "TIMED_OUT"}).sdks().
				gives(exactly{"executionSummaries": List{}}),
		},
	},
	{
		Name:  "the executions of a thing are listed, all or by status or job",
		Given: given(things("lamp"), job("first", "lamp"), reports("lamp", "first", "FAILED"), job("second", "lamp")),
		Steps: []Step{
			control("ListJobExecutionsForThing", Members{"thingName": "lamp"}).
				gives(exactly{"executionSummaries": List{
					exactly{"jobId": "second", "jobExecutionSummary": exactly{
						"status": "QUEUED", "queuedAt": today, "lastUpdatedAt": today, "executionNumber": 1, "retryAttempt": 0,
					}},
					Members{"jobId": "first", "jobExecutionSummary": Members{"status": "FAILED", "executionNumber": 1}},
				}}),
			control("ListJobExecutionsForThing", Members{"thingName": "lamp", "status": "FAILED"}).sdks().
				gives(exactly{"executionSummaries": List{Members{"jobId": "first"}}}),
			control("ListJobExecutionsForThing", Members{"thingName": "lamp", "jobId": "second"}).
				gives(exactly{"executionSummaries": List{Members{"jobId": "second"}}}),
			control("ListJobExecutionsForThing", Members{"thingName": "lamp", "jobId": "other"}).sdks().
				gives(exactly{"executionSummaries": List{}}),
		},
	},
	{
		Name:  "a queued execution is canceled",
		Given: given(things("lamp"), job("update", "lamp")),
		Steps: []Step{
			control("CancelJobExecution", Members{"thingName": "lamp", "jobId": "update", "expectedVersion": 5}).
				fails(409, "VersionConflictException", "Expected version 5 but found version 1"),
			control("CancelJobExecution", Members{"thingName": "lamp", "jobId": "update", "expectedVersion": 1, "statusDetails": Members{"why": "recalled"}}).
				gives(exactly{}),
			control("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).
				gives(Members{"execution": Members{"status": "CANCELED", "statusDetails": exactly{"detailsMap": exactly{"why": "recalled"}}, "startedAt": absent, "versionNumber": 2}}),
			device("GetPendingJobExecutions", Members{"thingName": "lamp"}).sdks().
				gives(exactly{"inProgressJobs": List{}, "queuedJobs": List{}}),
			control("DescribeJob", Members{"jobId": "update"}).sdks().
				gives(Members{"job": Members{"status": "COMPLETED", "jobProcessDetails": counters(Members{"Canceled": 1})}}),
			control("CancelJobExecution", Members{"thingName": "lamp", "jobId": "update", "force": true}).sdks().
				fails(409, "InvalidStateTransitionException", nil),
		},
	},
	{
		Name:  "a running execution is canceled with force only",
		Given: given(things("lamp"), job("update", "lamp"), starts("lamp")),
		Steps: []Step{
			control("CancelJobExecution", Members{"thingName": "lamp", "jobId": "update"}).
				fails(409, "InvalidStateTransitionException", nil),
			control("CancelJobExecution", Members{"thingName": "lamp", "jobId": "update", "force": true}).sdks().
				gives(exactly{}),
			control("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).sdks().
				gives(Members{"execution": Members{"status": "CANCELED", "forceCanceled": true, "startedAt": today, "versionNumber": 3}}),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "SUCCEEDED"}).sdks().
				fails(409, "InvalidStateTransitionException", nil),
		},
	},
	{
		Name:  "queued and ended executions are deleted, running ones with force only", // Q7
		Given: given(things("lamp", "door", "gate"), job("update", "lamp", "door", "gate"), reports("door", "update", "FAILED"), starts("gate")),
		Steps: []Step{
			control("DeleteJobExecution", Members{"thingName": "gate", "jobId": "update", "executionNumber": 1}).sdks().
				fails(409, "InvalidStateTransitionException", containing("IN_PROGRESS")),
			control("DeleteJobExecution", Members{"thingName": "gate", "jobId": "update", "executionNumber": 1, "force": true}).sdks().
				gives(exactly{}),
			control("DeleteJobExecution", Members{"thingName": "door", "jobId": "update", "executionNumber": 1}).sdks().
				gives(exactly{}),
			control("DeleteJobExecution", Members{"thingName": "lamp", "jobId": "update", "executionNumber": 1}).
				gives(exactly{}),
			control("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).
				fails(404, "ResourceNotFoundException", nil),
			device("GetPendingJobExecutions", Members{"thingName": "lamp"}).sdks().
				gives(exactly{"inProgressJobs": List{}, "queuedJobs": List{}}),
			device("UpdateJobExecution", Members{"thingName": "gate", "jobId": "update", "status": "SUCCEEDED"}).sdks().
				fails(404, "ResourceNotFoundException", nil),
			control("ListJobExecutionsForJob", Members{"jobId": "update"}).sdks().
				gives(exactly{"executionSummaries": List{}}),
			control("DescribeJob", Members{"jobId": "update"}).sdks().
				gives(Members{"job": Members{"status": "COMPLETED"}}), // LIFE-1
		},
	},
	{
		Name:    "an execution times out when its time is up, and not before", // LIFE-6
		Clients: sdks(),
		Server:  virtualClock(),
		Given: given(things("lamp"), []Step{
			control("CreateJob", Members{"jobId": "update", "targets": thingARNs("lamp"), "document": document, "timeoutConfig": Members{"inProgressTimeoutInMinutes": 10}}),
			later("20m"), // it waits as long as it likes
		}),
		Steps: []Step{
			device("StartNextPendingJobExecution", Members{"thingName": "lamp"}).
				gives(Members{"execution": Members{"status": "IN_PROGRESS", "approximateSecondsBeforeTimedOut": 600}}),
			later("9m"),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "IN_PROGRESS"}), // a report wins no time
			later("59s"),
			control("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).
				gives(Members{"execution": Members{"status": "IN_PROGRESS", "versionNumber": 3, "approximateSecondsBeforeTimedOut": 1}}),
			later("1s"),
			control("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).
				gives(Members{"execution": Members{"status": "TIMED_OUT", "versionNumber": 4, "approximateSecondsBeforeTimedOut": absent}}), // Q31
			control("DescribeJob", Members{"jobId": "update"}).
				gives(Members{"job": Members{"status": "COMPLETED", "jobProcessDetails": counters(Members{"TimedOut": 1})}}),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "SUCCEEDED"}).
				fails(409, "InvalidStateTransitionException", nil),
		},
	},
	{
		Name:    "a thing that is created again sees nothing of its predecessor", // Q8
		Clients: sdks(),
		Given:   given(things("lamp"), job("update", "lamp")),
		Steps: []Step{
			control("DeleteThing", Members{"thingName": "lamp"}),
			control("CreateThing", Members{"thingName": "lamp"}),
			device("GetPendingJobExecutions", Members{"thingName": "lamp"}).
				gives(exactly{"inProgressJobs": List{}, "queuedJobs": List{}}),
			control("ListJobExecutionsForThing", Members{"thingName": "lamp"}).
				gives(exactly{"executionSummaries": List{}}),
			control("ListJobExecutionsForJob", Members{"jobId": "update"}).
				gives(exactly{"executionSummaries": List{Members{"jobExecutionSummary": Members{"status": "REMOVED"}}}}),
		},
	},
}
