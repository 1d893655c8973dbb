package rollout

import "iotjobs/internal/jobs"

// Retry decides about an execution that has just ended in status: whether the thing gets another one, and how many retries are used
// then. FAILED and TIMED_OUT have each their own budget, ALL is one budget for both; no other end is ever tried again (LIFE-7).
//
// The caller makes the next execution with RetryAttempt used.Attempts(), and asks only if the job accepts executions and the thing is
// still a target (jobs.Job.Retried).
func Retry(criteria []jobs.RetryCriterion, used jobs.RetriesUsed, status jobs.ExecutionStatus) (next jobs.RetriesUsed, retry bool) {
	for _, criterion := range criteria {
		if spent, covered := spentOf(criterion.FailureType, used, status); covered && spent < criterion.NumberOfRetries {
			return used.Add(status), true
		}
	}
	return used, false
}

// MayRetry tells whether an execution that ends in status is ever tried again, whatever its job says (LIFE-7).
func MayRetry(status jobs.ExecutionStatus) bool {
	return status == jobs.Failed || status == jobs.TimedOut
}

// spentOf is what was used of the budget of failure type t; covered is false when that budget is not for the status.
func spentOf(t jobs.FailureType, used jobs.RetriesUsed, status jobs.ExecutionStatus) (spent int, covered bool) {
	switch t {
	case jobs.FailedFailure:
		return used.Failed, status == jobs.Failed
	case jobs.TimedOutFailure:
		return used.TimedOut, status == jobs.TimedOut
	case jobs.AnyFailure:
		return used.Attempts(), MayRetry(status)
	case jobs.RejectedFailure: // for abort criteria only
	}
	return 0, false
}
