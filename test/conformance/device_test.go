package conformance_test

import (
	"fmt"
	"testing"
)

func TestDevices(t *testing.T) { play(t, deviceCases) }

// twelveJobs are more than a device is shown at once, the oldest first.
func twelveJobs(thing string) (steps []Step) {
	for i := range 12 {
		steps = append(steps, job(fmt.Sprintf("job-%02d", i+1), thing)...)
	}
	return steps
}

// jobIDs are summaries of pending executions, of which only the job is looked at.
func jobIDs(ids ...string) List {
	list := make(List, len(ids))
	for i, id := range ids {
		list[i] = Members{"jobId": id}
	}
	return list
}

var deviceCases = []Case{
	{
		Name:  "a device fetches, starts, reports and finishes its job",
		Given: given(things("lamp"), job("update", "lamp")),
		Steps: []Step{
			device("GetPendingJobExecutions", Members{"thingName": "lamp"}).
				gives(exactly{"inProgressJobs": List{}, "queuedJobs": List{
					exactly{"jobId": "update", "queuedAt": epoch, "lastUpdatedAt": epoch, "executionNumber": 1, "versionNumber": 1},
				}}),
			device("StartNextPendingJobExecution", Members{"thingName": "lamp", "statusDetails": Members{"step": "download"}}).
				gives(exactly{"execution": exactly{
					"jobId": "update", "thingName": "lamp", "status": "IN_PROGRESS", "statusDetails": exactly{"step": "download"}, "jobDocument": document,
					"queuedAt": epoch, "startedAt": epoch, "lastUpdatedAt": epoch, "executionNumber": 1, "versionNumber": 2,
				}}).
				keeps("queued", "execution.queuedAt").keeps("started", "execution.startedAt"),
			device("GetPendingJobExecutions", Members{"thingName": "lamp"}).sdks().
				gives(exactly{"queuedJobs": List{}, "inProgressJobs": List{exactly{
					"jobId": "update", "queuedAt": Kept("queued"), "startedAt": Kept("started"), "lastUpdatedAt": Kept("started"), "executionNumber": 1, "versionNumber": 2,
				}}}),
			device("UpdateJobExecution", Members{
				"thingName": "lamp", "jobId": "update", "status": "IN_PROGRESS", "statusDetails": Members{"step": "install"}, "expectedVersion": 2,
				"executionNumber": 1, "includeJobExecutionState": true, "includeJobDocument": true,
			}).
				gives(exactly{
					"executionState": exactly{"status": "IN_PROGRESS", "statusDetails": exactly{"step": "install"}, "versionNumber": 3}, "jobDocument": document,
				}),
			device("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).
				gives(exactly{"execution": exactly{
					"jobId": "update", "thingName": "lamp", "status": "IN_PROGRESS", "statusDetails": exactly{"step": "install"}, "jobDocument": document,
					"queuedAt": Kept("queued"), "startedAt": Kept("started"), "lastUpdatedAt": epoch, "executionNumber": 1, "versionNumber": 3,
				}}),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "SUCCEEDED"}).
				gives(exactly{}),
			device("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).
				fails(410, "TerminalStateException", nil), // Q2
			device("GetPendingJobExecutions", Members{"thingName": "lamp"}).sdks().
				gives(exactly{"inProgressJobs": List{}, "queuedJobs": List{}}),
		},
	},
	{
		Name:  "an idle device gets empty lists and no execution",
		Given: given(things("lamp")),
		Steps: []Step{
			device("GetPendingJobExecutions", Members{"thingName": "lamp"}).
				gives(exactly{"inProgressJobs": List{}, "queuedJobs": List{}}),
			device("StartNextPendingJobExecution", Members{"thingName": "lamp"}).
				gives(exactly{}),
			device("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "$next"}).
				gives(exactly{}),
		},
	},
	{
		// Clients send a literal $next when they start and an escaped one when they describe (HTTP-1.10, HTTP-1.11).
		Name:  "$next is described without being started",
		Given: given(things("lamp"), job("first", "lamp"), job("second", "lamp")),
		Steps: []Step{
			device("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "$next"}).
				gives(exactly{"execution": exactly{
					"jobId": "first", "thingName": "lamp", "status": "QUEUED", "jobDocument": document,
					"queuedAt": epoch, "lastUpdatedAt": epoch, "executionNumber": 1, "versionNumber": 1,
				}}),
			device("StartNextPendingJobExecution", Members{"thingName": "lamp"}).
				gives(Members{"execution": Members{"jobId": "first", "status": "IN_PROGRESS", "statusDetails": absent}}),
			device("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "$next"}).sdks().
				gives(Members{"execution": Members{"jobId": "first", "status": "IN_PROGRESS", "versionNumber": 2}}),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "first", "status": "SUCCEEDED"}).sdks(),
			device("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "$next"}).sdks().
				gives(Members{"execution": Members{"jobId": "second", "status": "QUEUED", "versionNumber": 1}}),
		},
	},
	{
		Name:  "an execution is described without its document, and by its number",
		Given: given(things("lamp"), job("update", "lamp")),
		Steps: []Step{
			device("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update", "includeJobDocument": false, "executionNumber": 1}).
				gives(exactly{"execution": exactly{
					"jobId": "update", "thingName": "lamp", "status": "QUEUED",
					"queuedAt": epoch, "lastUpdatedAt": epoch, "executionNumber": 1, "versionNumber": 1,
				}}),
			device("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update", "executionNumber": 2}).sdks().
				fails(404, "ResourceNotFoundException", nil),
		},
	},
	{
		Name:    "what is running is started again: handed out as it is",
		Clients: sdks(),
		Given:   given(things("lamp"), job("update", "lamp")),
		Steps: []Step{
			device("StartNextPendingJobExecution", Members{"thingName": "lamp", "statusDetails": Members{"try": "1"}}).
				keeps("started", "execution.startedAt"),
			device("StartNextPendingJobExecution", Members{"thingName": "lamp", "statusDetails": Members{"try": "2"}}).
				gives(exactly{"execution": exactly{
					"jobId": "update", "thingName": "lamp", "status": "IN_PROGRESS", "statusDetails": exactly{"try": "1"}, "jobDocument": document,
					"queuedAt": epoch, "startedAt": Kept("started"), "lastUpdatedAt": Kept("started"), "executionNumber": 1, "versionNumber": 2,
				}}),
		},
	},
	{
		Name:    "details are replaced, kept or cleared", // Q3
		Clients: sdks(),
		Given:   given(things("lamp"), job("update", "lamp")),
		Steps: []Step{
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "IN_PROGRESS", "statusDetails": Members{"a": "1", "b": "1"}, "includeJobExecutionState": true}).
				gives(exactly{"executionState": exactly{"status": "IN_PROGRESS", "statusDetails": exactly{"a": "1", "b": "1"}, "versionNumber": 2}}),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "IN_PROGRESS", "statusDetails": Members{"b": "2"}, "includeJobExecutionState": true}).
				gives(exactly{"executionState": exactly{"status": "IN_PROGRESS", "statusDetails": exactly{"b": "2"}, "versionNumber": 3}}),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "IN_PROGRESS", "includeJobExecutionState": true}).
				gives(exactly{"executionState": exactly{"status": "IN_PROGRESS", "statusDetails": exactly{"b": "2"}, "versionNumber": 4}}),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "IN_PROGRESS", "statusDetails": Members{}, "includeJobExecutionState": true}).
				gives(exactly{"executionState": exactly{"status": "IN_PROGRESS", "versionNumber": 5}}),
		},
	},
	{
		Name:    "a queued execution may be reported on without being started", // HTTP-5
		Clients: sdks(),
		Given:   given(things("lamp", "door", "gate"), job("update", "lamp", "door", "gate")),
		Steps: []Step{
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "REJECTED", "expectedVersion": 1, "includeJobExecutionState": true}).
				gives(exactly{"executionState": exactly{"status": "REJECTED", "versionNumber": 2}}),
			device("UpdateJobExecution", Members{"thingName": "door", "jobId": "update", "status": "FAILED", "includeJobExecutionState": true}).
				gives(exactly{"executionState": exactly{"status": "FAILED", "versionNumber": 2}}),
			device("UpdateJobExecution", Members{"thingName": "gate", "jobId": "update", "status": "IN_PROGRESS", "includeJobExecutionState": true}).
				gives(exactly{"executionState": exactly{"status": "IN_PROGRESS", "versionNumber": 2}}),
			device("DescribeJobExecution", Members{"thingName": "gate", "jobId": "update"}).
				gives(Members{"execution": Members{"status": "IN_PROGRESS", "startedAt": epoch}}),
		},
	},
	{
		Name:    "the earlier of two timers counts down, and a step timer can be taken back", // LIFE-6
		Clients: sdks(),
		Given: given(things("lamp"), []Step{
			control("CreateJob", Members{"jobId": "update", "targets": thingARNs("lamp"), "document": document, "timeoutConfig": Members{"inProgressTimeoutInMinutes": 600}}),
		}),
		Steps: []Step{
			device("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).
				gives(Members{"execution": Members{"status": "QUEUED", "approximateSecondsBeforeTimedOut": absent}}), // Q29
			device("StartNextPendingJobExecution", Members{"thingName": "lamp", "stepTimeoutInMinutes": 300}).
				gives(Members{"execution": Members{"approximateSecondsBeforeTimedOut": between(14_000, 18_000)}}),
			device("StartNextPendingJobExecution", Members{"thingName": "lamp", "stepTimeoutInMinutes": 100}).
				gives(Members{"execution": Members{"approximateSecondsBeforeTimedOut": between(5_000, 6_000), "versionNumber": 2}}), // Q9
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "IN_PROGRESS", "stepTimeoutInMinutes": 200}),
			device("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).
				gives(Members{"execution": Members{"approximateSecondsBeforeTimedOut": between(8_000, 12_000)}}),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "IN_PROGRESS", "stepTimeoutInMinutes": 10080}),
			device("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).
				gives(Members{"execution": Members{"approximateSecondsBeforeTimedOut": between(30_000, 36_000)}}),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "IN_PROGRESS", "stepTimeoutInMinutes": 60}),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "IN_PROGRESS", "stepTimeoutInMinutes": -1}),
			device("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).
				gives(Members{"execution": Members{"approximateSecondsBeforeTimedOut": between(30_000, 36_000), "versionNumber": 6}}),
		},
	},
	{
		Name:    "at most ten executions are pending in the lists, the running ones first, then in the order of the queue", // Q6
		Clients: sdks(),
		Given:   given(things("lamp"), twelveJobs("lamp"), reports("lamp", "job-12", "IN_PROGRESS"), reports("lamp", "job-07", "IN_PROGRESS")),
		Steps: []Step{
			device("GetPendingJobExecutions", Members{"thingName": "lamp"}).
				gives(exactly{
					"inProgressJobs": jobIDs("job-07", "job-12"),
					"queuedJobs":     jobIDs("job-01", "job-02", "job-03", "job-04", "job-05", "job-06", "job-08", "job-09"),
				}),
			device("StartNextPendingJobExecution", Members{"thingName": "lamp"}).
				gives(Members{"execution": Members{"jobId": "job-07", "versionNumber": 2}}),
		},
	},
	{
		Name:  "a report on an execution that has moved on is refused", // Q13
		Given: given(things("lamp"), job("update", "lamp"), starts("lamp")),
		Steps: []Step{
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "SUCCEEDED", "expectedVersion": 1}).
				fails(409, "InvalidStateTransitionException", "Expected version 1 but found version 2"),
			device("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).sdks().
				gives(Members{"execution": Members{"status": "IN_PROGRESS", "versionNumber": 2}}),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "SUCCEEDED", "expectedVersion": 2}).sdks(),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "IN_PROGRESS"}).sdks().
				fails(409, "InvalidStateTransitionException", nil),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "FAILED", "executionNumber": 2}).sdks().
				fails(404, "ResourceNotFoundException", nil),
		},
	},
	{
		Name:    "a device may not set the states of the service", // HTTP-4.4, Q24
		Clients: sdks(),
		Given:   given(things("lamp"), job("update", "lamp")),
		Steps: []Step{
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "CANCELED"}).
				fails(409, "InvalidStateTransitionException", "The status of job execution cannot be changed to be CANCELED"),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "TIMED_OUT"}).
				fails(409, "InvalidStateTransitionException", "The status of job execution cannot be changed to be TIMED_OUT"),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "REMOVED"}).
				fails(409, "InvalidStateTransitionException", "The status of job execution cannot be changed to be REMOVED"),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "QUEUED"}).
				fails(409, "InvalidStateTransitionException", nil),
		},
	},
}
