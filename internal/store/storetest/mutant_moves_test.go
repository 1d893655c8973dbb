package storetest_test

import (
	"cmp"
	"context"
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

// moved is a store whose rows are changed on their way out or in.
type moved struct {
	store.Portable
	out func(store.Row) store.Row
	in  func([]store.Row) []store.Row
}

func moves(out func(store.Row) store.Row, in func([]store.Row) []store.Row) func(store.Store) store.Store {
	return func(s store.Store) store.Store { return moved{s.(store.Portable), out, in} }
}

func (m moved) Export(ctx context.Context, after store.Row, fn func(store.Row) error) error {
	if m.out == nil {
		return m.Portable.Export(ctx, after, fn)
	}
	return m.Portable.Export(ctx, after, func(row store.Row) error { return fn(m.out(row)) })
}

func (m moved) Import(ctx context.Context, rows []store.Row, progress []byte) error {
	if m.in != nil {
		rows = m.in(rows)
	}
	return m.Portable.Import(ctx, rows, progress)
}

// rowsOf changes the rows of one type.
func rowsOf[R store.Row](change func(R) R) func(store.Row) store.Row {
	return func(row store.Row) store.Row {
		if r, ok := row.(R); ok {
			return change(r)
		}
		return row
	}
}

// withoutLeft forgets that memberships have ended.
func withoutLeft(row store.MembershipRow) store.MembershipRow {
	row.Periods = slices.Clone(row.Periods)
	for i := range row.Periods {
		row.Periods[i].Left = 0
	}
	return row
}

func queueSorted(row store.ThingRow) store.ThingRow {
	slices.SortFunc(row.Pending, func(a, b jobs.JobExecution) int { return cmp.Compare(a.Job, b.Job) })
	return row
}

func withoutHeads(rows []store.Row) []store.Row {
	return slices.DeleteFunc(slices.Clone(rows), func(row store.Row) bool { return row.Kind() == store.HeadRows })
}

func withoutLastEvent(rows []store.Row) []store.Row {
	rows = slices.Clone(rows)
	for i := range rows {
		if numbers, ok := rows[i].(store.NumbersRow); ok {
			numbers.LastEvent = 0
			rows[i] = numbers
		}
	}
	return rows
}

// restarted does not go on behind a row.
type restarted struct{ store.Portable }

func fromTheStart(s store.Store) store.Store { return restarted{s.(store.Portable)} }

func (r restarted) Export(ctx context.Context, _ store.Row, fn func(store.Row) error) error {
	return r.Portable.Export(ctx, nil, fn)
}

// greedy takes in a store whatever it holds.
type greedy struct{ store.Portable }

func intoAnything(s store.Store) store.Store { return greedy{s.(store.Portable)} }

func (g greedy) Import(ctx context.Context, rows []store.Row, progress []byte) error {
	if err := g.Update(ctx, func(tx store.Tx) error {
		return tx.PutRecord(store.ImportRecord, store.ImportProgress, progress)
	}); err != nil {
		return err
	}
	return g.Portable.Import(ctx, rows, progress)
}
