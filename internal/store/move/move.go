// Package move takes whole stores from one place to another: into another store, of whatever engine, into a backup, and back. It reads and writes
// them through store.Portable and knows no engine. What it has moved is read again and compared, by counts and checksums.
package move

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"iotjobs/internal/store"
)

// Copy is a copy of one store into another, which is empty or the destination of this copy since it was begun. Fill copies, Compare makes the
// destination usable. Nobody may change the source until both are through.
type Copy struct {
	From, To store.Portable
	// Source names what is copied. A copy that was interrupted goes on only from the source of that name.
	Source string
	// Copied is told of every batch that is durable in the destination; nil for nobody.
	Copied func(rows, executions int64)

	// rows is the size of a batch; 0 for the usual one.
	rows int
}

// Errors that a copy ends with, beside those of the stores.
var (
	// ErrHalfCopied: the store is the destination of a copy or restore that has not ended.
	ErrHalfCopied = errors.New("the store is only half filled: a copy or a restore into it has not ended")
	// ErrDiffers: what was read again differs. The destination stays unusable.
	ErrDiffers = errors.New("the destination differs from the source")
)

// progress is stored in the destination.
type progress struct {
	Source string `cbor:"1,keyasint"`
	Rows   int64  `cbor:"2,keyasint"`
	// Last is the row that was copied last, encoded; empty before the first.
	Last []byte `cbor:"3,keyasint,omitempty"`
	// Done is set when all rows are there.
	Done bool `cbor:"4,keyasint,omitempty"`
}

// Half tells whether a store is half filled, and from where.
func Half(ctx context.Context, s store.Store) (source string, half bool, err error) {
	p, err := readProgress(ctx, s)
	if err != nil || p == nil {
		return "", false, err
	}
	return p.Source, true, nil
}

// Refuse returns ErrHalfCopied, with the source, if a store is half filled.
func Refuse(ctx context.Context, s store.Store) error {
	source, half, err := Half(ctx, s)
	if half {
		err = fmt.Errorf("%w (from %s)", ErrHalfCopied, source)
	}
	return err
}

func readProgress(ctx context.Context, s store.Store) (*progress, error) {
	var raw []byte
	if err := s.View(ctx, func(tx store.ReadTx) (err error) {
		raw, err = tx.Record(store.ImportRecord, store.ImportProgress)
		return err
	}); err != nil || raw == nil {
		return nil, err
	}
	var p progress
	if err := decoder.Unmarshal(raw, &p); err != nil {
		return nil, fmt.Errorf("decode how far the copy is: %w", err)
	}
	return &p, nil
}

// Fill copies what is not there yet. It returns how many rows an earlier run has copied, and how many there are in all.
func (c *Copy) Fill(ctx context.Context) (before, rows int64, err error) {
	if err := Refuse(ctx, c.From); err != nil {
		return 0, 0, fmt.Errorf("the source: %w", err)
	}
	p, err := readProgress(ctx, c.To)
	switch {
	case err != nil:
		return 0, 0, err
	case p == nil:
		p = &progress{Source: c.Source}
	case p.Source != c.Source:
		return 0, 0, fmt.Errorf("the destination is half filled from %s, and cannot be filled from %s", p.Source, c.Source)
	}
	before = p.Rows
	if !p.Done {
		err = c.copy(ctx, p)
	}
	return before, p.Rows, err
}

func (c *Copy) copy(ctx context.Context, p *progress) error {
	var after store.Row
	if len(p.Last) > 0 {
		var err error
		if after, err = readRow(p.Last); err != nil {
			return fmt.Errorf("decode how far the copy is: %w", err)
		}
	}
	i := newImporter(ctx, c.To, p, c.Copied)
	i.full = cmp.Or(c.rows, batchRows)
	err := export(i.ctx, c.From, after, i.add)
	return i.end(err)
}

// Compare reads both stores again. If they are equal, the destination is usable from then on. Each row is told to met.
func (c *Copy) Compare(ctx context.Context, met func()) (Sums, error) {
	from, to, err := both(ctx, c.From, c.To, met)
	if err != nil {
		return Sums{}, err
	}
	return from, settle(ctx, c.To, &from, &to)
}

// settle ends an import if what is there is what should be there.
func settle(ctx context.Context, to store.Portable, want, got *Sums) error {
	if found := want.differences(got); found != "" {
		return fmt.Errorf("%w: they have %s", ErrDiffers, found)
	}
	return to.Import(ctx, nil, nil)
}

// both reads two stores at once.
func both(ctx context.Context, a, b store.Portable, met func()) (sumsA, sumsB Sums, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	other := make(chan error, 1)
	go func() {
		var err error
		if sumsB, err = SumsOf(ctx, b, met); err != nil {
			cancel(err)
		}
		other <- err
	}()
	if sumsA, err = SumsOf(ctx, a, met); err != nil {
		cancel(err)
	}
	if e := <-other; e != nil || err != nil {
		return sumsA, sumsB, context.Cause(ctx)
	}
	return sumsA, sumsB, nil
}

// Backup writes a backup of a store as it is at one moment; changes may go on.
func Backup(ctx context.Context, from store.Portable, to io.Writer, now time.Time) (Sums, error) {
	if err := Refuse(ctx, from); err != nil {
		return Sums{}, err
	}
	w, err := newWriter(to, now)
	if err != nil {
		return Sums{}, err
	}
	if err := export(ctx, from, nil, w.row); err != nil {
		w.giveUp(err)
		return Sums{}, err
	}
	return w.sum.sums, w.end()
}

// Verify reads a backup to its end and tells what is in it. Without an error it can be restored.
func Verify(from io.Reader) (at time.Time, sums Sums, err error) {
	return readBackup(from, func(store.Row) error { return nil })
}

// Restore fills an empty store from a backup, and returns what is in it; Settle makes it usable. A restore that was interrupted cannot go on.
func Restore(ctx context.Context, from io.Reader, to store.Portable, source string, copied func(rows, executions int64)) (Sums, error) {
	if err := Refuse(ctx, to); err != nil {
		return Sums{}, fmt.Errorf("the destination: %w", err)
	}
	i := newImporter(ctx, to, &progress{Source: source}, copied)
	_, sums, err := readBackup(from, i.add)
	return sums, i.end(err)
}

// Settle reads what was restored. If it is what was in the backup, the store is usable from then on.
func Settle(ctx context.Context, to store.Portable, want Sums, met func()) error {
	got, err := SumsOf(ctx, to, met)
	if err != nil {
		return err
	}
	return settle(ctx, to, &want, &got)
}

func encodeRow(row store.Row) ([]byte, error) {
	var b bytes.Buffer
	err := appendRow(&b, row)
	return b.Bytes(), err
}
