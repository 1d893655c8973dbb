package storecheck

import (
	"cmp"
	"fmt"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// execution compares an execution, as its job lists it, with what its thing shows.
func (c *checker) execution(job *jobs.Job, row store.ThingExecution) error {
	e := row.Execution
	if e.Job != job.Number {
		c.fault("%s is one of job %d", executionText(job, row), e.Job)
		return nil
	}
	if err := c.expectDue(job, row); err != nil {
		return err
	}
	view, err := c.tx.Thing(row.Thing.Name, store.Address{Job: job.ID, Number: e.Number, Head: true})
	if err != nil {
		return err
	}
	if view.Thing == nil || view.Thing.Number != row.Thing.Number {
		return c.executionOfGone(job, row)
	}
	addressed := view.Addressed[job.ID]
	if addressed.Execution == nil || !same(*addressed.Execution, e) {
		c.fault("%s is not the same on its thing", executionText(job, row))
	}
	if head := addressed.Head; !head.Known || head.Newest < e.Number {
		c.fault("%s has a higher number than the highest that is remembered, %d", executionText(job, row), head.Newest)
	} else if e.Status.Pending() && head.Newest != e.Number {
		c.fault("%s is pending, but not the newest, %d", executionText(job, row), head.Newest)
	}
	return nil
}

// executionOfGone looks at one whose thing was deleted: its history stays with the job (Q8).
func (c *checker) executionOfGone(job *jobs.Job, row store.ThingExecution) error {
	e := row.Execution
	if e.Status.Pending() {
		c.fault("%s is pending, but its thing is gone", executionText(job, row))
	}
	history, err := c.tx.ThingExecutions(row.Thing, store.ExecutionCursor{Job: e.Job, Number: e.Number + 1}, 1)
	if err != nil {
		return err
	}
	if len(history) == 0 || !same(history[0], e) {
		c.fault("%s is not in the history of its thing, which is gone", executionText(job, row))
	}
	return nil
}

// same compares the members that tell two states of an execution apart.
func same(a, b jobs.JobExecution) bool {
	return a.Job == b.Job && a.Number == b.Number && a.Status == b.Status && a.Version == b.Version && a.Deadline().Equal(b.Deadline())
}

// executionText is how an execution stands in a fault.
func executionText(job *jobs.Job, row store.ThingExecution) string {
	return fmt.Sprintf("execution %d of job %s on thing %s (number %d)", row.Execution.Number, job.ID, row.Thing.Name, row.Thing.Number)
}

func executionKey(row store.ThingExecution) store.ExecutionKey {
	return store.ExecutionKey{Thing: row.Thing, Number: row.Execution.Number}
}

// compareExecutions is the order of a job's executions: of one thing the highest number first.
func compareExecutions(a, b store.ExecutionKey) int {
	return cmp.Or(compareThings(a.Thing, b.Thing), cmp.Compare(b.Number, a.Number))
}

func compareThings(a, b registry.ThingKey) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Number, b.Number))
}
