package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one step from the version before it to its own.
type migration struct {
	version int
	sql     string
}

// migrations are the files in order: their names begin with the version, from 1 without holes.
func migrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var all []migration
	for i, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != i+1 {
			return nil, fmt.Errorf("migration %s is not number %d", name, i+1)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		all = append(all, migration{version, string(text)})
	}
	return all, nil
}

// migrate brings the tables up to date, and tells their version. Nodes that start at once do it one after the other.
func migrate(ctx context.Context, pool *pgxpool.Pool, logger *slog.Logger) (version int, err error) {
	all, err := migrations(migrationFiles)
	if err != nil {
		return 0, err
	}
	return len(all), takeSteps(ctx, pool, all, logger)
}

// takeSteps may meet nodes at work, which a step that changes a table waits for, and they for it.
func takeSteps(ctx context.Context, pool *pgxpool.Pool, all []migration, logger *slog.Logger) error {
	for try := 0; ; try++ {
		err := migrateOnce(ctx, pool, all, logger)
		// Two nodes that both find no tables meet in the catalog; the second one finds them at its next try.
		if try < attempts && (isConflict(err) || hasCode(err, "23505") || hasCode(err, "42P07") || hasCode(err, "42P06")) {
			continue
		}
		if err != nil {
			return fmt.Errorf("migrate the tables: %w", err)
		}
		return nil
	}
}

// migrateOnce takes the missing steps, all in one transaction.
func migrateOnce(ctx context.Context, pool *pgxpool.Pool, all []migration, logger *slog.Logger) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		version, err := schemaVersion(ctx, tx)
		if err != nil {
			return err
		}
		if newest := len(all); version > newest {
			return fmt.Errorf("the tables have version %d, written by a newer program; this one knows versions up to %d", version, newest)
		}
		for _, m := range all[version:] {
			if _, err := tx.Exec(ctx, m.sql, pgx.QueryExecModeSimpleProtocol); err != nil {
				return fmt.Errorf("to version %d: %w", m.version, err)
			}
			if _, err := tx.Exec(ctx, `UPDATE control SET version = $1`, m.version); err != nil {
				return err
			}
			logger.Info("migrated the tables", "version", m.version)
		}
		return nil
	})
}

// schemaVersion is the version of the tables, under lock; 0 when there are none, for which it makes the schema.
func schemaVersion(ctx context.Context, tx pgx.Tx) (version int, err error) {
	var there bool
	if err := tx.QueryRow(ctx, `SELECT to_regclass('control') IS NOT NULL`).Scan(&there); err != nil {
		return 0, err
	}
	if there {
		err = tx.QueryRow(ctx, `SELECT version FROM control FOR UPDATE`).Scan(&version)
		return version, err
	}
	var first string
	err = tx.QueryRow(ctx, `SELECT split_part(current_setting('search_path'), ',', 1)`).Scan(&first)
	if err != nil {
		return 0, err
	}
	name := pgx.Identifier{strings.Trim(strings.TrimSpace(first), `"`)}.Sanitize()
	_, err = tx.Exec(ctx, `CREATE SCHEMA IF NOT EXISTS `+name)
	if answer, ok := errors.AsType[*pgconn.PgError](err); ok && answer.Code == "42501" {
		return 0, fmt.Errorf("the database user may not create the schema %s; let the owner of the database run: CREATE SCHEMA %s AUTHORIZATION the_user: %w", name, name, err)
	}
	return 0, err
}
