package wire

import (
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// ControlExecution is an execution as the control plane shows it: with a thing's ARN, nested details and no document.
type ControlExecution struct {
	JobID                            jobs.JobID           `json:"jobId"`
	Status                           jobs.ExecutionStatus `json:"status"`
	ForceCanceled                    *bool                `json:"forceCanceled"`
	StatusDetails                    ControlStatusDetails `json:"statusDetails"`
	ThingARN                         string               `json:"thingArn"`
	QueuedAt                         Timestamp            `json:"queuedAt"`
	StartedAt                        Timestamp            `json:"startedAt"`
	LastUpdatedAt                    Timestamp            `json:"lastUpdatedAt"`
	ExecutionNumber                  jobs.ExecutionNumber `json:"executionNumber"`
	VersionNumber                    jobs.VersionNumber   `json:"versionNumber"`
	ApproximateSecondsBeforeTimedOut *int64               `json:"approximateSecondsBeforeTimedOut"`
}

// ControlStatusDetails nests the details; {} without any.
type ControlStatusDetails struct {
	DetailsMap map[string]string `json:"detailsMap,omitempty"`
}

// ControlExecutionReply answers DescribeJobExecution.
type ControlExecutionReply struct {
	Execution ControlExecution `json:"execution"`
}

// ControlExecutionSummary is what the lists show of an execution.
type ControlExecutionSummary struct {
	Status          jobs.ExecutionStatus `json:"status"`
	QueuedAt        Timestamp            `json:"queuedAt"`
	StartedAt       Timestamp            `json:"startedAt"`
	LastUpdatedAt   Timestamp            `json:"lastUpdatedAt"`
	ExecutionNumber jobs.ExecutionNumber `json:"executionNumber"`
	RetryAttempt    int                  `json:"retryAttempt"`
}

// ExecutionOfJob is one entry of ListJobExecutionsForJob.
type ExecutionOfJob struct {
	ThingARN            string                  `json:"thingArn"`
	JobExecutionSummary ControlExecutionSummary `json:"jobExecutionSummary"`
}

// ExecutionOfThing is one entry of ListJobExecutionsForThing.
type ExecutionOfThing struct {
	JobID               jobs.JobID              `json:"jobId"`
	JobExecutionSummary ControlExecutionSummary `json:"jobExecutionSummary"`
}

// ExecutionList answers both lists of executions.
type ExecutionList[T ExecutionOfJob | ExecutionOfThing] struct {
	ExecutionSummaries []T     `json:"executionSummaries"`
	NextToken          *string `json:"nextToken"`
}

// Executions renders a page of executions.
func Executions[T ExecutionOfJob | ExecutionOfThing](page []T, nextToken string) ExecutionList[T] {
	return ExecutionList[T]{ExecutionSummaries: orNone(page), NextToken: orNull(nextToken)}
}

// Execution renders the answer of DescribeJobExecution.
func (r Realm) Execution(id jobs.JobID, thing registry.ThingName, e jobs.JobExecution, now time.Time) ControlExecutionReply {
	d := ControlExecution{
		JobID: id, Status: e.Status, StatusDetails: ControlStatusDetails{e.StatusDetails}, ThingARN: r.ThingARN(thing), QueuedAt: Timestamp(e.QueuedAt),
		StartedAt: Timestamp(e.StartedAt), LastUpdatedAt: Timestamp(e.LastUpdatedAt), ExecutionNumber: e.Number, VersionNumber: e.Version,
	}
	if e.Status == jobs.Canceled {
		d.ForceCanceled = &e.ForceCanceled
	}
	if left, ok := e.SecondsBeforeTimedOut(now); ok {
		d.ApproximateSecondsBeforeTimedOut = &left
	}
	return ControlExecutionReply{d}
}

// ExecutionSummary renders an execution for the lists.
func ExecutionSummary(e jobs.JobExecution) ControlExecutionSummary {
	return ControlExecutionSummary{
		Status: e.Status, QueuedAt: Timestamp(e.QueuedAt), StartedAt: Timestamp(e.StartedAt), LastUpdatedAt: Timestamp(e.LastUpdatedAt),
		ExecutionNumber: e.Number, RetryAttempt: e.RetryAttempt,
	}
}
