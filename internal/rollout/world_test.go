package rollout_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/rollout"
)

// world is one job and the things it is for, without service and store: it does what Decide says, one thing after the other.
type world struct {
	view   rollout.View
	timers jobs.Config // for the in-progress timer
	left   int         // targets that the rollout has not reached
	things []*thing
	until  time.Time // the last decision's
}

// thing is numbered from 1, in the order of release.
type thing struct {
	execution jobs.JobExecution
	used      jobs.RetriesUsed
}

func newWorld() *world {
	return &world{view: rollout.View{
		Status: jobs.JobInProgress, TargetSelection: jobs.Snapshot, Config: &jobs.Config{}, TargetsLeft: true, MaxPerMinute: 1000,
	}}
}

// tick is one visit of the service: timers fire, then the job's step runs until it has to wait. A limit above zero is the size of a chunk;
// the visit ends with the chunk. It returns what happens, in the words of the scripts.
func (w *world) tick(now time.Time, limit int, say func(time.Time) string) (events []string) {
	for i, th := range w.things {
		if after, timedOut := th.execution.TimeOut(now); timedOut {
			events = append(events, fmt.Sprintf("thing %d TIMED_OUT", i+1))
			if w.end(now, th, after) {
				events = append(events, fmt.Sprintf("thing %d is tried again", i+1))
			}
		}
	}
	for range 1000 { // more than any script needs, in case a decision never comes to rest
		d := rollout.Decide(now, w.view)
		w.until = d.Until
		switch d.Do {
		case rollout.Wait:
			return append(events, waiting(d, say))
		case rollout.Start:
			w.view.Status = jobs.JobInProgress
			events = append(events, "start")
		case rollout.CancelJob:
			w.view.Status, w.view.RowsLeft = jobs.JobCanceled, true
			events = append(events, w.cancelRows(now, d)...)
		case rollout.EndRollout:
			w.view.TargetsLeft = false
			events = append(events, fmt.Sprintf("end the rollout, %d targets left", w.left))
		case rollout.Release:
			n := min(d.Things, w.left)
			if limit > 0 {
				n = min(n, limit)
			}
			w.release(now, d, n)
			if events = append(events, fmt.Sprintf("release %d", n)); limit > 0 {
				return events
			}
		case rollout.Complete:
			w.view.Status = jobs.JobCompleted
			events = append(events, "complete")
		case rollout.CancelRows, rollout.DeleteRows:
			return append(events, "rows are left behind")
		}
	}
	return append(events, "the job never comes to rest")
}

func waiting(d rollout.Decision, say func(time.Time) string) string {
	if d.Until.IsZero() {
		return fmt.Sprintf("wait for %v", d.Reason)
	}
	return fmt.Sprintf("wait for %v until %s", d.Reason, say(d.Until))
}

func (w *world) release(now time.Time, d rollout.Decision, n int) {
	for range n {
		w.queue(now, &thing{})
	}
	w.view.Minute = d.Released(n)
	w.left -= n
	w.view.TargetsLeft = w.left > 0
}

// queue gives a thing its next execution.
func (w *world) queue(now time.Time, th *thing) {
	if th.execution.Number == 0 {
		w.things = append(w.things, th)
	}
	th.execution = jobs.NewExecution(1, th.execution.Number+1, now)
	th.execution.RetryAttempt = th.used.Attempts()
	w.view.Counters.Add(jobs.Queued, 1)
}

// change replaces a thing's execution.
func (w *world) change(th *thing, after jobs.JobExecution) {
	w.view.Counters.Add(th.execution.Status, -1)
	w.view.Counters.Add(after.Status, 1)
	th.execution = after
}

// end lets an execution end, and tells whether the thing gets another one.
func (w *world) end(now time.Time, th *thing, after jobs.JobExecution) (again bool) {
	w.change(th, after)
	if !w.view.Config.Schedule.Accepts(now, w.view.Status) {
		return false
	}
	if th.used, again = rollout.Retry(w.view.Config.Retries, th.used, after.Status); again {
		w.queue(now, th)
	}
	return again
}

// cancelRows ends the executions of a job that has just been canceled (LIFE-9).
func (w *world) cancelRows(now time.Time, d rollout.Decision) []string {
	canceled := 0
	for _, th := range w.things {
		if th.execution.Status == jobs.Queued || d.Force && th.execution.Status == jobs.InProgress {
			after, err := th.execution.Cancel(now, d.Force, nil)
			if err != nil {
				return []string{err.Error()}
			}
			w.change(th, after)
			canceled++
		}
	}
	w.view.RowsLeft = false
	force := ""
	if d.Force {
		force = " by force"
	}
	return []string{fmt.Sprintf("cancel%s, %s", force, d.ReasonCode), d.Comment, fmt.Sprintf("%d CANCELED", canceled)}
}

// report lets a thing say something of its execution, and tells whether it is tried again.
func (w *world) report(now time.Time, th *thing, status jobs.ExecutionStatus, step jobs.StepTimer) (again bool, err error) {
	after, err := th.execution.Update(now, &w.timers, jobs.Report{Status: status, StepTimer: step})
	if err != nil {
		return false, err
	}
	return w.end(now, th, after), nil
}

// pending are the first n things with an execution in one of the statuses, those that run before those that are queued.
func (w *world) pending(n int, statuses ...jobs.ExecutionStatus) (found []*thing) {
	for _, status := range statuses {
		for _, th := range w.things {
			if th.execution.Status == status && len(found) < n {
				found = append(found, th)
			}
		}
	}
	return found
}

// nextInstant is when the service has to look again; zero for never.
func (w *world) nextInstant() time.Time {
	instants := []time.Time{w.until}
	for _, th := range w.things {
		instants = append(instants, th.execution.Deadline())
	}
	instants = slices.DeleteFunc(instants, time.Time.IsZero)
	if len(instants) == 0 {
		return time.Time{}
	}
	return slices.MinFunc(instants, time.Time.Compare)
}

// run visits every instant up to now at which something is due, as a service that is up does.
func (w *world) run(now time.Time, say func(time.Time) string) (events []string) {
	for at := w.nextInstant(); !at.IsZero() && at.Before(now); {
		events = append(events, w.tick(at, 0, say)...)
		next := w.nextInstant()
		if !next.IsZero() && !next.After(at) {
			return append(events, "time stands still at "+say(at))
		}
		at = next
	}
	events = append(events, w.tick(now, 0, say)...)
	last := events[len(events)-1]
	events = slices.DeleteFunc(events, func(e string) bool { return strings.HasPrefix(e, "release ") || strings.HasPrefix(e, "wait for ") })
	return append(events, fmt.Sprintf("notified %d", w.view.Minute.Notified), last)
}

// summary is the job's status and what its executions are.
func (w *world) summary() string {
	var counts []string
	for _, status := range jobs.ExecutionStatuses() {
		if n := w.view.Counters.Of(status); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, status))
		}
	}
	if len(counts) == 0 {
		return string(w.view.Status)
	}
	return fmt.Sprintf("%s: %s", w.view.Status, strings.Join(counts, ", "))
}
