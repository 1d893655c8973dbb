package wire

import (
	"strings"
	"time"

	"iotjobs/internal/jobs"
)

// JobEvent is the payload of $aws/events/job/{jobId}/{operation} (LIFE-12.2 to LIFE-12.5). Unlike Timestamp, its times are whole numbers: seconds
// in timestamp, milliseconds in all others (Q20).
type JobEvent struct {
	EventType         jobs.EventType       `json:"eventType"`
	EventID           string               `json:"eventId"`
	Timestamp         int64                `json:"timestamp"`
	Operation         jobs.EventOperation  `json:"operation"`
	JobID             jobs.JobID           `json:"jobId"`
	Status            string               `json:"status"`
	TargetSelection   jobs.TargetSelection `json:"targetSelection"`
	Targets           []string             `json:"targets"`
	Description       string               `json:"description,omitempty"`
	Comment           string               `json:"comment,omitempty"`
	CreatedAt         int64                `json:"createdAt"`
	LastUpdatedAt     int64                `json:"lastUpdatedAt"`
	CompletedAt       int64                `json:"completedAt,omitempty"`
	JobProcessDetails *JobEventCounts      `json:"jobProcessDetails,omitempty"`
}

// JobEventCounts are the ends of a completed job's executions.
type JobEventCounts struct {
	Canceled  int64 `json:"numberOfCanceledThings"`
	Rejected  int64 `json:"numberOfRejectedThings"`
	Failed    int64 `json:"numberOfFailedThings"`
	Removed   int64 `json:"numberOfRemovedThings"`
	Succeeded int64 `json:"numberOfSucceededThings"`
	TimedOut  int64 `json:"numberOfTimedOutThings"`
}

// JobExecutionEvent is the payload of $aws/events/jobExecution/{jobId}/{operation} (LIFE-12.6).
type JobExecutionEvent struct {
	EventType     jobs.EventType       `json:"eventType"`
	EventID       string               `json:"eventId"`
	Timestamp     int64                `json:"timestamp"`
	Operation     jobs.EventOperation  `json:"operation"`
	JobID         jobs.JobID           `json:"jobId"`
	ThingARN      string               `json:"thingArn"`
	Status        jobs.ExecutionStatus `json:"status"`
	StatusDetails map[string]string    `json:"statusDetails,omitempty"`
}

// EventPayload is the document of an event: a JobEvent or a JobExecutionEvent.
func (r Realm) EventPayload(e jobs.Event) any {
	if e.Job != nil {
		return r.jobEvent(e)
	}
	return JobExecutionEvent{
		EventType: e.Type(), EventID: e.ID, Timestamp: e.At.Unix(), Operation: e.Operation, JobID: e.JobID,
		ThingARN: r.ThingARN(e.Execution.Thing), Status: e.Execution.Status, StatusDetails: e.Execution.StatusDetails,
	}
}

// EventTopic is the MQTT topic of an event.
func EventTopic(e jobs.Event) string {
	kind := "jobExecution"
	if e.Job != nil {
		kind = "job"
	}
	return "$aws/events/" + kind + "/" + string(e.JobID) + "/" + string(e.Operation)
}

func (r Realm) jobEvent(e jobs.Event) JobEvent {
	p := JobEvent{
		EventType: e.Type(), EventID: e.ID, Timestamp: e.At.Unix(), Operation: e.Operation, JobID: e.JobID,
		Status: strings.ToUpper(string(e.Operation)), TargetSelection: e.Job.TargetSelection, Targets: []string{}, Description: e.Job.Description,
		CreatedAt: milliseconds(e.Job.CreatedAt), LastUpdatedAt: milliseconds(e.Job.LastUpdatedAt),
	}
	for _, target := range e.Job.Targets {
		p.Targets = append(p.Targets, r.TargetARN(target))
	}
	if e.Operation != jobs.JobWasCompleted {
		p.Comment = e.Job.Comment
		return p
	}
	c := e.Job.Counters
	p.CompletedAt = milliseconds(e.Job.CompletedAt)
	p.JobProcessDetails = &JobEventCounts{
		Canceled: c.Of(jobs.Canceled), Rejected: c.Of(jobs.Rejected), Failed: c.Of(jobs.Failed), Removed: c.Of(jobs.Removed),
		Succeeded: c.Of(jobs.Succeeded), TimedOut: c.Of(jobs.TimedOut),
	}
	return p
}

func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
