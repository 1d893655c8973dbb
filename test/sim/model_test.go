package sim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// model is what the service should hold: maps, and rules written down from docs/behaviour once more. It shares names and constants with package
// jobs, but none of its rules. What the service does in the background the model cannot know the moment of; it is told by what is seen, and says
// whether that may happen (background_test.go).
//
// Things, groups and jobs have numbers of the model's own, counted from 1 and never used again.
type model struct {
	now time.Time
	// perMinute is the quota of the rollout.
	perMinute int
	things    map[registry.ThingName]*modelThing
	// groups are found by number also when they were deleted; names are those of the others.
	groups map[int]*modelGroup
	names  map[registry.GroupName]int
	jobs   map[jobs.JobID]*modelJob
	drawn  int // the highest number
	// fresh are the executions that the background has queued since the model was last compared, whose order on a thing is not known.
	fresh map[place]bool
	// events counts what has happened, for the test that asks whether enough does. All clones share it.
	events map[string]int
}

// place is a job on a thing.
type place struct{ thing, job int }

type modelThing struct {
	number int
	name   registry.ThingName
	// stored is the service's own number, once it was seen.
	stored registry.ThingNumber
	// direct are the groups that it was put into.
	direct []int
	// queue are the jobs that it has a pending execution of, in the order of the queue.
	queue []int
}

type modelGroup struct {
	number int
	name   registry.GroupName
	stored registry.GroupNumber
	path   []int // from the root to the parent
	// deleted is set while its things leave it.
	deleted bool
}

type modelJob struct {
	number int
	id     jobs.JobID
	status jobs.JobStatus
	forced bool
	config jobs.Config // without its targets
	// window is closed except for so many minutes from a minute of every hour on; nil without maintenance windows.
	window *window
	// groups and things are the targets.
	groups, things []int
	// owed are the things of a snapshot that have not been queued yet.
	owed map[int]bool
	// queued are the things that have ever been queued, used is what they have used of their retries.
	queued map[int]bool
	used   map[int]retries
	// rows are the executions by thing, the oldest first; a thing that is gone keeps its rows and its name.
	rows  map[int][]row
	names map[int]registry.ThingName
	// released are the times at which the rollout queued something, rates the rates that were in force and since when.
	released []time.Time
	rates    []rate
}

type window struct{ from, minutes int }

type retries struct{ failed, timedOut int }

type rate struct {
	since     time.Time
	perMinute int
}

// row is an execution as every list shows it.
type row struct {
	number         jobs.ExecutionNumber
	status         jobs.ExecutionStatus
	version        jobs.VersionNumber
	details        string
	forced         bool
	retry          int
	queued         instant
	started        instant
	updated        instant
	deadline, step instant // of the two timers
}

// instant is a stored time in milliseconds; zero for none.
type instant int64

func instantOf(t time.Time) instant {
	if t.IsZero() {
		return 0
	}
	return instant(t.UnixMilli())
}

func (i instant) String() string {
	if i == 0 {
		return "-"
	}
	return time.UnixMilli(int64(i)).UTC().Format("15:04:05.000")
}

// rowOf is a row of the service. Devices report one detail here.
func rowOf(e jobs.JobExecution) row {
	return row{
		number: e.Number, status: e.Status, version: e.Version, details: e.StatusDetails["of"], forced: e.ForceCanceled, retry: e.RetryAttempt,
		queued: instantOf(e.QueuedAt), started: instantOf(e.StartedAt), updated: instantOf(e.LastUpdatedAt),
		deadline: instantOf(e.InProgressDeadline), step: instantOf(e.StepDeadline),
	}
}

func (r row) String() string {
	return fmt.Sprintf("#%d %s v%d %q forced=%v retry=%d queued=%s started=%s updated=%s timers=%s/%s",
		r.number, r.status, r.version, r.details, r.forced, r.retry, r.queued, r.started, r.updated, r.deadline, r.step)
}

func (r row) pending() bool { return r.status == jobs.Queued || r.status == jobs.InProgress }

// due tells whether a timer of a running execution has fired.
func (r row) due(now time.Time) bool {
	passed := func(at instant) bool { return at != 0 && at <= instantOf(now) }
	return r.status == jobs.InProgress && (passed(r.deadline) || passed(r.step))
}

func newModel(now time.Time, perMinute int) *model {
	return &model{
		now: now, perMinute: perMinute, things: map[registry.ThingName]*modelThing{}, groups: map[int]*modelGroup{},
		names: map[registry.GroupName]int{}, jobs: map[jobs.JobID]*modelJob{}, fresh: map[place]bool{}, events: map[string]int{},
	}
}

func (m *model) draw() int {
	m.drawn++
	return m.drawn
}

// clone shares nothing that changes.
func (m *model) clone() *model {
	c := *m
	c.things, c.groups, c.jobs = map[registry.ThingName]*modelThing{}, map[int]*modelGroup{}, map[jobs.JobID]*modelJob{}
	c.names, c.fresh = maps.Clone(m.names), maps.Clone(m.fresh)
	for name, t := range m.things {
		t := *t
		t.direct, t.queue = slices.Clone(t.direct), slices.Clone(t.queue)
		c.things[name] = &t
	}
	for number, g := range m.groups {
		g := *g
		c.groups[number] = &g
	}
	for id, j := range m.jobs {
		j := *j
		j.owed, j.queued, j.used, j.names = maps.Clone(j.owed), maps.Clone(j.queued), maps.Clone(j.used), maps.Clone(j.names)
		j.released, j.rates, j.groups = slices.Clone(j.released), slices.Clone(j.rates), slices.Clone(j.groups)
		rows := map[int][]row{}
		for thing, list := range j.rows {
			rows[thing] = slices.Clone(list)
		}
		j.rows = rows
		c.jobs[id] = &j
	}
	return &c
}

// jobsByAge lists the jobs, the oldest first.
func (m *model) jobsByAge() []*modelJob {
	return slices.SortedFunc(maps.Values(m.jobs), func(a, b *modelJob) int { return cmp.Compare(a.number, b.number) })
}

// thingsByName lists the things by name.
func (m *model) thingsByName() []*modelThing {
	return slices.SortedFunc(maps.Values(m.things), func(a, b *modelThing) int { return cmp.Compare(a.name, b.name) })
}

func (m *model) jobNumbered(number int) *modelJob {
	for _, j := range m.jobs {
		if j.number == number {
			return j
		}
	}
	return nil
}

// newest is the last execution of a job on a thing; nil if there is none.
func (j *modelJob) newest(thing int) *row {
	rows := j.rows[thing]
	if len(rows) == 0 {
		return nil
	}
	return &rows[len(rows)-1]
}

// numbered is one of them; 0 asks for the newest.
func (j *modelJob) numbered(thing int, number jobs.ExecutionNumber) *row {
	if number == 0 {
		return j.newest(thing)
	}
	for i := range j.rows[thing] {
		if r := &j.rows[thing][i]; r.number == number {
			return r
		}
	}
	return nil
}

// pendingOn is the pending execution of a job on a thing; nil if there is none.
func (j *modelJob) pendingOn(thing int) *row {
	if r := j.newest(thing); r != nil && r.pending() {
		return r
	}
	return nil
}

// counts are the executions by status.
func (j *modelJob) counts() map[jobs.ExecutionStatus]int64 {
	counts := map[jobs.ExecutionStatus]int64{}
	for _, rows := range j.rows {
		for _, r := range rows {
			counts[r.status]++
		}
	}
	return counts
}

func (j *modelJob) active() bool {
	return j.status == jobs.JobScheduled || j.status == jobs.JobInProgress
}

func (j *modelJob) ended(now time.Time) bool {
	return !j.config.Schedule.EndsAt.IsZero() && !now.Before(j.config.Schedule.EndsAt)
}

// accepts tells whether the job may still get executions (LIFE-8.3).
func (j *modelJob) accepts(now time.Time) bool {
	return j.status == jobs.JobInProgress && !j.ended(now)
}

func (j *modelJob) open(now time.Time) bool {
	return j.window == nil || now.Minute() >= j.window.from && now.Minute() < j.window.from+j.window.minutes
}
