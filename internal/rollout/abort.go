package rollout

import (
	"fmt"

	"iotjobs/internal/jobs"
)

// AbortReasonCode is the reasonCode of a job that a criterion aborted (Q25).
const AbortReasonCode = "ABORT_CRITERIA_MET"

// tripped finds the first criterion that the executions meet (LIFE-5.1).
func tripped(criteria []jobs.AbortCriterion, c jobs.Counters) (criterion jobs.AbortCriterion, ok bool) {
	executed := executedThings(c)
	for _, criterion := range criteria {
		if executed >= criterion.MinNumberOfExecutedThings && exceeds(failures(criterion.FailureType, c), executed, criterion.ThresholdBasisPoints) {
			return criterion, true
		}
	}
	return jobs.AbortCriterion{}, false
}

// exceeds compares a share with a threshold in whole numbers. No failure never exceeds, so that a threshold of 0 % means the first one.
func exceeds(failures, executed int64, basisPoints int) bool {
	return failures > 0 && failures*10000 >= int64(basisPoints)*executed
}

// executedThings are the completed executions that say something about the document: canceled and removed ones do not (Q30, LIFE-5.5).
func executedThings(c jobs.Counters) int64 {
	return c.Of(jobs.Succeeded) + failures(jobs.AnyFailure, c)
}

func failures(t jobs.FailureType, c jobs.Counters) int64 {
	switch t {
	case jobs.FailedFailure:
		return c.Of(jobs.Failed)
	case jobs.RejectedFailure:
		return c.Of(jobs.Rejected)
	case jobs.TimedOutFailure:
		return c.Of(jobs.TimedOut)
	case jobs.AnyFailure:
		return c.Of(jobs.Failed) + c.Of(jobs.Rejected) + c.Of(jobs.TimedOut)
	}
	return 0
}

// abortComment tells the operator which criterion stopped the job, and by how much. The wording is ours (Q25).
func abortComment(criterion jobs.AbortCriterion, c jobs.Counters) string {
	failed, executed := failures(criterion.FailureType, c), executedThings(c)
	what := string(criterion.FailureType)
	if criterion.FailureType == jobs.AnyFailure {
		what = "FAILED, REJECTED or TIMED_OUT"
	}
	return fmt.Sprintf("Aborted: %d of %d executed things (%s) are %s; the abort criterion is %s after %d.",
		failed, executed, percent(failed*10000/executed), what, percent(int64(criterion.ThresholdBasisPoints)), criterion.MinNumberOfExecutedThings)
}

func percent(basisPoints int64) string {
	return fmt.Sprintf("%d.%02d%%", basisPoints/100, basisPoints%100)
}
