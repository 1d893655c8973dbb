package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"iotjobs/internal/store"
)

// session is one transaction on one connection. Whatever is written or asked is queued first, and send makes one trip of all of it: so writes travel
// with the next question or with the commit, and the beginning with the first question.
type session struct {
	conn  *pgxpool.Conn
	batch *pgx.Batch
	sent  bool // there is something to end
	wrote bool // something was queued that changes rows
}

// Isolation of a transaction, as the statement that begins it.
const (
	beginWrite = "begin isolation level read committed read write"
	beginRead  = "begin isolation level repeatable read read only"
)

// begin takes a connection from a pool and begins a transaction; end must follow.
func begin(ctx context.Context, pool *pgxpool.Pool, statement string) (*session, error) {
	s, err := connected(ctx, pool)
	if err == nil {
		s.batch.Queue(statement)
	}
	return s, err
}

// connected is a session without a transaction, for one question that sees one snapshot anyway; end must follow.
func connected(ctx context.Context, pool *pgxpool.Pool) (*session, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, lost(ctx, fmt.Errorf("connect to the database: %w", err))
	}
	return &session{conn: conn, batch: &pgx.Batch{}}, nil
}

// exec queues a statement.
func (s *session) exec(sql string, args ...any) {
	s.batch.Queue(sql, args...)
	s.wrote = true
}

// execOn queues a statement that must change n rows: they are locked, so they are there. That is checked all the same, because a change that
// went nowhere must not be answered.
func (s *session) execOn(n int, sql string, args ...any) {
	s.batch.Queue(sql, args...).Exec(func(tag pgconn.CommandTag) error {
		if tag.RowsAffected() != int64(n) {
			return fmt.Errorf("%d rows were changed instead of %d", tag.RowsAffected(), n)
		}
		return nil
	})
	s.wrote = true
}

// query queues a question; scan is called for every row of the answer.
func (s *session) query(scan func(pgx.Rows) error, sql string, args ...any) {
	s.batch.Queue(sql, args...).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			if err := scan(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// send makes the trip. The transaction cannot go on after an error.
func (s *session) send(ctx context.Context) error {
	if s.batch.Len() == 0 {
		return nil
	}
	batch := s.batch
	s.batch, s.sent = &pgx.Batch{}, true
	return s.broken(ctx, s.conn.SendBatch(ctx, batch).Close())
}

// commit sends what is queued and ends the transaction. Nothing has changed on an error, except for ErrUnknown. No context reaches the
// trip: to abandon it would leave the outcome open, and PostgreSQL would show a change whose standby has not confirmed it.
func (s *session) commit() error {
	reached, done := false, false
	watch := noticesOf(s.conn.Conn().PgConn())
	watch.unconfirmed = false
	s.batch.Queue("commit").Exec(func(tag pgconn.CommandTag) error {
		done = tag.String() == "COMMIT"
		return nil
	})
	// The last callback before the commit tells that everything before it worked.
	queued := s.batch.QueuedQueries
	if n := len(queued) - 2; n >= 0 {
		before := queued[n].Fn
		queued[n].Fn = func(br pgx.BatchResults) error {
			var err error
			if before != nil {
				err = before(br)
			} else {
				_, err = br.Exec()
			}
			reached = err == nil
			return err
		}
	} else {
		reached = true
	}
	batch := s.batch
	s.batch, s.sent = &pgx.Batch{}, true
	err := s.conn.SendBatch(context.Background(), batch).Close()
	switch {
	case err == nil && done && !watch.unconfirmed:
		s.sent = false
		return nil
	case err == nil && done:
		s.sent = false
		return fmt.Errorf("%w: the standby did not confirm it", store.ErrUnknown)
	case err == nil:
		s.sent = false
		return errors.New("the database rolled the transaction back")
	case certainlyNotCommitted(err, reached):
		return s.broken(context.Background(), err)
	default:
		return fmt.Errorf("%w: %w", store.ErrUnknown, err)
	}
}

// certainlyNotCommitted judges the error of a trip that ended with the commit. An answer of the server to an earlier statement means that it
// skipped the commit; one to the commit itself means that it rolled back, unless the session ended with it.
func certainlyNotCommitted(err error, reachedCommit bool) bool {
	if answer, ok := errors.AsType[*pgconn.PgError](err); ok {
		return !reachedCommit || answer.SeverityUnlocalized == "ERROR"
	}
	return pgconn.SafeToRetry(err)
}

// end gives the connection back, and rolls back what was not committed.
func (s *session) end() {
	if s.sent && !s.conn.Conn().IsClosed() {
		if _, err := s.conn.Exec(context.Background(), "rollback"); err != nil {
			_ = s.conn.Conn().Close(context.Background()) // it is broken
		}
	}
	s.conn.Release()
}

// dead tells that the transaction cannot go on.
func (s *session) dead() bool {
	return s.conn.Conn().IsClosed() || s.conn.Conn().PgConn().TxStatus() == 'E'
}

// broken tells a lost connection from other errors.
func (s *session) broken(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if s.conn.Conn().IsClosed() {
		return lost(ctx, err)
	}
	if answer, ok := errors.AsType[*pgconn.PgError](err); ok && answer.Code == "25006" {
		// The server has become a standby: this connection leads to the wrong one now.
		_ = s.conn.Conn().Close(context.Background())
		return lost(ctx, err)
	}
	return err
}
