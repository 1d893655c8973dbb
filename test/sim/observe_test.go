package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store"
)

// observation is what the service shows of everything, read without changing anything: DescribeJob and ListJobs would take decisions, so the
// state of a job is read from its record.
type observation struct {
	things []*registry.Thing
	groups map[registry.GroupName]registry.GroupNumber
	jobs   map[jobs.JobID]*jobs.Job
	rows   map[jobs.JobID][]listed
	// queues are the jobs of a thing's pending executions in queue order, as they are stored.
	queues map[registry.ThingName][]jobs.JobID
}

// listed is an execution in the list of its job.
type listed struct {
	thing registry.ThingName
	row   row
}

// observe reads everything in pages of random sizes.
func observe(ctx context.Context, s *service.Service, r *rand.Rand) (*observation, error) {
	o := &observation{
		groups: map[registry.GroupName]registry.GroupNumber{}, jobs: map[jobs.JobID]*jobs.Job{}, rows: map[jobs.JobID][]listed{},
		queues: map[registry.ThingName][]jobs.JobID{},
	}
	if err := errors.Join(o.readRegistry(ctx, s, r), o.readStore(ctx, s.Store)); err != nil {
		return nil, err
	}
	for id := range o.jobs {
		err := pages(r, func(p service.Page) (string, error) {
			out, err := s.ListJobExecutionsForJob(ctx, service.ListJobExecutionsForJobInput{JobID: id, Page: p})
			for _, e := range out.Executions {
				o.rows[id] = append(o.rows[id], listed{e.Thing, rowOf(e.Execution)})
			}
			return out.NextToken, err
		})
		if err != nil {
			return nil, fmt.Errorf("list the executions of job %s: %w", id, err)
		}
	}
	return o, nil
}

func (o *observation) readRegistry(ctx context.Context, s *service.Service, r *rand.Rand) error {
	things := pages(r, func(p service.Page) (string, error) {
		out, err := s.ListThings(ctx, service.ListThingsInput{Page: p})
		o.things = append(o.things, out.Things...)
		return out.NextToken, err
	})
	groups := pages(r, func(p service.Page) (string, error) {
		out, err := s.ListThingGroups(ctx, service.ListThingGroupsInput{Page: p})
		for _, g := range out.Groups {
			o.groups[g.Name] = g.Number
		}
		return out.NextToken, err
	})
	return errors.Join(things, groups)
}

// readStore reads what no operation shows without a side effect.
func (o *observation) readStore(ctx context.Context, s store.Store) error {
	return s.View(ctx, func(tx store.ReadTx) error {
		list, err := tx.Jobs(0, 1000)
		if err != nil {
			return err
		}
		for _, j := range list {
			o.jobs[j.ID] = j
		}
		for _, t := range o.things {
			view, err := tx.Thing(t.Name)
			if err != nil {
				return err
			}
			for _, e := range view.Pending {
				o.queues[t.Name] = append(o.queues[t.Name], view.Jobs[e.Job].ID)
			}
		}
		return nil
	})
}

// pages reads a list to its end.
func pages(r *rand.Rand, read func(service.Page) (token string, err error)) error {
	page := service.Page{MaxResults: 1 + r.IntN(service.MaxPageSize)}
	for {
		token, err := read(page)
		if err != nil || token == "" {
			return err
		}
		page.NextToken = token
	}
}
