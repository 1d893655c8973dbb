package sim

import (
	"fmt"
	"slices"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// What operators do with jobs and executions (LIFE-1, LIFE-9).

// targets finds the numbers of things and groups; ok is false if one is missing.
func (m *model) targets(targets []jobs.Target) (things, groups []int, ok bool) {
	for _, target := range targets {
		if target.Kind == jobs.GroupTarget {
			group, found := m.names[registry.GroupName(target.Name)]
			if !found {
				return nil, nil, false
			}
			groups = append(groups, group)
			continue
		}
		t := m.things[registry.ThingName(target.Name)]
		if t == nil {
			return nil, nil, false
		}
		things = append(things, t.number)
	}
	return things, groups, true
}

func (m *model) createJob(id jobs.JobID, config jobs.Config, w *window) jobs.Code {
	if m.jobs[id] != nil {
		return jobs.ResourceAlreadyExists
	}
	things, groups, ok := m.targets(config.Targets)
	if !ok {
		return jobs.ResourceNotFound
	}
	j := &modelJob{
		number: m.draw(), id: id, status: jobs.JobInProgress, config: config, window: w, groups: groups, things: things,
		owed: map[int]bool{}, queued: map[int]bool{}, used: map[int]retries{}, rows: map[int][]row{}, names: map[int]registry.ThingName{},
	}
	j.config.Targets = nil
	j.rates = []rate{{m.now, m.ceiling(j)}}
	m.jobs[id] = j
	if config.Schedule.StartsAt.After(m.now) {
		j.status = jobs.JobScheduled
	} else {
		m.startJob(j)
	}
	return 0
}

// startJob fixes the targets of a snapshot (LIFE-3.1).
func (m *model) startJob(j *modelJob) {
	j.status = jobs.JobInProgress
	if j.config.TargetSelection != jobs.Snapshot {
		return
	}
	for _, t := range m.things {
		if m.holds(j, t) {
			j.owed[t.number] = true
		}
	}
}

// ceiling is the highest rate that a job may have.
func (m *model) ceiling(j *modelJob) int {
	if most := j.config.Rollout.MaximumPerMinute; most > 0 {
		return min(most, m.perMinute)
	}
	return m.perMinute
}

func (m *model) associate(id jobs.JobID, targets []jobs.Target) jobs.Code {
	j := m.jobs[id]
	switch {
	case j == nil:
		return jobs.ResourceNotFound
	case j.config.TargetSelection != jobs.Continuous || j.status != jobs.JobInProgress:
		return jobs.InvalidRequest
	}
	_, groups, ok := m.targets(targets)
	if !ok {
		return jobs.ResourceNotFound
	}
	for _, g := range groups {
		if !slices.Contains(j.groups, g) {
			j.groups = append(j.groups, g)
		}
	}
	return 0
}

// jobUpdate is what UpdateJob changes; nil members stay.
type jobUpdate struct {
	timeout *time.Duration
	rollout *jobs.RolloutRate
	abort   *[]jobs.AbortCriterion
	// noRetries sets the retries to zero.
	noRetries bool
}

func (m *model) updateJob(id jobs.JobID, u jobUpdate) jobs.Code {
	j := m.jobs[id]
	switch {
	case j == nil:
		return jobs.ResourceNotFound
	case !j.active() || u.noRetries && len(j.config.Retries) == 0:
		return jobs.InvalidRequest
	}
	if u.noRetries {
		j.config.Retries = nil
	}
	if u.timeout != nil {
		j.config.InProgressTimeout = *u.timeout
	}
	if u.abort != nil {
		j.config.Abort = *u.abort
	}
	if u.rollout != nil {
		j.config.Rollout = *u.rollout
		j.rates = append(j.rates, rate{m.now, m.ceiling(j)})
	}
	return 0
}

func (m *model) cancelJob(id jobs.JobID, force bool) jobs.Code {
	j := m.jobs[id]
	switch {
	case j == nil:
		return jobs.ResourceNotFound
	case !j.active():
		return jobs.InvalidRequest
	}
	m.cancel(j, force)
	return 0
}

// cancel ends a job: what is queued is canceled, what runs only by force (LIFE-9.1, LIFE-9.2, LIFE-9.3).
func (m *model) cancel(j *modelJob, force bool) {
	j.status, j.forced = jobs.JobCanceled, force
	for _, t := range m.things {
		if r := j.pendingOn(t.number); r != nil && (r.status == jobs.Queued || force) {
			m.end(j, t, r, jobs.Canceled)
		}
	}
}

// deleteJob hides the executions at once; the job itself goes when its rows have gone.
func (m *model) deleteJob(id jobs.JobID, force bool) jobs.Code {
	j := m.jobs[id]
	switch {
	case j == nil:
		return jobs.ResourceNotFound
	case j.status == jobs.JobDeletionInProgress, j.active() && !force:
		return jobs.InvalidStateTransition
	}
	j.status = jobs.JobDeletionInProgress
	j.rows = map[int][]row{}
	for _, t := range m.things {
		t.dequeue(j)
	}
	return 0
}

func (m *model) cancelExecution(at address, force bool, expected jobs.VersionNumber, details *string) jobs.Code {
	j, t, r := m.find(at)
	switch {
	case r == nil:
		return jobs.ResourceNotFound
	case expected != 0 && expected != r.version:
		return jobs.VersionConflict
	case !r.pending(), r.status == jobs.InProgress && !force:
		return jobs.InvalidStateTransition
	}
	if details != nil {
		r.details = *details
	}
	m.end(j, t, r, jobs.Canceled)
	return 0
}

func (m *model) deleteExecution(at address, force bool) jobs.Code {
	j, t, r := m.find(at)
	switch {
	case r == nil:
		return jobs.ResourceNotFound
	case r.status == jobs.InProgress && !force: // Q7
		return jobs.InvalidStateTransition
	}
	if r.pending() {
		t.dequeue(j)
	}
	gone := r.number
	j.rows[t.number] = slices.DeleteFunc(j.rows[t.number], func(r row) bool { return r.number == gone })
	return 0
}

// address names an execution as calls do; number 0 is the newest.
type address struct {
	thing  registry.ThingName
	job    jobs.JobID
	number jobs.ExecutionNumber
}

func (at address) String() string {
	if at.number == 0 {
		return fmt.Sprintf("%s on %s", at.job, at.thing)
	}
	return fmt.Sprintf("%s on %s, number %d", at.job, at.thing, at.number)
}

// find is what an address names; the row is nil if there is none.
func (m *model) find(at address) (*modelJob, *modelThing, *row) {
	j, t := m.jobs[at.job], m.things[at.thing]
	if j == nil || t == nil {
		return nil, nil, nil
	}
	return j, t, j.numbered(t.number, at.number)
}
