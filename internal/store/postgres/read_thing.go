package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// thingQuery is the question for a thing that nobody locks.
type thingQuery struct {
	name   registry.ThingName
	addrs  []store.Address
	things map[registry.ThingName]*thingState
	jobs   map[jobs.JobNumber]*jobs.Job
	ids    map[jobs.JobID]*jobs.Job
}

// queueThing queues the question. All of it must see one snapshot.
func queueThing(s *session, name registry.ThingName, addrs []store.Address) *thingQuery {
	q := &thingQuery{
		name: name, addrs: addrs, things: map[registry.ThingName]*thingState{}, jobs: map[jobs.JobNumber]*jobs.Job{}, ids: map[jobs.JobID]*jobs.Job{},
	}
	names, at := texts([]registry.ThingName{name}), addressesOf(name, addrs)
	s.query(func(rows pgx.Rows) error {
		state, err := scanThing(rows)
		q.things[name] = state
		return err
	}, selectThings, names)
	queueJobs(s, func(job *jobs.Job) { q.jobs[job.Number], q.ids[job.ID] = job, job }, selectJobsOf, names, idsOf(at))
	queueAddressed(s, at, q.things)
	return q
}

func (q *thingQuery) view() store.ThingView {
	state := q.things[q.name]
	if state == nil {
		state = newThingState() // there is none
	}
	return state.view(q.addrs, q.jobs, q.ids)
}

// ReadThing shows one thing, in one trip: it begins a transaction, asks, and ends it. Configurations that are not in memory need a second one, and so
// the usual way, whose snapshot still has them.
func (s *Store) ReadThing(ctx context.Context, name registry.ThingName, addrs []store.Address) (view store.ThingView, err error) {
	view, ok, err := s.readThing(ctx, name, addrs)
	if ok || err != nil {
		return view, err
	}
	err = s.View(ctx, func(tx store.ReadTx) error {
		view, err = tx.Thing(name, addrs...)
		return err
	})
	return view, err
}

// readThing does it in one trip; ok is false if that was not enough.
func (s *Store) readThing(ctx context.Context, name registry.ThingName, addrs []store.Address) (view store.ThingView, ok bool, err error) {
	if err := s.enter(ctx); err != nil {
		return view, false, err
	}
	defer s.gate.leave()
	tries, losses := 0, 0
	for {
		view, ok, err = s.readThingOnce(ctx, name, addrs)
		if err == nil || !s.again(err, &tries, &losses) {
			return view, ok, err
		}
	}
}

func (s *Store) readThingOnce(ctx context.Context, name registry.ThingName, addrs []store.Address) (view store.ThingView, ok bool, err error) {
	session, err := begin(ctx, s.reads, beginRead)
	if err != nil {
		return view, false, err
	}
	defer session.end()
	q := queueThing(session, name, addrs)
	session.batch.Queue("commit")
	if err := session.send(ctx); err != nil {
		return view, false, err
	}
	session.sent = false // it has ended
	for _, job := range q.jobs {
		if job.Config = s.configs.get(configName{job.Number, job.Revision}); job.Config == nil {
			return view, false, nil
		}
	}
	return q.view(), true, nil
}
