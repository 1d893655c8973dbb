package sim

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"testing"

	"iotjobs/internal/store"
	"iotjobs/internal/store/postgres"
	"iotjobs/internal/store/postgres/pgtest"
)

// site is where the store of a world lives.
type site interface {
	open(log *slog.Logger) (store.Store, error)
	// crash ends a store without closing it properly, as far as the engine lets one.
	crash(s store.Store, r *rand.Rand) error
}

// engines are those that worlds are played on.
var engines = []struct {
	name string
	// sites makes new sites, each with an empty store.
	sites func(*testing.T) func() site
	// runs is how many worlds of as many as on the embedded store are played: a database is slow.
	runs func(int) int
}{
	{"pebble", func(*testing.T) func() site { return onPebble }, func(n int) int { return n }},
	{"postgres", onPostgres, func(n int) int { return (n + 7) / 8 }},
}

func onPebble() site { return pebbleSite{newDisk()} }

func onPostgres(t *testing.T) func() site {
	t.Helper()
	cluster := pgtest.Shared(t)
	return func() site { return postgresSite(cluster.NewURL()) }
}

// postgresSite is the URL of a database. What it loses in a crash is tested with the database itself: test/cluster.
type postgresSite string

func (p postgresSite) open(log *slog.Logger) (store.Store, error) {
	return postgres.Open(context.Background(), string(p), postgres.Options{Logger: log, Readers: 4})
}

func (postgresSite) crash(s store.Store, _ *rand.Rand) error { return s.Close() }

// openPostgres opens a store in a new place of the database.
func openPostgres(tb testing.TB) store.Store {
	tb.Helper()
	s, err := postgresSite(pgtest.NewURL(tb)).open(logger(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}
