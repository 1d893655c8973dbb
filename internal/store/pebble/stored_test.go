package pebble_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"iotjobs/internal/store/pebble"
	"iotjobs/internal/store/storetest"
)

var makeStored = flag.Bool("make-stored", false, "write a store of the present format into testdata, with what it shows")

// Stores that earlier versions have written are opened and show what they showed then. Those in testdata are never written anew: a new format adds
// one of its own.
func TestStoredFormats(t *testing.T) {
	for _, name := range []string{"format1"} {
		t.Run(name, func(t *testing.T) {
			stored := filepath.Join("testdata", name)
			if *makeStored {
				makeStore(t, stored)
			}
			want, err := os.ReadFile(stored + ".dump")
			if err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(t.TempDir(), "store") // opening a store changes it
			if err := os.CopyFS(dir, os.DirFS(stored)); err != nil {
				t.Fatal(err)
			}
			s := open(t, dir, pebble.Options{})
			got, err := storetest.Dump(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Error("the store shows something else than the version that wrote it did")
			}
			if err := errors.Join(storetest.Check(t.Context(), s), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
}

func makeStore(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Stat(dir); err == nil {
		t.Fatalf("%s is there already", dir)
	}
	s := open(t, dir, pebble.Options{})
	storetest.Live(t.Context(), s, 11, 600)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, pebble.Options{}) // moves what was logged into a table
	for seed := range uint64(2) {
		storetest.Live(t.Context(), s, seed, 100)
	}
	shown, err := storetest.Dump(t.Context(), s)
	if err := errors.Join(err, s.Close(), os.WriteFile(dir+".dump", []byte(shown), 0o644)); err != nil {
		t.Fatal(err)
	}
}
