package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// defaultSchema is the PostgreSQL schema of the tables, unless the URL has a search_path.
const defaultSchema = "iotjobs"

// parse reads the URL. What is wrong with it is not told in full, since that could show the password.
func parse(url string) (*pgxpool.Config, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the PostgreSQL URL is malformed, or names files or settings that do not exist")
	}
	configure(c.ConnConfig)
	return c, nil
}

// configure sets what all connections have in common.
func configure(c *pgx.ConnConfig) {
	set := func(name, value string) {
		if _, given := c.RuntimeParams[name]; !given {
			c.RuntimeParams[name] = value
		}
	}
	set("application_name", "iotjobs")
	set("search_path", defaultSchema)
	// All questions look for a few rows by an index. A plan that was made while a table was empty, or just before it grew, must not scan it, and
	// planning the same statements again and again is half of their cost.
	set("enable_seqscan", "off")
	set("enable_hashjoin", "off")
	set("enable_mergejoin", "off")
	set("enable_bitmapscan", "off")
	set("plan_cache_mode", "force_generic_plan")
	set("jit", "off")
	// The locks of a node that is gone without a word are free after this.
	set("idle_in_transaction_session_timeout", "30s")
	set("tcp_keepalives_idle", "5")
	set("tcp_keepalives_interval", "2")
	set("tcp_keepalives_count", "3")
	c.StatementCacheCapacity = 256
	c.ConnectTimeout = 5 * time.Second
	// The same on our side: a server that does not answer any more is found out in ten seconds, also in the middle of a commit.
	dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 4 * time.Second, Interval: 2 * time.Second, Count: 3}, Control: limitUnanswered}
	c.DialFunc = dialer.DialContext
	// Of several hosts, the one that takes writes: after a failover that is another one. A standby is never good.
	c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	c.OnNotice = noticed
}

func newPool(ctx context.Context, url string, connections int, opts Options) (*pgxpool.Pool, error) {
	c, err := parse(url)
	if err != nil {
		return nil, err
	}
	c.MaxConns, c.MinConns = int32(connections), 1
	c.MaxConnIdleTime = 10 * time.Minute
	c.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		conn.PgConn().CustomData()[noticesKey] = &notices{}
		return harden(ctx, conn, opts)
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return pool, nil
}

// notices is what a server said beside its answers.
type notices struct {
	// unconfirmed: a commit was answered although the standby has not confirmed it, because somebody canceled the wait.
	unconfirmed bool
}

const noticesKey = "iotjobs"

func noticesOf(c *pgconn.PgConn) *notices {
	n, ok := c.CustomData()[noticesKey].(*notices)
	if !ok {
		n = &notices{}
		c.CustomData()[noticesKey] = n
	}
	return n
}

// noticed looks for the warnings of a commit, which has no others than that it is not confirmed. Their words depend on the server's language.
func noticed(c *pgconn.PgConn, n *pgconn.Notice) {
	if n.SeverityUnlocalized == "WARNING" {
		noticesOf(c).unconfirmed = true
	}
}
