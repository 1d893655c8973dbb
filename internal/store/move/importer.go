package move

import (
	"context"
	"errors"
	"fmt"

	"iotjobs/internal/store"
)

// Sizes of a batch: what is committed at once. The bytes are a guess.
const (
	batchRows  = 8192
	batchBytes = 8 << 20
)

// importer imports batches in a goroutine of its own, while the next one is read.
type importer struct {
	ctx    context.Context //nolint:containedctx // ends when a batch cannot be imported; of the one copy that the importer is for
	cancel context.CancelCauseFunc
	to     store.Portable
	told   func(rows, executions int64)
	at     *progress
	full   int // rows of a batch

	batch  batch
	queue  chan batch
	result chan error
}

type batch struct {
	rows       []store.Row
	bytes      int
	executions int64
}

func newImporter(ctx context.Context, to store.Portable, at *progress, told func(rows, executions int64)) *importer {
	i := &importer{to: to, at: at, told: told, full: batchRows, queue: make(chan batch, 1), result: make(chan error, 1)}
	i.ctx, i.cancel = context.WithCancelCause(ctx)
	go func() { i.result <- i.run() }()
	return i
}

// add takes a row, which the caller must not use any more.
func (i *importer) add(row store.Row) error {
	b := &i.batch
	b.rows = append(b.rows, row)
	b.bytes += guess(row)
	switch r := row.(type) {
	case store.ThingRow:
		b.executions += int64(len(r.Pending))
	case store.HistoryRow:
		b.executions++
	}
	if len(b.rows) < i.full && b.bytes < batchBytes {
		return nil
	}
	return i.hand()
}

func (i *importer) hand() error {
	select {
	case i.queue <- i.batch:
		i.batch = batch{}
		return nil
	case <-i.ctx.Done():
		return context.Cause(i.ctx)
	}
}

// guess is about how many bytes a row has.
func guess(row store.Row) int {
	const fixed = 200
	switch r := row.(type) {
	case store.RecordRow:
		return fixed + len(r.Value)
	case store.JobRow:
		return fixed + len(r.Job.Config.Document)
	case store.ThingRow:
		return fixed * (1 + len(r.Pending))
	default:
		return fixed
	}
}

func (i *importer) run() error {
	for b := range i.queue {
		last, err := encodeRow(b.rows[len(b.rows)-1])
		if err != nil {
			return i.failed(err)
		}
		i.at.Last = last
		i.at.Rows += int64(len(b.rows))
		if err := i.write(b.rows); err != nil {
			return i.failed(err)
		}
		if i.told != nil {
			i.told(int64(len(b.rows)), b.executions)
		}
	}
	return nil
}

func (i *importer) failed(err error) error {
	i.cancel(err)
	return err
}

func (i *importer) write(rows []store.Row) error {
	raw, err := encoder.Marshal(i.at)
	if err != nil {
		return err
	}
	return i.to.Import(i.ctx, rows, raw)
}

// end waits for what was handed over and, if reading has come to an end without an error, writes the rest.
func (i *importer) end(reading error) error {
	defer i.cancel(nil)
	if reading == nil && len(i.batch.rows) > 0 {
		reading = i.hand()
	}
	close(i.queue)
	writing := <-i.result
	switch {
	case errors.Is(writing, store.ErrNotEmpty):
		return fmt.Errorf("the destination: %w", writing)
	case writing != nil:
		return fmt.Errorf("write to the destination: %w", writing)
	case reading != nil:
		return reading
	}
	i.at.Done = true
	if err := i.write(nil); err != nil {
		return fmt.Errorf("write to the destination: %w", err)
	}
	return nil
}
