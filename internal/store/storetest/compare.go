package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"iotjobs/internal/store"
	"iotjobs/internal/store/memory"
)

// wholeEvery is how many steps lie between two comparisons of everything.
const wholeEvery = 100

// Compare plays random operations on a store of the engine and on the reference store, compares every answer, and every so often
// everything that both show, read in pages of random sizes. Operations that the contract refuses are among them. Seed 0 draws a seed;
// the seed is logged, and the same seed and number of steps play the same operations.
func Compare(tb testing.TB, e Engine, seed uint64, steps int) {
	tb.Helper()
	for seed == 0 {
		seed = rand.Uint64()
	}
	tb.Logf("seed %d, %d steps", seed, steps)
	if err := compare(tb, e, seed, steps); err != nil {
		tb.Errorf("seed %d: %v", seed, err)
	}
}

// Differs is Compare that returns the difference instead of failing tb: the way to show that it finds a store that is wrong on purpose.
func Differs(tb testing.TB, e Engine, seed uint64, steps int) error {
	tb.Helper()
	return compare(tb, e, seed, steps)
}

func compare(tb testing.TB, e Engine, seed uint64, steps int) error {
	tb.Helper()
	ctx, dir := tb.Context(), tb.TempDir()
	model := memory.New()
	s := e.Open(tb, dir)
	defer func() {
		if err := s.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	}()
	for step := range steps {
		d := dice{seed: seed, step: uint64(step)}
		name, got, want := "", "", ""
		name, got = play(ctx, s, d)
		_, want = play(ctx, model, d)
		if got != want {
			return fmt.Errorf("step %d, %s: %s", step, name, firstDifference(got, want))
		}
		if (step+1)%wholeEvery != 0 && step+1 != steps {
			continue
		}
		if err := compareWhole(ctx, s, model, d); err != nil {
			return fmt.Errorf("step %d: %w", step, err)
		}
		if e.Reopens && (step/wholeEvery)%5 == 4 {
			if err := s.Close(); err != nil {
				return fmt.Errorf("step %d: close: %w", step, err)
			}
			s = e.Open(tb, dir)
		}
	}
	if !e.Moves {
		return nil
	}
	return compareCopy(ctx, tb, e, s, model, dice{seed: seed, step: uint64(steps)})
}

// compareCopy compares what the store exports, and a copy of it, with the reference store.
func compareCopy(ctx context.Context, tb testing.TB, e Engine, s store.Store, model *memory.Store, d dice) (err error) {
	tb.Helper()
	to := e.Open(tb, tb.TempDir())
	defer func() { err = errors.Join(err, to.Close()) }()
	from, ok := s.(store.Portable)
	into, too := to.(store.Portable)
	if !ok || !too {
		return fmt.Errorf("a %T cannot be moved", s)
	}
	if err := sameExport(ctx, from, model); err != nil {
		return err
	}
	if _, err := copyRows(ctx, from, into, nil, batches(d.seed), 0); err != nil {
		return fmt.Errorf("copy the store: %w", err)
	}
	if err := compareWhole(ctx, to, model, d); err != nil {
		return fmt.Errorf("the copy: %w", err)
	}
	return nil
}

func compareWhole(ctx context.Context, s, model store.Store, d dice) error {
	pages := func() func() int {
		r := d.roll(forPages)
		return func() int { return 1 + r.IntN(9) }
	}
	got, err := dump(ctx, s, pages())
	if err != nil {
		return err
	}
	want, err := dump(ctx, model, pages())
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("the stores differ: %s", firstDifference(got, want))
	}
	return Check(ctx, s)
}

// dice are the random decisions of one step. Those for one purpose fall the same way every time they are rolled, so that both stores
// get the same operation, and a function that runs again does the same again.
type dice struct{ seed, step uint64 }

type purpose uint64

const (
	forPages purpose = iota
	forCall
	forInside
	purposes
)

func (d dice) roll(p purpose) *rand.Rand {
	return rand.New(rand.NewPCG(d.seed, d.step*uint64(purposes)+uint64(p)))
}

// play runs the operation of one step and renders the answer. Of a refusal only is compared that it is one: its words are the
// engine's own, and how far the function got may be, too.
func play(ctx context.Context, s store.Store, d dice) (name, answer string) {
	var out transcript
	var err error
	r := d.roll(forCall)
	switch r.IntN(10) {
	case 0, 1, 2:
		name, err = "device call", playDevice(ctx, s, r, d, &out)
	case 3, 4, 5, 6:
		name = "update"
		err = s.Update(ctx, func(tx store.Tx) error { return playUpdate(tx, d.roll(forInside), &out) })
	case 7, 8:
		name = "view"
		err = s.View(ctx, func(tx store.ReadTx) error { return playView(tx, d.roll(forInside), &out) })
	default:
		name, err = "read", playRead(ctx, s, r, &out)
	}
	switch {
	case err == nil:
		return name + out.names(), out.String()
	case errors.Is(err, store.ErrUnknown), errors.Is(err, store.ErrClosed), errors.Is(err, context.Canceled):
		return name + out.names(), "error: " + err.Error()
	default:
		return name + out.names(), "refused"
	}
}

// transcript collects what an operation was told.
type transcript struct {
	strings.Builder
	did []string
}

func (t *transcript) begin() {
	t.Reset()
	t.did = nil
}

func (t *transcript) names() string { return fmt.Sprint(t.did) }

func (t *transcript) say(what string, answer any) { fmt.Fprintf(t, "%s %s\n", what, text(answer)) }
