package wire

import "iotjobs/internal/jobs"

// JobReply answers CreateJob, CancelJob and AssociateTargetsWithJob.
type JobReply struct {
	JobARN      string     `json:"jobArn"`
	JobID       jobs.JobID `json:"jobId"`
	Description *string    `json:"description"`
}

// JobDocumentReply answers GetJobDocument.
type JobDocumentReply struct {
	Document string `json:"document"`
}

// DescribeJobReply answers DescribeJob.
type DescribeJobReply struct {
	DocumentSource unset          `json:"documentSource"`
	Job            JobDescription `json:"job"`
}

// JobDescription is a job as DescribeJob shows it. Some unset structures are null and some are objects of nulls, as measured (CTRL-1).
type JobDescription struct {
	JobARN                     string                `json:"jobArn"`
	JobID                      jobs.JobID            `json:"jobId"`
	TargetSelection            jobs.TargetSelection  `json:"targetSelection"`
	Status                     jobs.JobStatus        `json:"status"`
	ForceCanceled              *bool                 `json:"forceCanceled"`
	ReasonCode                 *string               `json:"reasonCode"`
	Comment                    *string               `json:"comment"`
	Targets                    []string              `json:"targets"`
	Description                *string               `json:"description"`
	PresignedURLConfig         presignedURLConfig    `json:"presignedUrlConfig"`
	JobExecutionsRolloutConfig rolloutConfig         `json:"jobExecutionsRolloutConfig"`
	AbortConfig                *abortConfig          `json:"abortConfig"`
	CreatedAt                  Timestamp             `json:"createdAt"`
	LastUpdatedAt              Timestamp             `json:"lastUpdatedAt"`
	CompletedAt                Timestamp             `json:"completedAt"`
	JobProcessDetails          JobProcessDetails     `json:"jobProcessDetails"`
	TimeoutConfig              timeoutConfig         `json:"timeoutConfig"`
	NamespaceID                unset                 `json:"namespaceId"`
	JobTemplateARN             unset                 `json:"jobTemplateArn"`
	JobExecutionsRetryConfig   *retryConfig          `json:"jobExecutionsRetryConfig"`
	DocumentParameters         unset                 `json:"documentParameters"`
	IsConcurrent               bool                  `json:"isConcurrent"`
	SchedulingConfig           schedulingConfig      `json:"schedulingConfig"`
	ScheduledJobRollouts       []scheduledJobRollout `json:"scheduledJobRollouts"`
	DestinationPackageVersions unset                 `json:"destinationPackageVersions"`
}

// JobProcessDetails counts every execution of a job by status (LIFE-3).
type JobProcessDetails struct {
	// ProcessingTargets are the targets that are not wholly released yet, groups with some of their things released included; null when all are.
	ProcessingTargets        []string `json:"processingTargets"`
	NumberOfCanceledThings   int64    `json:"numberOfCanceledThings"`
	NumberOfSucceededThings  int64    `json:"numberOfSucceededThings"`
	NumberOfFailedThings     int64    `json:"numberOfFailedThings"`
	NumberOfRejectedThings   int64    `json:"numberOfRejectedThings"`
	NumberOfQueuedThings     int64    `json:"numberOfQueuedThings"`
	NumberOfInProgressThings int64    `json:"numberOfInProgressThings"`
	NumberOfRemovedThings    int64    `json:"numberOfRemovedThings"`
	NumberOfTimedOutThings   int64    `json:"numberOfTimedOutThings"`
}

// JobSummary is one entry of ListJobs.
type JobSummary struct {
	JobARN string     `json:"jobArn"`
	JobID  jobs.JobID `json:"jobId"`
	// ThingGroupID is that of the group by which the jobs were selected; null without one.
	ThingGroupID    *string              `json:"thingGroupId"`
	TargetSelection jobs.TargetSelection `json:"targetSelection"`
	Status          jobs.JobStatus       `json:"status"`
	CreatedAt       Timestamp            `json:"createdAt"`
	LastUpdatedAt   Timestamp            `json:"lastUpdatedAt"`
	CompletedAt     Timestamp            `json:"completedAt"`
	IsConcurrent    bool                 `json:"isConcurrent"`
}

// JobList answers ListJobs.
type JobList struct {
	Jobs      []JobSummary `json:"jobs"`
	NextToken *string      `json:"nextToken"`
}

// JobReply renders the answer of CreateJob, CancelJob and AssociateTargetsWithJob.
func (r Realm) JobReply(job *jobs.Job) JobReply {
	return JobReply{JobARN: r.JobARN(job.ID), JobID: job.ID, Description: orNull(job.Config.Description)}
}

// Job renders the answer of DescribeJob. upcoming are the next openings of the job's maintenance windows.
func (r Realm) Job(job *jobs.Job, counters jobs.Counters, upcoming []jobs.Opening) DescribeJobReply {
	d := JobDescription{
		JobARN: r.JobARN(job.ID), JobID: job.ID, TargetSelection: job.Config.TargetSelection, Status: job.Status,
		ReasonCode: orNull(job.ReasonCode), Comment: orNull(job.Comment), Targets: r.targets(job.Config.Targets), Description: orNull(job.Config.Description),
		CreatedAt: Timestamp(job.CreatedAt), LastUpdatedAt: Timestamp(job.LastUpdatedAt), CompletedAt: Timestamp(job.CompletedAt),
		JobProcessDetails: processDetails(counters), IsConcurrent: job.Concurrent(), ScheduledJobRollouts: showOpenings(upcoming),
	}
	d.show(job.Config)
	if job.Status == jobs.JobCanceled {
		d.ForceCanceled = &job.ForceCanceled
	}
	if left := job.Config.Targets[job.Release.Target:]; job.Status == jobs.JobInProgress && !job.Release.Done && len(left) > 0 {
		d.JobProcessDetails.ProcessingTargets = r.targets(left)
	}
	return DescribeJobReply{Job: d}
}

// show adds the configurations.
func (d *JobDescription) show(c *jobs.Config) {
	d.JobExecutionsRolloutConfig, d.AbortConfig, d.TimeoutConfig = showRollout(c.Rollout), showAbort(c.Abort), showTimeout(c.InProgressTimeout)
	d.JobExecutionsRetryConfig, d.SchedulingConfig = showRetries(c.Retries), showSchedule(c.Schedule)
}

// Jobs renders a page of ListJobs. groupID is that of the thing group by which the jobs were selected; empty without one.
func (r Realm) Jobs(page []*jobs.Job, groupID, nextToken string) JobList {
	list := JobList{Jobs: make([]JobSummary, len(page)), NextToken: orNull(nextToken)}
	for i, job := range page {
		list.Jobs[i] = JobSummary{
			JobARN: r.JobARN(job.ID), JobID: job.ID, ThingGroupID: orNull(groupID), TargetSelection: job.Config.TargetSelection, Status: job.Status,
			CreatedAt: Timestamp(job.CreatedAt), LastUpdatedAt: Timestamp(job.LastUpdatedAt), CompletedAt: Timestamp(job.CompletedAt), IsConcurrent: job.Concurrent(),
		}
	}
	return list
}

func (r Realm) targets(targets []jobs.Target) []string {
	arns := make([]string, len(targets))
	for i, t := range targets {
		arns[i] = r.TargetARN(t)
	}
	return arns
}

func processDetails(c jobs.Counters) JobProcessDetails {
	return JobProcessDetails{
		NumberOfCanceledThings: c.Of(jobs.Canceled), NumberOfSucceededThings: c.Of(jobs.Succeeded), NumberOfFailedThings: c.Of(jobs.Failed),
		NumberOfRejectedThings: c.Of(jobs.Rejected), NumberOfQueuedThings: c.Of(jobs.Queued), NumberOfInProgressThings: c.Of(jobs.InProgress),
		NumberOfRemovedThings: c.Of(jobs.Removed), NumberOfTimedOutThings: c.Of(jobs.TimedOut),
	}
}
