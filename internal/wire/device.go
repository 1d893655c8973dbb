package wire

import (
	"encoding/json"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// JobExecutionSummary is one entry of GetPendingJobExecutions (HTTP-3). Times on this plane are whole epoch seconds.
type JobExecutionSummary struct {
	JobID           jobs.JobID           `json:"jobId"`
	QueuedAt        int64                `json:"queuedAt"`
	LastUpdatedAt   int64                `json:"lastUpdatedAt"`
	StartedAt       int64                `json:"startedAt,omitzero"`
	ExecutionNumber jobs.ExecutionNumber `json:"executionNumber"`
	VersionNumber   jobs.VersionNumber   `json:"versionNumber"`
}

// PendingJobExecutions answers GetPendingJobExecutions; both lists are always there.
type PendingJobExecutions struct {
	InProgressJobs []JobExecutionSummary `json:"inProgressJobs"`
	QueuedJobs     []JobExecutionSummary `json:"queuedJobs"`
}

// JobExecution is an execution as the device plane shows it.
type JobExecution struct {
	JobID                            jobs.JobID           `json:"jobId"`
	ThingName                        registry.ThingName   `json:"thingName,omitempty"` // HTTP only (Q14)
	Status                           jobs.ExecutionStatus `json:"status"`
	StatusDetails                    map[string]string    `json:"statusDetails,omitempty"`
	QueuedAt                         int64                `json:"queuedAt"`
	StartedAt                        int64                `json:"startedAt,omitzero"`
	LastUpdatedAt                    int64                `json:"lastUpdatedAt"`
	VersionNumber                    jobs.VersionNumber   `json:"versionNumber"`
	ExecutionNumber                  jobs.ExecutionNumber `json:"executionNumber"`
	ApproximateSecondsBeforeTimedOut *int64               `json:"approximateSecondsBeforeTimedOut,omitempty"`
	JobDocument                      any                  `json:"jobDocument,omitempty"` // string on HTTP, object on MQTT
}

// JobExecutionState is what an update's answer or refusal says of the execution.
type JobExecutionState struct {
	Status        jobs.ExecutionStatus `json:"status"`
	StatusDetails map[string]string    `json:"statusDetails,omitempty"`
	VersionNumber jobs.VersionNumber   `json:"versionNumber"`
}

// ExecutionReply answers StartNextPendingJobExecution and DescribeJobExecution; {} when nothing is pending.
type ExecutionReply struct {
	Execution *JobExecution `json:"execution,omitempty"`
}

// UpdateReply answers UpdateJobExecution; {} unless more was asked for.
type UpdateReply struct {
	ExecutionState *JobExecutionState `json:"executionState,omitempty"`
	JobDocument    any                `json:"jobDocument,omitempty"`
}

// ErrorReply is the body of every refusal. The execution's state is there where the rules give it (HTTP-4.4).
type ErrorReply struct {
	Message        string             `json:"message"`
	ExecutionState *JobExecutionState `json:"executionState,omitempty"`
}

// DeviceSummary renders an entry of the pending lists.
func DeviceSummary(id jobs.JobID, e jobs.JobExecution) JobExecutionSummary {
	return JobExecutionSummary{
		JobID: id, QueuedAt: e.QueuedAt.Unix(), LastUpdatedAt: e.LastUpdatedAt.Unix(), StartedAt: seconds(e.StartedAt),
		ExecutionNumber: e.Number, VersionNumber: e.Version,
	}
}

// DeviceExecution renders an execution without thing name and document, which differ between HTTP and MQTT.
func DeviceExecution(id jobs.JobID, e jobs.JobExecution, now time.Time) *JobExecution {
	d := &JobExecution{
		JobID: id, Status: e.Status, StatusDetails: e.StatusDetails, QueuedAt: e.QueuedAt.Unix(), StartedAt: seconds(e.StartedAt),
		LastUpdatedAt: e.LastUpdatedAt.Unix(), VersionNumber: e.Version, ExecutionNumber: e.Number,
	}
	if left, ok := e.SecondsBeforeTimedOut(now); ok {
		d.ApproximateSecondsBeforeTimedOut = new(left)
	}
	return d
}

// ExecutionState renders the state part of an execution.
func ExecutionState(e *jobs.JobExecution) *JobExecutionState {
	if e == nil {
		return nil
	}
	return &JobExecutionState{Status: e.Status, StatusDetails: e.StatusDetails, VersionNumber: e.Version}
}

// DocumentObject is the document as MQTT carries it: the JSON itself.
func DocumentObject(document string) any { return json.RawMessage(document) }

// seconds is a time that may be absent; zero then, which omitzero leaves out.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
