package storetest_test

import (
	"sync"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// forgottenDue forgets the last due time.
func forgottenDue(tx store.ReadTx) store.ReadTx {
	return wrongReads{ReadTx: tx, due: func(until time.Time, limit int) ([]store.Due, error) {
		rows, err := tx.Due(until, limit)
		if len(rows) > 0 {
			rows = rows[:len(rows)-1]
		}
		return rows, err
	}}
}

// forgottenPast scans what is due from where the last scan ended.
func forgottenPast(s store.Store) store.Store {
	var mu sync.Mutex
	var scanned time.Time
	return reads(func(tx store.ReadTx) store.ReadTx {
		return wrongReads{ReadTx: tx, due: func(until time.Time, limit int) ([]store.Due, error) {
			rows, err := tx.Due(until, limit)
			mu.Lock()
			defer mu.Unlock()
			var later []store.Due
			for _, d := range rows {
				if !d.At.Before(scanned) {
					later = append(later, d)
				}
			}
			if len(rows) > 0 {
				scanned = rows[0].At
			}
			return later, err
		}}
	})(s)
}

// countersOff counts one failed execution twice.
func countersOff(tx store.ReadTx) store.ReadTx {
	return wrongReads{ReadTx: tx, counters: func(job jobs.JobNumber) (jobs.Counters, error) {
		c, err := tx.Counters(job)
		if c.Of(jobs.Failed) > 0 {
			c.Add(jobs.Failed, 1)
		}
		return c, err
	}}
}

// indexOff misses one failed execution.
func indexOff(tx store.ReadTx) store.ReadTx {
	return wrongReads{ReadTx: tx, in: func(job jobs.JobNumber, status jobs.ExecutionStatus, after store.ExecutionKey, limit int) ([]store.ThingExecution, error) {
		rows, err := tx.JobExecutionsIn(job, status, after, limit)
		if status == jobs.Failed && len(rows) > 0 && len(rows) < limit {
			rows = rows[:len(rows)-1]
		}
		return rows, err
	}}
}

// skippedRow begins a page one row too late.
func skippedRow(tx store.ReadTx) store.ReadTx {
	return wrongReads{ReadTx: tx, things: func(after registry.ThingName, limit int) ([]*registry.Thing, error) {
		rows, err := tx.Things(after, limit+1)
		if after != "" && len(rows) > 0 {
			rows = rows[1:]
		}
		return rows[:min(len(rows), limit)], err
	}}
}
