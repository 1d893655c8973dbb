package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

var _ store.Portable = (*Store)(nil)

// Export shows copies that were taken at once.
func (s *Store) Export(ctx context.Context, after store.Row, fn func(store.Row) error) error {
	var rows []store.Row
	if err := s.View(ctx, func(tx store.ReadTx) error {
		rows = tx.(reader).rows()
		return nil
	}); err != nil {
		return err
	}
	return guard(func() error {
		for _, row := range rows {
			if after != nil && compareRows(row, after) <= 0 {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := fn(row); err != nil {
				return err
			}
		}
		return nil
	})
}

// compareRows is the order of rows.
func compareRows(a, b store.Row) int {
	if a.Kind() != b.Kind() {
		return int(a.Kind() - b.Kind())
	}
	return strings.Compare(rowKey(a), rowKey(b))
}

// rowKey tells a row from the others of its kind.
func rowKey(row store.Row) string {
	ofThing := func(number uint64, thing registry.ThingKey) string {
		return fmt.Sprintf("%020d %s\x00%020d", number, thing.Name, thing.Number)
	}
	switch r := row.(type) {
	case store.RecordRow:
		return string(r.Of) + "\x00" + r.ID
	case store.JobRow:
		return fmt.Sprintf("%020d", r.Job.Number)
	case store.GroupRow:
		return fmt.Sprintf("%020d", r.Group.Number)
	case store.ThingRow:
		return string(r.Thing.Name)
	case store.MembershipRow:
		return ofThing(uint64(r.Group), r.Thing)
	case store.HistoryRow:
		return ofThing(uint64(r.Execution.Job), r.Thing) + fmt.Sprintf(" %020d", r.Execution.Number)
	case store.HeadRow:
		return ofThing(uint64(r.Job), r.Thing)
	case store.MarkRow:
		return fmt.Sprintf("%020d", r.Job)
	case store.EventRow:
		return fmt.Sprintf("%020d", r.Event.Number)
	default:
		return "" // the numbers, of which there is one row
	}
}

// rows are all rows in order.
func (r reader) rows() []store.Row {
	rows := []store.Row{store.NumbersRow{Last: r.last[struct{}{}], LastEvent: r.lastEvent[struct{}{}]}}
	for key, value := range r.records {
		rows = append(rows, store.RecordRow{Of: key.kind, ID: key.id, Value: slices.Clone(value)})
	}
	for _, job := range r.jobs {
		rows = append(rows, store.JobRow{Job: job.Clone()})
	}
	for _, group := range r.groups {
		rows = append(rows, store.GroupRow{Group: group.Clone()})
	}
	for _, thing := range r.things {
		rows = append(rows, store.ThingRow{Thing: thing.Clone(), Pending: r.executionsOf(thing.Key(), jobs.ExecutionStatus.Pending)})
	}
	for key := range r.executions {
		for _, e := range r.executionsOf(key, jobs.ExecutionStatus.Terminal) {
			rows = append(rows, store.HistoryRow{Thing: key, Execution: e})
		}
	}
	for key, head := range r.heads {
		if thing := r.things[key.thing.Name]; r.jobs[key.job] != nil && thing != nil && thing.Key() == key.thing {
			rows = append(rows, store.HeadRow{Job: key.job, Thing: key.thing, Head: head})
		}
	}
	for job := range r.marks {
		rows = append(rows, store.MarkRow{Job: job})
	}
	for _, event := range r.events {
		rows = append(rows, store.EventRow{Event: cloneEvent(event)})
	}
	rows = append(rows, r.memberships()...)
	slices.SortFunc(rows, compareRows)
	return rows
}

func (r reader) executionsOf(key registry.ThingKey, wanted func(jobs.ExecutionStatus) bool) (list []jobs.JobExecution) {
	for _, e := range r.executions[key] {
		if wanted(e.Status) {
			list = append(list, cloneExecution(e))
		}
	}
	return list
}

// memberships joins those that last with those that ended.
func (r reader) memberships() (rows []store.Row) {
	periods := map[heldKey][]store.Period{}
	for _, thing := range r.things {
		for _, m := range thing.Groups {
			key := heldKey{m.Group, thing.Key()}
			periods[key] = append(periods[key], store.Period{Joined: r.joined[key], Direct: m.Direct})
		}
	}
	for past, m := range r.past {
		key := heldKey{past.group, past.thing}
		periods[key] = append(periods[key], store.Period{Joined: m.joined, Left: past.left, Direct: m.direct})
	}
	for key, list := range periods {
		slices.SortFunc(list, func(a, b store.Period) int { return cmp.Compare(a.Joined, b.Joined) })
		rows = append(rows, store.MembershipRow{Group: key.group, Thing: key.thing, Periods: list})
	}
	return rows
}

// Import writes rows in one update.
func (s *Store) Import(ctx context.Context, rows []store.Row, progress []byte) error {
	return s.Update(ctx, func(tx store.Tx) error {
		w := tx.(*writer)
		record := recordKey{store.ImportRecord, store.ImportProgress}
		if _, begun := w.records[record]; !begun && !w.empty() {
			return store.ErrNotEmpty
		}
		for _, row := range rows {
			w.importRow(row)
		}
		if progress == nil {
			return w.DeleteRecord(record.kind, record.id)
		}
		return w.PutRecord(record.kind, record.id, progress)
	})
}

func (w *writer) empty() bool {
	return !slices.ContainsFunc(w.rows(), func(row store.Row) bool {
		switch r := row.(type) {
		case store.NumbersRow:
			return r != store.NumbersRow{}
		case store.RecordRow:
			return r.Of != store.NodeRecord
		default:
			return true
		}
	})
}

func (w *writer) importRow(row store.Row) {
	switch r := row.(type) {
	case store.NumbersRow:
		put(w, w.last, struct{}{}, r.Last)
		put(w, w.lastEvent, struct{}{}, r.LastEvent)
	case store.RecordRow:
		put(w, w.records, recordKey{r.Of, r.ID}, append([]byte{}, r.Value...))
	case store.JobRow:
		put(w, w.jobs, r.Job.Number, r.Job.Clone())
	case store.GroupRow:
		put(w, w.groups, r.Group.Number, r.Group.Clone())
	case store.ThingRow:
		put(w, w.things, r.Thing.Name, r.Thing.Clone())
		w.importExecutions(r.Thing.Key(), r.Pending...)
	case store.MembershipRow:
		w.importMembership(r)
	case store.HistoryRow:
		w.importExecutions(r.Thing, r.Execution)
	case store.HeadRow:
		put(w, w.heads, headKey{r.Thing, r.Job}, r.Head)
	case store.MarkRow:
		put(w, w.marks, r.Job, true)
	case store.EventRow:
		put(w, w.events, r.Event.Number, cloneEvent(r.Event))
	}
}

func (w *writer) importExecutions(key registry.ThingKey, executions ...jobs.JobExecution) {
	list := slices.Clone(w.executions[key])
	for _, e := range executions {
		list = append(list, cloneExecution(e))
	}
	if len(list) > 0 {
		put(w, w.executions, key, list)
	}
}

// importMembership leaves to the thing whether a membership that lasts is direct.
func (w *writer) importMembership(row store.MembershipRow) {
	for _, p := range row.Periods {
		if p.Left == 0 {
			put(w, w.joined, heldKey{row.Group, row.Thing}, p.Joined)
		} else {
			put(w, w.past, pastKey{p.Left, row.Group, row.Thing}, pastMembership{p.Joined, p.Direct})
		}
	}
}
