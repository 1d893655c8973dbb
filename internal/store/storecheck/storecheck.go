// Package storecheck reads a whole store through its contract and tells what in it does not agree with itself. It knows no engine, changes
// nothing and decides nothing: what to do about a fault is up to the operator.
package storecheck

import (
	"context"
	"errors"
	"fmt"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// Summary counts what was looked at.
type Summary struct {
	Things      int `json:"things"`
	Groups      int `json:"groups"`      // without those that are being deleted
	Memberships int `json:"memberships"` // of things in groups, ancestors included
	Jobs        int `json:"jobs"`
	Executions  int `json:"executions"`
	Due         int `json:"due"` // timers of executions
	Faults      int `json:"faults"`
}

// Check looks at everything that a transaction shows:
//
//  1. a job is found by its ID, its number, its status, the groups that it follows and the time at which it wants to wake;
//  2. the counters of a job are a recount of its executions, and so are its lists by status;
//  3. an execution is the same on its thing, pending there while it is pending, and the highest number that is remembered is not below its own;
//  4. a thing has at most one pending execution of a job, and one that is gone has none;
//  5. what is due are exactly the deadlines of executions;
//  6. a thing is found by its type, and it is in exactly the groups whose members show it, all of which exist, together with those above them;
//  7. a group is found by its name, its number and its parent;
//  8. no execution and no mark belongs to a job that is gone.
//
// Each fault is told to found as one line, also a list that cannot be read; the check then goes on with the next one. The error is that
// of ctx or of a store that has stopped: then not everything was looked at.
//
// Rows are read page by page. The memory in use grows with the number of groups, types and waiting jobs, and up to maxDue with that of the
// timers, but not with that of things and executions.
func Check(ctx context.Context, tx store.ReadTx, found func(fault string)) (Summary, error) {
	return check(ctx, tx, found, maxDue)
}

func check(ctx context.Context, tx store.ReadTx, found func(fault string), maxDue int) (Summary, error) {
	c := &checker{
		ctx: ctx, tx: tx, found: found, maxDue: maxDue, paths: map[registry.GroupNumber][]registry.GroupNumber{}, children: map[registry.GroupNumber]int{},
		types: map[registry.TypeName]int{}, wakes: map[jobs.JobNumber]time.Time{},
	}
	for _, part := range []struct {
		name string
		look func() error
	}{
		{"the timers that are due", c.loadDue},
		{"the groups", c.groups},
		{"the jobs", c.jobs},
		{"the things", c.things},
		{"the things by type", c.thingsByType},
		{"the members of groups", c.members},
		{"the groups by parent", c.childGroups},
		{"the jobs that wait", c.waking},
		{"the marks", c.marks},
	} {
		if err := c.blame(part.look(), "%s cannot be read", part.name); err != nil {
			return c.sum, err
		}
	}
	c.restOfDue()
	return c.sum, nil
}

// pageSize is how many rows are read at once.
const pageSize = 250

// checker collects on its way through one list what has to agree with another one.
type checker struct {
	ctx   context.Context
	tx    store.ReadTx
	found func(string)
	sum   Summary

	maxDue   int
	due      dueTimes
	wakes    map[jobs.JobNumber]time.Time
	types    map[registry.TypeName]int
	children map[registry.GroupNumber]int
	// paths holds the way to each group that was met; nil for one that does not exist.
	paths map[registry.GroupNumber][]registry.GroupNumber
}

func (c *checker) fault(format string, args ...any) {
	c.sum.Faults++
	c.found(fmt.Sprintf(format, args...))
}

// blame makes a fault of an error, so that the check can go on elsewhere. It returns an error that ends the check.
func (c *checker) blame(err error, format string, args ...any) error {
	switch {
	case err == nil:
		return nil
	case c.ctx.Err() != nil, errors.Is(err, store.ErrClosed):
		return err
	}
	c.fault("%s: %v", fmt.Sprintf(format, args...), err)
	return nil
}

func (c *checker) marks() error {
	for number, err := range rows(c.ctx, c.tx.Marks, itself, ascending) {
		if err != nil {
			return err
		}
		job, err := c.tx.JobByNumber(number)
		if err != nil {
			return err
		}
		if job == nil {
			c.fault("job %d is marked and gone", number)
		}
	}
	return nil
}
