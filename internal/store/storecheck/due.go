package storecheck

import (
	"cmp"
	"slices"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

// maxDue is how many timers are compared one by one: the contract lists what is due only from the earliest on, so the rows are kept. They take
// about 150 bytes each. Of the timers behind them it is only checked that something is due at their instant.
const maxDue = 1 << 20

// farFuture is later than every instant that a store holds.
var farFuture = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// dueTimes are the timers as the store lists them.
type dueTimes struct {
	rows []store.Due
	met  []bool // those that an execution wants
	// cut is set when there are more.
	cut bool
}

func (c *checker) loadDue() error {
	list, err := c.tx.Due(farFuture, c.maxDue+1)
	if err != nil {
		return err
	}
	c.due.cut = len(list) > c.maxDue
	list = list[:min(len(list), c.maxDue)]
	for i := 1; i < len(list); i++ {
		if compareDue(list[i-1], list[i]) >= 0 {
			c.fault("what is due at %v is listed behind what is due at %v", list[i].At, list[i-1].At)
		}
	}
	slices.SortFunc(list, compareDue) // to be searched, even if the store has no order
	c.due.rows, c.due.met = list, make([]bool, len(list))
	c.sum.Due = len(list)
	return nil
}

// expectDue demands a timer for an execution with a deadline.
func (c *checker) expectDue(job *jobs.Job, row store.ThingExecution) error {
	e := row.Execution
	deadline := e.Deadline()
	if deadline.IsZero() {
		return nil
	}
	i, there := slices.BinarySearchFunc(c.due.rows, store.Due{At: deadline, Thing: row.Thing, Job: e.Job, Number: e.Number}, compareDue)
	if there {
		c.due.met[i] = true
		return nil
	}
	if c.due.cut && i == len(c.due.rows) {
		c.sum.Due++
		next, err := c.tx.NextDue(deadline.Add(-time.Microsecond))
		if err != nil {
			return err
		}
		there = instant(next) == instant(deadline)
	}
	if !there {
		c.fault("%s times out at %v, and nothing is due then", executionText(job, row), deadline)
	}
	return nil
}

// restOfDue are the timers that no execution wants.
func (c *checker) restOfDue() {
	for i, due := range c.due.rows {
		if !c.due.met[i] {
			c.fault("execution %d of job %d on thing %s (number %d) is due at %v and has no such deadline",
				due.Number, due.Job, due.Thing.Name, due.Thing.Number, due.At)
		}
	}
}

func compareDue(a, b store.Due) int {
	return cmp.Or(
		cmp.Compare(instant(a.At), instant(b.At)), compareThings(a.Thing, b.Thing), cmp.Compare(a.Job, b.Job), cmp.Compare(a.Number, b.Number),
	)
}

// instant is as fine as every store keeps times.
func instant(t time.Time) int64 { return t.UnixMicro() }
