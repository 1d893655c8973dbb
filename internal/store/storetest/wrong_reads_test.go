package storetest_test

import (
	"context"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// reads makes a mutation of all views out of one of their transaction.
func reads(mutate func(store.ReadTx) store.ReadTx) func(store.Store) store.Store {
	return func(s store.Store) store.Store {
		return wrong{Store: s, view: func(ctx context.Context, fn func(store.ReadTx) error) error {
			return s.View(ctx, func(tx store.ReadTx) error { return fn(mutate(tx)) })
		}}
	}
}

type wrongReads struct {
	store.ReadTx
	thing    func(name registry.ThingName, addrs []store.Address) (store.ThingView, error)
	due      func(until time.Time, limit int) ([]store.Due, error)
	counters func(job jobs.JobNumber) (jobs.Counters, error)
	in       func(job jobs.JobNumber, status jobs.ExecutionStatus, after store.ExecutionKey, limit int) ([]store.ThingExecution, error)
	things   func(after registry.ThingName, limit int) ([]*registry.Thing, error)
	members  func(group registry.GroupNumber, asOf uint64, after registry.ThingKey, limit int) ([]store.Member, error)
	group    func(name registry.GroupName) (*registry.ThingGroup, error)
	follow   func(group registry.GroupNumber, after jobs.JobNumber, limit int) ([]*jobs.Job, error)
	dueJobs  func(until time.Time, limit int) ([]jobs.JobNumber, error)
	nextDue  func(after time.Time) (time.Time, error)
}

func (w wrongReads) Thing(name registry.ThingName, addrs ...store.Address) (store.ThingView, error) {
	if w.thing != nil {
		return w.thing(name, addrs)
	}
	return w.ReadTx.Thing(name, addrs...)
}

func (w wrongReads) Due(until time.Time, limit int) ([]store.Due, error) {
	if w.due != nil {
		return w.due(until, limit)
	}
	return w.ReadTx.Due(until, limit)
}

func (w wrongReads) Counters(job jobs.JobNumber) (jobs.Counters, error) {
	if w.counters != nil {
		return w.counters(job)
	}
	return w.ReadTx.Counters(job)
}

func (w wrongReads) JobExecutionsIn(job jobs.JobNumber, status jobs.ExecutionStatus, after store.ExecutionKey, limit int) ([]store.ThingExecution, error) {
	if w.in != nil {
		return w.in(job, status, after, limit)
	}
	return w.ReadTx.JobExecutionsIn(job, status, after, limit)
}

func (w wrongReads) Things(after registry.ThingName, limit int) ([]*registry.Thing, error) {
	if w.things != nil {
		return w.things(after, limit)
	}
	return w.ReadTx.Things(after, limit)
}

func (w wrongReads) Members(group registry.GroupNumber, asOf uint64, after registry.ThingKey, limit int) ([]store.Member, error) {
	if w.members != nil {
		return w.members(group, asOf, after, limit)
	}
	return w.ReadTx.Members(group, asOf, after, limit)
}

func (w wrongReads) Group(name registry.GroupName) (*registry.ThingGroup, error) {
	if w.group != nil {
		return w.group(name)
	}
	return w.ReadTx.Group(name)
}

func (w wrongReads) JobsFollowing(group registry.GroupNumber, after jobs.JobNumber, limit int) ([]*jobs.Job, error) {
	if w.follow != nil {
		return w.follow(group, after, limit)
	}
	return w.ReadTx.JobsFollowing(group, after, limit)
}

func (w wrongReads) DueJobs(until time.Time, limit int) ([]jobs.JobNumber, error) {
	if w.dueJobs != nil {
		return w.dueJobs(until, limit)
	}
	return w.ReadTx.DueJobs(until, limit)
}

func (w wrongReads) NextDue(after time.Time) (time.Time, error) {
	if w.nextDue != nil {
		return w.nextDue(after)
	}
	return w.ReadTx.NextDue(after)
}
