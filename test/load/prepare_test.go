package load

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store"
	"iotjobs/internal/store/pebble"
)

// groupName is the thing group that holds all imported things. Each is in one of parts, groups within it that have equally many: the first in the first,
// and so on.
const (
	groupName = "fleet"
	parts     = 5
)

func partName(part int) string { return fmt.Sprintf("%s-%d", groupName, part) }

// partBegin is the first thing of a part.
func partBegin(part, count int) int { return part * count / parts }

// attributes are what things are registered with: as most fleets do, some.
var attributes = map[string]string{"model": "pump-x1", "site": "berlin-4", "firmware": "2.3.7"}

// importFleet registers things in a group, in a directory that no server has opened yet.
func importFleet(ctx context.Context, dir string, count int) (err error) {
	engine, err := pebble.Open(filepath.Join(dir, "store"), pebble.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	return importInto(ctx, engine, count)
}

func importInto(ctx context.Context, engine store.Store, count int) error {
	s := &service.Service{Store: engine, Now: time.Now, Quotas: service.DefaultQuotas()}
	if _, err := s.CreateThingGroup(ctx, service.CreateThingGroupInput{Name: groupName}); err != nil {
		return err
	}
	for part := range parts {
		group := registry.GroupName(partName(part))
		if _, err := s.CreateThingGroup(ctx, service.CreateThingGroupInput{Name: group, Parent: groupName}); err != nil {
			return err
		}
		if err := importPart(ctx, s, group, partBegin(part, count), partBegin(part+1, count)); err != nil {
			return err
		}
	}
	return nil
}

func importPart(ctx context.Context, s *service.Service, group registry.GroupName, begin, end int) error {
	for first := begin; first < end; first += service.MaxImport {
		things := make([]service.ThingImport, min(service.MaxImport, end-first))
		for i := range things {
			things[i] = service.ThingImport{
				CreateThingInput: service.CreateThingInput{Name: registry.ThingName(thingName(first + i)), Attributes: attributes},
				Groups:           []registry.GroupName{group},
			}
		}
		out, err := s.ImportThings(ctx, service.ImportThingsInput{Things: things})
		if err != nil {
			return err
		}
		if out.Imported != len(things) {
			return fmt.Errorf("imported %d of %d things: %v", out.Imported, len(things), out.Refused)
		}
	}
	return nil
}

// stock is what fill puts into a store: each thing has so many executions, each of another job.
type stock struct {
	things, pending, history int
	// timer is when the first execution of a thing, which then is running, times out; nil for never.
	timer func(thing int) time.Time
}

func (s stock) executions() int { return s.things * (s.pending + s.history) }

// fill stores executions without the way that they come about, which would take too long for many. The jobs are named by jobNamed.
func fill(ctx context.Context, dir string, s stock) (err error) {
	engine, err := pebble.Open(filepath.Join(dir, "store"), pebble.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	now := time.Now()
	var list []*jobs.Job
	err = engine.Update(ctx, func(tx store.Tx) error {
		list, err = fillJobs(tx, s.pending+s.history, now)
		return err
	})
	for first := 0; first < s.things && err == nil; first += store.MaxThingsPerUpdate {
		err = engine.Update(ctx, func(tx store.Tx) error {
			for i := first; i < min(first+store.MaxThingsPerUpdate, s.things); i++ {
				if err := s.fillThing(tx, i, list, now); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return err
}

func jobNamed(i int) jobs.JobID { return jobs.JobID(fmt.Sprintf("job-%02d", i)) }

func fillJobs(tx store.Tx, count int, now time.Time) (list []*jobs.Job, err error) {
	for i := range count {
		number, err := tx.NextNumber()
		if err != nil {
			return nil, err
		}
		job := &jobs.Job{
			Number: jobs.JobNumber(number), ID: jobNamed(i), Revision: 1, Status: jobs.JobInProgress, CreatedAt: now, LastUpdatedAt: now,
			Config: &jobs.Config{
				Targets:         []jobs.Target{{Kind: jobs.ThingTarget, Name: thingName(0)}},
				TargetSelection: jobs.Snapshot, Document: jobDocument,
			},
			Release: jobs.Release{Target: 1, Done: true},
		}
		if err := tx.PutJob(job); err != nil {
			return nil, err
		}
		list = append(list, job)
	}
	return list, nil
}

// fillThing gives a thing an execution of each job: the first ones wait, the others have succeeded.
func (s stock) fillThing(tx store.Tx, n int, list []*jobs.Job, now time.Time) error {
	number, err := tx.NextNumber()
	if err != nil {
		return err
	}
	thing := &registry.Thing{
		Name: registry.ThingName(thingName(n)), Number: registry.ThingNumber(number), ID: "5b4b2a1e-7d39-4a3c-9a43-0d2f5a1c0001", Attributes: attributes,
		Version: 1, CreatedAt: now,
	}
	if err := tx.PutThing(thing); err != nil {
		return err
	}
	change := store.ThingChange{Heads: map[jobs.JobNumber]jobs.Head{}}
	for i, job := range list {
		e := jobs.NewExecution(job.Number, 1, now)
		switch {
		case i >= s.pending:
			e.Status, e.Version, e.StatusDetails = jobs.Succeeded, 3, map[string]string{"step": "done", "progress": "100%"}
		case i == 0 && s.timer != nil:
			e.Status, e.Version, e.StartedAt, e.StepDeadline = jobs.InProgress, 2, now, s.timer(n)
		}
		change.Executions = append(change.Executions, store.ExecutionChange{After: &e})
		change.Heads[job.Number] = jobs.Head{Newest: 1, Known: true}
	}
	return tx.ChangeThing(thing.Key(), change)
}
