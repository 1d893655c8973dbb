package sim

import (
	"fmt"
	"slices"
	"time"

	"iotjobs/internal/jobs"
)

// aConfig draws a job. The window is what its maintenance windows mean; nil without one.
func (d *dealer) aConfig() (jobs.Config, *window) {
	config := jobs.Config{TargetSelection: jobs.Snapshot, Document: "{}", Targets: d.someTargets(), Rollout: d.aRollout(), Abort: d.someAbort()}
	config.InProgressTimeout = []time.Duration{0, time.Minute, 5 * time.Minute}[d.r.IntN(3)]
	config.Retries = [][]jobs.RetryCriterion{
		nil,
		nil,
		{{FailureType: jobs.AnyFailure, NumberOfRetries: 2}},
		{{FailureType: jobs.FailedFailure, NumberOfRetries: 1}, {FailureType: jobs.TimedOutFailure, NumberOfRetries: 2}},
	}[d.r.IntN(4)]
	config.Schedule = d.aSchedule()
	if d.once(3) {
		return config, nil
	}
	config.TargetSelection = jobs.Continuous
	if !d.once(4) {
		return config, nil
	}
	w := &window{from: d.r.IntN(30), minutes: 10 + d.r.IntN(20)}
	config.Schedule.MaintenanceWindows = []jobs.MaintenanceWindow{{StartTime: fmt.Sprintf("cron(%d * * * ? *)", w.from), DurationInMinutes: w.minutes}}
	return config, w
}

// someTargets are one to three different ones.
func (d *dealer) someTargets() []jobs.Target {
	var targets []jobs.Target
	for range 1 + d.r.IntN(3) {
		target := jobs.Target{Kind: jobs.GroupTarget, Name: string(d.knownGroup())}
		if d.once(3) {
			target = jobs.Target{Kind: jobs.ThingTarget, Name: string(d.knownThing())}
		}
		if !slices.Contains(targets, target) {
			targets = append(targets, target)
		}
	}
	return targets
}

func (d *dealer) aRollout() jobs.RolloutRate {
	switch d.r.IntN(4) {
	case 0:
		return jobs.RolloutRate{MaximumPerMinute: 1 + d.r.IntN(3)}
	case 1:
		return jobs.RolloutRate{MaximumPerMinute: 5, Exponential: &jobs.ExponentialRate{
			BaseRatePerMinute: 1, IncrementTenths: 20, Criterion: jobs.NotifiedThings, Threshold: 2,
		}}
	default:
		return jobs.RolloutRate{}
	}
}

func (d *dealer) someAbort() []jobs.AbortCriterion {
	switch d.r.IntN(6) {
	case 0:
		return []jobs.AbortCriterion{{FailureType: jobs.FailedFailure, ThresholdBasisPoints: 5000, MinNumberOfExecutedThings: 2}}
	case 1:
		return []jobs.AbortCriterion{
			{FailureType: jobs.RejectedFailure, ThresholdBasisPoints: 2500, MinNumberOfExecutedThings: 1},
			{FailureType: jobs.AnyFailure, ThresholdBasisPoints: 8000, MinNumberOfExecutedThings: 3},
		}
	default:
		return nil
	}
}

// aSchedule begins and ends within the next hours, if at all.
func (d *dealer) aSchedule() (s jobs.Schedule) {
	at := func(earliest time.Time) (time.Time, string) {
		t := earliest.Add(2*time.Minute + time.Duration(d.r.IntN(3600))*time.Second).Truncate(time.Second)
		return t, t.Format("2006-01-02T15:04:05")
	}
	begins := d.m.now
	if d.once(5) {
		s.StartsAt, s.StartTime = at(d.m.now)
		begins = s.StartsAt
	}
	if d.once(5) {
		s.EndsAt, s.EndTime = at(begins)
		s.EndBehavior = []jobs.EndBehavior{"", jobs.StopRollout, jobs.EndCancel, jobs.ForceCancel}[d.r.IntN(4)]
	}
	return s
}
