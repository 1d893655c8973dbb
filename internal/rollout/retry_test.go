package rollout_test

import (
	"fmt"
	"strings"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/rollout"
)

// TestRetry: which ends are tried again, and with which attempt (LIFE-7).
func TestRetry(t *testing.T) {
	type criteria = []jobs.RetryCriterion
	for _, c := range []struct {
		name     string
		criteria criteria
		ends     string // of one execution after the other
		want     string // the retryAttempt of the execution that follows each, or -
	}{
		{"not configured", nil, "FAILED TIMED_OUT", "- -"},
		{"failed only", criteria{{FailureType: "FAILED", NumberOfRetries: 2}}, "FAILED TIMED_OUT FAILED FAILED", "1 - 2 -"},
		{"timed out only", criteria{{FailureType: "TIMED_OUT", NumberOfRetries: 1}}, "FAILED TIMED_OUT TIMED_OUT", "- 1 -"},
		{"two budgets", criteria{{FailureType: "FAILED", NumberOfRetries: 1}, {FailureType: "TIMED_OUT", NumberOfRetries: 2}}, "TIMED_OUT FAILED FAILED TIMED_OUT TIMED_OUT", "1 2 - 3 -"},
		{"one budget for all", criteria{{FailureType: "ALL", NumberOfRetries: 3}}, "FAILED TIMED_OUT TIMED_OUT FAILED TIMED_OUT", "1 2 3 - -"},
		{"set to zero by UpdateJob", criteria{{FailureType: "FAILED", NumberOfRetries: 0}}, "FAILED", "-"},
		{"never", criteria{{FailureType: "ALL", NumberOfRetries: 10}}, "SUCCEEDED REJECTED CANCELED REMOVED", "- - - -"},
		{"rejected is no criterion", criteria{{FailureType: "REJECTED", NumberOfRetries: 10}}, "REJECTED FAILED", "- -"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var used jobs.RetriesUsed
			var got []string
			for end := range strings.FieldsSeq(c.ends) {
				next, retry := rollout.Retry(c.criteria, used, jobs.ExecutionStatus(end))
				switch {
				case retry:
					got = append(got, fmt.Sprint(next.Attempts()))
				case next != used:
					t.Errorf("%s: used %+v without a retry, before %+v", end, next, used)
				default:
					got = append(got, "-")
				}
				used = next
			}
			if got := strings.Join(got, " "); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
