package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/wire"
)

// TestCreateJobRequest: what is read is what was written; nothing is trimmed or reordered.
func TestCreateJobRequest(t *testing.T) {
	r := reader(t, fullJob)
	got, err := r.CreateJob(0)
	if err != nil || r.Err() != nil {
		t.Fatal(err, r.Err())
	}
	want := wire.CreateJobRequest{Targets: []string{"b", "a", "b"}, Config: jobs.Config{
		Document: " {} ", Description: "d", TargetSelection: jobs.Continuous, InProgressTimeout: 168 * time.Hour,
		Rollout: jobs.RolloutRate{MaximumPerMinute: 1000, Exponential: &jobs.ExponentialRate{
			BaseRatePerMinute: 50, IncrementTenths: 23, Criterion: jobs.NotifiedThings, Threshold: 1000,
		}},
		Abort: []jobs.AbortCriterion{
			{FailureType: jobs.FailedFailure, ThresholdBasisPoints: 2000, MinNumberOfExecutedThings: 100},
			{FailureType: jobs.AnyFailure, ThresholdBasisPoints: 115, MinNumberOfExecutedThings: 1},
		},
		Retries: []jobs.RetryCriterion{{FailureType: jobs.TimedOutFailure, NumberOfRetries: 7}, {FailureType: jobs.FailedFailure, NumberOfRetries: 3}},
		Schedule: jobs.Schedule{
			StartTime: " soon ", EndTime: "2027-01-01 00:00", EndBehavior: jobs.EndCancel,
			MaintenanceWindows: []jobs.MaintenanceWindow{{StartTime: "cron(x)", DurationInMinutes: 1430}, {StartTime: "b", DurationInMinutes: 1}},
		},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}

	r = reader(t, `{"targets":["a"],"document":"{}"}`)
	got, err = r.CreateJob(0)
	want = wire.CreateJobRequest{Targets: []string{"a"}, Config: jobs.Config{Document: "{}", TargetSelection: jobs.Snapshot}}
	if err != nil || r.Err() != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("bare: got %+v (%v, %v), want %+v", got, err, r.Err(), want)
	}
}

// fullJob has every configuration that a job can have.
const fullJob = `{"targets":["b","a","b"],"document":" {} ","description":"d","targetSelection":"CONTINUOUS",
	"timeoutConfig":{"inProgressTimeoutInMinutes":10080},
	"jobExecutionsRolloutConfig":{"maximumPerMinute":1000,"exponentialRate":{"baseRatePerMinute":50,"incrementFactor":2.3,"rateIncreaseCriteria":{"numberOfNotifiedThings":1000}}},
	"abortConfig":{"criteriaList":[{"failureType":"FAILED","action":"CANCEL","thresholdPercentage":20,"minNumberOfExecutedThings":100},
		{"failureType":"ALL","action":"CANCEL","thresholdPercentage":1.15,"minNumberOfExecutedThings":1}]},
	"jobExecutionsRetryConfig":{"criteriaList":[{"failureType":"TIMED_OUT","numberOfRetries":7},{"failureType":"FAILED","numberOfRetries":3}]},
	"schedulingConfig":{"startTime":" soon ","endTime":"2027-01-01 00:00","endBehavior":"CANCEL",
		"maintenanceWindows":[{"startTime":"cron(x)","durationInMinutes":1430},{"startTime":"b","durationInMinutes":1}]}}`

// TestUpdateJobRequest: absent members are nil, given ones are as CreateJob reads them.
func TestUpdateJobRequest(t *testing.T) {
	r := reader(t, fullJob)
	got, err := r.UpdateJob(0, "")
	if err != nil || r.Err() != nil {
		t.Fatal(err, r.Err())
	}
	full, err := reader(t, fullJob).CreateJob(0)
	if err != nil {
		t.Fatal(err)
	}
	c := full.Config
	want := wire.UpdateJobRequest{Description: &c.Description, InProgressTimeout: &c.InProgressTimeout, Rollout: &c.Rollout, Abort: &c.Abort, Retries: &c.Retries}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for _, body := range []string{``, `{}`, `{"description":null,"timeoutConfig":null,"jobExecutionsRolloutConfig":null,"abortConfig":null,"jobExecutionsRetryConfig":null,"presignedUrlConfig":{}}`} {
		r := reader(t, body)
		if got, err := r.UpdateJob(0, ""); err != nil || r.Err() != nil || got != (wire.UpdateJobRequest{}) {
			t.Errorf("%s: got %+v (%v, %v), want nothing to change", body, got, err, r.Err())
		}
	}
}

// TestMaxRate: the highest rate is the operator's, also for the base; zero is no bound.
func TestMaxRate(t *testing.T) {
	for _, c := range []struct {
		maximum, base string
		maxRate       int
		ok            bool
	}{
		{"1000", "999", 1000, true},
		{"1001", "999", 1000, false},
		{"1001", "999", 1001, true},
		{"100", "99", 99, false},
		{"2000000", "1000000", 0, true},
		{"0", "1", 0, false},
		{"10", "0", 0, false},
	} {
		body := `{"jobExecutionsRolloutConfig":{"maximumPerMinute":` + c.maximum + `,"exponentialRate":{"baseRatePerMinute":` + c.base +
			`,"incrementFactor":2,"rateIncreaseCriteria":{"numberOfSucceededThings":1}}}}`
		r := reader(t, body)
		if _, err := r.UpdateJob(c.maxRate, ""); (err == nil && r.Err() == nil) != c.ok {
			t.Errorf("%s with a maximum of %d: got %v (%v), want accepted %v", body, c.maxRate, r.Err(), err, c.ok)
		}
	}
}

// FuzzJobConfig demands of every job that is accepted that DescribeJob shows it as it was asked for: read again, it is the same.
func FuzzJobConfig(f *testing.F) {
	const window = `"schedulingConfig":{"maintenanceWindows":[{"startTime":"cron(0 2 ? * MON *)","durationInMinutes":60}]}`
	for _, seed := range []string{
		fullJob, `{"targets":["a"],"document":"7"}`, `{"targets":["a"],"document":"7","jobExecutionsRolloutConfig":{"maximumPerMinute":1}}`,
		`{"targets":["a"],"document":"7","targetSelection":"CONTINUOUS",` + window + `}`, `{"targets":["a"],"document":"7",` + window + `}`,
		`{"targets":["a"],"document":"7","jobExecutionsRolloutConfig":{"maximumPerMinute":3,"exponentialRate":{"baseRatePerMinute":2,"incrementFactor":110e-2,"rateIncreaseCriteria":{"numberOfSucceededThings":9223372036854775807}}}}`,
		`{"targets":["a"],"document":"7","abortConfig":{"criteriaList":[{"failureType":"REJECTED","action":"CANCEL","thresholdPercentage":99.99,"minNumberOfExecutedThings":3}]}}`,
		`{"targets":["a"],"document":"7","jobExecutionsRetryConfig":{"criteriaList":[{"failureType":"ALL","numberOfRetries":10}]},"schedulingConfig":{"endTime":"x"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := wire.NewReader(body)
		if err != nil {
			return
		}
		request, err := r.CreateJob(1000)
		if err != nil || r.Err() != nil {
			return
		}
		if err := sane(request.Config); err != nil {
			t.Fatalf("accepted %s: %v", body, err)
		}
		asked := request.Config
		asked.Document, asked.Targets = "", nil
		again := reader(t, shownConfig(t, asked))
		got, err := again.CreateJob(1000)
		if err != nil || again.Err() != nil {
			t.Fatalf("%s is shown in a way that is refused: %v, %v", body, err, again.Err())
		}
		if got.Config.Document = ""; !reflect.DeepEqual(got.Config, asked) {
			t.Fatalf("%s\nread  %+v\nagain %+v", body, asked, got.Config)
		}
	})
}

// shownConfig is what DescribeJob shows of a configuration, as the body of CreateJob. Nulls and objects of nothing but nulls are left out,
// as SDKs do.
func shownConfig(t *testing.T, config jobs.Config) string {
	t.Helper()
	shown, err := json.Marshal(realm.Job(&jobs.Job{Config: &config}, jobs.Counters{}, nil).Job)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(shown))
	decoder.UseNumber()
	var members map[string]any
	if err := decoder.Decode(&members); err != nil {
		t.Fatal(err)
	}
	withoutNulls(members)
	members["targets"], members["document"] = []string{"a"}, "7"
	body, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func withoutNulls(members map[string]any) {
	maps.DeleteFunc(members, func(_ string, value any) bool {
		nested, ok := value.(map[string]any)
		if ok {
			withoutNulls(nested)
		}
		return value == nil || ok && len(nested) == 0
	})
}

// sane restates the bounds of a configuration (CTRL-2.4).
func sane(c jobs.Config) error {
	if r := c.Rollout; r.MaximumPerMinute < 0 || r.MaximumPerMinute > 1000 {
		return errors.New("maximumPerMinute is out of bounds")
	}
	if e := c.Rollout.Exponential; e != nil && (e.BaseRatePerMinute < 1 || e.BaseRatePerMinute >= c.Rollout.MaximumPerMinute ||
		e.IncrementTenths < 11 || e.IncrementTenths > 50 || e.Threshold < 1 || e.Criterion == 0) {
		return errors.New("exponentialRate is out of bounds")
	}
	for _, a := range c.Abort {
		known := slices.Contains([]jobs.FailureType{jobs.FailedFailure, jobs.RejectedFailure, jobs.TimedOutFailure, jobs.AnyFailure}, a.FailureType)
		if a.ThresholdBasisPoints < 0 || a.ThresholdBasisPoints > 10000 || a.MinNumberOfExecutedThings < 1 || !known {
			return errors.New("abortConfig is out of bounds")
		}
	}
	together := 0
	for _, r := range c.Retries {
		if together += r.NumberOfRetries; r.NumberOfRetries < 0 || r.FailureType == jobs.AnyFailure && len(c.Retries) > 1 {
			return errors.New("jobExecutionsRetryConfig is out of bounds")
		}
	}
	windows := c.Schedule.MaintenanceWindows
	for _, w := range windows {
		if w.StartTime == "" || w.DurationInMinutes < 1 || w.DurationInMinutes > 1430 {
			return errors.New("a maintenance window is out of bounds")
		}
	}
	if together > 10 || len(c.Retries) > 2 || len(windows) > 0 && c.TargetSelection == jobs.Snapshot || c.InProgressTimeout > 168*time.Hour {
		return errors.New("members do not go together")
	}
	return nil
}
