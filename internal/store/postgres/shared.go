package postgres

import (
	"github.com/jackc/pgx/v5"

	"iotjobs/internal/store"
)

// Fence looks at the lease and keeps it as it is until the update has ended: whoever wants to take it waits so long.
func (t *tx) Fence(lease store.Lease) error {
	held, err := one(&t.readTx, func(rows pgx.Rows) (l store.Lease, err error) {
		var epoch int64
		err = rows.Scan(&l.Node, &epoch)
		l.Name, l.Epoch = lease.Name, uint64(epoch)
		return l, err
	}, `SELECT node, epoch FROM lease WHERE name = $1 FOR SHARE`, storableText(lease.Name))
	if err != nil {
		return err
	}
	if held != lease {
		return store.ErrFenced
	}
	return nil
}
