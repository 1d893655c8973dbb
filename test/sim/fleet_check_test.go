package sim

import (
	"fmt"
	"slices"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

// check compares all executions with what the devices were told, and jobs with what they were to do.
func (h *house) check(f *fleet) (found []error) {
	h.t.Helper()
	for id, want := range map[jobs.JobID]struct {
		status jobs.JobStatus
		things int
		rate   int
	}{
		"quick": {jobs.JobCompleted, h.size, fastRate},
		"slow":  {jobs.JobCompleted, h.size / 2, slowRate},
		"later": {jobs.JobCanceled, h.size / 2, fastRate},
	} {
		miss := func(format string, args ...any) {
			found = append(found, fmt.Errorf("job %s: %s", id, fmt.Sprintf(format, args...)))
		}
		job, err := h.service.DescribeJob(h.t.Context(), id)
		if err != nil {
			miss("%v", err)
			continue
		}
		rows := h.executions(id)
		if job.Job.Status != want.status {
			miss("%s, should be %s", job.Job.Status, want.status)
		}
		var counted jobs.Counters
		var releases []time.Time
		for _, e := range rows {
			counted.Add(e.Execution.Status, 1)
			if e.Execution.Number == 1 {
				releases = append(releases, e.Execution.QueuedAt)
			}
		}
		if counted != job.Counters {
			miss("counts %v, but has %v", job.Counters, counted)
		}
		if len(releases) != want.things {
			miss("reached %d things, should reach %d", len(releases), want.things)
		}
		h.checkRate(releases, want.rate, miss)
		h.checkTimes(id, job.Job, releases, miss)
		for _, d := range f.devices {
			h.checkDevice(d, id, rows, miss)
		}
	}
	return found
}

func (h *house) executions(id jobs.JobID) (all []service.ExecutionOfThing) {
	h.t.Helper()
	h.must(pages(h.random, func(p service.Page) (string, error) {
		out, err := h.service.ListJobExecutionsForJob(h.t.Context(), service.ListJobExecutionsForJobInput{JobID: id, Page: p})
		all = append(all, out.Executions...)
		return out.NextToken, err
	}))
	return all
}

// checkRate demands that no sixty seconds hold more releases than the rate, and that no minute was left out: one starts sixty seconds after the
// release before, as late as the worker's ticks.
func (h *house) checkRate(releases []time.Time, rate int, miss func(string, ...any)) {
	slices.SortFunc(releases, time.Time.Compare)
	for i, at := range releases {
		if i >= rate && at.Sub(releases[i-rate]) < time.Minute {
			miss("%d things within %s, the rate is %d", rate+1, at.Sub(releases[i-rate]), rate)
			return
		}
		if i > 0 && h.late(releases[i-1].Add(time.Minute), at) {
			miss("released at %s and next at %s", h.since(releases[i-1]), h.since(at))
			return
		}
	}
}

// late tells whether something that was due has happened too late: a wake-up and a step may each be late by a tick, and nothing happens while
// the service is down.
func (h *house) late(due, done time.Time) bool {
	if !due.Before(h.down.from) && due.Before(h.down.to) || due.Before(h.down.from) && h.down.from.Sub(due) < 2*latest+5*time.Second {
		due = h.down.to
	}
	return done.Sub(due) > 2*latest+5*time.Second
}

func (h *house) since(at time.Time) time.Duration { return at.Sub(h.began) }

// checkTimes looks when a job started and ended.
func (h *house) checkTimes(id jobs.JobID, job *jobs.Job, releases []time.Time, miss func(string, ...any)) {
	if id != "later" || len(releases) == 0 {
		return
	}
	starts, ends := job.Config.Schedule.StartsAt, job.Config.Schedule.EndsAt
	if first := releases[0]; first.Before(starts) || h.late(starts, first) {
		miss("started at %s, should at %s", h.since(first), h.since(starts))
	}
	if job.CompletedAt.Before(ends) || h.late(ends, job.CompletedAt) {
		miss("ended at %s, should at %s", h.since(job.CompletedAt), h.since(ends))
	}
}

// checkDevice compares the executions of a device with what it was told of them last. Only a timer or a cancel may have changed them since.
func (h *house) checkDevice(d *device, id jobs.JobID, rows []service.ExecutionOfThing, miss func(string, ...any)) {
	shown := map[jobs.ExecutionNumber]jobs.JobExecution{}
	for _, row := range rows {
		if row.Thing == d.name {
			shown[row.Execution.Number] = row.Execution
		}
	}
	for at, said := range d.said {
		if at.job != id {
			continue
		}
		now, ok := shown[at.number]
		ended := now.Version == said.execution.Version+1 && (now.Status == jobs.TimedOut || now.Status == jobs.Canceled)
		if !ok || !ended && rowOf(now) != rowOf(said.execution) {
			miss("execution %d on %s is %s, was acknowledged as %s", at.number, d.name, rowOf(now), rowOf(said.execution))
			continue
		}
		h.checkTimer(d.name, said.due, now, miss)
	}
}

// checkTimer demands that an execution has timed out when it was due, and not before (LIFE-6.6). What was due and went on was missed.
func (h *house) checkTimer(thing registry.ThingName, due time.Time, now jobs.JobExecution, miss func(string, ...any)) {
	switch {
	case now.Status == jobs.TimedOut && (due.IsZero() || now.LastUpdatedAt.Before(due)):
		miss("execution %d on %s has timed out too early: %s", now.Number, thing, rowOf(now))
	case due.IsZero():
	case now.Status == jobs.InProgress, h.late(due, now.LastUpdatedAt):
		miss("execution %d on %s was due at %s: %s", now.Number, thing, h.since(due), rowOf(now))
	}
}
