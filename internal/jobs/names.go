// Package jobs is the vocabulary of AWS IoT Jobs and its rules: jobs, job executions, how they change, and what a caller is told
// when they may not. Rules are pure functions: the time is a parameter, nothing is read or written. The package imports no transport
// and no database.
package jobs

// JobID names a job: 1 to 64 of [a-zA-Z0-9_-], unique per account and region, case-sensitive.
type JobID string

// NextJobID stands for the execution that StartNextPendingJobExecution would take.
const NextJobID JobID = "$next"

// JobNumber is the store's own number of a job. It is never reused; the JobID is only its name, free again after deletion.
// Numbers grow with creation, so the newest job has the highest one.
type JobNumber uint64

// ExecutionNumber counts the executions of one job on one thing: 1, 2, 3, … Zero in a request means the newest (LIFE-2).
type ExecutionNumber int64

// VersionNumber counts the changes of one execution; 1 when it is queued (LIFE-2).
type VersionNumber int64
