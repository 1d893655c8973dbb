package service_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store/faultstore"
)

// toldWorld is a world that tells events of both types.
func toldWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.TellEvents = true
	w.must(w.UpdateEventConfigurations(t.Context(), map[jobs.EventType]bool{jobs.JobEvents: true, jobs.JobExecutionEvents: true}))
	return w
}

func (w *world) events() []jobs.Event {
	w.t.Helper()
	list, err := w.PendingEvents(w.t.Context(), 0, 100_000)
	w.must(err)
	return list
}

// told takes the events that wait: "j completed", "j a succeeded".
func (w *world) told() (told []string) {
	w.t.Helper()
	for _, e := range w.events() {
		what := string(e.JobID)
		if e.Execution != nil {
			what += " " + string(e.Execution.Thing)
		}
		told = append(told, what+" "+string(e.Operation))
		w.must(w.ForgetEvents(w.t.Context(), e.Number))
	}
	return told
}

func (w *world) wantTold(step string, want ...string) {
	w.t.Helper()
	if got := w.told(); !slices.Equal(got, want) {
		w.t.Errorf("%s told %q, want %q", step, got, want)
	}
}

func TestEventsOfDevices(t *testing.T) {
	w := toldWorld(t)
	w.things("a", "b", "c")
	w.jobWith("j", jobs.Config{Retries: []jobs.RetryCriterion{{FailureType: jobs.FailedFailure, NumberOfRetries: 1}}}, "a", "b", "c")
	w.start("a")
	w.wantTold("queueing and starting")
	w.must(w.update("a", "j", jobs.Report{Status: jobs.Succeeded, StatusDetails: map[string]string{"step": "last"}}))
	if e := w.events()[0]; e.ID == "" || !e.At.Equal(w.Now()) || e.Execution.Status != jobs.Succeeded || e.Execution.StatusDetails["step"] != "last" {
		t.Errorf("the event is %+v %+v", e, e.Execution)
	}
	w.wantTold("success", "j a succeeded")
	w.must(w.report("b", "j", jobs.Failed))
	w.wantTold("a failure that is tried again", "j b failed")
	w.must(w.report("b", "j", jobs.Failed))
	wantCode(t, w.report("b", "j", jobs.Failed), jobs.InvalidStateTransition)
	w.wantTold("the retry", "j b failed")
	w.must(w.report("c", "j", jobs.Rejected))
	completed := w.events()[1]
	w.wantTold("the last device", "j c rejected", "j completed")
	if c := completed.Job.Counters; c.Of(jobs.Succeeded) != 1 || c.Of(jobs.Failed) != 2 || c.Of(jobs.Rejected) != 1 || completed.Job.CompletedAt.IsZero() {
		t.Errorf("the completed event is %+v", completed.Job)
	}
}

func TestEventsOfTimersAndMembership(t *testing.T) {
	w := toldWorld(t)
	w.group("g", "")
	w.things("a", "b", "c")
	w.join("g", "a", "b")
	w.jobWith("j", jobs.Config{
		TargetSelection: jobs.Continuous, InProgressTimeout: time.Minute, Targets: []jobs.Target{{Kind: jobs.GroupTarget, Name: "g"}},
	}, "c")
	w.start("a")
	w.advance(time.Minute)
	w.wantTold("the timer", "j a timed_out")
	w.must(w.RemoveThingFromThingGroup(t.Context(), service.ThingGroupMemberInput{Thing: "b", Group: "g"}))
	w.wantTold("leaving the group", "j b removed")
	w.must(w.DeleteThing(t.Context(), "c", nil))
	w.wantTold("deleting the thing", "j c removed")
}

func TestEventsOfCancelAndDelete(t *testing.T) {
	w := toldWorld(t)
	w.things("a", "b", "c")
	w.job("j", "a", "b", "c")
	w.start("a")
	w.must(w.CancelJobExecution(t.Context(), service.CancelJobExecutionInput{JobExecutionInput: service.JobExecutionInput{Thing: "c", JobID: "j"}}))
	w.wantTold("canceling an execution", "j c canceled")
	_, err := w.CancelJob(t.Context(), service.CancelJobInput{ID: "j", Comment: "enough"})
	w.must(err)
	for _, e := range w.events() {
		if e.Job != nil && e.Job.Comment != "enough" {
			t.Errorf("%s has comment %q", e.Operation, e.Job.Comment)
		}
	}
	w.wantTold("canceling the job", "j cancellation_in_progress", "j b canceled", "j canceled")
	w.must(w.DeleteJobExecution(t.Context(), service.DeleteJobExecutionInput{
		JobExecutionInput: service.JobExecutionInput{Thing: "c", JobID: "j", ExecutionNumber: 1},
	}))
	w.wantTold("deleting an execution", "j c deleted")
	w.must(w.DeleteJob(t.Context(), service.DeleteJobInput{ID: "j"}))
	w.wantTold("deleting the job", "j deletion_in_progress", "j a deleted", "j b deleted", "j deleted")
}

// TestEventsOfAnUnfinishedCancellation deletes an execution and then the job before the canceled executions were rewritten.
func TestEventsOfAnUnfinishedCancellation(t *testing.T) {
	w := toldWorld(t)
	w.Virtual = false
	members := numbered(300)
	w.things(members...)
	w.Quotas.TargetsPerJob = len(members)
	w.job("j", members...)
	w.must(w.RunSteps(t.Context()))
	_, err := w.CancelJob(t.Context(), service.CancelJobInput{ID: "j"})
	w.must(err)
	w.must(w.DeleteJobExecution(t.Context(), service.DeleteJobExecutionInput{
		JobExecutionInput: service.JobExecutionInput{Thing: "m0299", JobID: "j", ExecutionNumber: 1},
	}))
	if list := w.events(); list[len(list)-1].Execution.Status != jobs.Canceled {
		t.Errorf("an execution that was seen as CANCELED is deleted as %+v", list[len(list)-1].Execution)
	}
	w.must(w.DeleteJob(t.Context(), service.DeleteJobInput{ID: "j", Force: true}))
	w.must(w.RunSteps(t.Context()))
	counts := map[string]int{}
	for _, e := range w.events() {
		what := "execution "
		if e.Job != nil {
			what = "job "
		}
		counts[what+string(e.Operation)]++
	}
	want := map[string]int{
		"job cancellation_in_progress": 1, "job canceled": 1, "job deletion_in_progress": 1, "job deleted": 1,
		"execution deleted": 300, "execution canceled": counts["execution canceled"],
	}
	if n := counts["execution canceled"]; n == 0 || n == 300 || fmt.Sprint(counts) != fmt.Sprint(want) {
		t.Errorf("told %v, want %v with some, not all, canceled", counts, want)
	}
}

func TestAbortIsToldAsACancellation(t *testing.T) {
	w := toldWorld(t)
	w.things("a", "b")
	w.jobWith("j", jobs.Config{Abort: []jobs.AbortCriterion{{FailureType: jobs.FailedFailure, ThresholdBasisPoints: 100, MinNumberOfExecutedThings: 1}}}, "a", "b")
	w.must(w.report("a", "j", jobs.Failed))
	w.wantTold("the abort", "j a failed", "j cancellation_in_progress", "j b canceled", "j canceled")
}

func TestOnlyEnabledEventsAreStored(t *testing.T) {
	for _, c := range []struct {
		name    string
		taken   bool
		enabled map[jobs.EventType]bool
		want    string
	}{
		{"nothing was ever enabled", true, nil, ""},
		{"both", true, map[jobs.EventType]bool{jobs.JobEvents: true, jobs.JobExecutionEvents: true}, "j a succeeded; j completed"},
		{"jobs", true, map[jobs.EventType]bool{jobs.JobEvents: true}, "j completed"},
		{"executions", true, map[jobs.EventType]bool{jobs.JobExecutionEvents: true}, "j a succeeded"},
		{"nobody takes them", false, map[jobs.EventType]bool{jobs.JobEvents: true, jobs.JobExecutionEvents: true}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.TellEvents = c.taken
			w.things("a")
			w.job("before", "a") // has read the switches
			w.must(w.report("a", "before", jobs.Succeeded))
			w.must(w.UpdateEventConfigurations(t.Context(), c.enabled))
			w.told()
			w.job("j", "a")
			w.must(w.report("a", "j", jobs.Succeeded))
			if got := strings.Join(w.told(), "; "); got != c.want {
				t.Errorf("told %q, want %q", got, c.want)
			}
			if _, err := w.CancelJob(t.Context(), service.CancelJobInput{ID: "none"}); err == nil {
				t.Error("canceled a job that is not there")
			}
			w.wantTold("a refusal")
		})
	}
}

func TestEventConfigurations(t *testing.T) {
	w := newWorld(t)
	w.TellEvents = true
	describe := func() service.EventConfigurations {
		t.Helper()
		c, err := w.DescribeEventConfigurations(t.Context())
		w.must(err)
		return c
	}
	if c := describe(); len(c.Enabled) != 0 || !c.CreatedAt.IsZero() || !c.LastModifiedAt.IsZero() {
		t.Errorf("at first %+v", c)
	}
	created := w.Now()
	w.must(w.UpdateEventConfigurations(t.Context(), map[jobs.EventType]bool{jobs.JobEvents: true, "THING": false}))
	w.advance(time.Minute)
	w.must(w.UpdateEventConfigurations(t.Context(), map[jobs.EventType]bool{jobs.JobExecutionEvents: true}))
	if c := describe(); !c.Enabled[jobs.JobEvents] || !c.Enabled[jobs.JobExecutionEvents] || !c.CreatedAt.Equal(created) || !c.LastModifiedAt.Equal(w.Now()) {
		t.Errorf("after two updates %+v", c)
	}
	err := w.UpdateEventConfigurations(t.Context(), map[jobs.EventType]bool{jobs.JobEvents: false, "THING_GROUP": true})
	wantCode(t, err, jobs.InvalidRequest)
	if err == nil || !strings.Contains(err.Error(), "THING_GROUP") {
		t.Errorf("the refusal %v does not name the type", err)
	}
	if c := describe(); !c.Enabled[jobs.JobEvents] {
		t.Error("the refused update switched JOB off")
	}
	w.must(w.UpdateEventConfigurations(t.Context(), map[jobs.EventType]bool{jobs.JobEvents: false, jobs.JobExecutionEvents: false}))
	w.things("a")
	w.job("j", "a")
	w.must(w.report("a", "j", jobs.Succeeded))
	w.wantTold("a job after both were switched off")
}

// TestEventSwitchOfUnknownOutcome shows that the switches in memory never differ from the stored ones, also when nobody knows what was stored.
func TestEventSwitchOfUnknownOutcome(t *testing.T) {
	for _, outcome := range []faultstore.Outcome{faultstore.ButPersist, faultstore.UnknownAndNotPersist} {
		w := toldWorld(t)
		w.things("a")
		w.job("j", "a")
		faulty := faultstore.Wrap(w.Store)
		w.Store = faulty
		faulty.FailNext(1, outcome)
		if err := w.UpdateEventConfigurations(t.Context(), map[jobs.EventType]bool{jobs.JobExecutionEvents: false}); !errors.Is(err, faultstore.ErrInjected) {
			t.Fatalf("got %v, want the injected fault", err)
		}
		w.must(w.report("a", "j", jobs.Succeeded))
		want := []string{"j a succeeded", "j completed"}
		if outcome == faultstore.ButPersist {
			want = want[1:]
		}
		w.wantTold(fmt.Sprint("after outcome ", outcome), want...)
	}
}

// TestEventsAreToldOnce lets every function run twice, as stores may: the event is told once.
func TestEventsAreToldOnce(t *testing.T) {
	w := toldWorld(t)
	w.things("a")
	faulty := faultstore.Wrap(w.Store)
	faulty.Rerun(true)
	w.Store = faulty
	w.job("j", "a")
	w.must(w.report("a", "j", jobs.Succeeded))
	w.wantTold("a job", "j a succeeded", "j completed")
}

func TestTrimEvents(t *testing.T) {
	w := toldWorld(t)
	w.things("a")
	for i := range 5 {
		id := jobs.JobID(fmt.Sprint("j", i))
		w.job(id, "a")
		w.must(w.report("a", id, jobs.Succeeded))
	}
	trim := func(keep, wantWaiting, wantDropped uint64) {
		t.Helper()
		waiting, dropped, err := w.TrimEvents(t.Context(), keep)
		w.must(err)
		if waiting != wantWaiting || dropped != wantDropped {
			t.Errorf("keeping %d: %d wait and %d were dropped, want %d and %d", keep, waiting, dropped, wantWaiting, wantDropped)
		}
	}
	trim(10, 10, 0)
	trim(3, 3, 7)
	trim(3, 3, 0)
	w.wantTold("the newest", "j3 completed", "j4 a succeeded", "j4 completed")
	trim(3, 0, 0)
}

// TestEventsOfAThingInOrder reads each thing's events in the order of its executions' ends.
func TestEventsOfAThingInOrder(t *testing.T) {
	w := toldWorld(t)
	things := []registry.ThingName{"a", "b", "c"}
	w.things(things...)
	want := map[registry.ThingName][]string{}
	for i := range 6 {
		id := jobs.JobID(fmt.Sprint("j", i))
		w.job(id, things...)
		for _, thing := range things {
			w.must(w.report(thing, id, jobs.Succeeded))
			want[thing] = append(want[thing], string(id))
		}
	}
	got := map[registry.ThingName][]string{}
	for _, e := range w.events() {
		if e.Execution != nil {
			got[e.Execution.Thing] = append(got[e.Execution.Thing], string(e.JobID))
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
