package rollout

import (
	"time"

	"iotjobs/internal/jobs"
)

// Action is the next missing thing that a job's step does.
type Action int

// The actions.
const (
	// Wait: nothing is to be done now. Reason says what the job waits for.
	Wait Action = iota
	// DeleteRows: remove executions of a job in deletion, and the job with the last one.
	DeleteRows
	// Start: a scheduled job becomes IN_PROGRESS; a snapshot job's membership is that of this instant (LIFE-3.1).
	Start
	// CancelJob: cancel the job with Force, ReasonCode and Comment, as an operator would (LIFE-1.2, LIFE-5.2, LIFE-8.3).
	CancelJob
	// EndRollout: endTime has come, so the targets that are left get no execution any more (LIFE-8.3).
	EndRollout
	// CancelRows: let the rows of a canceled job follow.
	CancelRows
	// Release: queue executions for at most Things things of those that are left, and store what Released returns.
	Release
	// Complete: the job becomes COMPLETED.
	Complete
)

// Reason is what a job waits for.
type Reason int

// The reasons.
const (
	// ForNothing: the job has ended.
	ForNothing Reason = iota
	// ForStartTime: Until is the job's startTime.
	ForStartTime
	// ForWindow: no maintenance window is open. Until is the next opening, or endTime; zero when neither will ever come.
	ForWindow
	// ForRate: this minute's quota is used up.
	ForRate
	// ForFullThings: the things that are left have as many pending executions as the service lets them have.
	ForFullThings
	// ForThings: all targets are notified, and things still have a pending execution.
	ForThings
	// ForTargets: every execution has ended, and a continuous job goes on waiting for things to join.
	ForTargets
)

// String says what the job waits for, as an operator reads it.
func (r Reason) String() string {
	return [...]string{"nothing", "startTime", "a maintenance window", "the rollout rate", "things whose queue is full", "things that have not finished", "things that join"}[r]
}

// Decision is what a job's step does next.
type Decision struct {
	Do Action
	// Things is, for Release, how many may be queued now: 1 or more.
	Things int
	// Force, ReasonCode and Comment are for CancelJob.
	Force               bool
	ReasonCode, Comment string
	// Reason and Until are for Wait. Until is when to look again, at the latest; zero means that only a change of the job or of its
	// executions can bring more.
	Reason Reason
	Until  time.Time

	now           time.Time
	before, after jobs.Minute
}

// Decide looks at a job and says what is missing next: delete, start, abort, end of schedule, cancel rows, release, complete. It never
// asks what has been done before, so a step that was lost, or came twice or late, changes nothing. Abort and release are decided of the
// same view, so nothing is released past a threshold.
//
// A caller acts and asks again, until the answer is Wait.
func Decide(now time.Time, v View) Decision {
	switch v.Status {
	case jobs.JobDeletionInProgress:
		return Decision{Do: DeleteRows}
	case jobs.JobScheduled:
		return v.scheduled(now)
	case jobs.JobInProgress:
		return v.inProgress(now)
	case jobs.JobCompleted, jobs.JobCanceled:
		if v.RowsLeft {
			return Decision{Do: CancelRows}
		}
	}
	return Decision{Do: Wait, Reason: ForNothing}
}

// Released is the minute to store when n of the Things were queued, 0 included.
func (d Decision) Released(n int) jobs.Minute {
	if n == 0 {
		return d.before // no release, so no minute has started
	}
	return released(d.after, d.now, n)
}

func (v View) scheduled(now time.Time) Decision {
	s := &v.Config.Schedule
	switch {
	case s.Ended(now) && cancels(s): // the service was down from startTime to endTime
		return cancelAtEnd(s)
	case now.Before(s.StartsAt):
		return Decision{Do: Wait, Reason: ForStartTime, Until: s.StartsAt}
	case v.Crowded: // LIFE-1.2
		return Decision{Do: CancelJob, ReasonCode: CrowdedReasonCode, Comment: crowdedComment}
	default:
		return Decision{Do: Start}
	}
}

func (v View) inProgress(now time.Time) Decision {
	s := &v.Config.Schedule
	if criterion, ok := tripped(v.Config.Abort, v.Counters); ok {
		return Decision{Do: CancelJob, ReasonCode: AbortReasonCode, Comment: abortComment(criterion, v.Counters)}
	}
	switch ended := s.Ended(now); {
	case ended && cancels(s):
		return cancelAtEnd(s)
	case ended && v.TargetsLeft:
		return Decision{Do: EndRollout}
	case v.RowsLeft:
		return Decision{Do: CancelRows}
	case v.TargetsLeft:
		return v.release(now)
	case v.Counters.Pending() > 0:
		return v.wait(now, ForThings, time.Time{})
	case v.TargetSelection == jobs.Snapshot || ended: // LIFE-1.4
		return Decision{Do: Complete}
	default:
		return v.wait(now, ForTargets, time.Time{})
	}
}

// release decides about targets that are left.
func (v View) release(now time.Time) Decision {
	if !v.Windows.Open(now) {
		return v.wait(now, ForWindow, v.Windows.NextOpening(now))
	}
	if now.Before(v.ResumeAt) {
		return v.wait(now, ForFullThings, v.ResumeAt)
	}
	a := allow(now, v.Minute, v.Config.Rollout, v.MaxPerMinute, v.Counters)
	if a.things == 0 {
		return v.wait(now, ForRate, a.next)
	}
	return Decision{Do: Release, Things: a.things, now: now, before: v.Minute, after: a.minute}
}

// cancels tells whether the end of the schedule cancels the job.
func cancels(s *jobs.Schedule) bool {
	return s.EndBehavior == jobs.EndCancel || s.EndBehavior == jobs.ForceCancel
}

func cancelAtEnd(s *jobs.Schedule) Decision {
	return Decision{Do: CancelJob, Force: s.EndBehavior == jobs.ForceCancel, ReasonCode: EndReasonCode, Comment: endComment(s)}
}

// wait until an instant, zero for none, but no longer than to endTime.
func (v View) wait(now time.Time, reason Reason, until time.Time) Decision {
	if end := v.Config.Schedule.EndsAt; now.Before(end) {
		until = earlier(until, end)
	}
	return Decision{Do: Wait, Reason: reason, Until: until}
}
