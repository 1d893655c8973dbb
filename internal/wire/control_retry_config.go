package wire

import (
	"slices"

	"iotjobs/internal/jobs"
)

// retryRequest is jobExecutionsRetryConfig as it was asked for.
type retryRequest []jobs.RetryCriterion

// Bounds of jobExecutionsRetryConfig (LIFE-7.1).
const (
	maxRetryCriteria = 2
	maxRetries       = 10 // of one criterion, and of all together
)

// retries reads jobExecutionsRetryConfig (CTRL-2.4.11); nil without one.
func (r *Reader) retries() retryRequest {
	c := r.Object("jobExecutionsRetryConfig")
	if c == nil {
		return nil
	}
	c.Require("criteriaList")
	c.Count("criteriaList", 1, maxRetryCriteria)
	var criteria retryRequest
	for _, item := range c.Objects("criteriaList") {
		failureType := item.RequiredString("failureType", retryTypeRules...)
		number := item.RequiredLong("numberOfRetries", Min(0), Max(maxRetries))
		criteria = append(criteria, jobs.RetryCriterion{FailureType: jobs.FailureType(failureType), NumberOfRetries: int(number)})
	}
	return criteria
}

var retryTypeRules = []Constraint{OneOf(jobs.FailedFailure, jobs.TimedOutFailure, jobs.AnyFailure)}

// check is for every request (CTRL-2.1.9).
func (q retryRequest) check() error {
	ofAll := func(c jobs.RetryCriterion) bool { return c.FailureType == jobs.AnyFailure }
	if len(q) > 1 && slices.ContainsFunc(q, ofAll) {
		return jobs.Errorf(jobs.InvalidRequest, "A retryCriteria with failure type ALL must be used by itself.")
	}
	return nil
}

// checkNew is for new jobs besides: an update can only set what is there to zero. The wording is ours (LIFE-7.1).
func (q retryRequest) checkNew() error {
	together := 0
	for i, criterion := range q {
		together += criterion.NumberOfRetries
		sameType := func(c jobs.RetryCriterion) bool { return c.FailureType == criterion.FailureType }
		if slices.ContainsFunc(q[:i], sameType) {
			return jobs.Errorf(jobs.InvalidRequest, "Only one retryCriteria can have the failure type %s.", criterion.FailureType)
		}
	}
	if together > maxRetries {
		return jobs.Errorf(jobs.InvalidRequest, "The numbers of retries of all retryCriteria can be at most %d together, found %d.", maxRetries, together)
	}
	return nil
}

// retryConfig is the member of DescribeJob; unset it is null (CTRL-1.2).
type retryConfig struct {
	CriteriaList []retryCriterion `json:"criteriaList"`
}

type retryCriterion struct {
	FailureType     jobs.FailureType `json:"failureType"`
	NumberOfRetries int              `json:"numberOfRetries"`
}

func showRetries(criteria []jobs.RetryCriterion) *retryConfig {
	if len(criteria) == 0 {
		return nil
	}
	list := make([]retryCriterion, len(criteria))
	for i, c := range criteria {
		list[i] = retryCriterion{c.FailureType, c.NumberOfRetries}
	}
	return &retryConfig{list}
}
