package conformance_test

import (
	"testing"
)

func TestJobs(t *testing.T) { play(t, jobCases) }

// counters are all counters of a job: zero but for those given.
func counters(of Members) exactly {
	all := exactly{}
	for _, status := range []string{"Queued", "InProgress", "Succeeded", "Failed", "Rejected", "Removed", "TimedOut", "Canceled"} {
		all["numberOf"+status+"Things"] = 0
	}
	for name, count := range of {
		all["numberOf"+name+"Things"] = count
	}
	return all
}

var jobCases = []Case{
	{
		Name:  "a job is created and described",
		Given: given(things("lamp", "door")),
		Steps: []Step{
			control("CreateJob", Members{
				"jobId": "update", "targets": thingARNs("lamp", "door"), "document": document, "description": "Firmware 2.4.1 – für alle",
				"targetSelection": "SNAPSHOT", "timeoutConfig": Members{"inProgressTimeoutInMinutes": 90},
			}).
				gives(exactly{"jobId": "update", "jobArn": jobARN("update"), "description": "Firmware 2.4.1 – für alle"}),
			// Structures that nobody has set are there, and empty.
			control("DescribeJob", Members{"jobId": "update"}).
				gives(exactly{"job": exactly{
					"jobId": "update", "jobArn": jobARN("update"), "description": "Firmware 2.4.1 – für alle", "status": "IN_PROGRESS",
					"targetSelection": "SNAPSHOT", "targets": thingARNs("lamp", "door"), "timeoutConfig": exactly{"inProgressTimeoutInMinutes": 90},
					"presignedUrlConfig": exactly{}, "jobExecutionsRolloutConfig": exactly{}, "schedulingConfig": exactly{},
					"createdAt": today, "lastUpdatedAt": today, "isConcurrent": false, "jobProcessDetails": counters(Members{"Queued": 2}),
				}}),
		},
	},
	{
		Name:    "a job needs no more than targets and a document",
		Clients: sdks(),
		Given:   given(things("lamp")),
		Steps: []Step{
			control("CreateJob", Members{"jobId": "update", "targets": thingARNs("lamp"), "document": document}).
				gives(exactly{"jobId": "update", "jobArn": jobARN("update")}),
			control("DescribeJob", Members{"jobId": "update"}).
				gives(exactly{"job": exactly{
					"jobId": "update", "jobArn": jobARN("update"), "status": "IN_PROGRESS", "targetSelection": "SNAPSHOT", "targets": thingARNs("lamp"),
					"timeoutConfig": exactly{}, "presignedUrlConfig": exactly{}, "jobExecutionsRolloutConfig": exactly{}, "schedulingConfig": exactly{},
					"createdAt": today, "lastUpdatedAt": today, "isConcurrent": false, "jobProcessDetails": counters(Members{"Queued": 1}),
				}}),
		},
	},
	{
		Name: "a document is given back byte for byte",
		Given: given(things("lamp"), []Step{
			control("CreateJob", Members{"jobId": "update", "targets": thingARNs("lamp"), "document": " {\"b\": 1.0,\n\t\"a\":\"\\u00e9 é <&> 🚀\"} "}),
		}),
		Steps: []Step{
			control("GetJobDocument", Members{"jobId": "update"}).
				gives(exactly{"document": " {\"b\": 1.0,\n\t\"a\":\"\\u00e9 é <&> 🚀\"} "}),
			device("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).
				gives(Members{"execution": Members{"jobDocument": " {\"b\": 1.0,\n\t\"a\":\"\\u00e9 é <&> 🚀\"} "}}),
		},
	},
	{
		Name:  "a snapshot job is completed when its last execution has ended",
		Given: given(things("lamp", "door", "gate", "sink"), job("update", "lamp", "door", "gate", "sink"), reports("lamp", "update", "SUCCEEDED"), reports("door", "update", "FAILED"), reports("gate", "update", "REJECTED"), starts("sink")),
		Steps: []Step{
			control("DescribeJob", Members{"jobId": "update"}).sdks().
				gives(Members{"job": Members{
					"status": "IN_PROGRESS", "completedAt": absent,
					"jobProcessDetails": counters(Members{"Succeeded": 1, "Failed": 1, "Rejected": 1, "InProgress": 1}),
				}}),
			device("UpdateJobExecution", Members{"thingName": "sink", "jobId": "update", "status": "SUCCEEDED"}),
			control("DescribeJob", Members{"jobId": "update"}).
				gives(Members{"job": Members{
					"status": "COMPLETED", "completedAt": today, "isConcurrent": false,
					"jobProcessDetails": counters(Members{"Succeeded": 2, "Failed": 1, "Rejected": 1}),
				}}),
		},
	},
	{
		Name:    "a continuous job goes on when all its executions have ended",
		Clients: sdks(),
		Given:   given(things("lamp")),
		Steps: []Step{
			control("CreateJob", Members{"jobId": "update", "targets": thingARNs("lamp"), "document": document, "targetSelection": "CONTINUOUS"}),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "SUCCEEDED"}),
			control("DescribeJob", Members{"jobId": "update"}).
				gives(Members{"job": Members{
					"status": "IN_PROGRESS", "targetSelection": "CONTINUOUS", "completedAt": absent, "jobProcessDetails": counters(Members{"Succeeded": 1}),
				}}),
		},
	},
	{
		Name:    "a job is completed when its last thing is deleted", // Q8
		Clients: sdks(),
		Given:   given(things("lamp", "door"), job("update", "lamp", "door"), reports("door", "update", "SUCCEEDED")),
		Steps: []Step{
			control("DeleteThing", Members{"thingName": "lamp"}),
			control("DescribeJob", Members{"jobId": "update"}).
				gives(Members{"job": Members{"status": "COMPLETED", "jobProcessDetails": counters(Members{"Succeeded": 1, "Removed": 1})}}),
		},
	},
	{
		Name:  "canceling a job cancels what is queued and leaves what is running", // LIFE-9
		Given: given(things("lamp", "door"), job("update", "lamp", "door"), starts("door")),
		Steps: []Step{
			control("CancelJob", Members{"jobId": "update", "reasonCode": "BAD_FIRMWARE_2", "comment": "It smokes."}).
				gives(exactly{"jobId": "update", "jobArn": jobARN("update")}),
			control("DescribeJob", Members{"jobId": "update"}).
				gives(Members{"job": Members{
					"status": "CANCELED", "reasonCode": "BAD_FIRMWARE_2", "comment": "It smokes.", "isConcurrent": false,
					"jobProcessDetails": counters(Members{"Canceled": 1, "InProgress": 1}),
				}}),
			device("GetPendingJobExecutions", Members{"thingName": "lamp"}).sdks().
				gives(exactly{"inProgressJobs": List{}, "queuedJobs": List{}}),
			control("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).sdks().
				gives(Members{"execution": Members{"status": "CANCELED", "versionNumber": 2}}), // Q27
			device("UpdateJobExecution", Members{"thingName": "door", "jobId": "update", "status": "SUCCEEDED", "expectedVersion": 2}).sdks(),
			control("DescribeJob", Members{"jobId": "update"}).sdks().
				gives(Members{"job": Members{"status": "CANCELED", "jobProcessDetails": counters(Members{"Canceled": 1, "Succeeded": 1})}}),
		},
	},
	{
		Name:  "canceling a job with force also cancels what is running",
		Given: given(things("lamp"), job("update", "lamp"), starts("lamp")),
		Steps: []Step{
			control("CancelJob", Members{"jobId": "update", "force": true}),
			control("DescribeJob", Members{"jobId": "update"}).sdks().
				gives(Members{"job": Members{"status": "CANCELED", "forceCanceled": true, "jobProcessDetails": counters(Members{"Canceled": 1})}}),
			control("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).
				gives(Members{"execution": Members{"status": "CANCELED", "forceCanceled": true, "versionNumber": 3}}),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "SUCCEEDED"}).sdks().
				fails(409, "InvalidStateTransitionException", nil),
		},
	},
	{
		Name:  "a job is deleted with its executions, and its id is free again",
		Given: given(things("lamp"), job("update", "lamp"), reports("lamp", "update", "SUCCEEDED")),
		Steps: []Step{
			// It is completed in the background, and a description waits for that.
			control("DescribeJob", Members{"jobId": "update"}).gives(Members{"job": Members{"status": "COMPLETED"}}),
			control("DeleteJob", Members{"jobId": "update"}).gives(exactly{}),
			control("DescribeJob", Members{"jobId": "update"}).
				fails(404, "ResourceNotFoundException", "Job update cannot be found."),
			control("ListJobExecutionsForThing", Members{"thingName": "lamp"}).sdks().
				gives(exactly{"executionSummaries": List{}}),
			control("CreateJob", Members{"jobId": "update", "targets": thingARNs("lamp"), "document": document}).sdks(),
			device("StartNextPendingJobExecution", Members{"thingName": "lamp"}).sdks().
				gives(Members{"execution": Members{"jobId": "update", "status": "IN_PROGRESS", "versionNumber": 2}}),
		},
	},
	{
		Name:  "a job that goes on is deleted with force only",
		Given: given(things("lamp"), job("update", "lamp"), starts("lamp")),
		Steps: []Step{
			control("DeleteJob", Members{"jobId": "update"}).
				fails(409, "InvalidStateTransitionException", containing("update", "IN_PROGRESS")),
			control("DeleteJob", Members{"jobId": "update", "force": true}).sdks().gives(exactly{}),
			device("GetPendingJobExecutions", Members{"thingName": "lamp"}).sdks().
				gives(exactly{"inProgressJobs": List{}, "queuedJobs": List{}}),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "SUCCEEDED"}).sdks().
				fails(404, "ResourceNotFoundException", nil),
		},
	},
	{
		Name: "jobs are listed, the newest first, all or by status or selection", // Q23
		Given: given(things("lamp"), job("first", "lamp"), reports("lamp", "first", "SUCCEEDED"), job("second", "lamp"), []Step{
			control("CreateJob", Members{"jobId": "third", "targets": thingARNs("lamp"), "document": document, "targetSelection": "CONTINUOUS"}),
			control("CancelJob", Members{"jobId": "third"}),
		}),
		Steps: []Step{
			control("ListJobs", Members{}).
				gives(exactly{"jobs": List{
					Members{
						"jobId": "third", "jobArn": jobARN("third"), "targetSelection": "CONTINUOUS", "status": "CANCELED",
						"createdAt": today, "lastUpdatedAt": today, "isConcurrent": false,
					},
					exactly{
						"jobId": "second", "jobArn": jobARN("second"), "targetSelection": "SNAPSHOT", "status": "IN_PROGRESS",
						"createdAt": today, "lastUpdatedAt": today, "isConcurrent": false,
					},
					exactly{
						"jobId": "first", "jobArn": jobARN("first"), "targetSelection": "SNAPSHOT", "status": "COMPLETED",
						"createdAt": today, "lastUpdatedAt": today, "completedAt": today, "isConcurrent": false,
					},
				}}),
			control("ListJobs", Members{"status": "COMPLETED"}).sdks().
				gives(exactly{"jobs": List{Members{"jobId": "first"}}}),
			control("ListJobs", Members{"targetSelection": "SNAPSHOT", "status": "IN_PROGRESS"}).
				gives(exactly{"jobs": List{Members{"jobId": "second"}}}),
			control("ListJobs", Members{"status": "SCHEDULED"}).sdks().
				gives(exactly{"jobs": List{}}),
		},
	},
}
