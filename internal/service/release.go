package service

import (
	"slices"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/rollout"
	"iotjobs/internal/store"
)

// fullThingPatience is how long a job waits for a thing whose queue was full.
const fullThingPatience = time.Minute

// release queues executions for as many things as were decided, of those that the cursor has not reached. It looks at no more than limit things
// and tells at how many it did.
func (s *Service) release(tx store.Tx, job *jobs.Job, d rollout.Decision, now time.Time, limit int) (looked int, err error) {
	e := jobs.NewExecution(job.Number, 1, now)
	r := releaser{
		service: s, tx: tx, job: job, now: now, address: []store.Address{{Job: job.ID, Head: true}},
		first: store.ThingChange{
			Executions: []store.ExecutionChange{{After: &e}},
			Heads:      map[jobs.JobNumber]jobs.Head{job.Number: {Newest: e.Number, Known: true}},
		},
	}
	job.Release.ResumeAt = time.Time{}
	for looked < limit && r.queued < d.Things && job.Release.Target < len(job.Config.Targets) {
		n, err := r.target(min(limit-looked, d.Things-r.queued))
		if err != nil {
			return looked, err
		}
		looked += n
	}
	job.Minute = d.Released(r.queued)
	if at := job.Release; at.Target == len(job.Config.Targets) {
		job.Release = jobs.Release{Target: at.Target, Done: true}
		if at.Waiting { // start over later: what is queued already is passed over
			job.Release = jobs.Release{ResumeAt: now.Add(fullThingPatience)}
		}
	}
	return looked, tx.PutJob(job)
}

// releaser moves the cursor of one job within one transaction.
type releaser struct {
	service *Service
	tx      store.Tx
	job     *jobs.Job
	now     time.Time
	queued  int

	// What is the same for every thing is made once: the address of the job, and the change that queues its first execution.
	address []store.Address
	first   store.ThingChange
}

// target goes on with the target at the cursor, and past it when it is through. It tells how many things it has looked at, at least one.
func (r *releaser) target(limit int) (looked int, err error) {
	at := &r.job.Release
	target := r.job.Config.Targets[at.Target]
	members, ended := []store.Member{{Thing: registry.ThingKey{Name: registry.ThingName(target.Name)}}}, true
	if target.Kind == jobs.GroupTarget {
		// One more than needed tells whether it is the last, so that the job need not wait for another minute to learn it.
		if members, err = r.tx.Members(target.Group, r.job.Snapshot, at.After, limit+1); err != nil {
			return 0, err
		}
		if ended = len(members) <= limit; !ended {
			members = members[:limit]
		}
	}
	for _, member := range members {
		if err := r.thing(member.Thing); err != nil {
			return 0, err
		}
		at.After = member.Thing
	}
	if ended {
		at.Target, at.After = at.Target+1, registry.ThingKey{}
	}
	return max(1, len(members)), nil
}

// thing gives a thing its first execution of the job, once: a thing that is gone or has one already is passed over. One that is full makes the
// cursor come back.
func (r *releaser) thing(key registry.ThingKey) error {
	view, err := r.tx.Thing(key.Name, r.address...)
	if err != nil || view.Thing == nil {
		return err
	}
	sameThing := view.Thing.Number == key.Number
	if key.Number == 0 { // a target by name
		sameThing = r.job.Knew(view.Thing)
	}
	head := view.Addressed[r.job.ID].Head
	if !sameThing || !jobs.QueuedByRelease(head) {
		return nil
	}
	if len(view.Pending) >= r.service.Quotas.PendingPerThing {
		r.job.Release.Waiting = true
		return nil
	}
	change := r.first
	if others := overtaken(view); len(others) > 0 {
		change.Executions = append(slices.Clip(change.Executions), others...)
	}
	r.queued++
	return r.service.changeThing(r.tx, view.Thing.Key(), change, view.Jobs, r.now)
}
