package storetest

import (
	"context"
	"errors"
	"fmt"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// checkPage is the page size of Check's lists.
const checkPage = 1000

// Check tells whether what a store holds agrees with itself: one view in which
//
//  1. the counters of every job are a recount of its executions, and so are its lists by status;
//  2. every thing shows the same executions as its jobs do, the pending ones as pending, with their job's record;
//  3. a thing has at most one pending execution of a job, and a thing that is gone has none;
//  4. the newest number remembered of a job on a thing is not less than the number of any execution;
//  5. what is due are exactly the deadlines of the executions and the jobs that want to wake, in order;
//  6. no execution and no mark belongs to a job that is gone;
//  7. the lists of jobs by status and by the group that they follow are those jobs, and so are the lists of things by type;
//  8. every group is found by its name and below its parent, and the groups of a thing are there;
//  9. the members of every group are the things that name it, as of the next version, too;
//  10. the numbers of the events that wait count up by one to that of the newest one.
//
// The error names what it found first in each of these. Check holds what it read in memory and is for tests, not for large stores.
func Check(ctx context.Context, s store.Store) error {
	return s.View(ctx, CheckTx)
}

// CheckTx is Check inside a transaction, so that an update can be checked before it commits.
func CheckTx(tx store.ReadTx) error {
	c := &checker{
		tx: tx, records: map[jobs.JobNumber]*jobs.Job{}, byThing: map[registry.ThingKey][]jobs.JobExecution{}, due: map[store.Due]bool{},
		members: map[registry.GroupNumber][]store.Member{},
	}
	for _, part := range []func() error{
		c.jobs, c.things, c.gone, c.duePart, c.marks,
		c.jobsByStatus, c.types, c.groups, c.groupsOfThings, c.followed, c.wakes, c.events,
	} {
		if err := part(); err != nil {
			return err
		}
	}
	return errors.Join(c.found...)
}

type checker struct {
	tx    store.ReadTx
	found []error

	records map[jobs.JobNumber]*jobs.Job
	byThing map[registry.ThingKey][]jobs.JobExecution // collected from the jobs, of one job the highest number first
	due     map[store.Due]bool                        // expected
	// all and stored are what was listed, in the order of the list.
	all     []*jobs.Job
	stored  []*registry.Thing
	members map[registry.GroupNumber][]store.Member // as the things name them
}

// miss reports what does not agree.
func (c *checker) miss(format string, args ...any) {
	c.found = append(c.found, fmt.Errorf(format, args...))
}

func (c *checker) same(got, want any, format string, args ...any) {
	if g, w := text(got), text(want); g != w {
		c.miss("%s:\n shown %s\nshould be %s", fmt.Sprintf(format, args...), g, w)
	}
}

func page() int { return checkPage }

func (c *checker) jobs() error {
	list, err := allJobs(c.tx, page)
	if err != nil {
		return err
	}
	c.all = list
	for _, j := range list {
		c.records[j.Number] = j
	}
	for _, j := range list {
		if err := c.job(j); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) job(j *jobs.Job) error {
	for what, find := range map[string]func() (*jobs.Job, error){
		"ID":     func() (*jobs.Job, error) { return c.tx.Job(j.ID) },
		"number": func() (*jobs.Job, error) { return c.tx.JobByNumber(j.Number) },
	} {
		found, err := find()
		if err != nil {
			return err
		}
		c.same(found, j, "job %s by its %s", j.ID, what)
	}
	rows, err := allJobExecutions(c.tx, j.Number, page)
	if err != nil {
		return err
	}
	var recount jobs.Counters
	byStatus := map[jobs.ExecutionStatus][]store.ThingExecution{}
	for _, r := range rows {
		c.collect(j, r)
		recount.Add(r.Execution.Status, 1)
		byStatus[r.Execution.Status] = append(byStatus[r.Execution.Status], r)
	}
	counters, err := c.tx.Counters(j.Number)
	if err != nil {
		return err
	}
	c.same(counters, recount, "counters of job %s", j.ID)
	for _, s := range jobs.ExecutionStatuses() {
		in, err := allJobExecutionsIn(c.tx, j.Number, s, page)
		if err != nil {
			return err
		}
		c.same(in, byStatus[s], "executions of job %s in %s", j.ID, s)
	}
	return nil
}

func (c *checker) collect(j *jobs.Job, r store.ThingExecution) {
	if r.Execution.Job != j.Number {
		c.miss("job %s (%d) lists an execution of job %d on %s", j.ID, j.Number, r.Execution.Job, r.Thing.Name)
		return
	}
	c.byThing[r.Thing] = append(c.byThing[r.Thing], r.Execution)
	if at := r.Execution.Deadline(); !at.IsZero() {
		c.due[store.Due{At: at.UTC(), Thing: r.Thing, Job: r.Execution.Job, Number: r.Execution.Number}] = true
	}
}

func (c *checker) things() error {
	things, err := allThings(c.tx, page)
	if err != nil {
		return err
	}
	c.stored = things
	for _, t := range things {
		for _, m := range t.Groups {
			c.members[m.Group] = append(c.members[m.Group], store.Member{Thing: t.Key(), Direct: m.Direct})
		}
		shown, err := allThingExecutions(c.tx, t.Key(), page)
		if err != nil {
			return err
		}
		// Jobs were read from the newest and their executions from the highest number, as a thing lists them.
		c.same(shown, c.byThing[t.Key()], "executions of thing %s", t.Name)
		if err := c.thing(t, c.byThing[t.Key()]); err != nil {
			return err
		}
		delete(c.byThing, t.Key())
	}
	return nil
}

// thing checks the view of a thing against its executions.
func (c *checker) thing(t *registry.Thing, executions []jobs.JobExecution) error {
	pending, addrs := map[jobs.JobNumber]jobs.JobExecution{}, []store.Address{}
	for i, e := range executions {
		if i == 0 || executions[i-1].Job != e.Job {
			addrs = append(addrs, store.Address{Job: c.records[e.Job].ID, Head: true})
		}
	}
	v, err := c.tx.Thing(t.Name, addrs...)
	if err != nil {
		return err
	}
	c.same(v.Thing, t, "thing %s", t.Name)
	for i, e := range executions {
		if e.Status.Pending() {
			if _, twice := pending[e.Job]; twice {
				c.miss("thing %s has two pending executions of job %d", t.Name, e.Job)
			}
			if i > 0 && executions[i-1].Job == e.Job {
				c.miss("thing %s has pending execution %d of job %d, and a newer one, %d", t.Name, e.Number, e.Job, executions[i-1].Number)
			}
			pending[e.Job] = e
		}
		if head := v.Addressed[c.records[e.Job].ID].Head; !head.Known || head.Newest < e.Number {
			c.miss("thing %s has execution %d of job %d, but the newest remembered is %d", t.Name, e.Number, e.Job, head.Newest)
		}
	}
	c.same(len(v.Pending), len(pending), "number of pending executions of thing %s", t.Name)
	for _, e := range v.Pending {
		c.same(e, pending[e.Job], "pending execution of job %d on thing %s", e.Job, t.Name)
		c.same(v.Jobs[e.Job], c.records[e.Job], "record of job %d in the view of thing %s", e.Job, t.Name)
	}
	return nil
}

// gone checks the executions of things that are gone: what is left after things.
func (c *checker) gone() error {
	for key, executions := range c.byThing {
		for _, e := range executions {
			if e.Status.Pending() {
				c.miss("execution %d of job %d is pending on thing %s number %d, which is gone", e.Number, e.Job, key.Name, key.Number)
			}
		}
	}
	return nil
}

func (c *checker) duePart() error {
	rows, err := allDue(c.tx, farFuture)
	if err != nil {
		return err
	}
	for i, d := range rows {
		d.At = d.At.UTC()
		if i > 0 && d.At.Before(rows[i-1].At) {
			c.miss("due at %v comes after %v", d.At, rows[i-1].At)
		}
		if !c.due[d] {
			c.miss("due without such a deadline: %s", text(d))
		}
		delete(c.due, d)
	}
	for d := range c.due {
		c.miss("forgotten: nothing is due for %s", text(d))
	}
	return nil
}

func (c *checker) marks() error {
	marked, err := allMarks(c.tx, page)
	if err != nil {
		return err
	}
	for _, n := range marked {
		j, err := c.tx.JobByNumber(n)
		if err != nil {
			return err
		}
		if j == nil {
			c.miss("job %d is marked and gone", n)
		}
	}
	return nil
}

func (c *checker) events() error {
	list, err := allEvents(c.tx, page)
	if err != nil {
		return err
	}
	last, err := c.tx.LastEvent()
	for i, e := range list {
		if want := last - uint64(len(list)-1-i); e.Number != want {
			c.miss("of %d events up to %d, number %d is in the place of %d", len(list), last, e.Number, want)
		}
	}
	return err
}
