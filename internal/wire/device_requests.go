package wire

import (
	"iotjobs/internal/jobs"
)

// Constraints of device requests, made once.
var (
	anyStatus    = OneOf(jobs.ExecutionStatuses()...)
	maxStepTimer = Max(10080)
)

// StartNextRequest is the body of StartNextPendingJobExecution (HTTP-4.2).
type StartNextRequest struct {
	StatusDetails map[string]string
	StepTimer     jobs.StepTimer
}

// StartNext reads the body; violations are collected in the reader.
func (r *Reader) StartNext() StartNextRequest {
	r.NumericStrings = true
	return StartNextRequest{StatusDetails: r.StatusDetails(), StepTimer: r.stepTimer(false)}
}

// UpdateRequest is the body of UpdateJobExecution (HTTP-4.4).
type UpdateRequest struct {
	Report          jobs.Report
	ExecutionNumber jobs.ExecutionNumber // 0: the newest
	IncludeState    bool
	IncludeDocument bool
}

// Update reads the body; violations are collected in the reader.
func (r *Reader) Update() UpdateRequest {
	r.NumericStrings = true
	u := UpdateRequest{
		Report: jobs.Report{
			Status:        jobs.ExecutionStatus(r.RequiredString("status", anyStatus)),
			StatusDetails: r.StatusDetails(),
		},
	}
	if version, ok := r.Long("expectedVersion"); ok {
		v := jobs.VersionNumber(version)
		u.Report.ExpectedVersion = &v
	}
	u.IncludeState = r.Bool("includeJobExecutionState")
	u.IncludeDocument = r.Bool("includeJobDocument")
	u.ExecutionNumber = r.executionNumber()
	u.Report.StepTimer = r.stepTimer(true)
	return u
}

// executionNumber reads an optional number; numbers start at 1, so zero and less name nothing and are refused.
func (r *Reader) executionNumber() jobs.ExecutionNumber {
	number, _ := r.Long("executionNumber", Positive)
	return jobs.ExecutionNumber(number)
}

// stepTimer reads stepTimeoutInMinutes: 1 to 10080, and -1 where a timer may be removed.
func (r *Reader) stepTimer(removable bool) jobs.StepTimer {
	minutes, ok := r.Long("stepTimeoutInMinutes")
	switch {
	case !ok:
		return 0
	case removable && minutes == int64(jobs.RemoveStepTimer):
		return jobs.RemoveStepTimer
	}
	r.CheckInt(minutes, r.At("stepTimeoutInMinutes"), Positive, maxStepTimer)
	return jobs.StepTimer(minutes)
}
