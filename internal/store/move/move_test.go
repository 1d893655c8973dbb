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
	"iotjobs/internal/store/pebble"
	"iotjobs/internal/store/storetest"
)

var update = flag.Bool("update", false, "write the files in testdata anew")

var noProgress = func() {}

// lived is a store with all kinds of rows in it.
func lived(t *testing.T, s store.Portable) store.Portable {
	t.Helper()
	storetest.Live(t.Context(), s, 11, 800)
	sums, err := SumsOf(t.Context(), s, noProgress)
	if err != nil {
		t.Fatal(err)
	}
	for kind, sum := range sums {
		if sum.Rows == 0 {
			t.Fatalf("the store holds no %s: take another seed", Kinds[kind])
		}
	}
	return s
}

func openPebble(t *testing.T, dir string) *pebble.Store {
	t.Helper()
	s, err := pebble.Open(dir, pebble.Options{CacheSize: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func dump(t *testing.T, s store.Store) string {
	t.Helper()
	d, err := storetest.Dump(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func wantEqual(t *testing.T, got, want store.Store) {
	t.Helper()
	if dump(t, got) != dump(t, want) {
		t.Error("the stores differ")
	}
	if err := Refuse(t.Context(), got); err != nil {
		t.Error(err)
	}
	if err := storetest.Check(t.Context(), got); err != nil {
		t.Error(err)
	}
}

func run(t *testing.T, c *Copy) (Sums, error) {
	t.Helper()
	if _, _, err := c.Fill(t.Context()); err != nil {
		return Sums{}, err
	}
	return c.Compare(t.Context(), noProgress)
}

func restore(t *testing.T, b []byte, to store.Portable) error {
	t.Helper()
	sums, err := Restore(t.Context(), bytes.NewReader(b), to, "backup", nil)
	if err != nil {
		return err
	}
	return Settle(t.Context(), to, sums, noProgress)
}

func TestCopyBetweenEngines(t *testing.T) {
	source := lived(t, memory.New())
	through, back := openPebble(t, t.TempDir()), memory.New()
	for _, c := range []Copy{{From: source, To: through, rows: 10}, {From: through, To: back}} {
		sums, err := run(t, &c)
		if err != nil {
			t.Fatal(err)
		}
		if sums.Rows() == 0 || sums.Executions() == 0 {
			t.Errorf("nothing was counted: %v", sums)
		}
		wantEqual(t, c.To, source)
	}
}

// failing breaks off an import, before or behind the write.
type failing struct {
	store.Portable
	after  int // imports that work
	behind bool
}

var errBroken = errors.New("broken off")

func (f *failing) Import(ctx context.Context, rows []store.Row, progress []byte) error {
	f.after--
	switch {
	case f.after >= 0:
		return f.Portable.Import(ctx, rows, progress)
	case f.behind:
		return errors.Join(errBroken, f.Portable.Import(ctx, rows, progress))
	default:
		return errBroken
	}
}

// A copy that breaks off anywhere goes on and ends equal, and the destination is not usable in between.
func TestCopyGoesOn(t *testing.T) {
	source := lived(t, memory.New())
	for _, behind := range []bool{false, true} {
		to, broken := memory.New(), 0
		for ; ; broken++ {
			if broken > 1000 {
				t.Fatal("the copy does not come to an end")
			}
			c := Copy{From: source, To: &failing{to, 2, behind}, Source: "here", rows: 3}
			_, err := run(t, &c)
			if err == nil {
				break
			}
			if behind && errors.Is(err, store.ErrNotEmpty) {
				break // only the answer of the last step was lost
			}
			if !errors.Is(err, errBroken) {
				t.Fatal(err)
			}
			if now := dump(t, to); Refuse(t.Context(), to) == nil && now != dump(t, memory.New()) && now != dump(t, source) {
				t.Error("a half filled store is not refused")
			}
		}
		if broken < 5 {
			t.Errorf("the copy was broken off %d times", broken)
		}
		wantEqual(t, to, source)
	}
}

// Signs of life are those of the nodes of one store, at one moment.
func TestSignsOfLifeStay(t *testing.T) {
	source, to := lived(t, memory.New()), memory.New()
	for _, s := range []store.Store{source, to} {
		if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.PutRecord(store.NodeRecord, "n", []byte("now")) }); err != nil {
			t.Fatal(err)
		}
	}
	before := dump(t, source)
	c := Copy{From: source, To: &failing{to, 1000, false}}
	if _, err := run(t, &c); err != nil {
		t.Fatal(err)
	}
	if dump(t, to) != before {
		t.Error("the stores differ")
	}
	if restored := memory.New(); restore(t, backup(t, source), restored) == nil {
		if err := restored.View(t.Context(), func(tx store.ReadTx) error {
			sign, err := tx.Record(store.NodeRecord, "n")
			if sign != nil {
				t.Error("a backup holds signs of life")
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	}
}

func TestCopyRefuses(t *testing.T) {
	source := lived(t, memory.New())
	half := memory.New()
	begun := Copy{From: source, To: &failing{half, 1, false}, Source: "here", rows: 7}
	if _, err := run(t, &begun); !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		copy Copy
		want string
	}{
		"half filled source":      {Copy{From: half, To: memory.New()}, "only half filled: a copy or a restore into it has not ended (from here)"},
		"another source":          {Copy{From: source, To: half, Source: "there"}, "half filled from here, and cannot be filled from there"},
		"store that is not empty": {Copy{From: source, To: source}, "the destination: the store is not empty"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := run(t, &c.copy)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// A source that changes while the copy is interrupted is found, and the destination stays unusable.
func TestCopyFindsChangedSource(t *testing.T) {
	for name, change := range map[string]func(tx store.Tx) error{
		"new row": func(tx store.Tx) error { return tx.PutRecord(store.SettingRecord, "", []byte("new")) },
		"changed row": func(tx store.Tx) error {
			list, err := tx.Jobs(0, 1)
			if err != nil {
				return err
			}
			job := list[0].Clone()
			job.Comment += "!"
			return tx.PutJob(job)
		},
	} {
		t.Run(name, func(t *testing.T) {
			source, to := lived(t, memory.New()), memory.New()
			c := Copy{From: source, To: &changing{Portable: to, from: source, change: change}}
			if _, err := run(t, &c); !errors.Is(err, ErrDiffers) {
				t.Errorf("got %v", err)
			}
			if err := Refuse(t.Context(), to); !errors.Is(err, ErrHalfCopied) {
				t.Errorf("the destination is usable: %v", err)
			}
		})
	}
}

// changing changes the source at the first import.
type changing struct {
	store.Portable
	from   store.Store
	change func(store.Tx) error
}

func (c *changing) Import(ctx context.Context, rows []store.Row, progress []byte) error {
	if c.change != nil {
		if err := c.from.Update(ctx, c.change); err != nil {
			return err
		}
		c.change = nil
	}
	return c.Portable.Import(ctx, rows, progress)
}

// coded lets rows pass through the bytes of a backup.
type coded struct{ store.Portable }

func (c coded) Import(ctx context.Context, rows []store.Row, progress []byte) error {
	var passed []store.Row
	for _, row := range rows {
		b, err := encodeRow(row)
		if err != nil {
			return err
		}
		if row, err = readRow(b); err != nil {
			return err
		}
		passed = append(passed, row)
	}
	return c.Portable.Import(ctx, passed, progress)
}

// Rows are coded without loss: every member that a row has, and has later, is set.
func TestRowsAreCoded(t *testing.T) {
	e := storetest.Engine{Moves: true, Open: func(testing.TB, string) store.Store { return coded{memory.New()} }}
	broken := storetest.Broken(t, e, "every member of a row is copied", "a copy shows what the original shows")
	if len(broken) > 0 {
		t.Error(broken)
	}
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
