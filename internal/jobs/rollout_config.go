package jobs

// RolloutRate is jobExecutionsRolloutConfig: how many things are notified, that is, get their execution queued, in a minute (LIFE-4).
type RolloutRate struct {
	// MaximumPerMinute is 1 or more; 0 means that the quota is the only bound.
	MaximumPerMinute int
	// Exponential lets the rate grow towards the maximum; nil means that the rate is the maximum.
	Exponential *ExponentialRate
}

// ExponentialRate is exponentialRate. The rate is the base times the factor for each whole multiple of the threshold reached (LIFE-4.3).
type ExponentialRate struct {
	BaseRatePerMinute int // 1 or more
	// IncrementTenths is incrementFactor in tenths: 11 to 50.
	IncrementTenths int
	Criterion       RateCriterion
	// Threshold is the number of things of the criterion, 1 or more.
	Threshold int64
}

// RateCriterion says which things an exponential rate counts (LIFE-4.5).
type RateCriterion int

// The criteria; stored, so only append.
const (
	NotifiedThings RateCriterion = iota + 1
	SucceededThings
)

// FailureType says which ends of an execution a criterion counts; its value is the wire value.
type FailureType string

// The failure types. RejectedFailure exists for abort criteria only, and AnyFailure leaves it out for retries.
const (
	FailedFailure   FailureType = "FAILED"
	RejectedFailure FailureType = "REJECTED"
	TimedOutFailure FailureType = "TIMED_OUT"
	AnyFailure      FailureType = "ALL"
)

// AbortCriterion is one of abortConfig's; its action is always CANCEL (LIFE-5.1).
type AbortCriterion struct {
	FailureType FailureType
	// ThresholdBasisPoints is thresholdPercentage in hundredths of a percent: 20 % is 2000.
	ThresholdBasisPoints int
	// MinNumberOfExecutedThings is 1 or more.
	MinNumberOfExecutedThings int64
}

// RetryCriterion is one of jobExecutionsRetryConfig's: at most two, ALL alone, at most ten retries together (LIFE-7.1).
type RetryCriterion struct {
	FailureType     FailureType
	NumberOfRetries int // 0 to 10
}

// RetriesUsed is what must be remembered of a job on a thing to know how many retries are left. A change of the thing's membership in
// the job's groups sets it back to the zero value (LIFE-3.10).
type RetriesUsed struct {
	Failed, TimedOut int
}

// Attempts is the retryAttempt of the execution that the last retry queued; 0 before any (LIFE-7.2).
func (u RetriesUsed) Attempts() int { return u.Failed + u.TimedOut }

// Add notes a retry of an execution that ended in status, FAILED or TIMED_OUT.
func (u RetriesUsed) Add(status ExecutionStatus) RetriesUsed {
	if status == TimedOut {
		u.TimedOut++
	} else {
		u.Failed++
	}
	return u
}
