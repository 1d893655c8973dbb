package service_test

import (
	"fmt"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

func TestCancelJobLeavesRunningExecutionsUnlessForced(t *testing.T) {
	for _, force := range []bool{false, true} {
		t.Run(fmt.Sprintf("force=%v", force), func(t *testing.T) {
			w := newWorld(t)
			w.things("queued", "running", "done")
			w.job("j", "queued", "running", "done")
			w.start("running")
			w.must(w.report("done", "j", jobs.Succeeded))
			job, err := w.CancelJob(t.Context(), service.CancelJobInput{ID: "j", ReasonCode: "WHY", Comment: "because", Force: force})
			w.must(err)
			if job.ReasonCode != "WHY" || job.Comment != "because" || job.ForceCanceled != force {
				t.Errorf("canceled job %+v", job)
			}
			w.wantExecution("queued", "j", jobs.Canceled, 2)
			if force {
				w.wantExecution("running", "j", jobs.Canceled, 3)
				w.wantJob("j", jobs.JobCanceled, map[jobs.ExecutionStatus]int64{jobs.Canceled: 2, jobs.Succeeded: 1})
				return
			}
			w.wantJob("j", jobs.JobCanceled, map[jobs.ExecutionStatus]int64{jobs.Canceled: 1, jobs.InProgress: 1, jobs.Succeeded: 1})
			w.must(w.report("running", "j", jobs.Succeeded))
			w.wantJob("j", jobs.JobCanceled, map[jobs.ExecutionStatus]int64{jobs.Canceled: 1, jobs.Succeeded: 2})
			_, err = w.CancelJob(t.Context(), service.CancelJobInput{ID: "j"})
			wantCode(t, err, jobs.InvalidRequest) // Q21
		})
	}
}

// TestCancelIsSeenBeforeItsRowsFollow cancels a job that is too large for one step, and looks while no step has run.
func TestCancelIsSeenBeforeItsRowsFollow(t *testing.T) {
	w := newWorld(t)
	w.Quotas.TargetsPerJob = 1000
	names := make([]registry.ThingName, 300)
	for i := range names {
		names[i] = registry.ThingName(fmt.Sprintf("t%03d", i))
	}
	w.things(names...)
	w.job("j", names...)
	w.wantJob("j", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.Queued: 300})
	w.Virtual = false // steps run only when the test says so
	_, err := w.CancelJob(t.Context(), service.CancelJobInput{ID: "j"})
	w.must(err)
	last := names[299]
	w.wantExecution(last, "j", jobs.Canceled, 2)
	w.wantJob("j", jobs.JobCanceled, map[jobs.ExecutionStatus]int64{jobs.Canceled: 300})
	if out := w.start(last); out.Execution != nil {
		t.Errorf("a canceled execution was started: %+v", out.Execution)
	}
	wantCode(t, w.report(last, "j", jobs.Succeeded), jobs.InvalidStateTransition)
	page, err := w.ListJobExecutionsForJob(t.Context(), service.ListJobExecutionsForJobInput{JobID: "j", Status: jobs.Canceled, Page: service.Page{MaxResults: 250}})
	w.must(err)
	if len(page.Executions) != 250 || page.NextToken == "" {
		t.Errorf("%d canceled executions, token %q; want 250 and a token", len(page.Executions), page.NextToken)
	}
	seen := w.execution(last, "j")
	w.must(w.RunSteps(t.Context()))
	if after := w.execution(last, "j"); after.Version != seen.Version || !after.LastUpdatedAt.Equal(seen.LastUpdatedAt) || after.Status != seen.Status {
		t.Errorf("the row became %+v, but %+v was shown before", after, seen)
	}
	out, err := w.DescribeJob(t.Context(), "j")
	w.must(err)
	if out.Job.Concurrent() {
		t.Error("the job is still concurrent after its rows have followed")
	}
}

func TestDeleteJobFreesItsID(t *testing.T) {
	w := newWorld(t)
	w.things("a", "b")
	w.job("j", "a", "b")
	wantCode(t, w.DeleteJob(t.Context(), service.DeleteJobInput{ID: "j"}), jobs.InvalidStateTransition)
	w.must(w.report("a", "j", jobs.Succeeded))
	w.must(w.DeleteJob(t.Context(), service.DeleteJobInput{ID: "j", Force: true}))
	_, err := w.DescribeJob(t.Context(), "j")
	wantCode(t, err, jobs.ResourceNotFound)
	if out := w.start("b"); out.Execution != nil {
		t.Errorf("a deleted job's execution was started: %+v", out.Execution)
	}
	w.job("j", "a")
	w.wantExecution("a", "j", jobs.Queued, 1)
	list, err := w.ListJobExecutionsForThing(t.Context(), service.ListJobExecutionsForThingInput{Thing: "a"})
	w.must(err)
	if len(list.Executions) != 1 {
		t.Errorf("thing a has executions %+v, want only that of the new job", list.Executions)
	}
}

func TestCancelJobExecution(t *testing.T) {
	w := newWorld(t)
	w.things("queued", "running")
	w.job("j", "queued", "running")
	w.start("running")
	in := func(thing registry.ThingName) service.CancelJobExecutionInput {
		return service.CancelJobExecutionInput{JobExecutionInput: service.JobExecutionInput{Thing: thing, JobID: "j"}}
	}
	five := jobs.VersionNumber(5)
	conflict := in("queued")
	conflict.ExpectedVersion = &five
	wantCode(t, w.CancelJobExecution(t.Context(), conflict), jobs.VersionConflict)
	w.must(w.CancelJobExecution(t.Context(), in("queued")))
	w.wantExecution("queued", "j", jobs.Canceled, 2)
	wantCode(t, w.CancelJobExecution(t.Context(), in("queued")), jobs.InvalidStateTransition)
	wantCode(t, w.CancelJobExecution(t.Context(), in("running")), jobs.InvalidStateTransition)
	forced := in("running")
	forced.Force = true
	w.must(w.CancelJobExecution(t.Context(), forced))
	if e := w.execution("running", "j"); !e.ForceCanceled || e.Status != jobs.Canceled {
		t.Errorf("after a forced cancel: %+v", e)
	}
	w.wantJob("j", jobs.JobCompleted, map[jobs.ExecutionStatus]int64{jobs.Canceled: 2})
}

func TestDeleteJobExecution(t *testing.T) {
	w := newWorld(t)
	w.things("queued", "running", "done")
	w.job("j", "queued", "running", "done")
	w.start("running")
	w.must(w.report("done", "j", jobs.Failed))
	in := func(thing registry.ThingName, number jobs.ExecutionNumber) service.DeleteJobExecutionInput {
		return service.DeleteJobExecutionInput{JobExecutionInput: service.JobExecutionInput{Thing: thing, JobID: "j", ExecutionNumber: number}}
	}
	wantCode(t, w.DeleteJobExecution(t.Context(), in("queued", 7)), jobs.ResourceNotFound)
	wantCode(t, w.DeleteJobExecution(t.Context(), in("running", 1)), jobs.InvalidStateTransition)
	w.must(w.DeleteJobExecution(t.Context(), in("queued", 1))) // Q7
	w.must(w.DeleteJobExecution(t.Context(), in("done", 1)))
	w.wantJob("j", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.InProgress: 1})
	forced := in("running", 1)
	forced.Force = true
	w.must(w.DeleteJobExecution(t.Context(), forced))
	w.wantJob("j", jobs.JobCompleted, nil)
}

// TestDeletedThingIsRemovedFromItsJobs is Q8: jobs can complete, history stays, and a successor of the same name starts afresh.
func TestDeletedThingIsRemovedFromItsJobs(t *testing.T) {
	w := newWorld(t)
	w.things("a", "b")
	w.job("j", "a", "b")
	w.must(w.report("b", "j", jobs.Succeeded))
	w.must(w.DeleteThing(t.Context(), "a", nil))
	w.wantJob("j", jobs.JobCompleted, map[jobs.ExecutionStatus]int64{jobs.Succeeded: 1, jobs.Removed: 1})
	w.must(w.DeleteThing(t.Context(), "a", nil)) // a missing thing is success
	w.things("a")
	list, err := w.ListJobExecutionsForThing(t.Context(), service.ListJobExecutionsForThingInput{Thing: "a"})
	w.must(err)
	if len(list.Executions) != 0 {
		t.Errorf("the new thing sees %+v of its predecessor", list.Executions)
	}
	of, err := w.ListJobExecutionsForJob(t.Context(), service.ListJobExecutionsForJobInput{JobID: "j"})
	w.must(err)
	if len(of.Executions) != 2 {
		t.Errorf("the job lists %+v, want both", of.Executions)
	}
}

func TestCreateJobRefusals(t *testing.T) {
	w := newWorld(t)
	w.things("a")
	w.job("j", "a")
	target := func(names ...string) jobs.Config {
		c := jobs.Config{TargetSelection: jobs.Snapshot, Document: "{}"}
		for _, name := range names {
			c.Targets = append(c.Targets, jobs.Target{Kind: jobs.ThingTarget, Name: name})
		}
		return c
	}
	_, err := w.CreateJob(t.Context(), service.CreateJobInput{ID: "j", Config: target("a")})
	wantCode(t, err, jobs.ResourceAlreadyExists)
	_, err = w.CreateJob(t.Context(), service.CreateJobInput{ID: "k", Config: target("a", "missing")})
	wantCode(t, err, jobs.ResourceNotFound)
	w.Quotas.TargetsPerJob = 1
	_, err = w.CreateJob(t.Context(), service.CreateJobInput{ID: "k", Config: target("a", "a")})
	wantCode(t, err, jobs.LimitExceeded)
	list, err := w.ListJobs(t.Context(), service.ListJobsInput{})
	w.must(err)
	if len(list.Jobs) != 1 || list.Jobs[0].ID != "j" {
		t.Errorf("jobs %+v, want only j", list.Jobs)
	}
}

func TestContinuousJobOverThingsNeverCompletes(t *testing.T) { // LIFE-1
	w := newWorld(t)
	w.things("a")
	w.jobWith("j", jobs.Config{TargetSelection: jobs.Continuous}, "a")
	w.must(w.report("a", "j", jobs.Succeeded))
	w.wantJob("j", jobs.JobInProgress, map[jobs.ExecutionStatus]int64{jobs.Succeeded: 1})
}

func TestListJobsPagesNewestFirst(t *testing.T) {
	w := newWorld(t)
	w.things("a")
	for i := range 7 {
		w.job(jobs.JobID(fmt.Sprintf("j%d", i)), "a")
	}
	w.must(w.report("a", "j3", jobs.Succeeded))
	var got []jobs.JobID
	in := service.ListJobsInput{Status: jobs.JobInProgress, Page: service.Page{MaxResults: 2}}
	for range 10 {
		out, err := w.ListJobs(t.Context(), in)
		w.must(err)
		for _, job := range out.Jobs {
			got = append(got, job.ID)
		}
		if in.Page.NextToken = out.NextToken; out.NextToken == "" {
			break
		}
	}
	if want := "[j6 j5 j4 j2 j1 j0]"; fmt.Sprint(got) != want {
		t.Errorf("listed %v, want %s", got, want)
	}
	_, err := w.ListJobs(t.Context(), service.ListJobsInput{Page: service.Page{NextToken: "garbage!"}})
	wantCode(t, err, jobs.InvalidRequest)
}

func TestThingsLifecycle(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	create := func(attributes map[string]string) (*registry.Thing, error) {
		return w.CreateThing(ctx, service.CreateThingInput{Name: "a", Attributes: attributes})
	}
	first, err := create(map[string]string{"k": "v"})
	w.must(err)
	same, err := create(map[string]string{"k": "v"})
	w.must(err)
	if same.ID != first.ID {
		t.Errorf("creating the same thing again gave id %s, want %s", same.ID, first.ID)
	}
	_, err = create(map[string]string{"k": "other"})
	wantCode(t, err, jobs.ResourceAlreadyExists)
	_, err = w.CreateThing(ctx, service.CreateThingInput{Name: "b", Attributes: map[string]string{"1": "x", "2": "x", "3": "x", "4": "x"}})
	wantCode(t, err, jobs.InvalidRequest)

	seven := int64(7)
	payload := &registry.AttributePayload{Attributes: map[string]string{"k": "", "n": "1"}, Merge: true}
	wantCode(t, w.UpdateThing(ctx, service.UpdateThingInput{Name: "a", Payload: payload, ExpectedVersion: &seven}), jobs.VersionConflict)
	w.must(w.UpdateThing(ctx, service.UpdateThingInput{Name: "a", Payload: payload}))
	thing, err := w.DescribeThing(ctx, "a")
	w.must(err)
	if thing.Version != 2 || len(thing.Attributes) != 1 || thing.Attributes["n"] != "1" {
		t.Errorf("after the update %+v", thing)
	}
	wantCode(t, w.UpdateThing(ctx, service.UpdateThingInput{Name: "missing"}), jobs.ResourceNotFound)
	list, err := w.ListThings(ctx, service.ListThingsInput{AttributeName: "n", AttributeValue: "1"})
	w.must(err)
	if len(list.Things) != 1 {
		t.Errorf("listed %d things with n=1, want 1", len(list.Things))
	}
	wantCode(t, w.DeleteThing(ctx, "a", &seven), jobs.VersionConflict)
	w.must(w.DeleteThing(ctx, "a", nil))
	_, err = w.DescribeThing(ctx, "a")
	wantCode(t, err, jobs.ResourceNotFound)
}

func TestAccessKeys(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	key, secret, err := w.CreateAccessKey(ctx, service.CreateAccessKeyInput{Description: "for a test"})
	w.must(err)
	for range 2 { // from the store, then from memory
		got, err := w.AccessKey(ctx, key.ID)
		w.must(err)
		if got == nil || got.Secret != secret || got.User != nil {
			t.Fatalf("key %+v, want the account's own, with secret %q", got, secret)
		}
	}
	list, err := w.ListAccessKeys(ctx)
	w.must(err)
	if len(list) != 1 || list[0].ID != key.ID || list[0].Description != "for a test" {
		t.Errorf("keys %+v", list)
	}
	w.must(w.RevokeAccessKey(ctx, key.ID))
	if got, err := w.AccessKey(ctx, key.ID); got != nil || err != nil {
		t.Errorf("a revoked key may still sign: %v", err)
	}
	wantCode(t, w.RevokeAccessKey(ctx, key.ID), jobs.ResourceNotFound)
}
