package jobs

import "time"

// Schedule is schedulingConfig (LIFE-8).
type Schedule struct {
	// StartTime and EndTime are as they were given; empty without one.
	StartTime, EndTime string
	// StartsAt and EndsAt are the same as instants; zero without one.
	StartsAt, EndsAt time.Time
	// EndBehavior is empty when it was not given, which means StopRollout.
	EndBehavior        EndBehavior
	MaintenanceWindows []MaintenanceWindow
}

// Ended tells whether endTime has come.
func (s *Schedule) Ended(now time.Time) bool { return !s.EndsAt.IsZero() && !now.Before(s.EndsAt) }

// Accepts tells whether a job with the schedule may still get executions, for a retry or for a thing that joins: it is in progress, and its
// endTime has not come (LIFE-8.3).
func (s *Schedule) Accepts(now time.Time, status JobStatus) bool {
	return status == JobInProgress && !s.Ended(now)
}

// EndBehavior is what happens at endTime; its value is the wire value (LIFE-8.3).
type EndBehavior string

// The end behaviors.
const (
	StopRollout EndBehavior = "STOP_ROLLOUT"
	EndCancel   EndBehavior = "CANCEL"
	ForceCancel EndBehavior = "FORCE_CANCEL"
)

// MaintenanceWindow is a recurring time in which a continuous job works (LIFE-8.5).
type MaintenanceWindow struct {
	// StartTime is a cron expression, in UTC.
	StartTime string
	// DurationInMinutes is 1 to 1430.
	DurationInMinutes int
}

// Opening is one time that a maintenance window is open: from Start until just before End.
type Opening struct {
	Start, End time.Time
}

// Minute is how far the rollout of a job is. It is stored with the job and changed only by package rollout. The zero value is a rollout
// that has not released anything.
//
// A minute starts with its first release and ends a minute after its last one, so a minute whose releases are late or in pieces is longer
// than sixty seconds. Any sixty seconds therefore touch the releases of one minute only (LIFE-4.1).
type Minute struct {
	StartedAt, LastRelease time.Time
	// Rate is the quota of this minute, fixed when it started (Q32), and Released how much of it is used.
	Rate, Released int
	// Multiples is how many whole multiples of the threshold have been reached. It never falls; a new rate in UpdateJob sets it to zero,
	// because it counted multiples of another threshold.
	Multiples int64
	// Notified counts all that the rollout has released since the job began: neither retries nor things that joined later (LIFE-3.3).
	Notified int64
}
