package move

import (
	"context"
	"errors"
	"strings"
	"testing"

	"iotjobs/internal/store"
	"iotjobs/internal/store/memory"
	"iotjobs/internal/store/pebble"
	"iotjobs/internal/store/storetest"
)

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
