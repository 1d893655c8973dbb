package postgres

import (
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// TestMigrate takes a further step with data in place: what is there stays, and a step that fails leaves no half of it.
func TestMigrate(t *testing.T) {
	ctx := t.Context()
	url := pgtest.NewURL(t)
	s, err := Open(ctx, url, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	put := func(name string) error {
		return s.Update(ctx, func(tx store.Tx) error {
			n, err := tx.NextNumber()
			if err != nil {
				return err
			}
			return tx.PutThing(&registry.Thing{Name: registry.ThingName(name), Number: registry.ThingNumber(n), Version: 1})
		})
	}
	if err := put("before"); err != nil {
		t.Fatal(err)
	}
	first, err := fs.ReadFile(migrationFiles, "migrations/0001_schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	steps := func(second, third string) []migration {
		all, err := migrations(fstest.MapFS{
			"migrations/0001_schema.sql": {Data: first}, "migrations/0002_more.sql": {Data: []byte(second)}, "migrations/0003_most.sql": {Data: []byte(third)},
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	logger := slog.New(slog.DiscardHandler)
	const good = "ALTER TABLE thing ADD COLUMN size integer NOT NULL DEFAULT 7; CREATE INDEX thing_by_size ON thing (size);"
	if err := migrateOnce(ctx, s.writes, steps(good, "CREATE TABLE thing (again integer)"), logger); err == nil || !strings.Contains(err.Error(), "version 3") {
		t.Fatalf("a wrong step returned %v", err)
	}
	if err := migrateOnce(ctx, s.writes, steps(good, "UPDATE thing SET size = size + 1"), logger); err != nil {
		t.Fatal(err)
	}
	if err := put("after"); err != nil {
		t.Fatal(err)
	}
	var sizes string
	if err := s.writes.QueryRow(ctx, `SELECT string_agg(name || size, ' ' ORDER BY name) FROM thing`).Scan(&sizes); err != nil || sizes != "after7 before8" {
		t.Errorf("after the steps the table holds %q (%v)", sizes, err)
	}
	// The program of before does not touch what it does not know.
	if other, err := Open(ctx, url, Options{}); err == nil || !strings.Contains(err.Error(), "version 3, written by a newer program") {
		t.Errorf("a store of a newer program was opened: %v, %v", other, err)
	}
}

func TestMigrationsHaveNoHoles(t *testing.T) {
	if all, err := migrations(migrationFiles); err != nil || len(all) == 0 {
		t.Errorf("%d migrations, %v", len(all), err)
	}
	if _, err := migrations(fstest.MapFS{"migrations/0002_second.sql": {}}); err == nil {
		t.Error("migrations without a first one are no error")
	}
}

func TestPayloadsFitAndArrive(t *testing.T) {
	var hint store.Hint
	for range 300 {
		hint.Things = append(hint.Things, registry.ThingName(strings.Repeat("n", 128)))
	}
	hint.Jobs = append(hint.Jobs, 1, 1<<63)
	things, numbers := 0, 0
	for _, payload := range payloads(hint) {
		if len(payload) > maxPayload {
			t.Errorf("a payload has %d bytes", len(payload))
		}
		part := parseHint(payload)
		things, numbers = things+len(part.Things), numbers+len(part.Jobs)
	}
	if things != 300 || numbers != 2 {
		t.Errorf("%d things and %d jobs arrive", things, numbers)
	}
	if got := payloads(store.Hint{}); len(got) != 1 || got[0] != "" {
		t.Errorf("an empty hint is %q", got)
	}
}
