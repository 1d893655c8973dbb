package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"iotjobs/internal/nodes"
	"iotjobs/internal/store"
	"iotjobs/internal/store/move"
	"iotjobs/internal/store/pebble"
	"iotjobs/internal/store/postgres"
)

// storePlace is a store alone: what needs no secrets needs no key file.
type storePlace struct {
	Data  string `name:"data" env:"IOTJOBS_DATA" default:"./iotjobs-data" placeholder:"DIR" help:"State directory of the server."`
	Store string `name:"store" env:"IOTJOBS_STORE" placeholder:"URL" help:"Database in place of the store in the state directory: postgres://…"`
}

// with hands a database to fn, or the store of a stopped server. It must exist and be whole.
func (p storePlace) with(ctx context.Context, fn func(store.Portable) error) (err error) {
	place := p.portable()
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

func (p storePlace) portable() portableStore {
	if p.Store != "" {
		return database(p.Store)
	}
	return embeddedStore(p.Data)
}

// running is the server that is to be asked, if one runs and no database is named.
func (p storePlace) running(ctx context.Context) (client *socketClient, alive bool, err error) {
	client = newSocketClient(p.Data)
	if p.Store == "" {
		alive, err = client.alive(ctx)
	}
	return client, alive, err
}

// portableStore names a store for people and opens it, one that exists or an empty one.
type portableStore struct {
	name   string
	exists func() (bool, error)
	open   func(context.Context) (store.Portable, error)
	// key is where its key file usually is; empty if nobody knows.
	key string
}

// parseStore takes what --from and --to say: a state directory or the URL of a database.
func parseStore(place string) portableStore {
	if strings.HasPrefix(place, "postgres://") || strings.HasPrefix(place, "postgresql://") {
		return database(place)
	}
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
			return pebble.Open(path, pebble.Options{Logger: slog.New(slog.DiscardHandler)})
		},
	}
}

// embeddedName is the embedded store's directory in the state directory.
const embeddedName = "store"

// database is the store in a database.
func database(at string) portableStore {
	return portableStore{
		name:   withoutPassword(at),
		exists: func() (bool, error) { return true, nil }, // opening tells
		open: func(ctx context.Context) (store.Portable, error) {
			// Whether its settings are safe is decided by whoever serves it.
			return postgres.Open(ctx, at, postgres.Options{Logger: slog.New(slog.DiscardHandler), AllowUnsafe: true})
		},
	}
}

// withoutPassword is a URL as it may be shown.
func withoutPassword(at string) string {
	u, err := url.Parse(at)
	if err != nil {
		return "postgres://…"
	}
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	if schema := u.Query().Get("search_path"); schema != "" {
		shown.RawQuery = url.Values{"search_path": {schema}}.Encode()
	}
	return shown.String()
}

// alone opens a store that nobody else may use until it is closed.
func (p portableStore) alone(ctx context.Context) (s store.Portable, done func() error, err error) {
	if s, err = p.open(ctx); err != nil {
		return nil, nil, err
	}
	shared, ok := s.(store.Shared)
	if !ok {
		return s, s.Close, nil // the lock of its directory keeps others away
	}
	leave, err := nodes.Occupy(ctx, shared, "copy/"+nodeID())
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return s, func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
		defer cancel()
		return errors.Join(leave(ctx), s.Close())
	}, nil
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
