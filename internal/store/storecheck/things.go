package storecheck

import (
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// things goes through the things, the groups that hold each and the executions that it shows.
func (c *checker) things() error {
	for thing, err := range rows(c.ctx, c.tx.Things, thingName, ascending) {
		if err != nil {
			return err
		}
		c.sum.Things++
		if thing.Type != "" {
			c.types[thing.Type]++
		}
		if err := c.blame(c.memberships(thing), "the groups of thing %s cannot be read", thing.Name); err != nil {
			return err
		}
		if err := c.blame(c.executionsOf(thing), "the executions of thing %s cannot be read", thing.Name); err != nil {
			return err
		}
	}
	return nil
}

func thingName(thing *registry.Thing) registry.ThingName { return thing.Name }

// pendingExecution tells apart the states of a thing's pending executions.
type pendingExecution struct {
	number  jobs.ExecutionNumber
	version jobs.VersionNumber
	status  jobs.ExecutionStatus
}

// executionsOf compares the executions that a thing lists with the jobs' lists and with what is pending.
func (c *checker) executionsOf(thing *registry.Thing) error {
	view, err := c.tx.Thing(thing.Name)
	if err != nil {
		return err
	}
	if view.Thing == nil || view.Thing.Number != thing.Number {
		c.fault("thing %s (number %d) is not found by its name", thing.Name, thing.Number)
		return nil
	}
	pending := map[jobs.JobNumber]pendingExecution{}
	list := func(after store.ExecutionCursor, limit int) ([]jobs.JobExecution, error) {
		return c.tx.ThingExecutions(thing.Key(), after, limit)
	}
	for e, err := range rows(c.ctx, list, executionCursor, compareCursors) {
		if err != nil {
			return err
		}
		if err := c.listedByJob(thing, e); err != nil {
			return err
		}
		if !e.Status.Pending() {
			continue
		}
		if _, twice := pending[e.Job]; twice {
			c.fault("thing %s has two pending executions of job %d", thing.Name, e.Job)
		}
		pending[e.Job] = pendingExecution{e.Number, e.Version, e.Status}
	}
	for _, e := range view.Pending {
		if pending[e.Job] != (pendingExecution{e.Number, e.Version, e.Status}) {
			c.fault("execution %d of job %d is pending on thing %s and not in the list of its executions", e.Number, e.Job, thing.Name)
		}
		if job := view.Jobs[e.Job]; job == nil || job.Number != e.Job {
			c.fault("execution %d of job %d is pending on thing %s without its job", e.Number, e.Job, thing.Name)
		}
		delete(pending, e.Job)
	}
	for job, e := range pending {
		c.fault("execution %d of job %d on thing %s is %s, but not pending", e.number, job, thing.Name, e.status)
	}
	return nil
}

// listedByJob demands that the job of an execution exists and lists it.
func (c *checker) listedByJob(thing *registry.Thing, e jobs.JobExecution) error {
	// Of one thing the highest number is listed first: behind the next higher number comes this one.
	listed, err := c.tx.JobExecutionsIn(e.Job, e.Status, store.ExecutionKey{Thing: thing.Key(), Number: e.Number + 1}, 1)
	if err != nil {
		return err
	}
	if len(listed) == 1 && listed[0].Thing == thing.Key() && same(listed[0].Execution, e) {
		return nil
	}
	job, err := c.tx.JobByNumber(e.Job)
	if err != nil {
		return err
	}
	if job == nil {
		c.fault("execution %d on thing %s belongs to job %d, which is gone", e.Number, thing.Name, e.Job)
	} else {
		c.fault("%s is not listed by its job", executionText(job, store.ThingExecution{Thing: thing.Key(), Execution: e}))
	}
	return nil
}

func executionCursor(e jobs.JobExecution) store.ExecutionCursor {
	return store.ExecutionCursor{Job: e.Job, Number: e.Number}
}

// compareCursors is the order of a thing's executions: the newest job first, and of one job the highest number.
func compareCursors(a, b store.ExecutionCursor) int {
	if a.Job != b.Job {
		return descending(a.Job, b.Job)
	}
	return descending(a.Number, b.Number)
}

// thingsByType compares the lists by type with the things that have one: a list without a stranger that is as long as it should be is right.
func (c *checker) thingsByType() error {
	for name, want := range c.types {
		list := func(after registry.ThingName, limit int) ([]*registry.Thing, error) {
			return c.tx.ThingsOfType(name, after, limit)
		}
		listed := 0
		for thing, err := range rows(c.ctx, list, thingName, ascending) {
			if err != nil {
				return err
			}
			if listed++; thing.Type != name {
				c.fault("thing %s is listed with type %s and has type %q", thing.Name, name, thing.Type)
			}
		}
		if listed != want {
			c.fault("%d things have type %s, and %d are listed", want, name, listed)
		}
	}
	return nil
}
