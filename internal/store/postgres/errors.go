package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// lostError says that the connection broke, or could not be made, before anything was committed.
type lostError struct{ err error }

func (e *lostError) Error() string { return e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

func lost(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err // the caller's own doing
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

// again tells whether a transaction that failed should run once more. A connection is lost twice at most: the second one was new.
func (s *Store) again(err error, tries, losses *int) bool {
	*tries++
	switch {
	case isLost(err):
		*losses++
		s.reset()
		return *losses < 2
	case isConflict(err):
		return *tries < attempts
	}
	return false
}
