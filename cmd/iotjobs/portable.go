package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"iotjobs/internal/store"
	"iotjobs/internal/store/move"
	"iotjobs/internal/store/pebble"
)

// storePlace is a store alone: what needs no secrets needs no key file.
type storePlace struct {
	Data string `name:"data" env:"IOTJOBS_DATA" default:"./iotjobs-data" placeholder:"DIR" help:"State directory of the server."`
}

// with hands the store of a stopped server to fn.
func (p storePlace) with(ctx context.Context, fn func(store.Portable) error) (err error) {
	place := embeddedStore(p.Data)
	if there, err := place.exists(); err != nil || !there {
		return errors.Join(fmt.Errorf("no server has used the state directory %s yet", p.Data), err)
	}
	s, err := place.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := move.Refuse(ctx, s); err != nil {
		return err
	}
	return fn(s)
}

// portableStore names a store for people and opens it, one that exists or an empty one.
type portableStore struct {
	name   string
	exists func() (bool, error)
	open   func(context.Context) (store.Portable, error)
	// key is where its key file usually is; empty if nobody knows.
	key string
}

// parseStore takes what --from and --to say.
func parseStore(place string) portableStore {
	return embeddedStore(place)
}

// embeddedStore is the store in a state directory.
func embeddedStore(dir string) portableStore {
	path := filepath.Join(dir, embeddedName)
	return portableStore{
		name: dir, key: filepath.Join(dir, "key"),
		exists: func() (bool, error) {
			_, err := os.Stat(path)
			if errors.Is(err, os.ErrNotExist) {
				return false, nil
			}
			return err == nil, err
		},
		open: func(ctx context.Context) (store.Portable, error) {
			alive, err := newSocketClient(dir).alive(ctx)
			if err != nil {
				return nil, err
			}
			if alive {
				return nil, fmt.Errorf("a server runs on the state directory %s: stop it first", dir)
			}
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return nil, fmt.Errorf("make the state directory: %w", err)
			}
			return openEmbedded(dir)
		},
	}
}

// embeddedName is the embedded store's directory in the state directory.
const embeddedName = "store"

func openEmbedded(dir string) (store.Portable, error) {
	return pebble.Open(filepath.Join(dir, embeddedName), pebble.Options{Logger: slog.New(slog.DiscardHandler)})
}

// printSums is a table of what was moved, which was read again on both sides.
func printSums(out io.Writer, sums move.Sums) {
	fmt.Fprintf(out, "%-21s %14s  %s\n", "KIND", "ROWS", "CHECKSUM")
	for kind, name := range move.Kinds {
		fmt.Fprintf(out, "%-21s %14s  %x\n", name, grouped(int(sums[kind].Rows)), sums[kind].Digest[:8])
	}
	ended := sums[store.HistoryRows].Rows
	fmt.Fprintf(out, "%s executions: %s pending, with their things, and %s ended\n",
		grouped(int(sums.Executions())), grouped(int(sums.Executions()-ended)), grouped(int(ended)))
}
