package postgres

import (
	"context"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/rowcodec"
)

// readTx reads one snapshot or, inside an Update, what is committed and the update's own changes.
type readTx struct {
	ctx     context.Context // of the call; a readTx lives no longer
	session *session
	configs *configCache
	// tx is the update that reads; nil in a View. What it reads of things it locks first.
	tx *tx
	// failed is the first error of the database, should the caller's function keep it to itself.
	failed error
}

var _ store.ReadTx = (*readTx)(nil)

func newReadTx(ctx context.Context, s *session, configs *configCache) *readTx {
	return &readTx{ctx: ctx, session: s, configs: configs}
}

// flush lets a question see what the update has changed.
func (r *readTx) flush() error {
	if r.tx == nil {
		return nil
	}
	return r.tx.work.flush()
}

// send makes the trip.
func (r *readTx) send() error {
	err := r.session.send(r.ctx)
	if err != nil && r.failed == nil {
		r.failed = err
	}
	return err
}

// ask is a question and its trip.
func (r *readTx) ask(scan func(pgx.Rows) error, sql string, args ...any) error {
	if err := r.flush(); err != nil {
		return err
	}
	r.session.query(scan, sql, args...)
	return r.send()
}

// listed asks for rows.
func listed[T any](r *readTx, scan func(pgx.Rows) (T, error), sql string, args ...any) ([]T, error) {
	var all []T
	err := r.ask(func(rows pgx.Rows) error {
		row, err := scan(rows)
		all = append(all, row)
		return err
	}, sql, args...)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// one is the first row; the zero value if there is none.
func one[T any](r *readTx, scan func(pgx.Rows) (T, error), sql string, args ...any) (row T, err error) {
	all, err := listed(r, scan, sql, args...)
	if len(all) > 0 {
		row = all[0]
	}
	return row, err
}

// scanned reads one column.
func scanned[T any](rows pgx.Rows) (value T, err error) {
	err = rows.Scan(&value)
	return value, err
}

// number reads a column that holds a number of ours.
func number[T ~uint64](rows pgx.Rows) (T, error) {
	n, err := scanned[int64](rows)
	return T(n), err
}

// bounded is a number in a question; what is larger than all numbers there are stays so.
func bounded[N ~uint64 | ~int64](n N) int64 { return int64(min(uint64(n), math.MaxInt64)) }

func (r *readTx) Thing(name registry.ThingName, addrs ...store.Address) (store.ThingView, error) {
	if r.tx != nil {
		return r.tx.thing(name, addrs)
	}
	q := queueThing(r.session, name, addrs)
	if err := r.send(); err != nil {
		return store.ThingView{}, err
	}
	if err := r.fill(values(q.jobs)...); err != nil {
		return store.ThingView{}, err
	}
	return q.view(), nil
}

func addressesOf(name registry.ThingName, addrs []store.Address) []address {
	list := make([]address, len(addrs))
	for i, a := range addrs {
		list[i] = address{name, a}
	}
	return list
}

// fill adds the configurations to jobs.
func (r *readTx) fill(list ...*jobs.Job) error {
	var uncommitted map[configName]*jobs.Config
	if r.tx != nil {
		uncommitted = r.tx.uncommitted
	}
	err := fillConfigs(r.ctx, r.session, r.configs, uncommitted, list...)
	if err != nil && r.failed == nil {
		r.failed = err
	}
	return err
}

// Things needs no locks: device traffic never changes the registry's part.
func (r *readTx) Things(after registry.ThingName, limit int) ([]*registry.Thing, error) {
	return r.listThings(`SELECT name, number, type, registry FROM thing WHERE name > $1 ORDER BY name LIMIT $2`, string(after), max(0, limit))
}

func (r *readTx) ThingsOfType(name registry.TypeName, after registry.ThingName, limit int) ([]*registry.Thing, error) {
	if name == "" {
		return nil, nil
	}
	return r.listThings(`SELECT name, number, type, registry FROM thing WHERE type = $3 AND name > $1 ORDER BY name LIMIT $2`,
		string(after), max(0, limit), storableText(string(name)))
}

func (r *readTx) listThings(sql string, args ...any) ([]*registry.Thing, error) {
	return listed(r, func(rows pgx.Rows) (*registry.Thing, error) {
		var name string
		var number int64
		var typeName *string
		var registered []byte
		if err := rows.Scan(&name, &number, &typeName, &registered); err != nil {
			return nil, err
		}
		key := registry.ThingKey{Name: registry.ThingName(name), Number: registry.ThingNumber(number)}
		return decodeThing(key, registry.TypeName(deref(typeName)), registered)
	}, sql, args...)
}

func (r *readTx) Due(until time.Time, limit int) ([]store.Due, error) {
	return listed(r, func(rows pgx.Rows) (due store.Due, err error) {
		var at, thing, job, number int64
		var name string
		err = rows.Scan(&at, &name, &thing, &job, &number)
		return store.Due{
			At: rowcodec.FromMicros(at), Thing: registry.ThingKey{Name: registry.ThingName(name), Number: registry.ThingNumber(thing)},
			Job: jobs.JobNumber(job), Number: jobs.ExecutionNumber(number),
		}, err
	}, `SELECT due, thing_name, thing, job, number FROM execution WHERE due <= $1 ORDER BY due, thing_name, thing, job, number LIMIT $2`,
		until.UnixMicro(), max(0, limit))
}

func (r *readTx) DueJobs(until time.Time, limit int) ([]jobs.JobNumber, error) {
	return listed(r, number[jobs.JobNumber], `SELECT number FROM job WHERE wake_at <= $1 ORDER BY wake_at, number LIMIT $2`, until.UnixMicro(), max(0, limit))
}

func (r *readTx) NextDue(after time.Time) (next time.Time, err error) {
	from := int64(math.MinInt64)
	if !after.IsZero() { // the zero time lies before the year 1, far outside of what a stored instant may be
		from = after.UnixMicro()
	}
	at, err := one(r, scanned[*int64], `SELECT least(
		(SELECT due FROM execution WHERE due > $1 ORDER BY due LIMIT 1), (SELECT wake_at FROM job WHERE wake_at > $1 ORDER BY wake_at LIMIT 1))`, from)
	return rowcodec.FromMicros(deref(at)), err
}

func (r *readTx) Counters(job jobs.JobNumber) (jobs.Counters, error) {
	c, err := one(r, func(rows pgx.Rows) (c jobs.Counters, err error) {
		into := make([]any, len(c))
		for i := range c {
			into[i] = &c[i]
		}
		err = rows.Scan(into...)
		return c, err
	}, `SELECT coalesce(sum(queued), 0)::bigint, coalesce(sum(in_progress), 0)::bigint, coalesce(sum(succeeded), 0)::bigint, coalesce(sum(failed), 0)::bigint,
		coalesce(sum(timed_out), 0)::bigint, coalesce(sum(rejected), 0)::bigint, coalesce(sum(removed), 0)::bigint, coalesce(sum(canceled), 0)::bigint
		FROM counter WHERE job = $1`, bounded(job))
	if r.tx != nil {
		if _, gone := r.tx.deleted[job]; gone {
			return jobs.Counters{}, err
		}
		c = sum(c, r.tx.work.deltas[job])
	}
	return c, err
}

func (r *readTx) Marks(after jobs.JobNumber, limit int) ([]jobs.JobNumber, error) {
	if r.tx != nil {
		return r.tx.marks(after, limit)
	}
	return listed(r, number[jobs.JobNumber], `SELECT DISTINCT job FROM mark WHERE job > $1 ORDER BY job LIMIT $2`, bounded(after), max(0, limit))
}

func (r *readTx) Events(after uint64, limit int) ([]jobs.Event, error) {
	return listed(r, func(rows pgx.Rows) (jobs.Event, error) {
		var number int64
		var content []byte
		if err := rows.Scan(&number, &content); err != nil {
			return jobs.Event{}, err
		}
		return decodeEvent(uint64(number), content)
	}, `SELECT number, content FROM event WHERE number > $1 ORDER BY number LIMIT $2`, bounded(after), max(0, limit))
}

func (r *readTx) LastEvent() (uint64, error) {
	return one(r, number[uint64], `SELECT last FROM event_counter`)
}

func (r *readTx) Record(kind store.RecordKind, id string) ([]byte, error) {
	return one(r, scanned[[]byte], `SELECT value FROM record WHERE kind = $1 AND id = $2`, storableText(string(kind)), storableText(id))
}

func (r *readTx) Records(kind store.RecordKind, after string, limit int) ([]store.Record, error) {
	return listed(r, func(rows pgx.Rows) (record store.Record, err error) {
		err = rows.Scan(&record.ID, &record.Value)
		return record, err
	}, `SELECT id, value FROM record WHERE kind = $1 AND id > $2 ORDER BY id LIMIT $3`, storableText(string(kind)), after, max(0, limit))
}

func (r *readTx) Version() (uint64, error) {
	if r.tx != nil {
		return r.tx.last, nil
	}
	return one(r, number[uint64], `SELECT last_number FROM control`)
}
