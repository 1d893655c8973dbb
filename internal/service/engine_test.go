package service_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/rollout"
	"iotjobs/internal/service"
)

// fleet makes a group g of n things.
func (w *world) fleet(n int) []registry.ThingName {
	w.t.Helper()
	w.group("g", "")
	members := numbered(n)
	for from := 0; from < n; from += service.MaxImport {
		var part []service.ThingImport
		for _, name := range members[from:min(n, from+service.MaxImport)] {
			part = append(part, service.ThingImport{CreateThingInput: service.CreateThingInput{Name: name}, Groups: []registry.GroupName{"g"}})
		}
		_, err := w.ImportThings(w.t.Context(), service.ImportThingsInput{Things: part})
		w.must(err)
	}
	return members
}

// engineJob makes job j on the group.
func (w *world) engineJob(config jobs.Config) {
	w.t.Helper()
	config.Targets = []jobs.Target{{Kind: jobs.GroupTarget, Name: "g"}}
	w.jobWith("j", config)
}

func (w *world) queued() int64 {
	w.t.Helper()
	out, err := w.DescribeJob(w.t.Context(), "j")
	w.must(err)
	return out.Counters.Of(jobs.Queued)
}

// TestExponentialRollout is the arithmetic of Q32, minute by minute, on the real steps.
func TestExponentialRollout(t *testing.T) {
	w := newWorld(t)
	w.fleet(10_000)
	w.engineJob(jobs.Config{Rollout: jobs.RolloutRate{MaximumPerMinute: 1000, Exponential: &jobs.ExponentialRate{
		BaseRatePerMinute: 50, IncrementTenths: 20, Criterion: jobs.NotifiedThings, Threshold: 1000,
	}}})
	want := map[int]int64{1: 50, 20: 1000, 30: 2000, 35: 3000, 38: 4200, 44: 10_000}
	for minute := 1; minute <= 44; minute++ {
		if n, ok := want[minute]; ok && w.queued() != n {
			t.Errorf("%d notified in minute %d, want %d", w.queued(), minute, n)
		}
		w.advance(time.Minute)
	}
}

func TestDefaultRateIsTheQuota(t *testing.T) {
	w := newWorld(t)
	w.Quotas.RolloutPerMinute = 100
	w.fleet(250)
	w.engineJob(jobs.Config{})
	for _, want := range []int64{100, 200, 250} {
		if got := w.queued(); got != want {
			t.Errorf("%d queued, want %d", got, want)
		}
		w.advance(time.Minute)
	}
	w.Quotas.RolloutPerMinute = 0 // no limit
	w.must(w.DeleteJob(t.Context(), service.DeleteJobInput{ID: "j", Force: true}))
	w.engineJob(jobs.Config{})
	if got := w.queued(); got != 250 {
		t.Errorf("%d queued without a limit, want 250", got)
	}
}

// TestAbort cancels a job when a fifth of its executions have failed, after a hundred (LIFE-5).
func TestAbort(t *testing.T) {
	w := newWorld(t)
	members := w.fleet(300)
	w.engineJob(jobs.Config{Abort: []jobs.AbortCriterion{{FailureType: jobs.FailedFailure, ThresholdBasisPoints: 2000, MinNumberOfExecutedThings: 100}}})
	w.must(w.update(members[299], "j", jobs.Report{Status: jobs.InProgress}))
	for i, name := range members[:100] {
		status := jobs.Succeeded
		if i%5 == 0 {
			status = jobs.Failed
		}
		w.wantExecution(name, "j", jobs.Queued, 1)
		w.must(w.report(name, "j", status))
	}
	w.wantJob("j", jobs.JobCanceled, map[jobs.ExecutionStatus]int64{jobs.Succeeded: 80, jobs.Failed: 20, jobs.InProgress: 1, jobs.Canceled: 199})
	out, err := w.DescribeJob(t.Context(), "j")
	w.must(err)
	if out.Job.ReasonCode == "" || out.Job.Comment == "" || out.Job.ForceCanceled {
		t.Errorf("the aborted job does not say why: %+v", out.Job)
	}
	w.must(w.report(members[299], "j", jobs.Succeeded)) // a running one may finish
}

func TestRetries(t *testing.T) { // LIFE-7
	w := newWorld(t)
	w.things("a", "b")
	w.jobWith("j", jobs.Config{InProgressTimeout: time.Minute, Retries: []jobs.RetryCriterion{
		{FailureType: jobs.FailedFailure, NumberOfRetries: 1}, {FailureType: jobs.TimedOutFailure, NumberOfRetries: 1},
	}}, "a", "b")
	w.must(w.report("a", "j", jobs.Failed))
	retry := w.execution("a", "j")
	if retry.Number != 2 || retry.Status != jobs.Queued || retry.RetryAttempt != 1 || retry.Version != 1 {
		t.Errorf("after a failure: %+v, want execution 2 queued as retry 1", retry)
	}
	w.start("a")
	w.advance(time.Minute) // times out
	if third := w.execution("a", "j"); third.Number != 3 || third.RetryAttempt != 2 {
		t.Errorf("after a time-out: %+v, want execution 3 as retry 2", third)
	}
	w.wantJob("j", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.Failed: 1, jobs.TimedOut: 1, jobs.Queued: 2})
	w.must(w.report("a", "j", jobs.Failed)) // that budget is used up
	w.must(w.report("b", "j", jobs.Rejected))
	w.wantJob("j", jobs.JobCompleted, map[jobs.ExecutionStatus]int64{jobs.Failed: 2, jobs.TimedOut: 1, jobs.Rejected: 1})
}

func TestExecutionsRememberWhoActed(t *testing.T) {
	w := newWorld(t)
	w.things("a", "b", "c")
	w.jobWith("j", jobs.Config{InProgressTimeout: time.Minute}, "a", "b", "c")
	type actor struct{}
	w.Actor = func(ctx context.Context) string {
		who, _ := ctx.Value(actor{}).(string)
		return who
	}
	device := context.WithValue(t.Context(), actor{}, "device-1")
	_, err := w.StartNextPendingJobExecution(device, service.StartNextPendingJobExecutionInput{Thing: "a"})
	w.must(err)
	w.start("b")
	w.must(w.CancelJobExecution(context.WithValue(t.Context(), actor{}, "operator"), service.CancelJobExecutionInput{
		JobExecutionInput: service.JobExecutionInput{Thing: "c", JobID: "j"},
	}))
	_, err = w.UpdateJobExecution(device, service.UpdateJobExecutionInput{Thing: "a", JobID: "j", Report: jobs.Report{Status: jobs.Succeeded}})
	w.must(err)
	w.advance(time.Minute)
	for thing, want := range map[registry.ThingName][2]string{"a": {"device-1", "device-1"}, "b": {jobs.ByService, jobs.ByService}, "c": {"", "operator"}} {
		if e := w.execution(thing, "j"); e.StartedBy != want[0] || e.EndedBy != want[1] {
			t.Errorf("thing %s: started by %q, ended by %q; want %q", thing, e.StartedBy, e.EndedBy, want)
		}
	}
}

func TestRetriesFollowMembership(t *testing.T) { // LIFE-3.5, LIFE-3.10
	w := newWorld(t)
	members := w.fleet(1)
	thing := members[0]
	w.engineJob(jobs.Config{TargetSelection: jobs.Continuous, Retries: []jobs.RetryCriterion{{FailureType: jobs.AnyFailure, NumberOfRetries: 1}}})
	w.must(w.report(thing, "j", jobs.Failed)) // execution 2 is the retry
	w.start(thing)
	w.leave("g", thing)
	w.must(w.report(thing, "j", jobs.Failed)) // not retried: no target any more, and no budget
	w.wantExecution(thing, "j", jobs.Failed, 3)
	w.join("g", thing)
	w.must(w.report(thing, "j", jobs.Failed))
	if e := w.execution(thing, "j"); e.Number != 4 || e.RetryAttempt != 1 {
		t.Errorf("after a rejoin and a failure: %+v, want execution 4 as retry 1", e)
	}
}

func TestRejoinWhileRunningGivesAnotherBudget(t *testing.T) { // LIFE-3.10
	w := newWorld(t)
	thing := w.fleet(1)[0]
	w.engineJob(jobs.Config{TargetSelection: jobs.Continuous, Retries: []jobs.RetryCriterion{{FailureType: jobs.AnyFailure, NumberOfRetries: 1}}})
	w.must(w.report(thing, "j", jobs.Failed)) // execution 2 is the retry
	w.start(thing)
	w.leave("g", thing)
	w.join("g", thing)
	w.must(w.report(thing, "j", jobs.Failed))
	if e := w.execution(thing, "j"); e.Number != 3 || e.RetryAttempt != 1 {
		t.Errorf("after leaving, rejoining and failing: %+v, want execution 3 as retry 1", e)
	}
}

func (w *world) schedule(start, end time.Duration, behavior jobs.EndBehavior) jobs.Schedule {
	at := func(d time.Duration) string {
		if d == 0 {
			return ""
		}
		return w.Now().Add(d).Format("2006-01-02T15:04:05")
	}
	return jobs.Schedule{StartTime: at(start), EndTime: at(end), EndBehavior: behavior}
}

func TestScheduledJob(t *testing.T) { // LIFE-8, LIFE-3.1
	w := newWorld(t)
	w.Quotas.RolloutPerMinute = 2
	members := w.fleet(3)
	w.things("late")
	w.engineJob(jobs.Config{Schedule: w.schedule(time.Hour, 0, "")})
	w.wantJob("j", jobs.JobScheduled, nil)
	w.wantNone(members[0])
	w.join("g", "late") // before the start: a target
	w.advance(time.Hour - time.Second)
	w.wantJob("j", jobs.JobScheduled, nil)
	w.advance(time.Second)
	w.leave("g", members[2]) // after the start: still one
	w.advance(time.Minute)
	w.wantJob("j", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.Queued: 4})
}

func TestEndBehavior(t *testing.T) { // LIFE-8.3
	for behavior, want := range map[jobs.EndBehavior]struct {
		status jobs.JobStatus
		counts map[jobs.ExecutionStatus]int64
	}{
		jobs.StopRollout: {jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.Queued: 59, jobs.InProgress: 1}},
		jobs.EndCancel:   {jobs.JobCanceled, map[jobs.ExecutionStatus]int64{jobs.Canceled: 59, jobs.InProgress: 1}},
		jobs.ForceCancel: {jobs.JobCanceled, map[jobs.ExecutionStatus]int64{jobs.Canceled: 60}},
	} {
		t.Run(string(behavior), func(t *testing.T) {
			w := newWorld(t)
			members := w.fleet(100)
			w.things("joins")
			w.engineJob(jobs.Config{
				TargetSelection: jobs.Continuous, Rollout: jobs.RolloutRate{MaximumPerMinute: 1}, Schedule: w.schedule(0, time.Hour, behavior),
			})
			w.must(w.update(members[0], "j", jobs.Report{Status: jobs.InProgress}))
			w.advance(time.Hour)
			w.join("g", "joins")
			w.wantNone("joins")
			w.wantJob("j", want.status, want.counts)
			if behavior != jobs.StopRollout {
				return
			}
			for _, name := range members[:60] { // the running and the queued ones may finish, and the job with them
				w.must(w.report(name, "j", jobs.Failed))
			}
			w.wantJob("j", jobs.JobCompleted, map[jobs.ExecutionStatus]int64{jobs.Failed: 60})
		})
	}
}

// TestMaintenanceWindow opens a window daily from 04:00 to 05:00; the world begins at 03:04:05.
func TestMaintenanceWindow(t *testing.T) { // LIFE-8.7
	w := newWorld(t)
	members := w.fleet(2)
	w.engineJob(jobs.Config{TargetSelection: jobs.Continuous, Schedule: jobs.Schedule{
		MaintenanceWindows: []jobs.MaintenanceWindow{{StartTime: "cron(0 4 * * ? *)", DurationInMinutes: 60}},
	}})
	offered := func(thing registry.ThingName) string {
		out, err := w.GetPendingJobExecutions(t.Context(), service.GetPendingJobExecutionsInput{Thing: thing})
		w.must(err)
		return fmt.Sprintf("%d running, %d queued", len(out.InProgress), len(out.Queued))
	}
	want := func(thing registry.ThingName, text string) {
		t.Helper()
		if got := offered(thing); got != text {
			t.Errorf("at %s thing %s is offered %s, want %s", w.Now().Format(time.TimeOnly), thing, got, text)
		}
	}
	w.wantNone(members[0])
	w.advance(time.Hour)
	want(members[0], "0 running, 1 queued")
	w.start(members[0])
	w.advance(time.Hour)
	want(members[0], "1 running, 0 queued")
	want(members[1], "0 running, 0 queued")
	if out := w.start(members[1]); out.Execution != nil {
		t.Error("an execution was started outside the window")
	}
	out, err := w.DescribeJob(t.Context(), "j")
	w.must(err)
	if len(out.Upcoming) != 7 || out.Upcoming[0].Start.Format(time.DateTime) != "2026-01-03 04:00:00" {
		t.Errorf("upcoming windows %v, want seven from 2026-01-03 04:00", out.Upcoming)
	}
	w.advance(24 * time.Hour)
	want(members[1], "0 running, 0 queued")
	w.advance(23 * time.Hour)
	want(members[1], "0 running, 1 queued")
}

func TestUpdateJob(t *testing.T) { // CTRL-2.1
	w := newWorld(t)
	w.fleet(100)
	w.engineJob(jobs.Config{Rollout: jobs.RolloutRate{MaximumPerMinute: 1}, Retries: []jobs.RetryCriterion{{FailureType: jobs.FailedFailure, NumberOfRetries: 3}}})
	update := func(in service.UpdateJobInput) error {
		in.ID = "j"
		return w.UpdateJob(t.Context(), in)
	}
	faster := jobs.RolloutRate{MaximumPerMinute: 40}
	w.must(update(service.UpdateJobInput{Rollout: &faster}))
	w.advance(time.Minute)
	if got := w.queued(); got != 41 {
		t.Errorf("%d queued after the update, want 41", got)
	}
	retries := func(t jobs.FailureType, n int) *[]jobs.RetryCriterion {
		return &[]jobs.RetryCriterion{{FailureType: t, NumberOfRetries: n}}
	}
	wantCode(t, update(service.UpdateJobInput{}), jobs.InvalidRequest)
	wantCode(t, update(service.UpdateJobInput{Retries: retries(jobs.FailedFailure, 1)}), jobs.InvalidRequest)
	wantCode(t, update(service.UpdateJobInput{Retries: retries(jobs.AnyFailure, 0)}), jobs.InvalidRequest)
	w.must(update(service.UpdateJobInput{Retries: retries(jobs.FailedFailure, 0)}))
	w.must(w.report("m0000", "j", jobs.Failed))
	w.wantExecution("m0000", "j", jobs.Failed, 2)
	_, err := w.CancelJob(t.Context(), service.CancelJobInput{ID: "j"})
	w.must(err)
	wantCode(t, update(service.UpdateJobInput{Rollout: &faster}), jobs.InvalidRequest)
}

func TestNewTimeoutConcernsLaterStarts(t *testing.T) { // LIFE-6.8
	w := newWorld(t)
	w.things("before", "after")
	w.jobWith("j", jobs.Config{InProgressTimeout: time.Hour}, "before", "after")
	w.start("before")
	longer := 2 * time.Hour
	w.must(w.UpdateJob(t.Context(), service.UpdateJobInput{ID: "j", InProgressTimeout: &longer}))
	w.start("after")
	w.must(w.update("before", "j", jobs.Report{Status: jobs.InProgress})) // a report moves nothing
	w.advance(time.Hour)
	w.wantExecution("before", "j", jobs.TimedOut, 4)
	w.wantExecution("after", "j", jobs.InProgress, 2)
	w.advance(time.Hour)
	w.wantExecution("after", "j", jobs.TimedOut, 3)
}

func TestActiveJobsAreBounded(t *testing.T) { // LIFE-14
	w := newWorld(t)
	w.Quotas.ActiveJobs = 1
	w.fleet(1)
	w.engineJob(jobs.Config{})
	again := func(selection jobs.TargetSelection) error {
		config := jobs.Config{TargetSelection: selection, Targets: []jobs.Target{{Kind: jobs.GroupTarget, Name: "g"}}}
		_, err := w.CreateJob(t.Context(), service.CreateJobInput{ID: "another", Config: config})
		return err
	}
	wantCode(t, again(jobs.Snapshot), jobs.LimitExceeded)
	w.must(again(jobs.Continuous))
}

func TestConcurrentJobsAreBounded(t *testing.T) { // LIFE-1.2
	w := newWorld(t)
	w.Quotas.ConcurrentJobs, w.Quotas.RolloutPerMinute = 1, 1
	w.fleet(2)
	target := []jobs.Target{{Kind: jobs.GroupTarget, Name: "g"}}
	scheduled := func(id jobs.JobID, start time.Duration) {
		w.jobWith(id, jobs.Config{Targets: target, Schedule: w.schedule(start, 0, "")})
	}
	scheduled("crowded", time.Hour)
	scheduled("later", 2*time.Hour)
	w.advance(time.Hour - time.Second)
	w.engineJob(jobs.Config{}) // rolls out for a minute
	_, err := w.CreateJob(t.Context(), service.CreateJobInput{ID: "another", Config: jobs.Config{Targets: target}})
	wantCode(t, err, jobs.LimitExceeded)

	w.advance(time.Second)
	w.wantJob("crowded", jobs.JobCanceled, nil)
	if out, err := w.DescribeJob(t.Context(), "crowded"); err != nil || out.Job.ReasonCode != rollout.CrowdedReasonCode {
		t.Errorf("canceled with reason %q, error %v", out.Job.ReasonCode, err)
	}
	w.advance(time.Minute) // "j" waits for its things now, which is not rolling out
	_, err = w.CreateJob(t.Context(), service.CreateJobInput{ID: "another", Config: jobs.Config{Targets: target}})
	w.must(err)
	w.advance(time.Hour)
	w.wantJob("later", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.Queued: 2})
}
