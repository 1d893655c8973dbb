package move

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
	"iotjobs/internal/store/memory"
	"iotjobs/internal/store/storetest"
)

var update = flag.Bool("update", false, "write the files in testdata anew")

func restore(t *testing.T, b []byte, to store.Portable) error {
	t.Helper()
	sums, err := Restore(t.Context(), bytes.NewReader(b), to, "backup", nil)
	if err != nil {
		return err
	}
	return Settle(t.Context(), to, sums, noProgress)
}

func backup(t *testing.T, s store.Portable) []byte {
	t.Helper()
	var b bytes.Buffer
	sums, err := Backup(t.Context(), s, &b, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	at, verified, err := Verify(bytes.NewReader(b.Bytes()))
	if err != nil || verified != sums || at.Format(time.DateOnly) != "2026-03-01" {
		t.Fatalf("the backup of %v has %v, begun %v: %v", sums, verified, at, err)
	}
	return b.Bytes()
}

func TestRestore(t *testing.T) {
	source := lived(t, memory.New())
	b := backup(t, source)
	for name, to := range map[string]store.Portable{"memory": memory.New(), "pebble": openPebble(t, t.TempDir())} {
		t.Run(name, func(t *testing.T) {
			if err := restore(t, b, to); err != nil {
				t.Fatal(err)
			}
			wantEqual(t, to, source)
			before := dump(t, to)
			if err := restore(t, b, to); !errors.Is(err, store.ErrNotEmpty) {
				t.Errorf("a second restore returned %v", err)
			}
			if dump(t, to) != before {
				t.Error("a refused restore changed the store")
			}
		})
	}
}

// A backup beside changes is one moment: what is derived from its rows agrees, and so do things with their groups and jobs.
func TestBackupBesideChanges(t *testing.T) {
	s := openPebble(t, t.TempDir())
	storetest.Live(t.Context(), s, 1, 100)
	ctx, cancel := context.WithCancel(t.Context())
	changed := make(chan struct{})
	go func() {
		defer close(changed)
		for seed := uint64(2); ctx.Err() == nil; seed++ {
			storetest.Live(ctx, s, seed, 100)
		}
	}()
	var last []byte
	for different := 0; different < 20; {
		b := backup(t, s)
		if bytes.Equal(b, last) {
			continue // nothing has changed since
		}
		different++
		to := memory.New()
		if err := restore(t, b, to); err != nil {
			t.Fatal(err)
		}
		if err := storetest.Check(t.Context(), to); err != nil {
			t.Fatal(err)
		}
		last = b
	}
	cancel()
	<-changed
}

// A backup that was cut off anywhere is told from a whole one, and what was restored of it is not usable.
func TestBackupCutOff(t *testing.T) {
	b := backup(t, lived(t, memory.New()))
	for length := range b {
		if _, _, err := Verify(bytes.NewReader(b[:length])); !errors.Is(err, ErrIncomplete) {
			t.Fatalf("%d of %d bytes: %v", length, len(b), err)
		}
	}
	to := memory.New()
	if err := restore(t, b[:len(b)-1], to); !errors.Is(err, ErrIncomplete) {
		t.Errorf("restored with %v", err)
	}
}

func TestBackupGivenUp(t *testing.T) {
	var b bytes.Buffer
	w, err := newWriter(&b, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	w.giveUp(errBroken)
	if _, _, err := Verify(&b); !errors.Is(err, ErrIncomplete) || !strings.Contains(err.Error(), errBroken.Error()) {
		t.Error(err)
	}
}

// Every flipped bit is found.
func TestBackupDamaged(t *testing.T) {
	small := memory.New()
	if err := small.Update(t.Context(), func(tx store.Tx) error {
		return errors.Join(tx.PutRecord(store.SettingRecord, "s", []byte("v")), tx.AppendEvents(jobs.Event{ID: "e", Job: &jobs.JobEvent{}}))
	}); err != nil {
		t.Fatal(err)
	}
	b := backup(t, small)
	for at := range b {
		for bit := range 8 {
			damaged := bytes.Clone(b)
			damaged[at] ^= 1 << bit
			if _, _, err := Verify(bytes.NewReader(damaged)); err == nil {
				t.Errorf("bit %d of byte %d is not missed", bit, at)
			}
		}
	}
	if _, _, err := Verify(bytes.NewReader(append(bytes.Clone(b), 0))); !errors.Is(err, ErrDamaged) {
		t.Errorf("bytes behind the end: %v", err)
	}
}

// A frame that is left out, or there twice, has a right checksum of its own.
func TestBackupFramesMissing(t *testing.T) {
	var b bytes.Buffer
	w, err := newWriter(&b, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	begin := b.Len()
	if err := errors.Join(w.row(store.NumbersRow{Last: 1}), w.flush()); err != nil {
		t.Fatal(err)
	}
	middle := b.Len()
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	for name, parts := range map[string][][]byte{
		"missing": {whole[:begin], whole[middle:]},
		"twice":   {whole[:middle], whole[begin:]},
	} {
		if _, _, err := Verify(bytes.NewReader(bytes.Join(parts, nil))); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Backups of earlier versions can be restored.
func TestStoredBackup(t *testing.T) {
	for _, name := range []string{"version1"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", name)
			if *update {
				s := lived(t, memory.New())
				if err := errors.Join(os.WriteFile(path+".backup", backup(t, s), 0o644), os.WriteFile(path+".dump", []byte(dump(t, s)), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			stored, err := os.ReadFile(path + ".backup")
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(path + ".dump")
			if err != nil {
				t.Fatal(err)
			}
			to := memory.New()
			if err := restore(t, stored, to); err != nil {
				t.Fatal(err)
			}
			if dump(t, to) != string(want) {
				t.Error("the restored store shows something else than the one that was backed up")
			}
		})
	}
}

// FuzzReadRow demands of every row that can be read that it is written in one way.
func FuzzReadRow(f *testing.F) {
	stored, err := os.Open(filepath.Join("testdata", "version1.backup"))
	if err != nil {
		f.Fatal(err)
	}
	defer stored.Close() //nolint:errcheck // it was only read
	if _, _, err := readBackup(stored, func(row store.Row) error {
		b, err := encodeRow(row)
		f.Add(b)
		return err
	}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		row, err := readRow(b)
		if err != nil {
			return
		}
		once, err := encodeRow(row)
		if err != nil {
			t.Fatal(err)
		}
		if row, err = readRow(once); err != nil {
			t.Fatalf("read again: %v", err)
		}
		if again, err := encodeRow(row); err != nil || !bytes.Equal(again, once) {
			t.Errorf("written as %x and as %x: %v", once, again, err)
		}
	})
}
