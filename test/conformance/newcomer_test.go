package conformance_test

import (
	"testing"
)

// TestNewcomer is the main job by hand: `iotjobs serve` in one terminal, the AWS CLI in another, and only what the server has printed.
func TestNewcomer(t *testing.T) {
	t.Parallel()
	sh := shell{startServer(t)}
	sh.aws(t, `aws iot create-thing --thing-name lamp`, Members{"thingArn": thingARN("lamp")})
	sh.aws(t, `aws iot create-job --job-id update --targets `+thingARN("lamp")+` --document '{"version":"2.4.1"}'`, Members{"jobArn": jobARN("update")})
	sh.aws(t, `aws iot-jobs-data get-pending-job-executions --thing-name lamp`, exactly{"inProgressJobs": List{}, "queuedJobs": jobIDs("update")})
	sh.aws(t, `aws iot-jobs-data start-next-pending-job-execution --thing-name lamp`,
		Members{"execution": Members{"jobId": "update", "status": "IN_PROGRESS", "versionNumber": 2, "jobDocument": `{"version":"2.4.1"}`}})
	sh.aws(t, `aws iot-jobs-data describe-job-execution --thing-name lamp --job-id '$next'`,
		Members{"execution": Members{"jobId": "update", "status": "IN_PROGRESS", "versionNumber": 2}})
	sh.aws(t, `aws iot-jobs-data update-job-execution --thing-name lamp --job-id update --status SUCCEEDED`, exactly{})
	sh.aws(t, `aws iot describe-job --job-id update`,
		Members{"job": Members{"status": "COMPLETED", "isConcurrent": false, "jobProcessDetails": counters(Members{"Succeeded": 1})}})
}

// TestNewcomerOverTLS is the same for a server that is reached over TLS only: the profile also names the CA to trust.
func TestNewcomerOverTLS(t *testing.T) {
	t.Parallel()
	sh := shell{startServer(t, "--http", "off")}
	sh.aws(t, `aws iot create-thing --thing-name lamp`, Members{"thingArn": thingARN("lamp")})
	sh.aws(t, `aws iot-jobs-data get-pending-job-executions --thing-name lamp`, exactly{"inProgressJobs": List{}, "queuedJobs": List{}})
}
