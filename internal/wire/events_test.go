package wire_test

import (
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/wire"
)

// someJob is a job that has everything that an event shows.
func someJob(comment string) *jobs.Job {
	return &jobs.Job{
		ID: "update-1", Comment: comment, CreatedAt: queued, LastUpdatedAt: updated, CompletedAt: updated,
		Config: &jobs.Config{TargetSelection: jobs.Continuous, Description: "firmware <2>", Targets: []jobs.Target{
			{Kind: jobs.ThingTarget, Name: "lamp-1"}, {Kind: jobs.GroupTarget, Name: "lamps", Group: 7},
		}},
	}
}

func TestJobEventDocuments(t *testing.T) {
	for _, operation := range []jobs.EventOperation{
		jobs.JobCancellationStarted, jobs.JobWasCanceled, jobs.JobDeletionStarted, jobs.JobWasDeleted,
	} {
		e := someJob("too many failures").NewEvent(operation, updated)
		e.ID = "7364ffd1-8b65-4824-85d5-6c14686c97c6"
		golden(t, "event_job_"+string(operation), realm.EventPayload(e))
	}
	e := someJob("").NewEvent(jobs.JobWasCompleted, updated)
	e.ID = "7364ffd1-8b65-4824-85d5-6c14686c97c6"
	for i, status := range jobs.ExecutionStatuses() {
		e.Job.Counters.Add(status, int64(i))
	}
	golden(t, "event_job_completed", realm.EventPayload(e))
	plain := &jobs.Job{ID: "plain", CreatedAt: queued, LastUpdatedAt: queued, Config: &jobs.Config{TargetSelection: jobs.Snapshot}}
	golden(t, "event_job_plain", realm.EventPayload(plain.NewEvent(jobs.JobDeletionStarted, updated)))
}

func TestJobExecutionEventDocuments(t *testing.T) {
	for _, status := range []jobs.ExecutionStatus{jobs.Succeeded, jobs.TimedOut} {
		before, after := execution(jobs.InProgress), execution(status)
		e, _ := jobs.ExecutionEventOf("update-1", registry.ThingName("lamp:1"), &before, &after, updated)
		e.ID = "cca89fa5-8a7f-4ced-8c20-5e653afb3572"
		golden(t, "event_execution_"+string(e.Operation), realm.EventPayload(e))
	}
	before := execution(jobs.Queued)
	e, _ := jobs.ExecutionEventOf("update-1", "lamp:1", &before, nil, updated)
	golden(t, "event_execution_deleted", realm.EventPayload(e))
}

func TestEventTopics(t *testing.T) {
	before := execution(jobs.Queued)
	deleted, _ := jobs.ExecutionEventOf("j", "lamp", &before, nil, updated)
	for want, e := range map[string]jobs.Event{
		"$aws/events/job/update-1/cancellation_in_progress": someJob("").NewEvent(jobs.JobCancellationStarted, updated),
		"$aws/events/jobExecution/j/deleted":                deleted,
	} {
		if got := wire.EventTopic(e); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
