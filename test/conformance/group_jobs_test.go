package conformance_test

import (
	"testing"
)

func TestGroupJobs(t *testing.T) { play(t, groupJobCases) }

var groupJobCases = []Case{
	{
		Name:    "a snapshot job reaches the things that are in its groups when it is created, once each", // LIFE-3, Q10
		Clients: sdks(),
		Given: given(things("door", "lamp", "sink"), group("house", "door"), group("shining", "lamp"), []Step{
			control("CreateThingGroup", Members{"thingGroupName": "kitchen", "parentGroupName": "house"}),
			control("AddThingToThingGroup", Members{"thingGroupName": "kitchen", "thingName": "lamp"}),
		}),
		Steps: []Step{
			control("CreateJob", Members{"jobId": "update", "targets": List{groupARN("house"), groupARN("shining"), thingARN("lamp")}, "document": document}),
			control("AddThingToThingGroup", Members{"thingGroupName": "house", "thingName": "sink"}),
			control("ListJobExecutionsForJob", Members{"jobId": "update"}).
				gives(exactly{"executionSummaries": List{Members{"thingArn": thingARN("door")}, Members{"thingArn": thingARN("lamp")}}}),
			control("DescribeJob", Members{"jobId": "update"}).
				gives(Members{"job": Members{
					"targets": List{groupARN("house"), groupARN("shining"), thingARN("lamp")}, "jobProcessDetails": counters(Members{"Queued": 2}),
				}}),
			device("GetPendingJobExecutions", Members{"thingName": "sink"}).
				gives(exactly{"inProgressJobs": List{}, "queuedJobs": List{}}),
		},
	},
	{
		Name:    "a snapshot job on an empty group is completed at once", // Q11
		Clients: sdks(),
		Given:   given(group("house")),
		Steps: []Step{
			control("CreateJob", Members{"jobId": "update", "targets": List{groupARN("house")}, "document": document}),
			control("DescribeJob", Members{"jobId": "update"}).
				gives(Members{"job": Members{"status": "COMPLETED", "completedAt": today, "jobProcessDetails": counters(Members{})}}),
		},
	},
	{
		Name:    "a continuous job follows its group", // LIFE-3
		Clients: sdks(),
		Given:   given(things("door", "lamp"), group("house", "door"), groupJob("update", "CONTINUOUS", "house")),
		Steps: []Step{
			control("AddThingToThingGroup", Members{"thingGroupName": "house", "thingName": "lamp"}),
			device("GetPendingJobExecutions", Members{"thingName": "lamp"}).
				gives(Members{"queuedJobs": List{Members{"jobId": "update", "executionNumber": 1, "versionNumber": 1}}}),
			control("RemoveThingFromThingGroup", Members{"thingGroupName": "house", "thingName": "lamp"}),
			device("GetPendingJobExecutions", Members{"thingName": "lamp"}).
				gives(Members{"queuedJobs": List{}}),
			control("DescribeJobExecution", Members{"thingName": "lamp", "jobId": "update"}).
				gives(Members{"execution": Members{"status": "REMOVED", "versionNumber": 1}}), // a removal is no new version
			control("AddThingToThingGroup", Members{"thingGroupName": "house", "thingName": "lamp"}),
			device("GetPendingJobExecutions", Members{"thingName": "lamp"}).
				gives(Members{"queuedJobs": List{Members{"jobId": "update", "executionNumber": 2, "versionNumber": 1}}}),
			control("ListJobExecutionsForThing", Members{"thingName": "lamp"}).
				gives(exactly{"executionSummaries": List{
					Members{"jobId": "update", "jobExecutionSummary": Members{"status": "QUEUED", "executionNumber": 2}},
					Members{"jobId": "update", "jobExecutionSummary": Members{"status": "REMOVED", "executionNumber": 1}},
				}}),
			control("DescribeJob", Members{"jobId": "update"}).
				gives(Members{"job": Members{"status": "IN_PROGRESS", "jobProcessDetails": counters(Members{"Queued": 2, "Removed": 1})}}), // every execution counts
		},
	},
	{
		Name:    "what is running stays when its thing leaves the group", // LIFE-3
		Clients: sdks(),
		Given:   given(things("lamp"), group("house", "lamp"), groupJob("update", "CONTINUOUS", "house"), starts("lamp")),
		Steps: []Step{
			control("RemoveThingFromThingGroup", Members{"thingGroupName": "house", "thingName": "lamp"}),
			device("GetPendingJobExecutions", Members{"thingName": "lamp"}).
				gives(Members{"inProgressJobs": List{Members{"jobId": "update", "executionNumber": 1, "versionNumber": 2}}}),
			control("AddThingToThingGroup", Members{"thingGroupName": "house", "thingName": "lamp"}),
			device("UpdateJobExecution", Members{"thingName": "lamp", "jobId": "update", "status": "SUCCEEDED", "expectedVersion": 2}),
			device("GetPendingJobExecutions", Members{"thingName": "lamp"}).
				gives(exactly{"inProgressJobs": List{}, "queuedJobs": List{}}),
		},
	},
	{
		Name:  "groups are added to a continuous job",
		Given: given(things("door", "lamp"), group("house", "door"), group("shining", "lamp"), groupJob("update", "CONTINUOUS", "house")),
		Steps: []Step{
			control("AssociateTargetsWithJob", Members{"jobId": "update", "targets": List{groupARN("shining")}, "comment": "These too."}).
				gives(exactly{"jobId": "update", "jobArn": jobARN("update")}),
			control("DescribeJob", Members{"jobId": "update"}).sdks().
				gives(Members{"job": Members{
					"targets": List{groupARN("house"), groupARN("shining")}, "comment": "These too.", "jobProcessDetails": counters(Members{"Queued": 2}),
				}}),
			device("GetPendingJobExecutions", Members{"thingName": "lamp"}).sdks().
				gives(Members{"queuedJobs": jobIDs("update")}),
		},
	},
	{
		Name:    "groups are not added to a job",
		Clients: sdks(),
		Given: given(things("lamp"), group("house", "lamp"), group("shining"), groupJob("snapshot", "SNAPSHOT", "house"), groupJob("update", "CONTINUOUS", "house"), groupJob("over", "CONTINUOUS", "house"), []Step{
			control("CancelJob", Members{"jobId": "over"}),
		}),
		Steps: []Step{
			control("AssociateTargetsWithJob", Members{"jobId": "has.dot", "targets": List{groupARN("shining")}}).
				fails(400, "InvalidRequestException", oneViolation("has.dot", "jobId", idPattern)),
			control("AssociateTargetsWithJob", Members{"jobId": "snapshot", "targets": List{groupARN("shining")}}).
				fails(400, "InvalidRequestException", containing("snapshot", "SNAPSHOT")),
			control("AssociateTargetsWithJob", Members{"jobId": "over", "targets": List{groupARN("shining")}}).
				fails(400, "InvalidRequestException", containing("over", "CANCELED")),
			control("AssociateTargetsWithJob", Members{"jobId": "none", "targets": List{groupARN("shining")}}).
				fails(404, "ResourceNotFoundException", "Job none cannot be found."),
			control("AssociateTargetsWithJob", Members{"jobId": "update", "targets": List{groupARN("none")}}).
				fails(404, "ResourceNotFoundException", containing("none")),
		},
	},
	{
		Name:    "a job has no more targets than it may", // LIFE-14
		Clients: sdks(),
		Server:  []string{"--max-targets-per-job", "2"},
		Given:   given(things("lamp"), group("house", "lamp"), group("shining"), group("attic"), groupJob("update", "CONTINUOUS", "house")),
		Steps: []Step{
			control("AssociateTargetsWithJob", Members{"jobId": "update", "targets": List{groupARN("shining"), groupARN("attic")}}).
				fails(410, "LimitExceededException", nil),
			control("DescribeJob", Members{"jobId": "update"}).
				gives(Members{"job": Members{"targets": List{groupARN("house")}}}),
			control("CreateJob", Members{"jobId": "new", "targets": List{groupARN("house"), groupARN("shining"), groupARN("attic")}, "document": document}).
				fails(410, "LimitExceededException", nil),
		},
	},
	{
		Name:    "jobs are listed by a group that they target",
		Clients: sdks(),
		Given:   given(things("lamp"), group("house", "lamp"), group("shining"), groupJob("first", "CONTINUOUS", "house"), groupJob("second", "SNAPSHOT", "shining")),
		Steps: []Step{
			control("ListJobs", Members{"thingGroupName": "house"}).
				gives(exactly{"jobs": jobIDs("first")}),
			control("ListJobs", Members{"thingGroupName": "none"}).
				fails(404, "ResourceNotFoundException", containing("none")),
		},
	},
}
