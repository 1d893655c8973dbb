package storecheck

import (
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// mutant is a transaction with some of its answers replaced.
type mutant struct {
	store.ReadTx
	thing         func(store.ThingView) store.ThingView
	things        func([]*registry.Thing) []*registry.Thing
	thingsOfType  func([]*registry.Thing) []*registry.Thing
	groupNamed    func(*registry.ThingGroup) *registry.ThingGroup
	groupNumbered func(*registry.ThingGroup) *registry.ThingGroup
	childGroups   func([]*registry.ThingGroup) []*registry.ThingGroup
	members       func(registry.GroupNumber, []store.Member) []store.Member
	jobNamed      func(*jobs.Job) *jobs.Job
	jobNumbered   func(*jobs.Job) *jobs.Job
	jobs          func([]*jobs.Job) []*jobs.Job
	jobsIn        func(jobs.JobStatus, []*jobs.Job) []*jobs.Job
	jobsFollowing func(registry.GroupNumber, []*jobs.Job) []*jobs.Job
	counters      func(*jobs.Counters)
	executions    func([]store.ThingExecution) []store.ThingExecution
	executionsIn  func(jobs.ExecutionStatus, []store.ThingExecution) []store.ThingExecution
	ofThing       func(registry.ThingKey, []jobs.JobExecution) []jobs.JobExecution
	due           func([]store.Due) []store.Due
	dueJobs       func([]jobs.JobNumber) []jobs.JobNumber
	marks         func([]jobs.JobNumber) []jobs.JobNumber
}

// through shows an answer as a mutant has it; nil leaves it.
func through[T any](change func(T) T, answer T, err error) (T, error) {
	if change == nil || err != nil {
		return answer, err
	}
	return change(answer), nil
}

// in is through for a change that wants to know what was asked for.
func in[Q, T any](change func(Q, T) T, asked Q, answer T, err error) (T, error) {
	if change == nil || err != nil {
		return answer, err
	}
	return change(asked, answer), nil
}

func (m mutant) Thing(name registry.ThingName, addrs ...store.Address) (store.ThingView, error) {
	v, err := m.ReadTx.Thing(name, addrs...)
	return through(m.thing, v, err)
}

func (m mutant) Things(after registry.ThingName, limit int) ([]*registry.Thing, error) {
	list, err := m.ReadTx.Things(after, limit)
	return through(m.things, list, err)
}

func (m mutant) ThingsOfType(name registry.TypeName, after registry.ThingName, limit int) ([]*registry.Thing, error) {
	list, err := m.ReadTx.ThingsOfType(name, after, limit)
	return through(m.thingsOfType, list, err)
}

func (m mutant) Group(name registry.GroupName) (*registry.ThingGroup, error) {
	g, err := m.ReadTx.Group(name)
	return through(m.groupNamed, g, err)
}

func (m mutant) GroupByNumber(number registry.GroupNumber) (*registry.ThingGroup, error) {
	g, err := m.ReadTx.GroupByNumber(number)
	return through(m.groupNumbered, g, err)
}

func (m mutant) ChildGroups(parent registry.GroupNumber, after registry.GroupName, limit int) ([]*registry.ThingGroup, error) {
	list, err := m.ReadTx.ChildGroups(parent, after, limit)
	return through(m.childGroups, list, err)
}

func (m mutant) Members(group registry.GroupNumber, asOf uint64, after registry.ThingKey, limit int) ([]store.Member, error) {
	list, err := m.ReadTx.Members(group, asOf, after, limit)
	if list, err = in(m.members, group, list, err); after != (registry.ThingKey{}) {
		list = without(func(m store.Member) bool { return compareThings(m.Thing, after) <= 0 })(list)
	}
	return list[:min(len(list), limit)], err
}

func (m mutant) Job(id jobs.JobID) (*jobs.Job, error) {
	j, err := m.ReadTx.Job(id)
	return through(m.jobNamed, j, err)
}

func (m mutant) JobByNumber(number jobs.JobNumber) (*jobs.Job, error) {
	j, err := m.ReadTx.JobByNumber(number)
	return through(m.jobNumbered, j, err)
}

func (m mutant) Jobs(after jobs.JobNumber, limit int) ([]*jobs.Job, error) {
	list, err := m.ReadTx.Jobs(after, limit)
	return through(m.jobs, list, err)
}

func (m mutant) JobsIn(status jobs.JobStatus, after jobs.JobNumber, limit int) ([]*jobs.Job, error) {
	list, err := m.ReadTx.JobsIn(status, after, limit)
	return in(m.jobsIn, status, list, err)
}

func (m mutant) JobsFollowing(group registry.GroupNumber, after jobs.JobNumber, limit int) ([]*jobs.Job, error) {
	list, err := m.ReadTx.JobsFollowing(group, after, limit)
	return in(m.jobsFollowing, group, list, err)
}

func (m mutant) Counters(job jobs.JobNumber) (jobs.Counters, error) {
	c, err := m.ReadTx.Counters(job)
	if m.counters != nil && job == update {
		m.counters(&c)
	}
	return c, err
}

func (m mutant) JobExecutions(job jobs.JobNumber, after store.ExecutionKey, limit int) ([]store.ThingExecution, error) {
	list, err := m.ReadTx.JobExecutions(job, after, limit)
	return through(m.executions, list, err)
}

func (m mutant) JobExecutionsIn(job jobs.JobNumber, status jobs.ExecutionStatus, after store.ExecutionKey, limit int) ([]store.ThingExecution, error) {
	list, err := m.ReadTx.JobExecutionsIn(job, status, after, limit)
	return in(m.executionsIn, status, list, err)
}

func (m mutant) ThingExecutions(thing registry.ThingKey, after store.ExecutionCursor, limit int) ([]jobs.JobExecution, error) {
	list, err := m.ReadTx.ThingExecutions(thing, after, limit)
	return in(m.ofThing, thing, list, err)
}

func (m mutant) Due(until time.Time, limit int) ([]store.Due, error) {
	list, err := m.ReadTx.Due(until, limit)
	return through(m.due, list, err)
}

func (m mutant) DueJobs(until time.Time, limit int) ([]jobs.JobNumber, error) {
	list, err := m.ReadTx.DueJobs(until, limit)
	return through(m.dueJobs, list, err)
}

func (m mutant) Marks(after jobs.JobNumber, limit int) ([]jobs.JobNumber, error) {
	list, err := m.ReadTx.Marks(after, limit)
	return through(m.marks, list, err)
}
