package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"iotjobs/internal/store"
)

// lostError says that the connection broke, or could not be made, before anything was committed.
type lostError struct{ err error }

func (e *lostError) Error() string { return e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

// lost judges the error of a connection that is not there any more. What ended with the context of the caller is the caller's own doing; the context in the error may
// as well be one of the driver, whose patience with a server is over.
func lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return &lostError{err}
}

func isLost(err error) bool {
	_, ok := errors.AsType[*lostError](err)
	return ok
}

// isConflict tells an error that goes away when the transaction runs again: serialization_failure and deadlock_detected.
func isConflict(err error) bool { return hasCode(err, "40001") || hasCode(err, "40P01") }

// isLockTimeout tells that a lock was not free in time: lock_not_available.
func isLockTimeout(err error) bool { return hasCode(err, "55P03") }

func hasCode(err error, code string) bool {
	answer, ok := errors.AsType[*pgconn.PgError](err)
	return ok && answer.Code == code
}

// attempts is how often a transaction runs at most.
const attempts = 10

// again tells whether a transaction that failed should run once more. A connection is lost twice at most: the second one was new. What may have been committed
// never runs again; but the other connections are likely to be as broken as that one.
func (s *Store) again(err error, tries, losses *int) bool {
	*tries++
	switch {
	case errors.Is(err, store.ErrUnknown):
		s.reset()
		return false
	case isLost(err):
		*losses++
		s.reset()
		return *losses < 2
	case isConflict(err):
		return *tries < attempts
	}
	return false
}
