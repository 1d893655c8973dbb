package pebble

import (
	"errors"
	"fmt"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store/rowcodec"
)

func (t *tx) PutJob(job *jobs.Job) error {
	if job.Number == 0 {
		return fmt.Errorf("put job %s: it has no number", job.ID)
	}
	other, found, err := t.jobs.number(job.ID)
	if err != nil {
		return err
	}
	if found && other != job.Number {
		return fmt.Errorf("put job %d: its ID %s is that of job %d", job.Number, job.ID, other)
	}
	old, err := t.jobs.byNumber(job.Number)
	if err != nil {
		return err
	}
	if old != nil && old.ID != job.ID {
		return fmt.Errorf("put job %d: its ID would change from %s to %s", job.Number, old.ID, job.ID)
	}
	if err := t.putConfig(job, old); err != nil {
		return err
	}
	row := rowOfJob(job)
	if err := t.put(jobKey(nil, job.Number), &row); err != nil {
		return err
	}
	t.jobsChanged(job)
	written := job.Clone()
	if old != nil && old.Revision == job.Revision { // the configuration that stays decides what the job follows
		written.Config = old.Config
	}
	return t.reindex(indexOfJob(old), indexOfJob(written))
}

// putConfig writes a new revision and drops the one before; readers of older snapshots still have it.
func (t *tx) putConfig(job, old *jobs.Job) error {
	if old != nil && old.Revision == job.Revision {
		return nil
	}
	if job.Config == nil {
		return fmt.Errorf("put job %d: its revision %d has no configuration", job.Number, job.Revision)
	}
	row := rowcodec.OfConfig(job.Config)
	if err := t.put(configKey(nil, job.Number, job.Revision), &row); err != nil {
		return err
	}
	t.jobs.uncommitted[configName{job.Number, job.Revision}] = row.Value() // not the caller's, which it may still change
	if old == nil {
		return nil
	}
	return t.batch.Delete(configKey(nil, job.Number, old.Revision), nil)
}

func (t *tx) jobsChanged(job *jobs.Job) {
	t.jobsWritten = true
	t.jobs.states.drop(job)
	t.jobs.last = named{}
}

func (t *tx) DeleteJob(number jobs.JobNumber) error {
	job, err := t.jobs.byNumber(number)
	if err != nil {
		return err
	}
	if job == nil {
		return fmt.Errorf("delete job %d: there is none", number)
	}
	if err := t.refuseExecutions(number); err != nil {
		return err
	}
	heads := headPrefix(nil, number)
	if err := errors.Join(
		t.batch.Delete(jobKey(nil, number), nil),
		t.reindex(indexOfJob(job), nil),
		t.batch.Delete(configKey(nil, number, job.Revision), nil),
		t.batch.Delete(countersKey(nil, number), nil),
		t.batch.DeleteRange(heads, end(heads), nil),
		t.ClearMark(number),
	); err != nil {
		return err
	}
	t.jobsChanged(job)
	t.deleted[number] = struct{}{}
	delete(t.deltas, number)
	return nil
}

func (t *tx) refuseExecutions(job jobs.JobNumber) error {
	has, err := hasExecutions(t.batch, job)
	if err == nil && has {
		err = fmt.Errorf("delete job %d: it has executions left", job)
	}
	return err
}
