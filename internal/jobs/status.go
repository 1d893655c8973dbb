package jobs

import "slices"

// ExecutionStatus is the state of a job execution (LIFE-2); its value is the wire value.
type ExecutionStatus string

// The states of an execution. Pending means Queued or InProgress; all others are terminal.
const (
	Queued     ExecutionStatus = "QUEUED"
	InProgress ExecutionStatus = "IN_PROGRESS"
	Succeeded  ExecutionStatus = "SUCCEEDED"
	Failed     ExecutionStatus = "FAILED"
	TimedOut   ExecutionStatus = "TIMED_OUT"
	Rejected   ExecutionStatus = "REJECTED"
	Removed    ExecutionStatus = "REMOVED"
	Canceled   ExecutionStatus = "CANCELED"
)

// ExecutionStatuses lists all states in the order of the AWS model. The order is also that of stored counters: only append.
func ExecutionStatuses() []ExecutionStatus {
	return []ExecutionStatus{Queued, InProgress, Succeeded, Failed, TimedOut, Rejected, Removed, Canceled}
}

// Index is the place of the status in ExecutionStatuses; -1 for an unknown one.
func (s ExecutionStatus) Index() int { return slices.Index(ExecutionStatuses(), s) }

// Pending tells whether the device still has work to do.
func (s ExecutionStatus) Pending() bool { return s == Queued || s == InProgress }

// Terminal tells whether there is no way out.
func (s ExecutionStatus) Terminal() bool { return !s.Pending() }

// settableByDevice are the states that a device may report (HTTP-4.4).
func (s ExecutionStatus) settableByDevice() bool {
	return s == InProgress || s == Succeeded || s == Failed || s == Rejected
}

// JobStatus is the state of a job (LIFE-1); its value is the wire value.
type JobStatus string

// The states of a job.
const (
	JobScheduled          JobStatus = "SCHEDULED"
	JobInProgress         JobStatus = "IN_PROGRESS"
	JobCompleted          JobStatus = "COMPLETED"
	JobCanceled           JobStatus = "CANCELED"
	JobDeletionInProgress JobStatus = "DELETION_IN_PROGRESS"
)

// JobStatuses lists all states in the order of the AWS model.
func JobStatuses() []JobStatus {
	return []JobStatus{JobInProgress, JobCanceled, JobCompleted, JobDeletionInProgress, JobScheduled}
}

// TargetSelection says whether a job keeps following its groups.
type TargetSelection string

// The two ways to select targets (LIFE-3).
const (
	Snapshot   TargetSelection = "SNAPSHOT"
	Continuous TargetSelection = "CONTINUOUS"
)
