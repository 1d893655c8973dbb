package service

import (
	"context"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// ExecutionOfThing is an execution with the thing it is on.
type ExecutionOfThing struct {
	Thing     registry.ThingName
	Execution jobs.JobExecution
}

// ListJobExecutionsForJobInput selects executions of a job; an empty status selects all.
type ListJobExecutionsForJobInput struct {
	JobID  jobs.JobID
	Status jobs.ExecutionStatus
	Page   Page
}

// ListJobExecutionsForJobOutput is one page, by thing name, the newest execution of a thing first.
type ListJobExecutionsForJobOutput struct {
	Executions []ExecutionOfThing
	NextToken  string
}

// ListJobExecutionsForJob lists the executions of a job on all its things (CTRL-2).
func (s *Service) ListJobExecutionsForJob(ctx context.Context, in ListJobExecutionsForJobInput) (ListJobExecutionsForJobOutput, error) {
	var out ListJobExecutionsForJobOutput
	after, err := cursorOf[store.ExecutionKey](in.Page)
	if err != nil {
		return out, err
	}
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		job, err := existingJob(tx, in.JobID)
		if err != nil {
			return err
		}
		list := func(after store.ExecutionKey, limit int) ([]store.ThingExecution, error) {
			if in.Status == "" || job.Sweep.Active { // while rows follow a cancel, the stored status is not the one that is shown
				return tx.JobExecutions(job.Number, after, limit)
			}
			return tx.JobExecutionsIn(job.Number, in.Status, after, limit)
		}
		match := func(row store.ThingExecution) bool {
			e, ok := jobs.Effective(row.Execution, job)
			return ok && (in.Status == "" || e.Status == in.Status)
		}
		rows, token, err := scan(in.Page.size(), after, match, list, func(row store.ThingExecution) store.ExecutionKey {
			return store.ExecutionKey{Thing: row.Thing, Number: row.Execution.Number}
		})
		out = ListJobExecutionsForJobOutput{NextToken: token}
		for _, row := range rows {
			e, _ := jobs.Effective(row.Execution, job)
			out.Executions = append(out.Executions, ExecutionOfThing{row.Thing.Name, e})
		}
		return err
	})
	return out, err
}

// ListJobExecutionsForThingInput selects executions on a thing; empty members select all.
type ListJobExecutionsForThingInput struct {
	Thing  registry.ThingName
	JobID  jobs.JobID
	Status jobs.ExecutionStatus
	Page   Page
}

// ListJobExecutionsForThingOutput is one page, the newest job first, of each the newest execution first.
type ListJobExecutionsForThingOutput struct {
	Executions []PendingExecution
	NextToken  string
}

// ListJobExecutionsForThing lists everything that a thing had and has to do.
func (s *Service) ListJobExecutionsForThing(ctx context.Context, in ListJobExecutionsForThingInput) (ListJobExecutionsForThingOutput, error) {
	var out ListJobExecutionsForThingOutput
	after, err := cursorOf[store.ExecutionCursor](in.Page)
	if err != nil {
		return out, err
	}
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		view, err := tx.Thing(in.Thing)
		if err != nil {
			return err
		}
		if view.Thing == nil {
			return thingNotFound(in.Thing)
		}
		key := view.Thing.Key()
		rows := &effectiveRows{tx: tx, byNumber: map[jobs.JobNumber]*jobs.Job{}}
		list := func(after store.ExecutionCursor, limit int) ([]jobs.JobExecution, error) {
			page, err := tx.ThingExecutions(key, after, limit)
			return page, rows.load(page, err)
		}
		match := func(e jobs.JobExecution) bool {
			shown, ok := rows.effective(e)
			return ok && (in.Status == "" || shown.Execution.Status == in.Status) && (in.JobID == "" || shown.JobID == in.JobID)
		}
		page, token, err := scan(in.Page.size(), after, match, list, func(e jobs.JobExecution) store.ExecutionCursor {
			return store.ExecutionCursor{Job: e.Job, Number: e.Number}
		})
		out = ListJobExecutionsForThingOutput{NextToken: token}
		for _, e := range page {
			shown, _ := rows.effective(e)
			out.Executions = append(out.Executions, shown)
		}
		return err
	})
	return out, err
}

// effectiveRows shows stored executions of several jobs as they must be seen.
type effectiveRows struct {
	tx       store.ReadTx
	byNumber map[jobs.JobNumber]*jobs.Job
}

func (r *effectiveRows) load(page []jobs.JobExecution, err error) error {
	for _, e := range page {
		if _, ok := r.byNumber[e.Job]; ok || err != nil {
			continue
		}
		r.byNumber[e.Job], err = r.tx.JobByNumber(e.Job)
	}
	return err
}

func (r *effectiveRows) effective(e jobs.JobExecution) (PendingExecution, bool) {
	job := r.byNumber[e.Job]
	shown, ok := jobs.Effective(e, job)
	if !ok {
		return PendingExecution{}, false
	}
	return PendingExecution{job.ID, shown}, true
}
