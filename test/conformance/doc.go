// Package conformance drives the real server with clients that nobody here wrote: the AWS CLI, boto3 and the AWS SDK for JavaScript; curl and openssl
// are devices with a certificate. What they make of the answers is compared with what AWS would have had them make. It holds tests only.
//
// # Cases
//
// A case is a short story in a table, written once and played by every client, each against a server of its own that knows nothing yet:
//
//	{
//		Name:  "a queued execution is canceled",
//		Given: given(things("lamp"), job("update", "lamp")),
//		Steps: []Step{
//			control("CancelJobExecution", Members{"thingName": "lamp", "jobId": "update", "expectedVersion": 5}).
//				fails(409, "VersionConflictException", "Expected version 5 but found version 1"),
//			control("CancelJobExecution", Members{"thingName": "lamp", "jobId": "update"}).
//				gives(exactly{}),
//			device("GetPendingJobExecutions", Members{"thingName": "lamp"}).sdks().
//				gives(exactly{"inProgressJobs": List{}, "queuedJobs": List{}}),
//		},
//	}
//
// control calls an operation of iot and device one of iot-jobs-data; names are those of the AWS model. An expectation names the members that
// matter (Members), or all of them (exactly); match_test.go has what can stand in place of a value, such as today, epoch, uuid and absent.
// keeps and Kept hand a value on to a later step, later moves the clock of a server with virtualClock, and case_test.go has the rest: other keys,
// a client's own paging, requests that are changed on the way.
//
// # To add one
//
// Put it into the table of its topic: things, thing_types, thing_groups, dynamic_groups, jobs, update_job, group_jobs, rollout, executions, device, refusals,
// signatures, operators, role_aliases, pages, endpoint, event_configurations, certificates, ca_certificates, policies, principals or authorization. A new topic is a new file with a table and a one-line test, and the table's name in allCases (coverage_test.go). A call of the AWS CLI
// takes half a second or more, so it plays every operation once with success and every exception once; what goes beyond is for the SDKs, by sdks()
// on the step or the case. TestCasesAreComplete asks the server which operations it has, boto3 which exceptions AWS models for them, and says what
// no case has: so an operation that is new in the server turns it red until it has its cases.
//
// Expect what docs/behaviour says, not what the server answers. Where the two differ, the case stays and the server changes.
//
// # Running it
//
// `make conformance`, or one case with `go test ./test/conformance -run 'TestDevices/an_idle_device.*/boto3'`. A case that fails shows the log
// of its server. Clients that are missing or too old are a failure that says so, never a skip; scripts/test-deps.sh installs them.
package conformance
