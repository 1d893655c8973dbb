package postgres

import (
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// The question of a group: its things, locked, and then their jobs and those that addresses name, locked shared, in one statement, so that no thing is
// looked for twice. Rows of jobs are those with a revision.
const (
	lockFirst = `WITH t AS MATERIALIZED (SELECT name, number, type, registry, pending, jobs, ctid::text AS place FROM thing WHERE name = ANY($1) ORDER BY name`
	lockThen  = `), l AS MATERIALIZED (
			SELECT job, id, revision, status, wake_at, state FROM job_lock
			WHERE job = ANY (ARRAY(SELECT unnest(t.jobs) FROM t UNION ALL SELECT job.number FROM job WHERE job.id = ANY($2))) ORDER BY job FOR SHARE
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
	state, job, err := g.row.scan(rows)
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

// thingOrJob is a row that is one of the two.
type thingOrJob struct {
	name             string
	number           int64
	text, place      pgtype.Text        // text is the type of a thing, the status of a job
	content, pending pgtype.DriverBytes // good until the next row
	revision, wakeAt pgtype.Int8
}

func (r *thingOrJob) scan(rows pgx.Rows) (*thingState, *jobs.Job, error) {
	if err := rows.Scan(&r.name, &r.number, &r.text, &r.content, &r.pending, &r.place, &r.revision, &r.wakeAt); err != nil {
		return nil, nil, err
	}
	if r.revision.Valid {
		job, err := jobOf(r.number, r.name, r.revision.Int64, r.text.String, r.wakeAt.Int64, r.content)
		return nil, job, err
	}
	state, err := thingOf(r.name, r.number, r.text.String, r.content, r.pending)
	if err != nil {
		return nil, nil, err
	}
	state.place = r.place.String
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
