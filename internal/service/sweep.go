package service

import (
	"errors"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// deleteRows removes executions of a job in deletion, and the job itself with the last one.
func (s *Service) deleteRows(tx store.Tx, job *jobs.Job, now time.Time, limit int) (looked int, err error) {
	looked, ended, err := sweep(tx, job, jobs.ExecutionStatuses(), limit, func(row store.ThingExecution) error {
		return s.changeThing(tx, row.Thing, store.ThingChange{
			Executions: []store.ExecutionChange{{Before: &row.Execution}},
			Heads:      map[jobs.JobNumber]jobs.Head{job.Number: {}},
		}, map[jobs.JobNumber]*jobs.Job{job.Number: job}, now)
	})
	switch {
	case err != nil:
		return looked, err
	case ended:
		return looked, errors.Join(tx.DeleteJob(job.Number), s.tellJob(tx, job, jobs.JobWasDeleted, now))
	default:
		return looked, tx.PutJob(job)
	}
}

// cancelRows rewrites rows of a canceled job that Effective already shows as canceled.
func (s *Service) cancelRows(tx store.Tx, job *jobs.Job, now time.Time, limit int) (looked int, err error) {
	statuses := []jobs.ExecutionStatus{jobs.Queued}
	if job.ForceCanceled {
		statuses = append(statuses, jobs.InProgress)
	}
	looked, ended, err := sweep(tx, job, statuses, limit, func(row store.ThingExecution) error {
		effective, ok := jobs.Effective(row.Execution, job)
		if !ok || effective.Status == row.Execution.Status {
			return nil
		}
		change := store.ThingChange{Executions: []store.ExecutionChange{{Before: &row.Execution, After: &effective}}}
		return s.changeThing(tx, row.Thing, change, map[jobs.JobNumber]*jobs.Job{job.Number: job}, now)
	})
	if err != nil {
		return looked, err
	}
	if ended {
		job.Sweep = jobs.Sweep{}
		if err := s.tellJob(tx, job, jobs.JobWasCanceled, now); err != nil {
			return looked, err
		}
	}
	return looked, tx.PutJob(job)
}

// sweep hands at most limit executions of a job to visit, which takes them out of their status, and moves the cursor in the job. It has ended
// when a whole pass through each status has found nothing. looked is at least the number of executions that were found.
func sweep(tx store.Tx, job *jobs.Job, statuses []jobs.ExecutionStatus, limit int, visit func(store.ThingExecution) error) (looked int, ended bool, err error) {
	at := &job.Sweep
	for at.Status < len(statuses) {
		if looked >= limit {
			return looked, false, nil
		}
		asked := limit - looked
		rows, err := tx.JobExecutionsIn(job.Number, statuses[at.Status], store.ExecutionKey{Thing: at.After}, asked)
		if err != nil {
			return looked, false, err
		}
		for _, row := range rows {
			if row, err = locked(tx, job, row); err != nil {
				return looked, false, err
			}
			if row.Execution.Status == statuses[at.Status] {
				if err := visit(row); err != nil {
					return looked, false, err
				}
			}
			at.After, at.Found = row.Thing, true
		}
		looked += max(1, len(rows))
		switch {
		case len(rows) == asked:
		case at.Found:
			at.After, at.Found = registry.ThingKey{}, false
		default:
			at.Status, at.After = at.Status+1, registry.ThingKey{}
		}
	}
	return looked, true, nil
}

// locked is an execution as it stands once its thing is locked: a device may have changed it since it was listed.
func locked(tx store.Tx, job *jobs.Job, row store.ThingExecution) (store.ThingExecution, error) {
	view, err := tx.Thing(row.Thing.Name, store.Address{Job: job.ID, Number: row.Execution.Number})
	if err != nil || view.Thing == nil || view.Thing.Key() != row.Thing {
		return row, err // the thing is gone: nobody changes its history any more
	}
	if now := view.Addressed[job.ID].Execution; now != nil {
		row.Execution = *now
	}
	return row, nil
}
