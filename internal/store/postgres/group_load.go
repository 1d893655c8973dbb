package postgres

import (
	"github.com/jackc/pgx/v5"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// The question of a group: its things, locked, and then their jobs and those that addresses name, locked shared, in one statement, so that no thing is
// looked for twice. Rows of jobs are those with a revision.
const (
	lockFirst = `WITH t AS MATERIALIZED (SELECT name, number, type, registry, pending, jobs, ctid::text AS place FROM thing WHERE name = ANY($1) ORDER BY name`
	lockThen  = `), l AS MATERIALIZED (
			SELECT job, id, revision, status, wake_at, state FROM job_lock
			WHERE job = ANY (ARRAY(SELECT unnest(t.jobs) FROM t UNION SELECT job.number FROM job WHERE job.id = ANY($2))) ORDER BY job FOR SHARE
		)
		SELECT name, number, type, registry, pending, place, NULL, NULL FROM t
		UNION ALL SELECT id, job, status, state, NULL, NULL, revision, wake_at FROM l`

	lockOrSkip  = lockFirst + ` FOR UPDATE SKIP LOCKED` + lockThen
	lockAndWait = lockFirst + ` FOR UPDATE` + lockThen
	lockNothing = lockFirst + lockThen
)

// queueLocked queues it. Things that do not exist, and those that SKIP LOCKED leaves out, are not in things afterwards.
func (g *group) queueLocked(names []registry.ThingName, ids []string) {
	sql := lockOrSkip
	switch {
	case g.work.unlocked:
		sql = lockNothing
	case g.wait:
		sql = lockAndWait
	}
	g.work.query(g.addLocked, sql, texts(names), ids)
}

func (g *group) addLocked(rows pgx.Rows) error {
	state, job, err := scanThingOrJob(rows)
	switch {
	case err != nil:
		return err
	case job != nil:
		g.work.addJob(job)
		return nil
	case g.work.unlocked:
		state.place = ""
	}
	g.work.things[state.thing.Name] = state
	return nil
}

// scanThingOrJob reads a row that is one of the two.
func scanThingOrJob(rows pgx.Rows) (*thingState, *jobs.Job, error) {
	var name string
	var number int64
	var text, place *string // text is the type of a thing, the status of a job
	var content, pending []byte
	var revision, wakeAt *int64
	if err := rows.Scan(&name, &number, &text, &content, &pending, &place, &revision, &wakeAt); err != nil {
		return nil, nil, err
	}
	if revision != nil {
		job, err := jobOf(number, name, *revision, deref(text), wakeAt, content)
		return nil, job, err
	}
	state, err := thingOf(name, number, deref(text), content, pending)
	if err != nil {
		return nil, nil, err
	}
	state.place = deref(place)
	return state, nil, nil
}

// lockNewJobs asks for jobs that were not there yet when the question began: it waited for a thing, and read what was queued on it meanwhile. They have
// higher numbers than all of the others, so the order of the locks holds.
func (g *group) lockNewJobs() error {
	missing := map[jobs.JobNumber]struct{}{}
	for _, state := range g.work.things {
		for i := range state.pending {
			if job := state.pending[i].Job; g.work.jobs[job] == nil {
				missing[job] = struct{}{}
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	queueJobs(g.work.session, g.work.addJob, lockJobs, sortedNumbers(missing))
	return g.work.send(g.work.ctx)
}
