package sim

import (
	"slices"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// How one execution changes (LIFE-2, LIFE-6, LIFE-7), and what devices do (HTTP-4).

// queue gives a thing the next execution of a job.
func (m *model) queue(j *modelJob, t *modelThing) {
	number := jobs.ExecutionNumber(1)
	if last := j.newest(t.number); last != nil {
		number = last.number + 1
	}
	used := j.used[t.number]
	r := row{number: number, status: jobs.Queued, version: 1, retry: used.failed + used.timedOut, queued: instantOf(m.now), updated: instantOf(m.now)}
	j.rows[t.number] = append(j.rows[t.number], r)
	j.names[t.number] = t.name
	j.queued[t.number] = true
	t.queue = append(t.queue, j.number)
}

func (t *modelThing) dequeue(j *modelJob) {
	t.queue = slices.DeleteFunc(t.queue, func(number int) bool { return number == j.number })
}

// end brings a pending execution into a terminal status. All but REMOVED count the version up (LIFE-2.13, LIFE-2.14).
func (m *model) end(j *modelJob, t *modelThing, r *row, status jobs.ExecutionStatus) {
	if status != jobs.Removed {
		r.version++
	}
	r.forced = status == jobs.Canceled && r.status == jobs.InProgress
	r.status, r.updated, r.deadline, r.step = status, instantOf(m.now), 0, 0
	t.dequeue(j)
}

// finish ends an execution that was carried out or has timed out, and queues the next one if it is to be tried again (LIFE-7.2).
func (m *model) finish(j *modelJob, t *modelThing, r *row, status jobs.ExecutionStatus) {
	m.end(j, t, r, status)
	used := j.used[t.number]
	target := j.config.TargetSelection == jobs.Snapshot || m.holds(j, t)
	if !j.accepts(m.now) || !target || !used.left(j.config.Retries, status) {
		return
	}
	if status == jobs.Failed {
		used.failed++
	} else {
		used.timedOut++
	}
	j.used[t.number] = used
	m.events["a retry after "+string(status)]++
	m.queue(j, t)
}

// left tells whether another try is allowed after an execution has ended in a status.
func (u retries) left(criteria []jobs.RetryCriterion, status jobs.ExecutionStatus) bool {
	for _, c := range criteria {
		switch {
		case c.FailureType == jobs.AnyFailure && (status == jobs.Failed || status == jobs.TimedOut):
			return u.failed+u.timedOut < c.NumberOfRetries
		case c.FailureType == jobs.FailedFailure && status == jobs.Failed:
			return u.failed < c.NumberOfRetries
		case c.FailureType == jobs.TimedOutFailure && status == jobs.TimedOut:
			return u.timedOut < c.NumberOfRetries
		}
	}
	return false
}

// begin starts a queued execution (LIFE-6.1).
func (m *model) begin(j *modelJob, r *row) {
	r.status, r.version, r.updated, r.started = jobs.InProgress, r.version+1, instantOf(m.now), instantOf(m.now)
	if timeout := j.config.InProgressTimeout; timeout > 0 {
		r.deadline = instantOf(m.now.Add(timeout))
	}
}

func (m *model) stepTimer(r *row, step jobs.StepTimer) {
	switch {
	case step == jobs.RemoveStepTimer:
		r.step = 0
	case step > 0:
		r.step = instantOf(m.now.Add(time.Duration(step) * time.Minute))
	}
}

// offered is what a device gets to see: the running executions, then the queued ones whose window is open, oldest first (HTTP-4.1, LIFE-8.7).
func (m *model) offered(t *modelThing) (running, waiting []*modelJob) {
	for _, number := range t.queue {
		j := m.jobNumbered(number)
		switch r := j.pendingOn(t.number); {
		case r.status == jobs.InProgress:
			running = append(running, j)
		case j.open(m.now):
			waiting = append(waiting, j)
		}
	}
	return running, waiting
}

// next is the execution that is next; a nil row means that nothing is.
func (m *model) next(t *modelThing) (*modelJob, *row) {
	running, waiting := m.offered(t)
	for _, j := range append(running, waiting...) {
		return j, j.pendingOn(t.number)
	}
	return nil, nil
}

// startNext is StartNextPendingJobExecution; a nil row means that nothing is pending.
func (m *model) startNext(name registry.ThingName, details *string, step jobs.StepTimer) (*modelJob, *row, jobs.Code) {
	t := m.things[name]
	if t == nil {
		return nil, nil, jobs.ResourceNotFound // Q16
	}
	j, r := m.next(t)
	if r == nil {
		return nil, nil, 0
	}
	if r.status == jobs.Queued {
		if details != nil {
			r.details = *details
		}
		m.begin(j, r)
	}
	m.stepTimer(r, step) // of a running one, too (Q9)
	return j, r, 0
}

// deviceReport is what UpdateJobExecution says; version 0 expects none.
type deviceReport struct {
	status   jobs.ExecutionStatus
	details  *string
	expected jobs.VersionNumber
	step     jobs.StepTimer
}

// report is UpdateJobExecution. Checks go existence, version, transition (HTTP-5).
func (m *model) report(at address, d deviceReport) (*row, jobs.Code) {
	j, t, r := m.find(at)
	may := d.status == jobs.InProgress || d.status == jobs.Succeeded || d.status == jobs.Failed || d.status == jobs.Rejected
	switch {
	case r == nil:
		return nil, jobs.ResourceNotFound
	case d.expected != 0 && d.expected != r.version:
		return nil, jobs.VersionMismatch
	case !may || !r.pending():
		return nil, jobs.InvalidStateTransition
	}
	if d.details != nil {
		r.details = *d.details
	}
	number := r.number
	switch {
	case d.status != jobs.InProgress:
		m.finish(j, t, r, d.status)
	case r.status == jobs.Queued:
		m.begin(j, r)
		m.stepTimer(r, d.step)
	default:
		r.version, r.updated = r.version+1, instantOf(m.now)
		m.stepTimer(r, d.step)
	}
	return j.numbered(t.number, number), 0
}
