package sim

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// seeing replaces some reads of a transaction; those that are nil are those of the transaction below.
type seeing struct {
	due      func([]store.Due) []store.Due
	dueJobs  func([]jobs.JobNumber) []jobs.JobNumber
	members  func([]store.Member) []store.Member
	asOf     func(uint64) uint64
	counters func(jobs.Counters) jobs.Counters
	thing    func(store.ThingView) store.ThingView
}

type wrongReads struct {
	store.ReadTx
	seeing
}

func (r wrongReads) Due(until time.Time, limit int) ([]store.Due, error) {
	list, err := r.ReadTx.Due(until, limit)
	return mutated(r.due, list), err
}

func (r wrongReads) DueJobs(until time.Time, limit int) ([]jobs.JobNumber, error) {
	list, err := r.ReadTx.DueJobs(until, limit)
	return mutated(r.dueJobs, list), err
}

func (r wrongReads) Members(group registry.GroupNumber, asOf uint64, after registry.ThingKey, limit int) ([]store.Member, error) {
	list, err := r.ReadTx.Members(group, mutated(r.asOf, asOf), after, limit)
	return mutated(r.members, list), err
}

func (r wrongReads) Counters(job jobs.JobNumber) (jobs.Counters, error) {
	counters, err := r.ReadTx.Counters(job)
	return mutated(r.counters, counters), err
}

func (r wrongReads) Thing(name registry.ThingName, addrs ...store.Address) (store.ThingView, error) {
	view, err := r.ReadTx.Thing(name, addrs...)
	return mutated(r.thing, view), err
}

func mutated[T any](mutate func(T) T, right T) T {
	if mutate == nil {
		return right
	}
	return mutate(right)
}

// wrongTx is a transaction that reads wrongly, or writes something else.
type wrongTx struct {
	wrongReads
	store.Tx
	putJob func(*jobs.Job) *jobs.Job
	// deaf loses all marks.
	deaf bool
}

func (t wrongTx) Due(until time.Time, limit int) ([]store.Due, error) {
	return t.wrongReads.Due(until, limit)
}

func (t wrongTx) DueJobs(until time.Time, limit int) ([]jobs.JobNumber, error) {
	return t.wrongReads.DueJobs(until, limit)
}

func (t wrongTx) Members(group registry.GroupNumber, asOf uint64, after registry.ThingKey, limit int) ([]store.Member, error) {
	return t.wrongReads.Members(group, asOf, after, limit)
}

func (t wrongTx) Counters(job jobs.JobNumber) (jobs.Counters, error) {
	return t.wrongReads.Counters(job)
}

func (t wrongTx) Thing(name registry.ThingName, addrs ...store.Address) (store.ThingView, error) {
	return t.wrongReads.Thing(name, addrs...)
}

func (t wrongTx) PutJob(job *jobs.Job) error { return t.Tx.PutJob(mutated(t.putJob, job)) }

func (t wrongTx) Mark(number jobs.JobNumber) error {
	if t.deaf {
		return nil
	}
	return t.Tx.Mark(number)
}

// reading makes a store whose reads are wrong, device calls included.
func reading(what seeing) func(store.Store) store.Store {
	return func(s store.Store) store.Store {
		return wrong{
			Store: s,
			view:  func(tx store.ReadTx) store.ReadTx { return wrongReads{tx, what} },
			update: func(tx store.Tx) store.Tx {
				return wrongTx{wrongReads: wrongReads{tx, what}, Tx: tx}
			},
			readThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address) (store.ThingView, error) {
				view, err := s.ReadThing(ctx, name, addrs)
				return mutated(what.thing, view), err
			},
			updateThing: func(ctx context.Context, name registry.ThingName, addrs []store.Address, fn change) error {
				return s.UpdateThing(ctx, name, addrs, func(v store.ThingView) (store.ThingChange, error) { return fn(mutated(what.thing, v)) })
			},
		}
	}
}

// writing makes a store whose updates write something else.
func writing(putJob func(*jobs.Job) *jobs.Job, deaf bool) func(store.Store) store.Store {
	return func(s store.Store) store.Store {
		return wrong{Store: s, update: func(tx store.Tx) store.Tx {
			return wrongTx{wrongReads: wrongReads{ReadTx: tx}, Tx: tx, putJob: putJob, deaf: deaf}
		}}
	}
}

// withoutLast misses what is due last.
func withoutLast(list []store.Due) []store.Due { return list[:max(0, len(list)-1)] }

// seldom shows what is due once in some minutes of ticks.
func seldom() func([]store.Due) []store.Due {
	now := sometimes(1000)
	return func(list []store.Due) []store.Due {
		if !now() {
			return nil
		}
		return list
	}
}

func noJobs([]jobs.JobNumber) []jobs.JobNumber { return nil }

// withoutSome forgets that groups hold some of their things.
func withoutSome(list []store.Member) []store.Member {
	return slices.DeleteFunc(list, func(m store.Member) bool { return strings.HasSuffix(string(m.Thing.Name), "3") })
}

func asOfNow(uint64) uint64 { return 0 }

// withoutRejected does not count what was rejected.
func withoutRejected(c jobs.Counters) jobs.Counters {
	c.Add(jobs.Rejected, -c.Of(jobs.Rejected))
	return c
}

// beforeCancel shows canceled jobs to things as they were before.
func beforeCancel(v store.ThingView) store.ThingView {
	v.Jobs, v.Addressed = maps.Clone(v.Jobs), maps.Clone(v.Addressed)
	before := func(job *jobs.Job) *jobs.Job {
		if job != nil && job.Status == jobs.JobCanceled {
			job = job.Clone()
			job.Status = jobs.JobInProgress
		}
		return job
	}
	for number, job := range v.Jobs {
		v.Jobs[number] = before(job)
	}
	for id, a := range v.Addressed {
		a.Job = before(a.Job)
		v.Addressed[id] = a
	}
	return v
}

// withoutMinute forgets what the rollout has released in its minute.
func withoutMinute(job *jobs.Job) *jobs.Job {
	job = job.Clone()
	job.Minute = jobs.Minute{}
	return job
}
