package rollout

import (
	"time"

	"iotjobs/internal/jobs"
)

// View is a job as a step sees it, all read in one transaction.
type View struct {
	Status          jobs.JobStatus
	TargetSelection jobs.TargetSelection
	Config          *jobs.Config
	// Windows are the parsed maintenance windows of Config.
	Windows Windows
	Minute  jobs.Minute
	// Counters are the job's executions as they are stored.
	Counters jobs.Counters
	// TargetsLeft is set until the cursor over the targets is through.
	TargetsLeft bool
	// ResumeAt is when the cursor may go over the targets again for things whose queue was full; zero when none was.
	ResumeAt time.Time
	// RowsLeft is set while executions still have to be rewritten as the job's status demands.
	RowsLeft bool
	// Crowded is set when as many other jobs are rolling out as may at a time; only a scheduled job asks.
	Crowded bool
	// MaxPerMinute is the quota, 1 or more: the highest rate of any job, and the rate of one without a configuration. AWS's is 1000.
	MaxPerMinute int
}
