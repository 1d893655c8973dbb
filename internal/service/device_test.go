package service_test

import (
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/service"
)

func TestDeviceFinishesItsJob(t *testing.T) {
	w := newWorld(t)
	w.things("a", "b")
	w.job("j", "a", "b")
	started := w.start("a")
	if started.JobID != "j" || started.Document != `{"job":"j"}` || started.Execution.Version != 2 || started.Execution.Status != jobs.InProgress {
		t.Fatalf("started %+v %+v", started, started.Execution)
	}
	w.must(w.report("a", "j", jobs.InProgress))
	w.must(w.report("a", "j", jobs.Succeeded))
	w.wantExecution("a", "j", jobs.Succeeded, 4)
	w.wantJob("j", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.Succeeded: 1, jobs.Queued: 1})
	w.must(w.report("b", "j", jobs.Rejected)) // from QUEUED, LIFE-2
	w.wantJob("j", jobs.JobCompleted, map[jobs.ExecutionStatus]int64{jobs.Succeeded: 1, jobs.Rejected: 1})
	if again := w.start("a"); again.Execution != nil {
		t.Errorf("an idle thing started %+v", again.Execution)
	}
}

func TestStartNextHandsARunningExecutionOutAgain(t *testing.T) {
	w := newWorld(t)
	w.things("a")
	w.job("first", "a")
	w.job("second", "a")
	w.start("a")
	w.must(w.update("a", "first", jobs.Report{Status: jobs.InProgress, StatusDetails: map[string]string{"step": "1"}}))
	out, err := w.StartNextPendingJobExecution(t.Context(), service.StartNextPendingJobExecutionInput{Thing: "a", StatusDetails: map[string]string{"step": "0"}})
	w.must(err)
	if out.JobID != "first" || out.Execution.Version != 3 || out.Execution.StatusDetails["step"] != "1" {
		t.Errorf("handed out %s %+v, want first, version 3, step 1", out.JobID, out.Execution)
	}
}

func TestPendingListsRunningFirstAndTenAtMost(t *testing.T) {
	w := newWorld(t)
	w.things("a")
	for i := range 12 {
		w.job(jobs.JobID("job-"+string(rune('a'+i))), "a")
		w.advance(time.Second)
	}
	w.must(w.report("a", "job-l", jobs.InProgress))
	out, err := w.GetPendingJobExecutions(t.Context(), service.GetPendingJobExecutionsInput{Thing: "a"})
	w.must(err)
	if len(out.InProgress) != 1 || out.InProgress[0].JobID != "job-l" {
		t.Errorf("in progress %+v, want job-l alone", out.InProgress)
	}
	if len(out.Queued) != 9 || out.Queued[0].JobID != "job-a" || out.Queued[8].JobID != "job-i" {
		t.Errorf("queued %+v, want job-a to job-i", out.Queued)
	}
	if next := w.start("a"); next.JobID != "job-l" {
		t.Errorf("next is %s, want the running job-l", next.JobID)
	}
}

func TestUpdateRefusals(t *testing.T) {
	w := newWorld(t)
	w.things("a", "b")
	w.job("j", "a")
	three := jobs.VersionNumber(3)
	for _, c := range []struct {
		name    string
		in      service.UpdateJobExecutionInput
		code    jobs.Code
		message string
	}{
		{"unknown thing", service.UpdateJobExecutionInput{Thing: "x", JobID: "j", Report: jobs.Report{Status: jobs.Succeeded}}, jobs.ResourceNotFound, "Thing x cannot be found."},
		{"job of another thing", service.UpdateJobExecutionInput{Thing: "b", JobID: "j", Report: jobs.Report{Status: jobs.Succeeded}}, jobs.ResourceNotFound, "Job execution of job j on thing b cannot be found."},
		{"unknown number", service.UpdateJobExecutionInput{Thing: "a", JobID: "j", ExecutionNumber: 2, Report: jobs.Report{Status: jobs.Succeeded}}, jobs.ResourceNotFound, "Job execution 2 of job j on thing a cannot be found."},
		{"version before transition", service.UpdateJobExecutionInput{Thing: "a", JobID: "j", Report: jobs.Report{Status: jobs.Canceled, ExpectedVersion: &three}}, jobs.VersionMismatch, "Expected version 3 but found version 1"},
		{"status of the service", service.UpdateJobExecutionInput{Thing: "a", JobID: "j", Report: jobs.Report{Status: jobs.Canceled}}, jobs.InvalidStateTransition, "The status of job execution cannot be changed to be CANCELED"},
		{"back to queued", service.UpdateJobExecutionInput{Thing: "a", JobID: "j", Report: jobs.Report{Status: jobs.Queued}}, jobs.InvalidStateTransition, "The status of job execution cannot be changed to be QUEUED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.UpdateJobExecution(t.Context(), c.in)
			wantCode(t, err, c.code)
			if err != nil && err.Error() != c.message {
				t.Errorf("message %q, want %q", err, c.message)
			}
			w.wantExecution("a", "j", jobs.Queued, 1)
		})
	}
}

func TestTerminalExecutionsStayAndAreRefusedToDevices(t *testing.T) {
	w := newWorld(t)
	w.things("a")
	w.job("j", "a")
	w.must(w.report("a", "j", jobs.Failed))
	for _, status := range jobs.ExecutionStatuses() {
		wantCode(t, w.report("a", "j", status), jobs.InvalidStateTransition)
	}
	w.wantExecution("a", "j", jobs.Failed, 2)
	_, err := w.DescribePendingJobExecution(t.Context(), service.DescribePendingJobExecutionInput{Thing: "a", JobID: "j"})
	wantCode(t, err, jobs.TerminalState)
	next, err := w.DescribePendingJobExecution(t.Context(), service.DescribePendingJobExecutionInput{Thing: "a", JobID: jobs.NextJobID})
	w.must(err)
	if next.Execution != nil {
		t.Errorf("an idle thing has next %+v", next.Execution)
	}
}

// TestTimersOfTheGuide walks through the guide's example: a 20-minute timer at 12:00, step timers at 12:05, 12:10 and 12:13 (LIFE-6).
func TestTimersOfTheGuide(t *testing.T) {
	w := newWorld(t)
	w.things("a")
	w.jobWith("j", jobs.Config{InProgressTimeout: 20 * time.Minute}, "a")
	w.start("a")
	noon := w.Now()
	for _, c := range []struct {
		at, deadline time.Duration
		step         jobs.StepTimer
	}{
		{5 * time.Minute, 12 * time.Minute, 7},
		{10 * time.Minute, 15 * time.Minute, 5},
		{13 * time.Minute, 20 * time.Minute, 9},
	} {
		w.advance(noon.Add(c.at).Sub(w.Now()))
		w.must(w.update("a", "j", jobs.Report{Status: jobs.InProgress, StepTimer: c.step}))
		if got := w.execution("a", "j").Deadline().Sub(noon); got != c.deadline {
			t.Errorf("at 12:%v a step of %d minutes times out after %v, want %v", c.at, c.step, got, c.deadline)
		}
	}
	w.advance(7*time.Minute - time.Millisecond)
	w.wantExecution("a", "j", jobs.InProgress, 5)
	w.advance(time.Millisecond)
	w.wantExecution("a", "j", jobs.TimedOut, 6)
	w.wantJob("j", jobs.JobCompleted, map[jobs.ExecutionStatus]int64{jobs.TimedOut: 1})
}

func TestStepTimerIsRemoved(t *testing.T) {
	w := newWorld(t)
	w.things("a")
	w.job("j", "a")
	w.start("a")
	w.must(w.update("a", "j", jobs.Report{Status: jobs.InProgress, StepTimer: 5}))
	w.must(w.update("a", "j", jobs.Report{Status: jobs.InProgress, StepTimer: jobs.RemoveStepTimer}))
	w.advance(time.Hour)
	w.wantExecution("a", "j", jobs.InProgress, 4)
}

func TestStartNextAppliesAStepTimerToARunningExecution(t *testing.T) { // Q9
	w := newWorld(t)
	w.things("a")
	w.job("j", "a")
	w.start("a")
	_, err := w.StartNextPendingJobExecution(t.Context(), service.StartNextPendingJobExecutionInput{Thing: "a", StepTimer: 5})
	w.must(err)
	w.wantExecution("a", "j", jobs.InProgress, 2)
	w.advance(5 * time.Minute)
	w.wantExecution("a", "j", jobs.TimedOut, 3)
}

func TestStatusDetailsReplaceAndEmptyClears(t *testing.T) { // Q3
	w := newWorld(t)
	w.things("a")
	w.job("j", "a")
	details := func(want int) {
		t.Helper()
		if got := w.execution("a", "j").StatusDetails; len(got) != want {
			t.Errorf("details %v, want %d pairs", got, want)
		}
	}
	w.must(w.update("a", "j", jobs.Report{Status: jobs.InProgress, StatusDetails: map[string]string{"a": "1", "b": "2"}}))
	w.must(w.update("a", "j", jobs.Report{Status: jobs.InProgress}))
	details(2)
	w.must(w.update("a", "j", jobs.Report{Status: jobs.InProgress, StatusDetails: map[string]string{"c": "3"}}))
	details(1)
	w.must(w.update("a", "j", jobs.Report{Status: jobs.InProgress, StatusDetails: map[string]string{}}))
	details(0)
}

func TestFullThingMakesTheJobWait(t *testing.T) {
	w := newWorld(t)
	w.Quotas.PendingPerThing = 2
	w.things("full", "free")
	w.job("one", "full")
	w.job("two", "full")
	w.job("three", "full", "free")
	w.wantJob("three", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.Queued: 1})
	w.must(w.report("free", "three", jobs.Succeeded))
	w.wantJob("three", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.Succeeded: 1})
	w.must(w.report("full", "one", jobs.Succeeded))
	w.advance(time.Minute)
	w.wantExecution("full", "three", jobs.Queued, 1)
	w.must(w.report("full", "three", jobs.Succeeded))
	w.wantJob("three", jobs.JobCompleted, map[jobs.ExecutionStatus]int64{jobs.Succeeded: 2})
}
