package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"iotjobs/internal/config"
	"iotjobs/internal/store"
)

// openShared opens the database that --store names.
func openShared(context.Context, *config.Config, *slog.Logger) (store.Shared, error) {
	return nil, errors.New("--store: not available in this version")
}

// alwaysHopeful is a store that recovers by itself: what it cannot do now it may do later, and no failure is for good.
type alwaysHopeful struct{ store.Shared }

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
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close() // the lock was not taken
		return fmt.Errorf("another server uses the data directory %s; each node needs its own: %w", d.path, err)
	}
	d.lock = lock
	return nil
}
