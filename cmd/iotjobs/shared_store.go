package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"

	"iotjobs/internal/config"
	"iotjobs/internal/store"
	"iotjobs/internal/store/postgres"
)

// sharedStore is a store of several nodes.
type sharedStore interface {
	store.Shared
	store.Portable

	Collectors() []prometheus.Collector
}

// openShared opens the database that --store names.
func openShared(ctx context.Context, c *config.Config, log *slog.Logger) (sharedStore, error) {
	return postgres.Open(ctx, c.Store, postgres.Options{Logger: log, AllowUnsafe: c.AllowUnsafeStore})
}

// alwaysHopeful is a store that recovers by itself: what it cannot do now it may do later, and no failure is for good.
type alwaysHopeful struct{ sharedStore }

func (alwaysHopeful) Err() error { return nil }

// lockDirectory keeps a second server out of a directory whose store does not: its socket and its profile are one server's.
func (d *directory) lockDirectory() error {
	if d.shared == nil {
		return nil
	}
	lock, err := os.OpenFile(filepath.Join(d.path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := lockFile(lock); err != nil {
		_ = lock.Close() // the lock was not taken
		return fmt.Errorf("another server uses the data directory %s; each node needs its own: %w", d.path, err)
	}
	d.lock = lock
	return nil
}
