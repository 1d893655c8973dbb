package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"iotjobs/internal/store"
	"iotjobs/internal/store/pebble"
)

// A store that a copy has only half filled is served by nobody, and no command takes it for a whole one.
func TestHalfFilledIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := serveForTest(t, dir).stop(); err != nil {
		t.Fatal(err)
	}
	s, err := pebble.Open(filepath.Join(dir, "store"), pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(t.Context(), func(tx store.Tx) error {
		return tx.PutRecord(store.ImportRecord, store.ImportProgress, []byte("\xa2\x01\x69elsewhere\x02\x07"))
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "backup")
	for _, args := range [][]string{
		{"serve", "--data", dir},
		{"keys", "list", "--data", dir},
		{"store", "check", "--data", dir},
		{"backup", "--data", dir, file},
		{"store", "copy", "--from", dir, "--to", filepath.Join(t.TempDir(), "other")},
	} {
		command := exec.CommandContext(t.Context(), "iotjobs", args...)
		command.Env = withoutOurs(os.Environ())
		out, err := command.CombinedOutput()
		const want = "the store is only half filled: a copy or a restore into it has not ended (from elsewhere)"
		if _, failed := errors.AsType[*exec.ExitError](err); !failed || !strings.Contains(string(out), want) {
			t.Errorf("iotjobs %v: %v\n%s", args, err, out)
		}
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a backup was left: %v", err)
	}
	command := exec.CommandContext(t.Context(), "iotjobs", "store", "copy", "--from", dir, "--to", dir)
	if out, err := command.CombinedOutput(); err == nil {
		t.Errorf("a store was copied into itself: %s", out)
	}
}

func TestPasswordIsNotShown(t *testing.T) {
	for at, want := range map[string]string{
		"postgres://u:secret@db:5432/iotjobs?password=secret&sslmode=disable&search_path=x": "postgres://db:5432/iotjobs?search_path=x",
		"postgres://u:secret@db:%zz/": "postgres://…",
	} {
		if got := parseStore(at).name; got != want {
			t.Errorf("shown as %s, want %s", got, want)
		}
	}
}
