package postgres

import (
	"maps"
	"slices"
	"strconv"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store/rowcodec"
)

// flush queues the writes of rows that a locked thing protects: the things, their executions and heads. It may be called at any time, so that a
// question sees what was changed before it. What other transactions share (counters, marks, events) is written by finish only.
func (w *work) flush() error {
	if err := w.flushThings(); err != nil {
		return err
	}
	if err := w.flushExecutions(); err != nil {
		return err
	}
	w.flushHeads()
	return nil
}

// flushThings finds the rows by their place on the disk if that is known, which spares the index. The lock keeps a row in its place until the
// transaction itself moves it.
func (w *work) flushThings() error {
	var places, names, lists []string
	var placed, pending [][]byte
	for _, state := range w.changed {
		value, err := state.encodePending()
		if err != nil {
			return err
		}
		if state.place != "" && !state.requeued {
			places, placed = append(places, state.place), append(placed, value)
		} else {
			names, lists, pending = append(names, string(state.thing.Name)), append(lists, jobList(state.pending)), append(pending, value)
		}
		state.changed, state.requeued, state.place = false, false, ""
	}
	w.changed = w.changed[:0]
	if len(places) > 0 {
		w.execOn(len(places), `UPDATE thing SET pending = v.pending
			FROM unnest($1::text[]::tid[], $2::bytea[]) AS v (place, pending) WHERE thing.ctid = v.place`, places, placed)
	}
	if len(names) > 0 {
		w.execOn(len(names), `UPDATE thing SET jobs = v.jobs::bigint[], pending = v.pending
			FROM unnest($1::text[], $2::text[], $3::bytea[]) AS v (name, jobs, pending) WHERE thing.name = v.name`, names, lists, pending)
	}
	return nil
}

// jobList is the array of the jobs of pending executions, each once, as a literal.
func jobList(pending []jobs.JobExecution) string {
	list := []byte{'{'}
	for i := range pending {
		if slices.ContainsFunc(pending[:i], func(e jobs.JobExecution) bool { return e.Job == pending[i].Job }) {
			continue
		}
		if len(list) > 1 {
			list = append(list, ',')
		}
		list = strconv.AppendUint(list, uint64(pending[i].Job), 10)
	}
	return string(append(list, '}'))
}

// executionColumns are rows of table execution, column by column.
type executionColumns struct {
	things, jobs, numbers []int64
	names                 []string
	statuses              []int16
	due                   []*int64
	ended                 [][]byte
}

func (c *executionColumns) addKey(id executionID) {
	c.things, c.jobs, c.numbers = append(c.things, int64(id.thing.Number)), append(c.jobs, int64(id.job)), append(c.numbers, int64(id.number))
}

func (c *executionColumns) add(id executionID, e *jobs.JobExecution) error {
	c.addKey(id)
	c.names, c.statuses = append(c.names, string(id.thing.Name)), append(c.statuses, int16(e.Status.Index()))
	c.due = append(c.due, instant(rowcodec.Micros(e.Deadline())))
	var ended []byte
	if e.Status.Terminal() {
		row := rowOfExecution(e)
		var err error
		if ended, err = encode(&row); err != nil {
			return err
		}
	}
	c.ended = append(c.ended, ended)
	return nil
}

// instant is a stored instant; null for none.
func instant(at int64) *int64 {
	if at == 0 {
		return nil
	}
	return &at
}

func (w *work) flushExecutions() error {
	var inserts, updates, deletes executionColumns
	for id, row := range w.executions {
		var err error
		switch {
		case row.after == nil && row.stored:
			deletes.addKey(id)
		case row.after == nil:
		case row.stored:
			err = updates.add(id, row.after)
		default:
			err = inserts.add(id, row.after)
		}
		if err != nil {
			return err
		}
	}
	clear(w.executions)
	if c := &deletes; len(c.things) > 0 {
		w.exec(`DELETE FROM execution e USING unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS v (thing, job, number)
			WHERE e.thing = v.thing AND e.job = v.job AND e.number = v.number`, c.things, c.jobs, c.numbers)
	}
	if c := &updates; len(c.things) > 0 {
		w.exec(`UPDATE execution e SET status = v.status, due = v.due, ended = v.ended
			FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::smallint[], $5::bigint[], $6::bytea[]) AS v (thing, job, number, status, due, ended)
			WHERE e.thing = v.thing AND e.job = v.job AND e.number = v.number`, c.things, c.jobs, c.numbers, c.statuses, c.due, c.ended)
	}
	if c := &inserts; len(c.things) > 0 {
		w.exec(`INSERT INTO execution (thing, job, number, status, thing_name, due, ended)
			SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::smallint[], $5::text[], $6::bigint[], $7::bytea[])`,
			c.things, c.jobs, c.numbers, c.statuses, c.names, c.due, c.ended)
	}
	return nil
}

func (w *work) flushHeads() {
	var things, of, newest, gone, goneOf []int64
	var failed, timedOut []int32
	for id, head := range w.heads {
		if head == (jobs.Head{}) {
			gone, goneOf = append(gone, int64(id.thing.Number)), append(goneOf, int64(id.job))
			continue
		}
		things, of, newest = append(things, int64(id.thing.Number)), append(of, int64(id.job)), append(newest, int64(head.Newest))
		failed, timedOut = append(failed, int32(head.Retries.Failed)), append(timedOut, int32(head.Retries.TimedOut))
	}
	clear(w.heads)
	if len(gone) > 0 {
		w.exec(`DELETE FROM head h USING unnest($1::bigint[], $2::bigint[]) AS v (thing, job) WHERE h.thing = v.thing AND h.job = v.job`, gone, goneOf)
	}
	if len(things) > 0 {
		w.exec(`INSERT INTO head (thing, job, newest, failed, timed_out) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::integer[], $5::integer[])
			ON CONFLICT (thing, job) DO UPDATE SET newest = excluded.newest, failed = excluded.failed, timed_out = excluded.timed_out`,
			things, of, newest, failed, timedOut)
	}
}

// finish queues everything that is left to be written, in the order in which shared rows are locked.
func (w *work) finish() error {
	if err := w.flush(); err != nil {
		return err
	}
	w.finishCounters()
	if len(w.marks) > 0 {
		w.exec(`INSERT INTO mark (job, stripe, n) SELECT job, $2, 1 FROM unnest($1::bigint[]) AS v (job)
			ON CONFLICT (job, stripe) DO UPDATE SET n = mark.n + 1`, sortedNumbers(w.marks), w.stripe)
	}
	if len(w.events) > 0 {
		w.exec(`WITH counter AS (UPDATE event_counter SET last = last + cardinality($1::bytea[]) RETURNING last - cardinality($1::bytea[]) AS before)
			INSERT INTO event (number, content) SELECT counter.before + v.place, v.content
			FROM counter, unnest($1::bytea[]) WITH ORDINALITY AS v (content, place)`, w.events)
	}
	return nil
}

func (w *work) finishCounters() {
	var of []jobs.JobNumber
	for job, delta := range w.deltas {
		if delta != (jobs.Counters{}) {
			of = append(of, job)
		}
	}
	if len(of) == 0 {
		return
	}
	slices.Sort(of)
	numbers := make([]int64, len(of))
	var columns [len(jobs.Counters{})][]int64
	for i, job := range of {
		numbers[i] = int64(job)
		for status, n := range w.deltas[job] {
			columns[status] = append(columns[status], n)
		}
	}
	args := []any{w.stripe, numbers}
	for _, column := range columns {
		args = append(args, column)
	}
	w.exec(addCounters, args...)
}

const addCounters = `
INSERT INTO counter (job, stripe, queued, in_progress, succeeded, failed, timed_out, rejected, removed, canceled)
SELECT v.job, $1, v.a, v.b, v.c, v.d, v.e, v.f, v.g, v.h
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[])
	AS v (job, a, b, c, d, e, f, g, h)
ON CONFLICT (job, stripe) DO UPDATE SET
	queued = counter.queued + excluded.queued, in_progress = counter.in_progress + excluded.in_progress,
	succeeded = counter.succeeded + excluded.succeeded, failed = counter.failed + excluded.failed,
	timed_out = counter.timed_out + excluded.timed_out, rejected = counter.rejected + excluded.rejected,
	removed = counter.removed + excluded.removed, canceled = counter.canceled + excluded.canceled`

func sortedNumbers(set map[jobs.JobNumber]struct{}) []int64 {
	list := make([]int64, 0, len(set))
	for _, n := range slices.Sorted(maps.Keys(set)) {
		list = append(list, int64(n))
	}
	return list
}

// changesAnything tells whether there is something to commit, also if it was flushed already.
func (w *work) changesAnything() bool {
	return w.wrote || len(w.changed)+len(w.executions)+len(w.heads)+len(w.marks)+len(w.events) > 0
}
