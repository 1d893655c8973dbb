package service_test

import (
	"strings"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/rollout"
	"iotjobs/internal/service"
)

func (w *world) wantWhy(thing registry.ThingName, parts ...string) {
	w.t.Helper()
	sentences, err := w.ExplainJob(w.t.Context(), service.ExplainJobInput{ID: "j", Thing: thing})
	w.must(err)
	text := strings.Join(sentences, " ")
	for _, part := range parts {
		if !strings.Contains(text, part) {
			w.t.Errorf("why of %q says %q, want it to say %q", thing, text, part)
		}
	}
}

func TestExplainJob(t *testing.T) {
	w := newWorld(t)
	members := w.fleet(3)
	w.things("stranger")
	w.job("first", members[0])
	w.engineJob(jobs.Config{
		Rollout: jobs.RolloutRate{MaximumPerMinute: 2}, InProgressTimeout: time.Hour, Retries: []jobs.RetryCriterion{{FailureType: jobs.FailedFailure, NumberOfRetries: 1}},
	})
	w.wantWhy("", "IN_PROGRESS", "2 things were notified", "waits for the rollout rate", "(in 1m0s)")
	w.wantWhy(members[0], "QUEUED", "finish execution 1 of job first")
	w.wantWhy(members[1], "the device, which has not started it")
	w.wantWhy(members[2], "was not notified yet", "the rollout rate")
	w.wantWhy("stranger", "no target")
	w.start(members[1])
	w.wantWhy(members[1], "IN_PROGRESS at", "by service", "times out at")
	w.must(w.report(members[1], "j", jobs.Failed))
	w.wantWhy(members[1], "Execution 1: FAILED", "version 3", "Execution 2, retry 1: QUEUED")
	_, err := w.CancelJob(t.Context(), service.CancelJobInput{ID: "j", ReasonCode: "WRONG", Comment: "a mistake"})
	w.must(err)
	w.wantWhy("", "CANCELED", "WRONG", "a mistake")
	_, err = w.ExplainJob(t.Context(), service.ExplainJobInput{ID: "missing"})
	wantCode(t, err, jobs.ResourceNotFound)
}

func TestExplainJobOutsideItsWindow(t *testing.T) {
	w := newWorld(t)
	members := w.fleet(1)
	w.engineJob(jobs.Config{TargetSelection: jobs.Continuous, Schedule: jobs.Schedule{
		MaintenanceWindows: []jobs.MaintenanceWindow{{StartTime: "cron(0 4 * * ? *)", DurationInMinutes: 60}},
	}})
	w.wantWhy("", "waits for a maintenance window", "2026-01-02T04:00:00Z")
	w.wantWhy(members[0], "was not notified yet")
	w.advance(2 * time.Hour)
	w.wantWhy(members[0], "waits for a maintenance window of the job")
}

func TestPlanJobChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.fleet(10)
	config := jobs.Config{
		TargetSelection: jobs.Snapshot, Targets: []jobs.Target{{Kind: jobs.GroupTarget, Name: "g"}}, Rollout: jobs.RolloutRate{MaximumPerMinute: 4},
	}
	plan, err := w.PlanJob(t.Context(), service.PlanJobInput{Config: config, Assumed: rollout.Assumptions{SuccessBasisPoints: 10_000, ExecutionTime: time.Minute}})
	w.must(err)
	end := plan.Steps[len(plan.Steps)-1]
	if plan.Things != 10 || end.Do != rollout.Complete || end.Notified != 10 || !end.At.Equal(w.Now().Add(3*time.Minute)) {
		t.Errorf("the plan of %d things ends with %+v, want 10 notified in three minutes and all ended a minute later", plan.Things, end)
	}
	list, err := w.ListJobs(t.Context(), service.ListJobsInput{})
	w.must(err)
	if len(list.Jobs) != 0 {
		t.Errorf("the plan made jobs: %+v", list.Jobs)
	}
}
