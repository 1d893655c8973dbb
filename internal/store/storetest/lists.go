package storetest

import (
	"fmt"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func allThings(tx store.ReadTx, page func() int) ([]*registry.Thing, error) {
	return pages(page, tx.Things, func(t *registry.Thing) registry.ThingName { return t.Name })
}

func allJobs(tx store.ReadTx, page func() int) ([]*jobs.Job, error) {
	return pages(page, tx.Jobs, jobNumber)
}

func allThingsOfType(tx store.ReadTx, name registry.TypeName, page func() int) ([]*registry.Thing, error) {
	return pages(page, func(after registry.ThingName, limit int) ([]*registry.Thing, error) {
		return tx.ThingsOfType(name, after, limit)
	}, func(t *registry.Thing) registry.ThingName { return t.Name })
}

func allGroups(tx store.ReadTx, page func() int) ([]*registry.ThingGroup, error) {
	return pages(page, tx.Groups, groupName)
}

func allChildGroups(tx store.ReadTx, parent registry.GroupNumber, page func() int) ([]*registry.ThingGroup, error) {
	return pages(page, func(after registry.GroupName, limit int) ([]*registry.ThingGroup, error) {
		return tx.ChildGroups(parent, after, limit)
	}, groupName)
}

func groupName(g *registry.ThingGroup) registry.GroupName { return g.Name }

func allMembers(tx store.ReadTx, group registry.GroupNumber, asOf uint64, page func() int) ([]store.Member, error) {
	return pages(page, func(after registry.ThingKey, limit int) ([]store.Member, error) {
		return tx.Members(group, asOf, after, limit)
	}, func(m store.Member) registry.ThingKey { return m.Thing })
}

func allJobsIn(tx store.ReadTx, status jobs.JobStatus, page func() int) ([]*jobs.Job, error) {
	return pages(page, func(after jobs.JobNumber, limit int) ([]*jobs.Job, error) {
		return tx.JobsIn(status, after, limit)
	}, jobNumber)
}

func allJobsFollowing(tx store.ReadTx, group registry.GroupNumber, page func() int) ([]*jobs.Job, error) {
	return pages(page, func(after jobs.JobNumber, limit int) ([]*jobs.Job, error) {
		return tx.JobsFollowing(group, after, limit)
	}, jobNumber)
}

func jobNumber(j *jobs.Job) jobs.JobNumber { return j.Number }

func allJobExecutions(tx store.ReadTx, number jobs.JobNumber, page func() int) ([]store.ThingExecution, error) {
	return pages(page, func(after store.ExecutionKey, limit int) ([]store.ThingExecution, error) {
		return tx.JobExecutions(number, after, limit)
	}, executionKey)
}

func allJobExecutionsIn(tx store.ReadTx, number jobs.JobNumber, s jobs.ExecutionStatus, page func() int) ([]store.ThingExecution, error) {
	return pages(page, func(after store.ExecutionKey, limit int) ([]store.ThingExecution, error) {
		return tx.JobExecutionsIn(number, s, after, limit)
	}, executionKey)
}

func executionKey(e store.ThingExecution) store.ExecutionKey {
	return store.ExecutionKey{Thing: e.Thing, Number: e.Execution.Number}
}

func allThingExecutions(tx store.ReadTx, key registry.ThingKey, page func() int) ([]jobs.JobExecution, error) {
	return pages(page, func(after store.ExecutionCursor, limit int) ([]jobs.JobExecution, error) {
		return tx.ThingExecutions(key, after, limit)
	}, func(e jobs.JobExecution) store.ExecutionCursor {
		return store.ExecutionCursor{Job: e.Job, Number: e.Number}
	})
}

func allMarks(tx store.ReadTx, page func() int) ([]jobs.JobNumber, error) {
	return pages(page, tx.Marks, func(n jobs.JobNumber) jobs.JobNumber { return n })
}

func allEvents(tx store.ReadTx, page func() int) ([]jobs.Event, error) {
	return pages(page, tx.Events, func(e jobs.Event) uint64 { return e.Number })
}

func allRecords(tx store.ReadTx, kind store.RecordKind, page func() int) ([]store.Record, error) {
	return pages(page, func(after string, limit int) ([]store.Record, error) {
		return tx.Records(kind, after, limit)
	}, func(r store.Record) string { return r.ID })
}

func allDue(tx store.ReadTx, until time.Time) ([]store.Due, error) {
	return longer(func(limit int) ([]store.Due, error) { return tx.Due(until, limit) })
}

func allDueJobs(tx store.ReadTx, until time.Time) ([]jobs.JobNumber, error) {
	return longer(func(limit int) ([]jobs.JobNumber, error) { return tx.DueJobs(until, limit) })
}

// longer reads a list without a cursor until it is shorter than asked for.
func longer[R any](list func(limit int) ([]R, error)) ([]R, error) {
	for limit := 1000; ; limit *= 10 {
		rows, err := list(limit)
		if err != nil || len(rows) < limit {
			return rows, err
		}
	}
}

// pages reads a whole list page by page.
func pages[C comparable, R any](page func() int, list func(after C, limit int) ([]R, error), cursor func(R) C) ([]R, error) {
	var all []R
	var after C
	for {
		limit := page()
		rows, err := list(after, limit)
		if err != nil {
			return nil, err
		}
		if len(rows) > limit {
			return nil, fmt.Errorf("a page of at most %d rows has %d", limit, len(rows))
		}
		all = append(all, rows...)
		if len(rows) < limit {
			return all, nil
		}
		if next := cursor(rows[len(rows)-1]); next == after {
			return nil, fmt.Errorf("a page ends where it began, at %v", after)
		} else {
			after = next
		}
	}
}
