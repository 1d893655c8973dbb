package conformance_test

import (
	"testing"
)

func TestPages(t *testing.T) { play(t, pageCases) }

// five are the things of this file.
var five = []string{"lamp-1", "lamp-2", "lamp-3", "lamp-4", "lamp-5"}

var pageCases = []Case{
	{
		Name:  "things, page by page",
		Given: given(things(five...)),
		Steps: []Step{
			control("ListThings", Members{"maxResults": 2}).
				gives(exactly{"things": List{Members{"thingName": "lamp-1"}, Members{"thingName": "lamp-2"}}, "nextToken": some}).
				keeps("second page", "nextToken"),
			control("ListThings", Members{"maxResults": 2, "nextToken": Kept("second page")}).
				gives(exactly{"things": List{Members{"thingName": "lamp-3"}, Members{"thingName": "lamp-4"}}, "nextToken": some}).
				keeps("third page", "nextToken"),
			control("ListThings", Members{"maxResults": 2, "nextToken": Kept("third page")}).
				gives(exactly{"things": List{Members{"thingName": "lamp-5"}}}),
			control("ListThings", Members{"maxResults": 5}).sdks().
				gives(Members{"nextToken": absent}),
			control("ListThings", Members{}).paged(2).
				gives(exactly{"things": List{
					Members{"thingName": "lamp-1"}, Members{"thingName": "lamp-2"}, Members{"thingName": "lamp-3"}, Members{"thingName": "lamp-4"}, Members{"thingName": "lamp-5"},
				}}),
		},
	},
	{
		Name:    "jobs, page by page, while one is created",
		Clients: sdks(),
		Given:   given(things("lamp"), job("first", "lamp"), job("second", "lamp"), job("third", "lamp")),
		Steps: []Step{
			control("ListJobs", Members{"maxResults": 2}).
				gives(exactly{"jobs": jobIDs("third", "second"), "nextToken": some}).
				keeps("rest", "nextToken"),
			control("CreateJob", Members{"jobId": "fourth", "targets": thingARNs("lamp"), "document": document}),
			control("ListJobs", Members{"maxResults": 2, "nextToken": Kept("rest")}).
				gives(exactly{"jobs": jobIDs("first")}),
		},
	},
	{
		Name:  "all jobs, fetched in pages",
		Given: given(things("lamp"), job("first", "lamp"), job("second", "lamp"), job("third", "lamp")),
		Steps: []Step{
			control("ListJobs", Members{}).paged(1).gives(exactly{"jobs": jobIDs("third", "second", "first")}),
		},
	},
	{
		Name:  "the executions of a job, page by page",
		Given: given(things(five...), job("update", five...), reports("lamp-3", "update", "FAILED")),
		Steps: []Step{
			control("ListJobExecutionsForJob", Members{"jobId": "update", "maxResults": 3, "status": "QUEUED"}).sdks().
				gives(exactly{
					"executionSummaries": List{Members{"thingArn": thingARN("lamp-1")}, Members{"thingArn": thingARN("lamp-2")}, Members{"thingArn": thingARN("lamp-4")}},
					"nextToken":          some,
				}).
				keeps("rest", "nextToken"),
			control("ListJobExecutionsForJob", Members{"jobId": "update", "maxResults": 3, "status": "QUEUED", "nextToken": Kept("rest")}).sdks().
				gives(exactly{"executionSummaries": List{Members{"thingArn": thingARN("lamp-5")}}}),
			control("ListJobExecutionsForJob", Members{"jobId": "update"}).paged(2).
				gives(exactly{"executionSummaries": List{
					Members{"thingArn": thingARN("lamp-1")},
					Members{"thingArn": thingARN("lamp-2")},
					Members{"thingArn": thingARN("lamp-3"), "jobExecutionSummary": Members{"status": "FAILED"}},
					Members{"thingArn": thingARN("lamp-4")},
					Members{"thingArn": thingARN("lamp-5")},
				}}),
		},
	},
	{
		Name:  "the executions of a thing, page by page",
		Given: given(things("lamp"), job("first", "lamp"), job("second", "lamp"), job("third", "lamp")),
		Steps: []Step{
			control("ListJobExecutionsForThing", Members{"thingName": "lamp", "maxResults": 2}).sdks().
				gives(exactly{"executionSummaries": jobIDs("third", "second"), "nextToken": some}).
				keeps("rest", "nextToken"),
			control("ListJobExecutionsForThing", Members{"thingName": "lamp", "maxResults": 2, "nextToken": Kept("rest")}).sdks().
				gives(exactly{"executionSummaries": jobIDs("first")}),
			control("ListJobExecutionsForThing", Members{"thingName": "lamp"}).paged(2).
				gives(exactly{"executionSummaries": jobIDs("third", "second", "first")}),
		},
	},
	{
		Name:  "tokens that no list has given", // CTRL-1
		Given: given(things("lamp"), job("update", "lamp")),
		Steps: []Step{
			control("ListThings", Members{"nextToken": "garbage"}).fails(400, "InvalidRequestException", "Next token is invalid."),
			control("ListJobs", Members{"nextToken": "garbage"}).sdks().fails(400, "InvalidRequestException", "Next token is invalid."),
			control("ListJobExecutionsForJob", Members{"jobId": "update", "nextToken": "garbage"}).sdks().fails(400, "InvalidRequestException", "Next token is invalid."),
			control("ListJobExecutionsForThing", Members{"thingName": "lamp", "nextToken": "garbage"}).sdks().fails(400, "InvalidRequestException", "Next token is invalid."),
		},
	},
}
