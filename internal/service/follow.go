package service

import (
	"errors"
	"slices"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// followsPerRound is how many following jobs are read at once.
const followsPerRound = 100

// regroup writes a thing that is new or has changed. It finds out which dynamic groups hold it now, and lets the jobs that follow what has
// changed of its groups follow: a thing that joins is queued at once, not rate-limited; one that leaves loses what is queued (LIFE-3).
func (s *Service) regroup(tx store.Tx, before store.ThingView, thing *registry.Thing, now time.Time) error {
	if err := s.place(tx, thing); err != nil {
		return err
	}
	if err := tx.PutThing(thing); err != nil {
		return err
	}
	var groups []registry.GroupNumber
	for _, m := range thing.Groups {
		if before.Thing == nil || !before.Thing.In(m.Group) {
			groups = append(groups, m.Group)
		}
	}
	joined, err := following(tx, groups)
	if err != nil {
		return err
	}
	groups = groups[:0]
	if before.Thing != nil {
		for _, m := range before.Thing.Groups {
			if !thing.In(m.Group) {
				groups = append(groups, m.Group)
			}
		}
	}
	left, err := following(tx, groups)
	if err != nil || len(joined)+len(left) == 0 {
		return err
	}
	return s.follow(tx, thing, joined, left, now)
}

// following lists the jobs that follow at least one of the groups, each once, the oldest first.
func following(tx store.ReadTx, groups []registry.GroupNumber) (list []*jobs.Job, err error) {
	for _, group := range groups {
		for after := jobs.JobNumber(0); ; {
			page, err := tx.JobsFollowing(group, after, followsPerRound)
			if err != nil {
				return nil, err
			}
			for _, job := range page {
				if after = job.Number; !slices.ContainsFunc(list, func(j *jobs.Job) bool { return j.Number == job.Number }) {
					list = append(list, job)
				}
			}
			if len(page) < followsPerRound {
				break
			}
		}
	}
	slices.SortFunc(list, func(a, b *jobs.Job) int { return int(a.Number) - int(b.Number) })
	return list, nil
}

// follow changes the executions of a thing that has joined target groups of some jobs and left those of others.
func (s *Service) follow(tx store.Tx, thing *registry.Thing, joined, left []*jobs.Job, now time.Time) error {
	var addrs []store.Address
	for _, job := range slices.Concat(joined, left) {
		addrs = append(addrs, store.Address{Job: job.ID, Head: true})
	}
	view, err := tx.Thing(thing.Name, addrs...)
	if err != nil {
		return err
	}
	state := newThingState(view)
	for _, job := range slices.Concat(joined, left) {
		state.forgetRetries(job)
	}
	for _, job := range left {
		for _, e := range state.pending {
			if job.RemovedByLeave(e, thing) {
				state.replace(e, e.Remove(now))
			}
		}
	}
	for _, job := range joined {
		if !job.QueuedByJoin(now, state.pending) {
			continue
		}
		if len(view.Pending) >= s.Quotas.PendingPerThing {
			if err := comeBack(tx, job, now); err != nil {
				return err
			}
			continue
		}
		head := view.Addressed[job.ID].Head
		head.Retries = jobs.RetriesUsed{} // LIFE-3.10
		state.queue(job, head, now)
	}
	if change := state.change(); !change.Empty() {
		return s.changeThing(tx, thing.Key(), change, view.Jobs, now)
	}
	return nil
}

// comeBack sends the cursor of a job over its targets again, because a thing was full.
func comeBack(tx store.Tx, job *jobs.Job, now time.Time) error {
	job = job.Clone()
	job.Release = jobs.Release{ResumeAt: now.Add(fullThingPatience)}
	return errors.Join(tx.PutJob(job), tx.Mark(job.Number))
}
