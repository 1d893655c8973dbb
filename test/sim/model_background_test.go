package sim

import (
	"fmt"
	"slices"
	"time"

	"iotjobs/internal/jobs"
)

// What the service may do by itself, and what it must have done once nothing is due. Each of these methods says whether a thing that was seen to
// have happened may have happened now, and if so lets it happen.

// become follows a job to a status that it was seen in.
func (m *model) become(j *modelJob, status jobs.JobStatus, forced bool) error {
	neverBegan := status == jobs.JobCanceled && m.cancelsAtEnd(j)
	if j.status == jobs.JobScheduled && status != jobs.JobScheduled && !neverBegan {
		if m.now.Before(j.config.Schedule.StartsAt) {
			return fmt.Errorf("job %s has started before its startTime", j.id)
		}
		m.startJob(j)
		m.events["a job starts at its startTime"]++
	}
	switch {
	case j.status == status && j.forced == forced:
		return nil
	case j.status == jobs.JobInProgress && status == jobs.JobCompleted:
		return m.complete(j)
	case j.active() && status == jobs.JobCanceled:
		if byEnd := m.cancelsAtEnd(j) && forced == (j.config.Schedule.EndBehavior == jobs.ForceCancel); !byEnd && (forced || !m.tripped(j)) {
			return fmt.Errorf("job %s was canceled (force %v) without a reason", j.id, forced)
		}
		if m.cancelsAtEnd(j) {
			m.events["a job is canceled at its endTime"]++
		} else {
			m.events["a job is aborted"]++
		}
		m.cancel(j, forced)
		return nil
	default:
		return fmt.Errorf("job %s is %s (force %v), should be %s (force %v)", j.id, status, forced, j.status, j.forced)
	}
}

func (m *model) cancelsAtEnd(j *modelJob) bool {
	behavior := j.config.Schedule.EndBehavior
	return j.ended(m.now) && (behavior == jobs.EndCancel || behavior == jobs.ForceCancel)
}

// tripped tells whether an abort criterion is met (LIFE-5.1, Q30).
func (m *model) tripped(j *modelJob) bool {
	counts := j.counts()
	all := counts[jobs.Failed] + counts[jobs.Rejected] + counts[jobs.TimedOut]
	executed := counts[jobs.Succeeded] + all
	return j.status == jobs.JobInProgress && slices.ContainsFunc(j.config.Abort, func(c jobs.AbortCriterion) bool {
		failed := counts[jobs.ExecutionStatus(c.FailureType)]
		if c.FailureType == jobs.AnyFailure {
			failed = all
		}
		return failed > 0 && executed >= c.MinNumberOfExecutedThings && failed*10000 >= int64(c.ThresholdBasisPoints)*executed
	})
}

// complete ends a job with nothing left to do (LIFE-1.4).
func (m *model) complete(j *modelJob) error {
	if !m.done(j) || m.tripped(j) {
		return fmt.Errorf("job %s is COMPLETED, but something is left to do: %v are owed, counts %v", j.id, m.waiting(j), j.counts())
	}
	j.status = jobs.JobCompleted
	m.events[fmt.Sprintf("a %s job completes", j.config.TargetSelection)]++
	return nil
}

// done tells whether a job has nothing left to do.
func (m *model) done(j *modelJob) bool {
	counts := j.counts()
	if counts[jobs.Queued]+counts[jobs.InProgress] > 0 {
		return false
	}
	return j.ended(m.now) || j.config.TargetSelection == jobs.Snapshot && len(m.waiting(j)) == 0
}

// waiting are the things that the rollout still has to give an execution: of a snapshot those it took down, else those that are targets now.
func (m *model) waiting(j *modelJob) (waiting []*modelThing) {
	for _, t := range m.thingsByName() {
		target := j.owed[t.number]
		if j.config.TargetSelection == jobs.Continuous {
			target = m.holds(j, t)
		}
		if target && !j.queued[t.number] && j.accepts(m.now) {
			waiting = append(waiting, t)
		}
	}
	return waiting
}

// release is the rollout queueing a thing: in its turn, in an open window, and never more than the rate in sixty seconds (LIFE-4.1, LIFE-8.7).
func (m *model) release(j *modelJob, t *modelThing) error {
	switch {
	case !slices.Contains(m.waiting(j), t):
		return fmt.Errorf("job %s was queued for thing %s, which it does not owe one", j.id, t.name)
	case !j.open(m.now):
		return fmt.Errorf("job %s was queued for thing %s while its maintenance window is closed", j.id, t.name)
	case m.tripped(j):
		return fmt.Errorf("job %s was queued for thing %s past its abort criterion", j.id, t.name)
	}
	delete(j.owed, t.number)
	m.queue(j, t)
	m.fresh[place{t.number, j.number}] = true
	m.events[fmt.Sprintf("a %s job releases", j.config.TargetSelection)]++
	j.released = append(j.released, m.now)
	if n, most := j.releasedSince(m.now.Add(-time.Minute)), j.rateSince(m.now.Add(-time.Minute)); n > most {
		return fmt.Errorf("job %s has queued %d things in a minute, the rate is %d", j.id, n, most)
	}
	return nil
}

// releasedSince counts what was released after an instant.
func (j *modelJob) releasedSince(since time.Time) (n int) {
	for _, at := range j.released {
		if at.After(since) {
			n++
		}
	}
	return n
}

// rateSince is the highest rate that was in force after an instant.
func (j *modelJob) rateSince(since time.Time) (most int) {
	for i, r := range j.rates {
		if i == len(j.rates)-1 || j.rates[i+1].since.After(since) {
			most = max(most, r.perMinute)
		}
	}
	return most
}

// timeOut is the timer of the newest execution.
func (m *model) timeOut(j *modelJob, t *modelThing) error {
	r := j.pendingOn(t.number)
	if !r.due(m.now) {
		return fmt.Errorf("the execution of job %s on thing %s has timed out too early", j.id, t.name)
	}
	m.events["an execution times out"]++
	m.finish(j, t, r, jobs.TimedOut)
	if j.pendingOn(t.number) != nil {
		m.fresh[place{t.number, j.number}] = true
	}
	return nil
}

// leave takes a thing out of groups that were deleted.
func (m *model) leave(t *modelThing, stays func(group int) bool) error {
	var direct []int
	for _, g := range t.direct {
		switch {
		case stays(g):
			direct = append(direct, g)
		case !m.groups[g].deleted:
			return fmt.Errorf("thing %s is not in group %s any more", t.name, m.groups[g].name)
		}
	}
	if len(direct) < len(t.direct) {
		m.events["a thing leaves a deleted group in the background"]++
		m.regroup(t, direct)
	}
	return nil
}

// overdue is what should have happened by now; nil if all has. It holds when every step and timer that was due has run.
func (m *model) overdue() error {
	for _, t := range m.thingsByName() {
		for _, g := range t.direct {
			if m.groups[g].deleted {
				return fmt.Errorf("thing %s is still in the deleted group %s", t.name, m.groups[g].name)
			}
		}
	}
	for _, j := range m.jobsByAge() {
		if err := m.overdueOf(j); err != nil {
			return fmt.Errorf("job %s (%s): %w", j.id, j.status, err)
		}
	}
	return nil
}

func (m *model) overdueOf(j *modelJob) error {
	for _, t := range m.thingsByName() {
		if r := j.pendingOn(t.number); r != nil && r.due(m.now) {
			return fmt.Errorf("the execution on thing %s should have timed out", t.name)
		}
	}
	resting := j.releasedSince(m.now.Add(-time.Minute)) == 0 // else the minute's rate may be used up
	switch waiting := m.waiting(j); {
	case j.status == jobs.JobDeletionInProgress:
		return fmt.Errorf("it should be gone")
	case j.status == jobs.JobScheduled && !m.now.Before(j.config.Schedule.StartsAt):
		return fmt.Errorf("it should have started")
	case j.active() && m.cancelsAtEnd(j):
		return fmt.Errorf("it should have been canceled at its endTime")
	case m.tripped(j):
		return fmt.Errorf("it should have been aborted, with counts %v", j.counts())
	case len(waiting) > 0 && j.open(m.now) && resting:
		return fmt.Errorf("%d things wait for their execution, the first is %s", len(waiting), waiting[0].name)
	case j.status == jobs.JobInProgress && resting && m.done(j):
		return fmt.Errorf("it should have completed")
	}
	return nil
}
