package rollout_test

import (
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/rollout"
)

func plan(config jobs.Config, status jobs.JobStatus, a rollout.Assumptions) []rollout.PlannedStep {
	view := rollout.View{Status: status, TargetSelection: jobs.Snapshot, Config: &config, MaxPerMinute: 1000}
	return rollout.Plan(noon, view, a, 10_000)
}

// last is the step with which a plan ends.
func last(steps []rollout.PlannedStep) rollout.PlannedStep { return steps[len(steps)-1] }

func TestPlanOfAnExponentialRollout(t *testing.T) { // Q32
	config := jobs.Config{Rollout: exponential(50, 20, 1000, jobs.NotifiedThings, 1000)}
	steps := plan(config, jobs.JobInProgress, rollout.Assumptions{Things: 10_000, SuccessBasisPoints: 10_000, ExecutionTime: time.Hour})
	notified := map[int]int64{}
	for _, s := range steps {
		if s.Do == rollout.Release {
			notified[int(s.At.Sub(noon)/time.Minute)+1] = s.Notified
		}
	}
	for minute, want := range map[int]int64{20: 1000, 30: 2000, 35: 3000, 38: 4200, 44: 10_000} {
		if notified[minute] != want {
			t.Errorf("minute %d: %d notified, want %d", minute, notified[minute], want)
		}
	}
	if end := last(steps); end.Do != rollout.Complete || !end.At.Equal(noon.Add(43*time.Minute+time.Hour)) {
		t.Errorf("the plan ends with %+v, want the job complete an hour after minute 44 began", end)
	}
}

func TestPlanShowsTheAbort(t *testing.T) {
	config := jobs.Config{
		Rollout: jobs.RolloutRate{MaximumPerMinute: 50},
		Abort:   []jobs.AbortCriterion{{FailureType: jobs.FailedFailure, ThresholdBasisPoints: 2000, MinNumberOfExecutedThings: 100}},
	}
	steps := plan(config, jobs.JobInProgress, rollout.Assumptions{Things: 1000, SuccessBasisPoints: 8000, ExecutionTime: 30 * time.Second})
	if end := last(steps); end.Do != rollout.CancelJob || end.Counters.Of(jobs.Failed) != 20 || end.Counters.Of(jobs.Succeeded) != 80 || end.Comment == "" {
		t.Errorf("the plan ends with %+v, want the job aborted after 20 of 100", end)
	}
	good := rollout.Assumptions{Things: 1000, SuccessBasisPoints: 8100, ExecutionTime: 30 * time.Second}
	if end := last(plan(config, jobs.JobInProgress, good)); end.Do != rollout.Complete {
		t.Errorf("with 81 %% success the plan ends with %+v, want the job complete", end)
	}
}

func TestPlanRetries(t *testing.T) {
	config := jobs.Config{Retries: []jobs.RetryCriterion{{FailureType: jobs.FailedFailure, NumberOfRetries: 2}}}
	end := last(plan(config, jobs.JobInProgress, rollout.Assumptions{Things: 100, SuccessBasisPoints: 5000, ExecutionTime: time.Minute}))
	if end.Do != rollout.Complete || end.Counters.Of(jobs.Failed) != 50+25+13 && end.Counters.Of(jobs.Failed) != 50+25+12 {
		t.Errorf("the plan ends with %+v, want 50, 25 and about 12 failures", end)
	}
}

func TestPlanOfASchedule(t *testing.T) {
	config := jobs.Config{Rollout: jobs.RolloutRate{MaximumPerMinute: 1}, Schedule: scheduled(t, "2026-03-02 13:00", "2026-03-02 14:00", jobs.EndCancel)}
	steps := plan(config, jobs.JobScheduled, rollout.Assumptions{Things: 100, SuccessBasisPoints: 10_000, ExecutionTime: time.Minute})
	if first := steps[0]; first.Do != rollout.Start || !first.At.Equal(noon.Add(time.Hour)) {
		t.Errorf("the plan begins with %+v, want the start at 13:00", first)
	}
	if end := last(steps); end.Do != rollout.CancelJob || end.Notified != 60 || !end.At.Equal(noon.Add(2*time.Hour)) {
		t.Errorf("the plan ends with %+v, want it canceled at 14:00 with 60 notified", end)
	}
}

func TestPlanOfAContinuousJobWaits(t *testing.T) {
	view := rollout.View{Status: jobs.JobInProgress, TargetSelection: jobs.Continuous, Config: &jobs.Config{}, MaxPerMinute: 1000}
	end := last(rollout.Plan(noon, view, rollout.Assumptions{Things: 5, SuccessBasisPoints: 10_000, ExecutionTime: time.Minute}, 100))
	if end.Do != rollout.Wait || end.Reason != rollout.ForTargets {
		t.Errorf("the plan ends with %+v, want it waiting for things that join", end)
	}
}
