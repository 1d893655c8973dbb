package storetest

import (
	"context"
	"errors"
	"fmt"

	"iotjobs/internal/store"
)

// errEnough ends an export early.
var errEnough = errors.New("enough")

// copyRows copies from one store to another, rows as batch says at a time, beginning behind after. It stops, and tells the last row that was copied,
// after most batches; zero copies everything and ends the import. Progress is the number of the batch.
func copyRows(ctx context.Context, from, to store.Portable, after store.Row, batch func() int, most int) (last store.Row, err error) {
	var rows []store.Row
	size, batches := batch(), 0
	err = from.Export(ctx, after, func(row store.Row) error {
		rows = append(rows, row)
		if len(rows) < size {
			return nil
		}
		batches++
		if err := to.Import(ctx, rows, fmt.Append(nil, batches)); err != nil {
			return err
		}
		last, rows, size = row, nil, batch()
		if batches == most {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return last, nil
	}
	if err != nil {
		return last, err
	}
	return last, to.Import(ctx, rows, nil)
}

// sameRows compares everything that two stores show and export.
func sameRows(ctx context.Context, got, want store.Portable) error {
	g, err := dump(ctx, got, page)
	if err != nil {
		return err
	}
	w, err := dump(ctx, want, page)
	if err != nil {
		return err
	}
	if g != w {
		return fmt.Errorf("the copy differs: %s", firstDifference(g, w))
	}
	if g, err = dumpRows(ctx, got); err != nil {
		return err
	}
	if w, err = dumpRows(ctx, want); err != nil {
		return err
	}
	if g != w {
		return fmt.Errorf("the rows of the copy differ: %s", firstDifference(g, w))
	}
	return Check(ctx, got)
}

// sameExport compares the rows of two stores, whose engines may show those of a kind in different orders.
func sameExport(ctx context.Context, got, want store.Portable) error {
	g, err := dumpRows(ctx, got)
	if err != nil {
		return err
	}
	w, err := dumpRows(ctx, want)
	if err != nil {
		return err
	}
	if g, w = sorted(g), sorted(w); g != w {
		return fmt.Errorf("the exported rows differ: %s", firstDifference(g, w))
	}
	return nil
}

// dumpRows renders an export, which stores of one engine show in the same order.
func dumpRows(ctx context.Context, s store.Portable) (string, error) {
	var out transcript
	err := s.Export(ctx, nil, func(row store.Row) error {
		out.row(row)
		return nil
	})
	return out.String(), err
}

func (t *transcript) row(row store.Row) { t.say(fmt.Sprintf("%T", row), row) }

// Live plays random operations on a store, as Compare does, whatever comes of them. The same seed and number of steps fill a store in the same way,
// with all that a store can hold.
func Live(ctx context.Context, s store.Store, seed uint64, steps int) {
	for step := range steps {
		play(ctx, s, dice{seed: seed, step: uint64(step)})
	}
}

// Dump renders everything that a store shows: two stores show the same exactly if their dumps are equal.
func Dump(ctx context.Context, s store.Store) (string, error) { return dump(ctx, s, page) }
