package jobs_test

import (
	"slices"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

func TestExecutionEvents(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	in := func(status jobs.ExecutionStatus) *jobs.JobExecution {
		return &jobs.JobExecution{Job: 1, Number: 1, Status: status, StatusDetails: map[string]string{"was": string(status)}}
	}
	for _, c := range []struct {
		name          string
		before, after *jobs.JobExecution
		operation     jobs.EventOperation // empty for no event
		status        jobs.ExecutionStatus
	}{
		{name: "nothing"},
		{name: "queued", after: in(jobs.Queued)},
		{name: "started", before: in(jobs.Queued), after: in(jobs.InProgress)},
		{name: "progress", before: in(jobs.InProgress), after: in(jobs.InProgress)},
		{name: "succeeded", before: in(jobs.InProgress), after: in(jobs.Succeeded), operation: "succeeded", status: jobs.Succeeded},
		{name: "failed at once", before: in(jobs.Queued), after: in(jobs.Failed), operation: "failed", status: jobs.Failed},
		{name: "rejected", before: in(jobs.Queued), after: in(jobs.Rejected), operation: "rejected", status: jobs.Rejected},
		{name: "timed out", before: in(jobs.InProgress), after: in(jobs.TimedOut), operation: "timed_out", status: jobs.TimedOut},
		{name: "removed", before: in(jobs.Queued), after: in(jobs.Removed), operation: "removed", status: jobs.Removed},
		{name: "canceled", before: in(jobs.Queued), after: in(jobs.Canceled), operation: "canceled", status: jobs.Canceled},
		{name: "late details", before: in(jobs.Failed), after: in(jobs.Failed)},
		{name: "deleted while queued", before: in(jobs.Queued), operation: "deleted", status: jobs.Queued},
		{name: "deleted afterwards", before: in(jobs.Succeeded), operation: "deleted", status: jobs.Succeeded},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := jobs.ExecutionEventOf("j", "lamp", c.before, c.after, now)
			if ok != (c.operation != "") {
				t.Fatalf("got %+v, %t", got, ok)
			}
			if !ok {
				return
			}
			if got.Operation != c.operation || got.JobID != "j" || !got.At.Equal(now) || got.Job != nil || got.Type() != jobs.JobExecutionEvents {
				t.Errorf("got %+v", got)
			}
			if e := got.Execution; e.Thing != registry.ThingName("lamp") || e.Status != c.status || e.StatusDetails["was"] != string(c.status) {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestJobEventShowsTheJob(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	j := &jobs.Job{
		ID: "j", Comment: "enough", CreatedAt: now, LastUpdatedAt: now.Add(time.Minute), CompletedAt: now.Add(time.Hour),
		Config: &jobs.Config{TargetSelection: jobs.Continuous, Description: "update", Targets: []jobs.Target{{Kind: jobs.ThingTarget, Name: "lamp"}}},
	}
	e := j.NewEvent(jobs.JobWasCanceled, now.Add(2*time.Hour))
	if e.Type() != jobs.JobEvents || e.Operation != "canceled" || e.JobID != "j" || !e.At.Equal(now.Add(2*time.Hour)) || e.Execution != nil {
		t.Errorf("got %+v", e)
	}
	if d := e.Job; d.TargetSelection != jobs.Continuous || len(d.Targets) != 1 || d.Description != "update" || d.Comment != "enough" ||
		!d.CreatedAt.Equal(j.CreatedAt) || !d.LastUpdatedAt.Equal(j.LastUpdatedAt) || !d.CompletedAt.Equal(j.CompletedAt) || d.Counters != (jobs.Counters{}) {
		t.Errorf("got %+v", d)
	}
}

func TestEventTypes(t *testing.T) {
	types := jobs.EventTypes()
	if len(types) != 11 || len(slices.Compact(slices.Sorted(slices.Values(types)))) != 11 {
		t.Errorf("got %d types, want the 11 of the model: %v", len(types), types)
	}
	var happen []jobs.EventType
	for _, eventType := range types {
		if eventType.Happens() {
			happen = append(happen, eventType)
		}
	}
	if !slices.Equal(happen, []jobs.EventType{"JOB", "JOB_EXECUTION"}) {
		t.Errorf("events of %v happen", happen)
	}
}
