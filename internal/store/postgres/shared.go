package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"iotjobs/internal/store"
)

var _ store.Shared = (*Store)(nil)

// acquireLeases takes what is free, and renews what the node holds. Rows are locked in the order of the names, for everybody. The time is that of the
// statement and not of its transaction's beginning, for it may have waited for a lock.
const acquireLeases = `
INSERT INTO lease AS l (name, node, epoch, expires)
SELECT v.name, $2, 1, clock_timestamp() + $3 FROM unnest($1::text[]) WITH ORDINALITY AS v (name, place) ORDER BY v.place
ON CONFLICT (name) DO UPDATE SET
	epoch = CASE WHEN l.expires > clock_timestamp() THEN l.epoch ELSE l.epoch + 1 END, node = excluded.node, expires = clock_timestamp() + $3
	WHERE l.node = excluded.node OR l.expires <= clock_timestamp()
RETURNING name, node, epoch`

// Acquire takes or renews leases.
func (s *Store) Acquire(ctx context.Context, node string, ttl time.Duration, names ...string) (held []store.Lease, err error) {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	err = s.shortly(ctx, func(session *session) {
		held = nil
		session.query(func(rows pgx.Rows) error {
			lease, err := scanLease(rows)
			held = append(held, lease)
			return err
		}, acquireLeases, names, node, ttl)
	})
	if err != nil {
		return nil, err
	}
	return held, nil
}

func scanLease(rows pgx.Rows) (lease store.Lease, err error) {
	var epoch int64
	err = rows.Scan(&lease.Name, &lease.Node, &epoch)
	lease.Epoch = uint64(epoch)
	return lease, err
}

// Release gives leases back. The row stays: it knows the epoch.
func (s *Store) Release(ctx context.Context, leases ...store.Lease) error {
	leases = slices.SortedFunc(slices.Values(leases), func(a, b store.Lease) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return s.shortly(ctx, func(session *session) {
		for _, lease := range leases {
			session.exec(`UPDATE lease SET expires = '-infinity' WHERE name = $1 AND node = $2 AND epoch = $3`, lease.Name, lease.Node, int64(lease.Epoch))
		}
	})
}

// Clock reads the database's clock.
func (s *Store) Clock(ctx context.Context) (now time.Time, err error) {
	err = s.shortly(ctx, func(session *session) {
		session.query(func(rows pgx.Rows) error { return rows.Scan(&now) }, `SELECT clock_timestamp()`)
	})
	return now, err
}

// shortly runs a transaction of one trip, again if it must.
func (s *Store) shortly(ctx context.Context, queue func(*session)) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.gate.leave()
	tries, losses := 0, 0
	for {
		err := s.shortlyOnce(ctx, queue)
		if err == nil || !s.again(err, &tries, &losses) {
			return err
		}
	}
}

func (s *Store) shortlyOnce(ctx context.Context, queue func(*session)) error {
	session, err := begin(ctx, s.writes, beginWrite)
	if err != nil {
		return err
	}
	defer session.end()
	queue(session)
	return session.commit()
}

// Fence looks at the lease and keeps it as it is until the update has ended: whoever wants to take it waits so long.
func (t *tx) Fence(lease store.Lease) error {
	held, err := one(&t.readTx, scanLease, `SELECT name, node, epoch FROM lease WHERE name = $1 FOR SHARE`, storableText(lease.Name))
	if err != nil {
		return err
	}
	if held != lease {
		return store.ErrFenced
	}
	return nil
}
