package conformance_test

import (
	"testing"
)

func TestRollout(t *testing.T) { play(t, rolloutCases) }

var rolloutCases = []Case{
	{
		Name:    "a job reaches as many things a minute as it may", // LIFE-4
		Clients: sdks(),
		Server:  virtualClock(),
		Given: given(things(five...), []Step{
			control("CreateJob", Members{"jobId": "update", "targets": thingARNs(five...), "document": document, "jobExecutionsRolloutConfig": Members{"maximumPerMinute": 2}}),
		}),
		Steps: []Step{
			control("DescribeJob", Members{"jobId": "update"}).
				gives(Members{"job": Members{
					"status": "IN_PROGRESS", "isConcurrent": true, "jobExecutionsRolloutConfig": exactly{"maximumPerMinute": 2}, "jobProcessDetails": Members{"numberOfQueuedThings": 2},
				}}),
			control("ListJobExecutionsForJob", Members{"jobId": "update"}).
				gives(exactly{"executionSummaries": List{Members{"thingArn": thingARN("lamp-1")}, Members{"thingArn": thingARN("lamp-2")}}}),
			device("GetPendingJobExecutions", Members{"thingName": "lamp-3"}).
				gives(exactly{"inProgressJobs": List{}, "queuedJobs": List{}}),
			later("59s"),
			control("DescribeJob", Members{"jobId": "update"}).
				gives(Members{"job": Members{"jobProcessDetails": Members{"numberOfQueuedThings": 2}}}),
			later("1s"),
			control("DescribeJob", Members{"jobId": "update"}).
				gives(Members{"job": Members{"jobProcessDetails": Members{"numberOfQueuedThings": 4}}}),
			later("1m"),
			control("DescribeJob", Members{"jobId": "update"}).
				gives(Members{"job": Members{"isConcurrent": false, "jobProcessDetails": counters(Members{"Queued": 5})}}),
		},
	},
}
