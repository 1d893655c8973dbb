package conformance_test

import (
	"testing"
)

func TestUpdateJob(t *testing.T) { play(t, updateJobCases) }

var updateJobCases = []Case{
	{
		Name:  "a job's new timeout holds for executions that start later", // CTRL-2.1
		Given: given(things("door", "lamp"), job("update", "door", "lamp"), starts("door")),
		Steps: []Step{
			control("UpdateJob", Members{"jobId": "update", "description": "hurry", "timeoutConfig": Members{"inProgressTimeoutInMinutes": 600}}).
				gives(exactly{}),
			control("DescribeJob", Members{"jobId": "update"}).sdks().
				gives(Members{"job": Members{
					"description": "hurry", "timeoutConfig": exactly{"inProgressTimeoutInMinutes": 600}, "status": "IN_PROGRESS",
					"jobProcessDetails": counters(Members{"Queued": 1, "InProgress": 1}),
				}}),
			device("DescribeJobExecution", Members{"thingName": "door", "jobId": "update"}).sdks().
				gives(Members{"execution": Members{"status": "IN_PROGRESS", "approximateSecondsBeforeTimedOut": absent}}),
			device("StartNextPendingJobExecution", Members{"thingName": "lamp"}).sdks().
				gives(Members{"execution": Members{"approximateSecondsBeforeTimedOut": between(30_000, 36_000)}}),
		},
	},
	{
		Name:    "a member that is given replaces the stored one whole",
		Clients: sdks(),
		Given: given(things("lamp"), []Step{
			control("CreateJob", Members{
				"jobId": "update", "targets": thingARNs("lamp"), "document": document, "description": "first",
				"jobExecutionsRolloutConfig": Members{
					"maximumPerMinute": 50,
					"exponentialRate":  Members{"baseRatePerMinute": 10, "incrementFactor": 2, "rateIncreaseCriteria": Members{"numberOfSucceededThings": 5}},
				},
			}),
		}),
		Steps: []Step{
			control("DescribeJob", Members{"jobId": "update"}).
				gives(Members{"job": Members{"jobExecutionsRolloutConfig": exactly{
					"maximumPerMinute": 50,
					"exponentialRate":  exactly{"baseRatePerMinute": 10, "incrementFactor": number(2), "rateIncreaseCriteria": exactly{"numberOfSucceededThings": 5}},
				}}}),
			control("UpdateJob", Members{"jobId": "update", "jobExecutionsRolloutConfig": Members{"maximumPerMinute": 30}}),
			control("DescribeJob", Members{"jobId": "update"}).
				gives(Members{"job": Members{"description": "first", "jobExecutionsRolloutConfig": exactly{"maximumPerMinute": 30}}}),
		},
	},
	{
		Name:    "a job is not changed",
		Clients: sdks(),
		Given:   given(things("lamp"), job("update", "lamp"), job("over", "lamp"), []Step{control("CancelJob", Members{"jobId": "over"})}),
		Steps: []Step{
			control("UpdateJob", Members{"jobId": "none"}).
				fails(400, "InvalidRequestException", "Update Job request for job none cannot be empty."), // before existence
			control("UpdateJob", Members{"jobId": "none", "description": "new"}).
				fails(404, "ResourceNotFoundException", "Job none cannot be found."),
			control("UpdateJob", Members{"jobId": "over", "description": "new"}).
				fails(400, "InvalidRequestException", "Job over in status CANCELED cannot be updated."),
			control("UpdateJob", Members{"jobId": "has.dot", "description": "new"}).
				fails(400, "InvalidRequestException", oneViolation("has.dot", "jobId", idPattern)),
			control("UpdateJob", Members{"jobId": "update", "timeoutConfig": Members{"inProgressTimeoutInMinutes": 10081}}).
				fails(400, "InvalidRequestException", "Provide valid timeout value, inProgressTimeoutInMinutes cannot be 10081."),
			control("UpdateJob", Members{"jobId": "update", "jobExecutionsRolloutConfig": Members{}}).
				fails(400, "InvalidRequestException", "Provide MaximumPerMinute value or provide ExponentialRate and MaximumPerMinute"),
			control("UpdateJob", Members{"jobId": "update", "jobExecutionsRetryConfig": Members{"criteriaList": List{Members{"failureType": "FAILED", "numberOfRetries": 0}}}}).
				fails(400, "InvalidRequestException", "RetryConfig cannot be updated if the job has no RetryConfig defined during creation."),
			control("DescribeJob", Members{"jobId": "update"}).
				gives(Members{"job": Members{"description": absent, "timeoutConfig": exactly{}, "jobExecutionsRolloutConfig": exactly{}}}),
		},
	},
}
