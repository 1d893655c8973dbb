package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// tx is a running update. What it reads of things it locks first, and so finds it unchanged until its end; jobs, groups and records nobody else
// can change while it holds the control row (invariant 2). What is not a thing, device traffic may change between two of its reads: counters, marks,
// due times, and the lists of them.
type tx struct {
	readTx
	work *work
	// last is the number last drawn; drawn tells that it is a new one. begun is the last one of the update before.
	last, begun uint64
	drawn       bool
	version     int // of the tables
	// ahead are things that were listed and are likely to be read next, in that order.
	ahead []registry.ThingName

	uncommitted map[configName]*jobs.Config // that the update has written
	changed     map[jobs.JobNumber]struct{} // jobs that it has written
	deleted     map[jobs.JobNumber]struct{}
	// marked are the marks by devices that were there when the update began, as far as it knows; cleared those that go at the commit.
	marked  []markRow
	cleared map[jobs.JobNumber]struct{}
}

// markRow is a row of table mark.
type markRow struct {
	job    jobs.JobNumber
	stripe int16
	n      int64
}

var _ store.Tx = (*tx)(nil)

// knownMarks is how many marks an update looks at when it begins. One beyond them it does not clear; that costs its job another step.
const knownMarks = 1000

// Update runs fn alone among updates.
func (s *Store) Update(ctx context.Context, fn func(store.Tx) error) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.gate.leave()
	// One update of this node at a time waits for the control row: the others need no connection for that.
	select {
	case s.updating <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.updating }()
	tries, losses := 0, 0
	for {
		err := s.updateOnce(ctx, fn)
		if err == nil {
			s.stats.updates.Add(1)
			return nil
		}
		if !s.again(err, &tries, &losses) {
			return err
		}
		s.stats.retries.Add(1)
	}
}

func (s *Store) updateOnce(ctx context.Context, fn func(store.Tx) error) error {
	session, err := begin(ctx, s.writes, beginWrite)
	if err != nil {
		return err
	}
	defer session.end() // also when fn ends its goroutine
	t := newTx(ctx, session, s.configs)
	if err := t.begin(); err != nil {
		return err
	}
	if t.version > s.version && !s.outdated.Swap(true) {
		s.logger.Warn("a newer program has migrated the tables: this node goes on, but cannot be started again", "version", t.version, "known", s.version)
	}
	if err := guard(func() error { return fn(t) }); err != nil {
		return t.reason(err)
	}
	if t.failed != nil {
		return t.failed
	}
	if err := t.finish(); err != nil {
		return t.reason(err)
	}
	if err := ctx.Err(); err != nil || !session.wrote {
		return err
	}
	return session.commit()
}

func newTx(ctx context.Context, session *session, configs *configCache) *tx {
	t := &tx{
		readTx: readTx{ctx: ctx, session: session, configs: configs}, work: newWork(ctx, session, configs, 0),
		uncommitted: map[configName]*jobs.Config{}, changed: map[jobs.JobNumber]struct{}{}, deleted: map[jobs.JobNumber]struct{}{},
		cleared: map[jobs.JobNumber]struct{}{},
	}
	t.tx = t
	return t
}

// reason tells an error of the database from what fn has made of it: a conflict must be known as one.
func (t *tx) reason(err error) error {
	if t.failed != nil && (isConflict(t.failed) || isLost(t.failed)) {
		return t.failed
	}
	return err
}

// begin takes the place among the updates.
func (t *tx) begin() error {
	t.session.query(func(rows pgx.Rows) error {
		var last int64
		err := rows.Scan(&last, &t.version)
		t.last, t.begun = uint64(last), uint64(last)
		return err
	}, `SELECT last_number, version FROM control FOR UPDATE`)
	t.session.query(func(rows pgx.Rows) error {
		var job int64
		var m markRow
		err := rows.Scan(&job, &m.stripe, &m.n)
		m.job = jobs.JobNumber(job)
		t.marked = append(t.marked, m)
		return err
	}, `SELECT job, stripe, n FROM mark WHERE stripe > 0 ORDER BY job, stripe LIMIT $1`, knownMarks)
	return t.send()
}

// finish queues what is left to be written, in the order of the locks.
func (t *tx) finish() error {
	if err := t.work.flush(); err != nil {
		return err
	}
	if t.drawn {
		t.session.exec(`UPDATE control SET last_number = $1`, int64(t.last))
	}
	if len(t.changed) > 0 {
		numbers := sortedNumbers(t.changed)
		t.session.query(func(pgx.Rows) error { return nil }, `SELECT job FROM job_lock WHERE job = ANY($1) ORDER BY job FOR UPDATE`, numbers)
		t.session.exec(copyJobs, numbers)
	}
	if err := t.finishDeleted(); err != nil {
		return err
	}
	t.finishCleared()
	return t.work.finish()
}

// finishDeleted takes away what deleted jobs leave. Behind their locks no device knows them any more; one that was faster may have queued an
// execution, and then the job stays.
func (t *tx) finishDeleted() error {
	if len(t.deleted) == 0 {
		return nil
	}
	gone := sortedNumbers(t.deleted)
	used, err := one(&t.readTx, number[jobs.JobNumber], `SELECT job FROM execution WHERE job = ANY($1) LIMIT 1`, gone)
	if err != nil {
		return err
	}
	if used != 0 {
		return errUsed(used)
	}
	for job := range t.deleted {
		delete(t.work.deltas, job)
		delete(t.work.marks, job)
	}
	for _, table := range []string{"head", "counter", "mark", "job_lock"} {
		t.session.exec(`DELETE FROM `+table+` WHERE job = ANY($1)`, gone)
	}
	return nil
}

func (t *tx) finishCleared() {
	if len(t.cleared) == 0 {
		return
	}
	t.session.exec(`DELETE FROM mark WHERE stripe = 0 AND job = ANY($1)`, sortedNumbers(t.cleared))
	var of, n []int64
	var stripe []int16
	for _, m := range t.marked {
		if _, cleared := t.cleared[m.job]; cleared {
			of, stripe, n = append(of, int64(m.job)), append(stripe, m.stripe), append(n, m.n)
		}
	}
	if len(of) > 0 {
		t.session.exec(`DELETE FROM mark m USING unnest($1::bigint[], $2::smallint[], $3::bigint[]) AS v (job, stripe, n)
			WHERE m.job = v.job AND m.stripe = v.stripe AND m.n = v.n`, of, stripe, n)
	}
}
