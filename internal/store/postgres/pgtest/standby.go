package pgtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// standbyName is what the standby calls itself.
const standbyName = "standby"

// Standby makes and starts a second cluster that follows the first one, and lets the first one wait for it with every commit: what is answered
// then is on both. Close must follow.
func (c *Cluster) Standby(ctx context.Context, opts Options) (*Cluster, error) {
	s, err := newCluster(opts)
	if err != nil {
		return nil, err
	}
	if err := s.follow(ctx, c, opts); err != nil {
		return nil, s.abandon(err)
	}
	if err := c.Execute(ctx, "postgres", "ALTER SYSTEM SET synchronous_standby_names = "+quoted(standbyName), "SELECT pg_reload_conf()"); err != nil {
		return nil, s.abandon(err)
	}
	if err := c.awaitSQL(ctx, "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync' AND application_name = "+quoted(standbyName)); err != nil {
		return nil, s.abandon(err)
	}
	return s, nil
}

func (c *Cluster) follow(ctx context.Context, primary *Cluster, opts Options) error {
	host := fmt.Sprintf("host=127.0.0.1 port=%d user=%s", primary.port, superuser)
	if err := c.run(ctx, "pg_basebackup", "--pgdata", c.data(), "--dbname", host, "--checkpoint", "fast", "--no-sync"); err != nil {
		return err
	}
	if err := c.configure(opts.Settings); err != nil {
		return err
	}
	if err := c.configure(map[string]string{
		"primary_conninfo": quoted(host + " application_name=" + standbyName), "synchronous_standby_names": "''", "hot_standby": "on",
	}); err != nil {
		return err
	}
	signal := filepath.Join(c.data(), "standby.signal")
	if err := os.WriteFile(signal, nil, 0o600); err != nil {
		return err
	}
	if err := c.user.own(signal); err != nil {
		return err
	}
	return c.Restart(ctx)
}

// Promote makes a standby the primary, and waits until it takes writes.
func (c *Cluster) Promote(ctx context.Context) error {
	if err := c.Execute(ctx, "postgres", "SELECT pg_promote(true)"); err != nil {
		return err
	}
	return c.awaitSQL(ctx, "SELECT 1 WHERE NOT pg_is_in_recovery()")
}

// awaitSQL waits until a query finds a row.
func (c *Cluster) awaitSQL(ctx context.Context, query string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// Without a row the division fails.
	check := "SELECT 1/count(*) FROM (" + query + ") AS found"
	for {
		err := c.Execute(ctx, "postgres", check)
		if err == nil {
			return nil
		}
		pause := time.NewTimer(20 * time.Millisecond)
		select {
		case <-pause.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w: %s", query, err, c.Log())
		}
	}
}

// Stall lets no commit of the cluster become durable until release: each waits for a standby that does not exist. So it is on the disk, and nobody
// may see it yet.
func Stall(tb testing.TB, c *Cluster) (release func()) {
	tb.Helper()
	ctx := tb.Context()
	must := func(err error) {
		if err != nil {
			tb.Error(err) // maybe not on the test's goroutine
		}
	}
	must(c.Execute(ctx, "postgres", "CREATE TABLE IF NOT EXISTS stall (n integer)", "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()"))
	// The server follows in its own time: it has when a commit waits.
	probes := make(chan error, stallProbes)
	for range stallProbes {
		go func() { probes <- c.Execute(ctx, "postgres", "INSERT INTO stall VALUES (1)") }()
		pause := time.NewTimer(stallPause)
		select {
		case err := <-probes:
			must(err)
			continue
		case <-pause.C:
		}
		return func() {
			must(c.Execute(ctx, "postgres", "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()"))
			must(<-probes)
		}
	}
	tb.Errorf("no commit waits for the standby")
	return func() {}
}

const (
	stallProbes = 100
	stallPause  = time.Second
)

// URLOf leads to whichever of several clusters takes writes.
func URLOf(database string, clusters ...*Cluster) string {
	hosts := make([]string, len(clusters))
	for i, c := range clusters {
		hosts[i] = fmt.Sprintf("127.0.0.1:%d", c.port)
	}
	return fmt.Sprintf("postgres://%s@%s/%s?sslmode=disable&target_session_attrs=read-write", superuser, strings.Join(hosts, ","), database)
}
