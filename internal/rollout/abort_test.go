package rollout_test

import (
	"regexp"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/rollout"
)

func counters(counts map[jobs.ExecutionStatus]int64) (c jobs.Counters) {
	for status, n := range counts {
		c.Add(status, n)
	}
	return c
}

// TestAbort: failures ÷ (SUCCEEDED + FAILED + REJECTED + TIMED_OUT) in whole basis points, once enough things are through (LIFE-5, Q30).
func TestAbort(t *testing.T) {
	type counts = map[jobs.ExecutionStatus]int64
	criterion := func(failure jobs.FailureType, basisPoints int, after int64) []jobs.AbortCriterion {
		return []jobs.AbortCriterion{{FailureType: failure, ThresholdBasisPoints: basisPoints, MinNumberOfExecutedThings: after}}
	}
	for _, c := range []struct {
		name     string
		criteria []jobs.AbortCriterion
		counts   counts
		want     string // the comment; "" when the job goes on
	}{
		{"none", nil, counts{jobs.Failed: 1000}, ""},
		{"below the share", criterion("FAILED", 2000, 100), counts{jobs.Failed: 19, jobs.Succeeded: 81}, ""},
		{
			"at the share", criterion("FAILED", 2000, 100),
			counts{jobs.Failed: 20, jobs.Succeeded: 80},
			"Aborted: 20 of 100 executed things (20.00%) are FAILED; the abort criterion is 20.00% after 100.",
		},
		{"too few executed", criterion("FAILED", 2000, 100), counts{jobs.Failed: 99}, ""},
		{
			"canceled and removed ones do not count", criterion("FAILED", 2000, 100),
			counts{jobs.Failed: 20, jobs.Succeeded: 79, jobs.Canceled: 500, jobs.Removed: 500, jobs.Queued: 500, jobs.InProgress: 500},
			"",
		},
		{
			"all", criterion("ALL", 3000, 10),
			counts{jobs.Failed: 1, jobs.Rejected: 1, jobs.TimedOut: 1, jobs.Succeeded: 7},
			"Aborted: 3 of 10 executed things (30.00%) are FAILED, REJECTED or TIMED_OUT; the abort criterion is 30.00% after 10.",
		},
		{"rejected", criterion("REJECTED", 1, 1), counts{jobs.Failed: 9, jobs.TimedOut: 9}, ""},
		{
			"timed out", criterion("TIMED_OUT", 5000, 2),
			counts{jobs.TimedOut: 1, jobs.Rejected: 1},
			"Aborted: 1 of 2 executed things (50.00%) are TIMED_OUT; the abort criterion is 50.00% after 2.",
		},
		{"a hundredth of a percent missing", criterion("FAILED", 3334, 1), counts{jobs.Failed: 1, jobs.Succeeded: 2}, ""},
		{
			"a third is 33.33 percent", criterion("FAILED", 3333, 1),
			counts{jobs.Failed: 1, jobs.Succeeded: 2},
			"Aborted: 1 of 3 executed things (33.33%) are FAILED; the abort criterion is 33.33% after 1.",
		},
		{"zero percent needs a failure", criterion("FAILED", 0, 1), counts{jobs.Succeeded: 5}, ""},
		{
			"zero percent is the first failure", criterion("FAILED", 0, 1),
			counts{jobs.Succeeded: 999_999, jobs.Failed: 1},
			"Aborted: 1 of 1000000 executed things (0.00%) are FAILED; the abort criterion is 0.00% after 1.",
		},
		{
			"the first criterion that is met",
			[]jobs.AbortCriterion{
				{FailureType: "FAILED", ThresholdBasisPoints: 9000, MinNumberOfExecutedThings: 1},
				{FailureType: "REJECTED", ThresholdBasisPoints: 1050, MinNumberOfExecutedThings: 1},
				{FailureType: "ALL", ThresholdBasisPoints: 1, MinNumberOfExecutedThings: 1},
			},
			counts{jobs.Rejected: 5, jobs.Failed: 5},
			"Aborted: 5 of 10 executed things (50.00%) are REJECTED; the abort criterion is 10.50% after 1.",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			view := rollingOut(jobs.RolloutRate{})
			view.Config.Abort, view.Counters = c.criteria, counters(c.counts)
			d := rollout.Decide(noon, view)
			if c.want == "" {
				if d.Do != rollout.Release {
					t.Errorf("got %+v, want the rollout to go on", d)
				}
				return
			}
			if d.Do != rollout.CancelJob || d.Force || d.ReasonCode != rollout.AbortReasonCode || d.Comment != c.want {
				t.Errorf("got %+v, want an abort: %s", d, c.want)
			}
		})
	}
}

// TestReasonCodes: the service's own reason codes are such as CancelJob takes (CTRL-2.6.7).
func TestReasonCodes(t *testing.T) {
	allowed := regexp.MustCompile(`^[\p{Lu}\p{Nd}_]{1,128}$`)
	for _, code := range []string{rollout.AbortReasonCode, rollout.EndReasonCode} {
		if !allowed.MatchString(code) {
			t.Errorf("reason code %q is not allowed", code)
		}
	}
}
