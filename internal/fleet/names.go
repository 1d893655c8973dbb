package fleet

import "fmt"

// ThingName names a thing: 1 to 128 of [a-zA-Z0-9:_-].
type ThingName string

// JobID names a job: 1 to 64 of [a-zA-Z0-9_-].
type JobID string

// NumberedThing is the name of thing number n, counted from 1: the prefix and at least six digits, so that names sort by number.
func NumberedThing(prefix string, n int) ThingName {
	return ThingName(fmt.Sprintf("%s%06d", prefix, n))
}

// NumberedThings are the names of things 1 to n.
func NumberedThings(prefix string, n int) []ThingName {
	names := make([]ThingName, n)
	for i := range names {
		names[i] = NumberedThing(prefix, i+1)
	}
	return names
}

// Status is the state of a job execution.
type Status string

// The states of a job execution, in the order of the AWS model.
const (
	Queued     Status = "QUEUED"
	InProgress Status = "IN_PROGRESS"
	Succeeded  Status = "SUCCEEDED"
	Failed     Status = "FAILED"
	TimedOut   Status = "TIMED_OUT"
	Rejected   Status = "REJECTED"
	Removed    Status = "REMOVED"
	Canceled   Status = "CANCELED"
)

// Statuses lists all states of a job execution, in the order of the AWS model.
func Statuses() []Status {
	return []Status{Queued, InProgress, Succeeded, Failed, TimedOut, Rejected, Removed, Canceled}
}

// Terminal tells whether there is no way out of the state.
func (s Status) Terminal() bool { return s != Queued && s != InProgress }

// JobStatus is the state of a job.
type JobStatus string

// The states of a job that has not ended.
const (
	JobScheduled  JobStatus = "SCHEDULED"
	JobInProgress JobStatus = "IN_PROGRESS"
)

// JobCompleted is the state of a job whose executions have all ended.
const JobCompleted JobStatus = "COMPLETED"

// Ended tells whether the job will hand out no more work.
func (s JobStatus) Ended() bool { return s != JobScheduled && s != JobInProgress }

// Operation is one of the AWS operations that a fleet uses.
type Operation int

// The operations, those of the control plane first.
const (
	CreateThing Operation = iota
	CreateJob
	DescribeJob
	GetPendingJobExecutions
	StartNextPendingJobExecution
	DescribeJobExecution
	UpdateJobExecution
	operations // how many
)

// String is the operation's AWS name.
func (o Operation) String() string {
	return [operations]string{
		"CreateThing", "CreateJob", "DescribeJob", "GetPendingJobExecutions", "StartNextPendingJobExecution", "DescribeJobExecution", "UpdateJobExecution",
	}[o]
}

// scope is the service name in the signature, by which the server chooses the plane.
func (o Operation) scope() string {
	if o < GetPendingJobExecutions {
		return "iot"
	}
	return "iot-jobs-data"
}
