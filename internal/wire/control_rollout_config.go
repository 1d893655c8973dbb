package wire

import "iotjobs/internal/jobs"

// rolloutRequest is jobExecutionsRolloutConfig as it was asked for.
type rolloutRequest struct {
	rate                            jobs.RolloutRate
	hasMaximum, notified, succeeded bool
}

// rollout reads jobExecutionsRolloutConfig (CTRL-2.4.8). No rate may be above maxRate, in things per minute; 0 is no bound.
func (r *Reader) rollout(maxRate int) *rolloutRequest {
	c := r.Object("jobExecutionsRolloutConfig")
	if c == nil {
		return nil
	}
	bounds := []IntConstraint{Min(1)}
	if maxRate > 0 {
		bounds = append(bounds, Max(int64(maxRate)))
	}
	var q rolloutRequest
	maximum, given := c.Long("maximumPerMinute", bounds...)
	q.rate.MaximumPerMinute, q.hasMaximum = int(maximum), given
	if rate := c.Object("exponentialRate"); rate != nil {
		q.exponential(rate, bounds)
	}
	return &q
}

func (q *rolloutRequest) exponential(r *Reader, bounds []IntConstraint) {
	e := jobs.ExponentialRate{
		BaseRatePerMinute: int(r.RequiredLong("baseRatePerMinute", bounds...)),
		IncrementTenths:   int(r.RequiredDecimal("incrementFactor", 1, MinDouble(1.1), MaxDouble(5))),
	}
	r.Require("rateIncreaseCriteria")
	if criteria := r.Object("rateIncreaseCriteria"); criteria != nil {
		var notified, succeeded int64
		notified, q.notified = criteria.Long("numberOfNotifiedThings", Min(1))
		succeeded, q.succeeded = criteria.Long("numberOfSucceededThings", Min(1))
		e.Criterion, e.Threshold = jobs.NotifiedThings, notified
		if q.succeeded {
			e.Criterion, e.Threshold = jobs.SucceededThings, succeeded
		}
	}
	q.rate.Exponential = &e
}

// check has the measured texts (CTRL-2.4.25 to CTRL-2.4.29).
func (q *rolloutRequest) check() error {
	switch {
	case q == nil:
		return nil
	case !q.hasMaximum && q.rate.Exponential == nil:
		return jobs.Errorf(jobs.InvalidRequest, "Provide MaximumPerMinute value or provide ExponentialRate and MaximumPerMinute")
	case q.rate.Exponential == nil:
		return nil
	case !q.hasMaximum:
		return jobs.Errorf(jobs.InvalidRequest, "Provide MaximumPerMinute value when ExponentialRate is defined")
	case q.rate.Exponential.BaseRatePerMinute >= q.rate.MaximumPerMinute:
		return jobs.Errorf(jobs.InvalidRequest, "Exponential rollout baseRatePerMinute should be less than maximumPerMinute.")
	case !q.notified && !q.succeeded:
		return jobs.Errorf(jobs.InvalidRequest, "Provide either NumberOfNotifiedThings or NumberOfSucceededThings when RateIncreaseCriteria is defined")
	case q.notified && q.succeeded:
		return jobs.Errorf(jobs.InvalidRequest, "Provide only one of NumberOfNotifiedThings or NumberOfSucceededThings when RateIncreaseCriteria is defined")
	default:
		return nil
	}
}

// value is the rate; zero without one. Only for what passed the check.
func (q *rolloutRequest) value() jobs.RolloutRate {
	if q == nil {
		return jobs.RolloutRate{}
	}
	return q.rate
}

// rolloutConfig is the member of DescribeJob; unset it is an object of nulls (CTRL-1.3).
type rolloutConfig struct {
	MaximumPerMinute *int             `json:"maximumPerMinute"`
	ExponentialRate  *exponentialRate `json:"exponentialRate"`
}

type exponentialRate struct {
	BaseRatePerMinute    int                  `json:"baseRatePerMinute"`
	IncrementFactor      double               `json:"incrementFactor"`
	RateIncreaseCriteria rateIncreaseCriteria `json:"rateIncreaseCriteria"`
}

// rateIncreaseCriteria has one of both.
type rateIncreaseCriteria struct {
	NumberOfNotifiedThings  *int64 `json:"numberOfNotifiedThings"`
	NumberOfSucceededThings *int64 `json:"numberOfSucceededThings"`
}

func showRollout(r jobs.RolloutRate) (c rolloutConfig) {
	if r.MaximumPerMinute > 0 {
		c.MaximumPerMinute = &r.MaximumPerMinute
	}
	if e := r.Exponential; e != nil {
		const tenths = 10
		c.ExponentialRate = &exponentialRate{
			BaseRatePerMinute: e.BaseRatePerMinute, IncrementFactor: double(float64(e.IncrementTenths) / tenths), RateIncreaseCriteria: showCriterion(e),
		}
	}
	return c
}

func showCriterion(e *jobs.ExponentialRate) rateIncreaseCriteria {
	if e.Criterion == jobs.SucceededThings {
		return rateIncreaseCriteria{NumberOfSucceededThings: &e.Threshold}
	}
	return rateIncreaseCriteria{NumberOfNotifiedThings: &e.Threshold}
}
