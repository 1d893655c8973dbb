package fault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
)

// compare finds out what became of everything that was written in this round. Whole also waits for the newest job to reach everything.
func (c *campaign) compare(ctx context.Context, whole bool) error {
	newest := c.jobs[len(c.jobs)-1]
	if job, err := c.clients[0].describeJob(ctx, newest); err == nil && job.concurrent {
		c.halfMade++
	}
	if err := c.eachClient(func(cl *client) error { return cl.compare(ctx) }); err != nil {
		return err
	}
	if possible, err := c.clients[0].book["job/"+newest].possible(); err != nil {
		return err
	} else if possible[0].note != there {
		c.forget(newest)
		c.jobs = c.jobs[:len(c.jobs)-1]
	} else if whole {
		if err := c.compareJob(ctx, newest); err != nil {
			return err
		}
	}
	if len(c.jobs) > 1 {
		if err := c.compareJob(ctx, c.jobs[0]); err != nil {
			return err
		}
	}
	return c.checkStore(ctx)
}

func (c *campaign) eachClient(do func(*client) error) error {
	faults := make([]error, len(c.clients))
	var group sync.WaitGroup
	for i, cl := range c.clients {
		group.Go(func() { faults[i] = do(cl) })
	}
	group.Wait()
	return errors.Join(faults...)
}

// compareJob waits until the service has done its work on a job over the plant, and compares its counters with its executions. Nobody else writes.
func (c *campaign) compareJob(ctx context.Context, id string) error {
	api := c.clients[0].api
	var job jobState
	var err error
	waiting := c.server.Eventually(ctx, "the service is through with "+id, func() bool {
		job, err = api.describeJob(ctx, id)
		return err != nil || !job.concurrent
	})
	if err := errors.Join(err, waiting); err != nil {
		return err
	}
	executions, err := api.listExecutions(ctx, id)
	if err != nil {
		return err
	}
	counted := map[string]int{}
	onThing := map[string]bool{}
	for _, e := range executions {
		counted[e.Summary.Status]++
		if onThing[e.ThingARN] || e.Summary.ExecutionNumber != 1 {
			return fmt.Errorf("%s was queued twice on %s", id, e.ThingARN)
		}
		onThing[e.ThingARN] = true
	}
	switch {
	case !maps.Equal(counted, job.counts):
		return fmt.Errorf("%s counts %v and lists %v", id, job.counts, counted)
	case job.status == "IN_PROGRESS" && len(executions) != c.targets:
		return fmt.Errorf("%s has %d executions of %d", id, len(executions), c.targets)
	case job.status == "CANCELED" && counted["QUEUED"] > 0:
		return fmt.Errorf("%s is canceled and has %v", id, counted)
	}
	return nil
}

// checkStore checks the store of the server, running or stopped.
func (c *campaign) checkStore(ctx context.Context) error {
	return c.operator(ctx, "store", "check")
}

// compareEverything is the end of a campaign: whatever was ever acknowledged is compared, and the store is checked once the server is stopped.
func (c *campaign) compareEverything(ctx context.Context) error {
	return errors.Join(
		c.eachClient(func(cl *client) error { return cl.compareEverything(ctx) }),
		c.stop(),
		c.checkStore(ctx),
	)
}
