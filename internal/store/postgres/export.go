package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

var _ store.Portable = (*Store)(nil)

// Export shows one snapshot of the database. It asks one question for each kind of rows and reads the answer as fn goes on, so neither side holds
// more than what is on its way.
func (s *Store) Export(ctx context.Context, after store.Row, fn func(store.Row) error) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.gate.leave()
	session, err := begin(ctx, s.reads, beginRead)
	if err != nil {
		return err
	}
	defer session.end()
	// Whole tables are read here, and fn may take its time.
	for _, setting := range []string{"enable_seqscan = on", "enable_hashjoin = on", "enable_mergejoin = on", "idle_in_transaction_session_timeout = 0"} {
		session.exec("SET LOCAL " + setting)
	}
	if err := session.send(ctx); err != nil {
		return err
	}
	return guard(func() error {
		for kind := range store.RowKind(store.RowKinds) {
			if after != nil && kind < after.Kind() {
				continue
			}
			var from store.Row
			if after != nil && kind == after.Kind() {
				from = after
			}
			if err := session.export(ctx, kind, from, fn); err != nil {
				return fmt.Errorf("export: %w", err)
			}
		}
		return nil
	})
}

// exportOf is how the rows of a kind are read: behind a row, in the order of the key that key gives for it. The key of a zero row sorts before all that
// are stored.
type exportOf struct {
	sql  string
	key  func(store.Row) []any
	scan func(pgx.Rows) (store.Row, error)
}

func (s *session) export(ctx context.Context, kind store.RowKind, after store.Row, fn func(store.Row) error) error {
	if kind == store.NumbersRows && after != nil {
		return nil
	}
	if kind == store.MembershipRows {
		return s.exportMemberships(ctx, after, fn)
	}
	of := exports[kind]
	var args []any
	if of.key != nil {
		if after == nil {
			after = firsts[kind]
		}
		args = of.key(after)
	}
	return s.stream(ctx, func(rows pgx.Rows) error {
		row, err := of.scan(rows)
		if err != nil {
			return err
		}
		return fn(row)
	}, of.sql, args...)
}

// stream asks a question of its own and reads the answer line by line.
func (s *session) stream(ctx context.Context, line func(pgx.Rows) error, sql string, args ...any) error {
	rows, err := s.conn.Query(ctx, sql, args...)
	if err != nil {
		return s.broken(ctx, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := line(rows); err != nil {
			return err
		}
	}
	return s.broken(ctx, rows.Err())
}

// firsts come before the first row of their kind.
var firsts = [store.RowKinds]store.Row{
	store.RecordRows: store.RecordRow{}, store.JobRows: store.JobRow{Job: &jobs.Job{}}, store.GroupRows: store.GroupRow{Group: &registry.ThingGroup{}},
	store.ThingRows: store.ThingRow{Thing: &registry.Thing{}}, store.HistoryRows: store.HistoryRow{}, store.HeadRows: store.HeadRow{},
	store.MarkRows: store.MarkRow{}, store.EventRows: store.EventRow{},
}

var exports = [store.RowKinds]exportOf{
	store.NumbersRows: {
		sql:  `SELECT control.last_number, event_counter.last FROM control, event_counter`,
		scan: scanNumbersRow,
	},
	store.RecordRows: {
		sql:  `SELECT kind, id, value FROM record WHERE (kind, id) > ($1, $2) ORDER BY kind, id`,
		key:  func(row store.Row) []any { r := row.(store.RecordRow); return []any{string(r.Of), r.ID} },
		scan: scanRecordRow,
	},
	store.JobRows: {
		sql: `SELECT job.number, job.id, job.revision, job.status, job.wake_at, job.state, c.config
			FROM job JOIN job_config c ON c.job = job.number AND c.revision = job.revision WHERE job.number > $1 ORDER BY job.number`,
		key:  func(row store.Row) []any { return []any{int64(row.(store.JobRow).Job.Number)} },
		scan: scanJobRow,
	},
	store.GroupRows: {
		sql:  `SELECT number, name, deleting, content FROM thing_group WHERE number > $1 ORDER BY number`,
		key:  func(row store.Row) []any { return []any{int64(row.(store.GroupRow).Group.Number)} },
		scan: scanGroupRow,
	},
	store.ThingRows: {
		sql:  `SELECT name, number, type, registry, pending FROM thing WHERE name > $1 ORDER BY name`,
		key:  func(row store.Row) []any { return []any{string(row.(store.ThingRow).Thing.Name)} },
		scan: scanThingRow,
	},
	store.HistoryRows: {
		sql: `SELECT thing, thing_name, ended FROM execution WHERE ended IS NOT NULL AND (thing, job, number) > ($1, $2, $3) ORDER BY thing, job, number`,
		key: func(row store.Row) []any {
			r := row.(store.HistoryRow)
			return []any{int64(r.Thing.Number), int64(r.Execution.Job), int64(r.Execution.Number)}
		},
		scan: scanHistoryRow,
	},
	store.HeadRows: {
		sql: `SELECT h.job, h.thing, t.name, h.newest, h.failed, h.timed_out FROM head h JOIN thing t ON t.number = h.thing
			WHERE (h.thing, h.job) > ($1, $2) ORDER BY h.thing, h.job`,
		key:  func(row store.Row) []any { r := row.(store.HeadRow); return []any{int64(r.Thing.Number), int64(r.Job)} },
		scan: scanHeadRow,
	},
	store.MarkRows: {
		sql:  `SELECT DISTINCT job FROM mark WHERE job > $1 ORDER BY job`,
		key:  func(row store.Row) []any { return []any{int64(row.(store.MarkRow).Job)} },
		scan: scanMarkRow,
	},
	store.EventRows: {
		sql:  `SELECT number, content FROM event WHERE number > $1 ORDER BY number`,
		key:  func(row store.Row) []any { return []any{int64(row.(store.EventRow).Event.Number)} },
		scan: scanEventRow,
	},
}

// exportMemberships puts the periods of a membership, which are rows of their own, together.
func (s *session) exportMemberships(ctx context.Context, after store.Row, fn func(store.Row) error) error {
	var row store.MembershipRow
	if after != nil {
		row = after.(store.MembershipRow)
		row.Periods = nil
	}
	args := []any{int64(row.Group), string(row.Thing.Name), int64(row.Thing.Number)}
	show := func() error {
		if len(row.Periods) == 0 {
			return nil
		}
		return fn(row)
	}
	err := s.stream(ctx, func(rows pgx.Rows) error {
		next, err := scanMembershipRow(rows)
		if err != nil {
			return err
		}
		if next.Group == row.Group && next.Thing == row.Thing {
			row.Periods = append(row.Periods, next.Periods...)
			return nil
		}
		err = show()
		row = next
		return err
	}, `SELECT grp, thing_name, thing, joined, departed, direct FROM membership
		WHERE (grp, thing_name, thing) > ($1, $2, $3) ORDER BY grp, thing_name, thing, joined`, args...)
	if err != nil {
		return err
	}
	return show()
}
