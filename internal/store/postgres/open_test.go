package postgres_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"iotjobs/internal/store/postgres"
	"iotjobs/internal/store/postgres/pgtest"
)

// set changes a setting of the shared cluster for a test.
func set(t *testing.T, name, value string) {
	t.Helper()
	cluster := pgtest.Shared(t)
	change := func(command string) error {
		return cluster.Execute(context.Background(), "postgres", command, "SELECT pg_reload_conf()")
	}
	mustDo(t, change("ALTER SYSTEM SET "+name+" = "+value))
	t.Cleanup(func() { mustDo(t, change("ALTER SYSTEM RESET "+name)) })
}

func TestUnsafeDatabaseIsRefused(t *testing.T) {
	for _, setting := range []string{"fsync", "full_page_writes"} {
		t.Run(setting, func(t *testing.T) {
			set(t, setting, "off")
			url := pgtest.NewURL(t)
			_, err := postgres.Open(t.Context(), url, postgres.Options{})
			unsafe, ok := errors.AsType[*postgres.UnsafeError](err)
			if !ok || unsafe.Setting != setting || unsafe.Value != "off" || unsafe.Loss == "" {
				t.Fatalf("opening returned %v", err)
			}
			s := open(t, url, postgres.Options{AllowUnsafe: true})
			mustDo(t, s.Close())
		})
	}
	t.Run("several hosts without a synchronous standby", func(t *testing.T) {
		cluster := pgtest.Shared(t)
		url := strings.Replace(cluster.NewURL(), "@", "@127.0.0.1:1,", 1)
		_, err := postgres.Open(t.Context(), url, postgres.Options{})
		if unsafe, ok := errors.AsType[*postgres.UnsafeError](err); !ok || unsafe.Setting != "synchronous_standby_names" {
			t.Fatalf("opening returned %v", err)
		}
		mustDo(t, open(t, url, postgres.Options{AllowUnsafe: true}).Close())
	})
}

// TestSessionsWaitForTheDisk: a server that lets its sessions answer early is told not to.
func TestSessionsWaitForTheDisk(t *testing.T) {
	set(t, "synchronous_commit", "off")
	mustDo(t, open(t, pgtest.NewURL(t), postgres.Options{}).Close())
}

// TestPasswordIsNotShown: whatever is wrong with a URL, its password stays ours.
func TestPasswordIsNotShown(t *testing.T) {
	const password = "s3cr3t"
	for _, url := range []string{
		"postgres://user:" + password + "@127.0.0.1:1/db?sslmode=disable",
		"postgres://user:" + password + "@127.0.0.1:port/db",
		"postgres://user:" + password + "%zz@127.0.0.1:1/db",
		"host=127.0.0.1 port=1 sslmode=disable password=" + password,
		"host=127.0.0.1 password='" + password,
		"postgres://user:" + password + "@127.0.0.1:1/db?sslmode=perhaps",
	} {
		if s, err := postgres.Open(t.Context(), url, postgres.Options{}); err == nil {
			mustDo(t, s.Close())
			t.Error("a URL that leads nowhere was opened")
		} else if strings.Contains(err.Error(), password) {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

// TestNodesStartTogether lets several nodes find an empty database at once.
func TestNodesStartTogether(t *testing.T) {
	url := pgtest.NewURL(t)
	var all sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		all.Go(func() {
			s, err := postgres.Open(t.Context(), url, postgres.Options{})
			if errs[i] = err; err == nil {
				errs[i] = s.Close()
			}
		})
	}
	all.Wait()
	mustDo(t, errors.Join(errs...))
}
