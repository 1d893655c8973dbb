package storecheck

import (
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

// jobs goes through the jobs and through the executions of each.
func (c *checker) jobs() error {
	byStatus := map[jobs.JobStatus]*part[jobs.JobNumber, *jobs.Job]{}
	for _, status := range jobs.JobStatuses() {
		p, err := openPart(c.ctx, func(after jobs.JobNumber, limit int) ([]*jobs.Job, error) { return c.tx.JobsIn(status, after, limit) }, jobNumber, descending)
		defer p.stop()
		if err := c.blame(err, "the jobs in %s cannot be listed", status); err != nil {
			return err
		}
		byStatus[status] = p
	}
	for job, err := range rows(c.ctx, c.tx.Jobs, jobNumber, descending) {
		if err != nil {
			return err
		}
		c.sum.Jobs++
		there := false
		if p := byStatus[job.Status]; p != nil {
			if there, err = p.pass(job.Number, c.jobInWrongStatus(job.Status)); err != nil {
				return err
			}
		}
		if !there {
			c.fault("job %s is in %s, whose list does not show it", job.ID, job.Status)
		}
		if err := c.blame(c.job(job), "job %s cannot be read", job.ID); err != nil {
			return err
		}
		if err := c.blame(c.executions(job), "the executions of job %s cannot be read", job.ID); err != nil {
			return err
		}
	}
	for status, p := range byStatus {
		if err := p.end(c.jobInWrongStatus(status)); err != nil {
			return err
		}
	}
	return nil
}

func jobNumber(job *jobs.Job) jobs.JobNumber { return job.Number }

func (c *checker) jobInWrongStatus(listed jobs.JobStatus) func(*jobs.Job) {
	return func(job *jobs.Job) {
		c.fault("job %s (number %d) is listed in %s and not there", job.ID, job.Number, listed)
	}
}

// job looks for a job in every way in which one is found, but by status.
func (c *checker) job(job *jobs.Job) error {
	byID, err := c.tx.Job(job.ID)
	if err != nil {
		return err
	}
	if byID == nil || byID.Number != job.Number {
		c.fault("job %s (number %d) is not found by its ID", job.ID, job.Number)
	}
	byNumber, err := c.tx.JobByNumber(job.Number)
	if err != nil {
		return err
	}
	if byNumber == nil || byNumber.ID != job.ID || byNumber.Status != job.Status || byNumber.Revision != job.Revision {
		c.fault("job %s (number %d) is not found by its number", job.ID, job.Number)
	}
	for _, group := range job.Followed() {
		following, err := c.tx.JobsFollowing(group, job.Number+1, 1)
		if err != nil {
			return err
		}
		if len(following) == 0 || following[0].Number != job.Number {
			c.fault("job %s follows group %d, which does not know", job.ID, group)
		}
		if _, err := c.path(group); err != nil { // so that who follows it is looked at
			return err
		}
	}
	if !job.WakeAt.IsZero() {
		c.wakes[job.Number] = job.WakeAt
	}
	return nil
}

// waking compares when jobs want to wake with what is due. There are as many rows as jobs that wait, so they are read at once.
func (c *checker) waking() error {
	due, err := c.tx.DueJobs(farFuture, len(c.wakes)+1)
	if err != nil {
		return err
	}
	var last time.Time
	for _, number := range due {
		at, waits := c.wakes[number]
		switch {
		case !waits:
			c.fault("job %d is due to wake and does not want to", number)
		case at.Before(last):
			c.fault("job %d is due to wake at %v, but behind %v", number, at, last)
		default:
			last = at
		}
		delete(c.wakes, number)
	}
	for number, at := range c.wakes {
		c.fault("job %d wants to wake at %v, and nobody will wake it", number, at)
	}
	return nil
}

// executions goes through the executions of a job.
func (c *checker) executions(job *jobs.Job) error {
	byStatus := map[jobs.ExecutionStatus]*part[store.ExecutionKey, store.ThingExecution]{}
	for _, status := range jobs.ExecutionStatuses() {
		p, err := openPart(c.ctx, func(after store.ExecutionKey, limit int) ([]store.ThingExecution, error) {
			return c.tx.JobExecutionsIn(job.Number, status, after, limit)
		}, executionKey, compareExecutions)
		defer p.stop()
		if err != nil {
			return err
		}
		byStatus[status] = p
	}
	var recount jobs.Counters
	all := func(after store.ExecutionKey, limit int) ([]store.ThingExecution, error) {
		return c.tx.JobExecutions(job.Number, after, limit)
	}
	for row, err := range rows(c.ctx, all, executionKey, compareExecutions) {
		if err != nil {
			return err
		}
		c.sum.Executions++
		status := row.Execution.Status
		recount.Add(status, 1)
		there := false
		if p := byStatus[status]; p != nil {
			if there, err = p.pass(executionKey(row), c.executionInWrongStatus(job, status)); err != nil {
				return err
			}
		}
		if !there {
			c.fault("%s is %s, but not in the list of that status", executionText(job, row), status)
		}
		if err := c.blame(c.execution(job, row), "%s cannot be read", executionText(job, row)); err != nil {
			return err
		}
	}
	for status, p := range byStatus {
		if err := p.end(c.executionInWrongStatus(job, status)); err != nil {
			return err
		}
	}
	return c.counters(job, recount)
}

func (c *checker) executionInWrongStatus(job *jobs.Job, listed jobs.ExecutionStatus) func(store.ThingExecution) {
	return func(row store.ThingExecution) {
		c.fault("%s is listed in %s and not there", executionText(job, row), listed)
	}
}

func (c *checker) counters(job *jobs.Job, recount jobs.Counters) error {
	counters, err := c.tx.Counters(job.Number)
	if err != nil {
		return err
	}
	for i, status := range jobs.ExecutionStatuses() {
		if counters[i] != recount[i] {
			c.fault("job %s counts %d executions in %s and has %d", job.ID, counters[i], status, recount[i])
		}
	}
	return nil
}
