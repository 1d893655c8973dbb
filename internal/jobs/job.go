package jobs

import (
	"slices"
	"time"

	"iotjobs/internal/registry"
)

// TargetKind says what a target is.
type TargetKind int

// The kinds of targets; stored, so only append.
const (
	ThingTarget TargetKind = iota + 1
	GroupTarget
)

// Target is one thing or thing group that a job is for. On the wire it is an ARN.
type Target struct {
	Kind TargetKind
	Name string
	// Group is the group's number; zero for a thing. It tells a group from a later one of the same name.
	Group registry.GroupNumber
}

// Job is one job: what was asked (Config, shared and never changed in place) and how far it is.
type Job struct {
	Number JobNumber
	ID     JobID
	// Revision names the Config; a changed Config gets a new revision, so that caches of configurations need no invalidation.
	Revision      int64
	Config        *Config
	Status        JobStatus
	ForceCanceled bool
	ReasonCode    string
	Comment       string
	CreatedAt     time.Time
	LastUpdatedAt time.Time
	CompletedAt   time.Time // zero while not completed or canceled

	// Snapshot is the membership version as of which a SNAPSHOT job reads its groups; zero for a CONTINUOUS one, which reads them as they are.
	Snapshot uint64
	// WakeAt is when the job's step has to look even if nothing happens; zero for never.
	WakeAt time.Time
	// Release is the cursor over the targets, Minute what the rollout has released of late.
	Release Release
	Minute  Minute
	// Sweep is the cursor over rows that still have to follow the job's end.
	Sweep Sweep
}

// Config is what the creator asked for. It is immutable: share it, replace it whole.
type Config struct {
	Targets         []Target
	TargetSelection TargetSelection
	// Document is JSON text of at most 32768 characters, kept byte for byte.
	Document    string
	Description string
	// InProgressTimeout is the time an execution may stay IN_PROGRESS; zero means for ever (LIFE-6).
	InProgressTimeout time.Duration
	Rollout           RolloutRate
	Abort             []AbortCriterion
	Retries           []RetryCriterion
	Schedule          Schedule
}

// Release is how far the cursor got: everything before Target, and in Target everything up to and including After, has been queued.
type Release struct {
	Target int
	After  registry.ThingKey
	Done   bool
	// Waiting is set when a thing was full in this pass: the cursor starts over once it is through.
	Waiting bool
	// ResumeAt is when the cursor may start over; zero for at once.
	ResumeAt time.Time
}

// Sweep is how far the rows of a job follow its end: those of a canceled job are rewritten (Effective shows them as canceled before), those
// of a job in deletion removed. The cursor goes through one status after the other, and through each until a whole pass finds nothing: so a row
// that a device wrote behind it is found again, and the many rows that are gone are not passed over in every step.
type Sweep struct {
	Active bool
	// Status is the place in the list of statuses to sweep.
	Status int
	After  registry.ThingKey
	// Found is set when the pass has found something.
	Found bool
}

// Clone returns a job whose state may be changed; it shares the immutable Config.
func (j *Job) Clone() *Job {
	c := *j
	return &c
}

// Cancel ends the job: from now on Effective shows its queued executions as canceled, with force the running ones too, and their rows
// follow (LIFE-9).
func (j *Job) Cancel(now time.Time, force bool, reasonCode, comment string) {
	j.Status, j.LastUpdatedAt, j.CompletedAt = JobCanceled, now, now
	j.ForceCanceled, j.ReasonCode, j.Comment = force, reasonCode, comment
	j.Sweep, j.WakeAt = Sweep{Active: true}, time.Time{}
}

// Finished tells whether the job has reached its end: nothing is queued for it any more.
func (j *Job) Finished() bool {
	return j.Status == JobCompleted || j.Status == JobCanceled || j.Status == JobDeletionInProgress
}

// Concurrent tells whether the service is at work on the job's rows right now, which AWS shows as isConcurrent (LIFE-1).
func (j *Job) Concurrent() bool {
	return (j.Status == JobInProgress && !j.Release.Done) || j.Sweep.Active
}

// Follows tells whether members that join or leave the group concern the job: an unfinished CONTINUOUS job with that target (LIFE-3).
func (j *Job) Follows(group registry.GroupNumber) bool {
	return slices.Contains(j.Followed(), group)
}

// Followed are the groups whose members concern the job.
func (j *Job) Followed() []registry.GroupNumber {
	if j.Finished() || j.Config.TargetSelection != Continuous {
		return nil
	}
	var groups []registry.GroupNumber
	for _, target := range j.Config.Targets {
		if target.Kind == GroupTarget {
			groups = append(groups, target.Group)
		}
	}
	return groups
}

// Counters counts the executions of a job by status, earlier executions of the same thing included (LIFE-3).
type Counters [8]int64

// Of is the number of executions in the status.
func (c Counters) Of(s ExecutionStatus) int64 {
	if i := s.Index(); i >= 0 {
		return c[i]
	}
	return 0
}

// Add changes the count of one status.
func (c *Counters) Add(s ExecutionStatus, n int64) {
	if i := s.Index(); i >= 0 {
		c[i] += n
	}
}

// Pending is the number of executions that are not terminal.
func (c Counters) Pending() int64 { return c.Of(Queued) + c.Of(InProgress) }
