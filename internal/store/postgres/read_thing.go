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

func newThingQuery(name registry.ThingName, addrs []store.Address) *thingQuery {
	return &thingQuery{
		name: name, addrs: addrs, things: map[registry.ThingName]*thingState{}, jobs: map[jobs.JobNumber]*jobs.Job{}, ids: map[jobs.JobID]*jobs.Job{},
	}
}

func (q *thingQuery) addJob(job *jobs.Job) { q.jobs[job.Number], q.ids[job.ID] = job, job }

// queueThing queues the question. All of it must see one snapshot.
func queueThing(s *session, name registry.ThingName, addrs []store.Address) *thingQuery {
	q := newThingQuery(name, addrs)
	names, at := texts([]registry.ThingName{name}), addressesOf(name, addrs)
	s.query(func(rows pgx.Rows) error {
		state, err := scanThing(rows)
		q.things[name] = state
		return err
	}, selectThings, names)
	queueJobs(s, q.addJob, selectJobsOf, names, idsOf(at))
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

// readThing is the question for a thing and its jobs as one statement, which sees one snapshot.
const readThing = `WITH t AS MATERIALIZED (SELECT name, number, type, registry, pending, jobs FROM thing WHERE name = $1)
	SELECT name, number, type, registry, pending, NULL, NULL, NULL FROM t
	UNION ALL SELECT id, number, status, state, NULL, NULL, revision, wake_at FROM job
	WHERE number = ANY (ARRAY(SELECT unnest(t.jobs) FROM t UNION ALL SELECT job.number FROM job WHERE job.id = ANY($2)))`

// ReadThing shows one thing, in one trip. Executions that have ended, and configurations that are not in memory, need the usual way.
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
	session, err := connected(ctx, s.reads)
	if err != nil {
		return view, false, err
	}
	defer session.end()
	q := newThingQuery(name, addrs)
	session.query(func(rows pgx.Rows) error {
		var row thingOrJob
		state, job, err := row.scan(rows)
		switch {
		case err != nil:
		case job != nil:
			q.addJob(job)
		default:
			q.things[name] = state
		}
		return err
	}, readThing, storableText(string(name)), idsOf(addressesOf(name, addrs)))
	if err := session.send(ctx); err != nil {
		return view, false, err
	}
	session.sent = false // nothing was begun
	if !q.complete(s.configs) {
		return view, false, nil
	}
	return q.view(), true, nil
}

// complete tells whether the view can be shown, and fills in the configurations.
func (q *thingQuery) complete(configs *configCache) bool {
	for _, job := range q.jobs {
		if job.Config = configs.get(configName{job.Number, job.Revision}); job.Config == nil {
			return false
		}
	}
	state := q.things[q.name]
	for _, a := range q.addrs {
		if job := q.ids[a.Job]; state != nil && job != nil && !state.knows(job.Number, a.Number) {
			return false
		}
	}
	return true
}
