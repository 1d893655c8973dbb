package postgres_test

import (
	"context"
	"flag"
	"log/slog"
	"sync"
	"testing"
	"time"

	"iotjobs/internal/store"
	"iotjobs/internal/store/postgres"
	"iotjobs/internal/store/postgres/pgtest"
	"iotjobs/internal/store/storetest"
)

var seed = flag.Uint64("seed", 0, "seed of random tests; 0 draws one")

func open(tb testing.TB, url string, opts postgres.Options) *postgres.Store {
	tb.Helper()
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.NewTextHandler(tb.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	s, err := postgres.Open(context.Background(), url, opts)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// places are where the stores of the suite live, one for each directory.
type places struct {
	mu    sync.Mutex
	byDir map[string]string
}

func (p *places) of(tb testing.TB, dir string) (url string) {
	tb.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byDir[dir] == "" {
		p.byDir[dir] = pgtest.NewURL(tb)
	}
	return p.byDir[dir]
}

func engine(opts postgres.Options) storetest.Engine {
	all := &places{byDir: map[string]string{}}
	return storetest.Engine{
		Reopens:  true,
		Moves:    true,
		Patience: 3 * time.Minute, // a crash of the server takes longer than one of a store
		OpenShared: func(tb testing.TB, dir string) store.Shared {
			tb.Helper()
			return open(tb, all.of(tb, dir), opts)
		},
		OpenStalling: func(tb testing.TB, dir string) (store.Store, func() func()) {
			tb.Helper()
			return open(tb, all.of(tb, dir), opts), func() func() { return pgtest.Stall(tb, pgtest.Shared(tb)) }
		},
		Open: func(tb testing.TB, dir string) store.Store {
			tb.Helper()
			return open(tb, all.of(tb, dir), opts)
		},
		Crash: func(tb testing.TB, s store.Store, dir string) store.Store {
			tb.Helper()
			cluster := pgtest.Shared(tb)
			if err := cluster.Stop(pgtest.Immediate); err != nil {
				tb.Fatal(err)
			}
			if err := cluster.Restart(tb.Context()); err != nil {
				tb.Fatal(err)
			}
			if err := s.Close(); err != nil {
				tb.Errorf("close the store that has crashed: %v", err)
			}
			return open(tb, all.of(tb, dir), opts)
		},
	}
}

func TestStore(t *testing.T) { storetest.Run(t, engine(postgres.Options{})) }

func TestCompare(t *testing.T) { storetest.Compare(t, engine(postgres.Options{}), *seed, 1000) }
