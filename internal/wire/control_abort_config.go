package wire

import "iotjobs/internal/jobs"

// abortAction is the only one that AWS has.
const abortAction = "CANCEL"

// Bounds of thresholdPercentage. AWS's model has no lower one, but no share of failures is below zero.
const minPercentage, maxPercentage = 0, 100

// abort reads abortConfig (CTRL-2.4.9); nil without one. AWS has nothing to say of it beyond violations.
func (r *Reader) abort() []jobs.AbortCriterion {
	c := r.Object("abortConfig")
	if c == nil {
		return nil
	}
	c.Require("criteriaList")
	c.Count("criteriaList", 1, unbounded)
	var criteria []jobs.AbortCriterion
	for _, item := range c.Objects("criteriaList") {
		var criterion jobs.AbortCriterion
		criterion.FailureType = jobs.FailureType(item.RequiredString("failureType", abortTypeRules...))
		item.RequiredString("action", OneOf(abortAction))
		criterion.ThresholdBasisPoints = int(item.RequiredDecimal("thresholdPercentage", 2, MinDouble(minPercentage), MaxDouble(maxPercentage)))
		criterion.MinNumberOfExecutedThings = item.RequiredLong("minNumberOfExecutedThings", Min(1))
		criteria = append(criteria, criterion)
	}
	return criteria
}

var abortTypeRules = []Constraint{OneOf(jobs.FailedFailure, jobs.RejectedFailure, jobs.TimedOutFailure, jobs.AnyFailure)}

// abortConfig is the member of DescribeJob; unset it is null (CTRL-1.3).
type abortConfig struct {
	CriteriaList []abortCriterion `json:"criteriaList"`
}

type abortCriterion struct {
	FailureType               jobs.FailureType `json:"failureType"`
	Action                    string           `json:"action"`
	ThresholdPercentage       double           `json:"thresholdPercentage"`
	MinNumberOfExecutedThings int64            `json:"minNumberOfExecutedThings"`
}

func showAbort(criteria []jobs.AbortCriterion) *abortConfig {
	if len(criteria) == 0 {
		return nil
	}
	list := make([]abortCriterion, len(criteria))
	for i, c := range criteria {
		const basisPoints = 100 // of one percent
		list[i] = abortCriterion{
			FailureType: c.FailureType, Action: abortAction, ThresholdPercentage: double(float64(c.ThresholdBasisPoints) / basisPoints),
			MinNumberOfExecutedThings: c.MinNumberOfExecutedThings,
		}
	}
	return &abortConfig{list}
}
