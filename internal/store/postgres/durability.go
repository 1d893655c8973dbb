package postgres

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// UnsafeError says that the database is set up so that it could lose what it has answered.
type UnsafeError struct {
	Setting, Value string
	Loss           string // what could be lost, and when
}

func (e *UnsafeError) Error() string {
	return fmt.Sprintf("the database has %s = %s: %s", e.Setting, e.Value, e.Loss)
}

// harden makes a new connection wait for the disk, and for the standby if there is one, with every commit, and then looks whether it does. It
// looks at every connection, because the next one may lead to another server.
func harden(ctx context.Context, conn *pgx.Conn, opts Options) error {
	var commit, fsync, fullPages string
	err := conn.QueryRow(ctx, `
		SELECT set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') = 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false),
			current_setting('fsync'), current_setting('full_page_writes')`).Scan(&commit, &fsync, &fullPages)
	if err != nil {
		return fmt.Errorf("read the server's settings: %w", err)
	}
	var unsafe *UnsafeError
	switch {
	case fsync != "on":
		unsafe = &UnsafeError{"fsync", fsync, "when the machine fails, everything since the last checkpoint may be lost, and the database with it"}
	case fullPages != "on":
		unsafe = &UnsafeError{"full_page_writes", fullPages, "when the machine fails, pages may be half written, and what is on them lost"}
	case commit != "on" && commit != "remote_apply":
		unsafe = &UnsafeError{"synchronous_commit", commit, "when the machine fails, the last changes that were answered may be lost"}
	}
	if unsafe == nil || opts.AllowUnsafe {
		return nil
	}
	return unsafe
}

// minimumVersion is the oldest PostgreSQL that the tests run on.
const minimumVersion = 150000

// checkServer looks, once, at what concerns the whole installation.
func checkServer(ctx context.Context, pool *pgxpool.Pool, opts Options) error {
	var version, standbys, fsync, fullPages string
	var replicas int
	err := pool.QueryRow(ctx, `
		SELECT current_setting('server_version_num'), current_setting('synchronous_standby_names'), current_setting('fsync'), current_setting('full_page_writes'),
			(SELECT count(*) FROM pg_stat_replication)`).Scan(&version, &standbys, &fsync, &fullPages, &replicas)
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(version); err == nil && n < minimumVersion {
		opts.Logger.Warn("this version of the database is not tested", "server_version_num", version, "tested", minimumVersion)
	}
	if fsync != "on" || fullPages != "on" {
		opts.Logger.Warn("the database may lose what was answered when the machine fails", "fsync", fsync, "full_page_writes", fullPages)
	}
	if standbys != "" {
		return nil
	}
	unsafe := &UnsafeError{
		"synchronous_standby_names", "''",
		"a failover to a standby that has not got them yet loses the last changes that were answered",
	}
	switch hosts := len(pool.Config().ConnConfig.Fallbacks); {
	case severalHosts(pool.Config().ConnConfig) && !opts.AllowUnsafe:
		return unsafe
	case hosts > 0 && severalHosts(pool.Config().ConnConfig), replicas > 0:
		opts.Logger.Warn("a failover may lose what was answered", "reason", unsafe.Error(), "replicas", replicas)
	}
	return nil
}

// severalHosts tells whether the URL names more than one server. (One server may have fallbacks, too: with and without TLS.)
func severalHosts(c *pgx.ConnConfig) bool {
	for _, other := range c.Fallbacks {
		if other.Host != c.Host || other.Port != c.Port {
			return true
		}
	}
	return false
}
