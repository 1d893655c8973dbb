package rollout_test

import (
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/rollout"
)

// scheduled is a schedule as it was made a day before noon.
func scheduled(t *testing.T, start, end string, behavior jobs.EndBehavior) jobs.Schedule {
	t.Helper()
	s, err := rollout.ReadSchedule(noon.AddDate(0, 0, -1), jobs.Schedule{StartTime: start, EndTime: end, EndBehavior: behavior}, rollout.DefaultScheduleQuotas())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestDecide: the next missing thing, in the order delete, start, abort, end of schedule, cancel rows, release, complete.
func TestDecide(t *testing.T) {
	const start, end = "2026-03-02 11:00", "2026-03-02 12:00" // endTime is now
	later := noon.Add(time.Hour)
	pending := jobs.Counters{}
	pending.Add(jobs.InProgress, 1)
	for _, c := range []struct {
		name   string
		change func(*rollout.View)
		want   rollout.Decision // but for what Release carries on
	}{
		{"rolling out", func(*rollout.View) {}, rollout.Decision{Do: rollout.Release, Things: 1000}},
		{"in deletion", func(v *rollout.View) { v.Status = jobs.JobDeletionInProgress }, rollout.Decision{Do: rollout.DeleteRows}},
		{"canceled", func(v *rollout.View) { v.Status = jobs.JobCanceled }, rollout.Decision{}},
		{"canceled, rows left", func(v *rollout.View) { v.Status, v.RowsLeft = jobs.JobCanceled, true }, rollout.Decision{Do: rollout.CancelRows}},
		{"completed", func(v *rollout.View) { v.Status = jobs.JobCompleted }, rollout.Decision{}},

		{
			"before startTime", func(v *rollout.View) {
				v.Status, v.Config.Schedule = jobs.JobScheduled, scheduled(t, "2026-03-02 13:00", "2026-03-02 14:00", "")
			},
			rollout.Decision{Reason: rollout.ForStartTime, Until: later},
		},
		{
			"at startTime", func(v *rollout.View) {
				v.Status, v.Config.Schedule = jobs.JobScheduled, scheduled(t, "2026-03-02 12:00", "", "")
			},
			rollout.Decision{Do: rollout.Start},
		},
		{
			"down from startTime to endTime, stop", func(v *rollout.View) {
				v.Status, v.Config.Schedule = jobs.JobScheduled, scheduled(t, start, end, jobs.StopRollout)
			},
			rollout.Decision{Do: rollout.Start},
		},
		{
			"down from startTime to endTime, cancel", func(v *rollout.View) {
				v.Status, v.Config.Schedule = jobs.JobScheduled, scheduled(t, start, end, jobs.EndCancel)
			},
			rollout.Decision{Do: rollout.CancelJob, ReasonCode: "END_TIME_REACHED", Comment: "Canceled: endTime 2026-03-02 12:00 has come, and endBehavior is CANCEL."},
		},

		{
			"abort comes before the end", func(v *rollout.View) {
				v.Config.Schedule = scheduled(t, "", end, jobs.ForceCancel)
				v.Config.Abort = []jobs.AbortCriterion{{FailureType: jobs.RejectedFailure, ThresholdBasisPoints: 10000, MinNumberOfExecutedThings: 1}}
				v.Counters.Add(jobs.Rejected, 1)
			},
			rollout.Decision{
				Do: rollout.CancelJob, ReasonCode: "ABORT_CRITERIA_MET",
				Comment: "Aborted: 1 of 1 executed things (100.00%) are REJECTED; the abort criterion is 100.00% after 1.",
			},
		},
		{
			"end, force cancel", func(v *rollout.View) { v.Config.Schedule = scheduled(t, "", end, jobs.ForceCancel) },
			rollout.Decision{Do: rollout.CancelJob, Force: true, ReasonCode: "END_TIME_REACHED", Comment: "Canceled: endTime 2026-03-02 12:00 has come, and endBehavior is FORCE_CANCEL."},
		},
		{"end, stop", func(v *rollout.View) { v.Config.Schedule = scheduled(t, "", end, jobs.StopRollout) }, rollout.Decision{Do: rollout.EndRollout}},
		{"end, stop is the default", func(v *rollout.View) { v.Config.Schedule = scheduled(t, "", end, "") }, rollout.Decision{Do: rollout.EndRollout}},
		{
			"ended, things are still busy", func(v *rollout.View) {
				v.Config.Schedule, v.TargetsLeft, v.Counters = scheduled(t, "", end, ""), false, pending
			},
			rollout.Decision{Reason: rollout.ForThings},
		},
		{
			"ended, continuous", func(v *rollout.View) {
				v.Config.Schedule, v.TargetsLeft, v.TargetSelection = scheduled(t, "", end, ""), false, jobs.Continuous
			},
			rollout.Decision{Do: rollout.Complete},
		},

		{"rows before release", func(v *rollout.View) { v.RowsLeft = true }, rollout.Decision{Do: rollout.CancelRows}},
		{
			"window closed", func(v *rollout.View) {
				v.Windows = windows(t, jobs.MaintenanceWindow{StartTime: "cron(0 13 * * ? *)", DurationInMinutes: 60})
			},
			rollout.Decision{Reason: rollout.ForWindow, Until: later},
		},
		{
			"no window before the end", func(v *rollout.View) {
				v.Windows = windows(t, jobs.MaintenanceWindow{StartTime: "cron(0 11 * * ? *)", DurationInMinutes: 60})
				v.Config.Schedule = scheduled(t, "", "2026-03-02 13:00", "")
			},
			rollout.Decision{Reason: rollout.ForWindow, Until: later},
		},
		{
			"no window ever", func(v *rollout.View) {
				v.Windows = windows(t, jobs.MaintenanceWindow{StartTime: "cron(0 13 30 2 ? *)", DurationInMinutes: 60})
			},
			rollout.Decision{Reason: rollout.ForWindow},
		},
		{"full things", func(v *rollout.View) { v.ResumeAt = later }, rollout.Decision{Reason: rollout.ForFullThings, Until: later}},
		{"full things, time is up", func(v *rollout.View) { v.ResumeAt = noon }, rollout.Decision{Do: rollout.Release, Things: 1000}},
		{
			"quota used up", func(v *rollout.View) {
				v.Minute = jobs.Minute{StartedAt: noon.Add(-time.Minute), LastRelease: noon.Add(-time.Second), Rate: 9, Released: 9}
			},
			rollout.Decision{Reason: rollout.ForRate, Until: noon.Add(59 * time.Second)},
		},

		{"things are busy", func(v *rollout.View) { v.TargetsLeft, v.Counters = false, pending }, rollout.Decision{Reason: rollout.ForThings}},
		{
			"things are busy until the end", func(v *rollout.View) {
				v.TargetsLeft, v.Counters, v.Config.Schedule = false, pending, scheduled(t, "", "2026-03-02 13:00", "")
			},
			rollout.Decision{Reason: rollout.ForThings, Until: later},
		},
		{"all done", func(v *rollout.View) { v.TargetsLeft = false }, rollout.Decision{Do: rollout.Complete}},
		{
			"all done, continuous", func(v *rollout.View) { v.TargetsLeft, v.TargetSelection = false, jobs.Continuous },
			rollout.Decision{Reason: rollout.ForTargets},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			view := rollingOut(jobs.RolloutRate{})
			c.change(&view)
			got := rollout.Decide(noon, view)
			if c.want.Do == rollout.Release {
				got = rollout.Decision{Do: got.Do, Things: got.Things}
			}
			if got != c.want {
				t.Errorf("\n got %+v\nwant %+v", got, c.want)
			}
		})
	}
}

// TestNothingReleasedStartsNoMinute: a chunk in which every thing was passed over leaves the rollout as it was.
func TestNothingReleasedStartsNoMinute(t *testing.T) {
	view := rollingOut(jobs.RolloutRate{})
	if got := rollout.Decide(noon, view).Released(0); got != (jobs.Minute{}) {
		t.Errorf("got %+v", got)
	}
	view.Minute = jobs.Minute{StartedAt: noon.Add(-time.Hour), LastRelease: noon.Add(-time.Hour), Rate: 9, Released: 9, Notified: 9}
	if got := rollout.Decide(noon, view).Released(0); got != view.Minute {
		t.Errorf("got %+v, want %+v", got, view.Minute)
	}
}

// TestAcceptsExecutions: nothing is queued for a job that has not begun, or has ended (LIFE-8.3).
func TestAcceptsExecutions(t *testing.T) {
	open, over := scheduled(t, "", "2026-03-02 12:01", ""), scheduled(t, "", "2026-03-02 12:00", "")
	for _, status := range jobs.JobStatuses() {
		if got := open.Accepts(noon, status); got != (status == jobs.JobInProgress) {
			t.Errorf("%s: %t", status, got)
		}
	}
	if over.Accepts(noon, jobs.JobInProgress) || !(&jobs.Schedule{}).Accepts(noon, jobs.JobInProgress) {
		t.Error("endTime alone decides")
	}
}
