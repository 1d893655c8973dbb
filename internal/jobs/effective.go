package jobs

// Effective is the state of a pending execution as everybody must see it, before the service has rewritten its row (design: cancel
// takes effect at once). A canceled job's queued executions read as CANCELED, one version on; its running ones too when it was
// canceled by force; those of a job in deletion are gone (ok is false). Terminal executions are as they are stored.
func Effective(e JobExecution, job *Job) (effective JobExecution, ok bool) {
	switch {
	case AsStored(job):
		return e, true
	case job == nil || job.Status == JobDeletionInProgress:
		return JobExecution{}, false
	case job.Status == JobCanceled && (e.Status == Queued || e.Status == InProgress && job.ForceCanceled):
		canceled, err := e.Cancel(job.LastUpdatedAt, true, nil)
		if err != nil {
			return e, true // impossible: the execution is pending and the cancel forced
		}
		canceled.EndedBy = ByService
		return canceled, true
	default:
		return e, true
	}
}

// AsStored tells whether Effective shows every execution of the job as it is stored: nearly always.
func AsStored(job *Job) bool {
	return job != nil && job.Status != JobCanceled && job.Status != JobDeletionInProgress
}

// EffectiveCounters are the counters as Effective shows the executions they count.
func EffectiveCounters(c Counters, job *Job) Counters {
	if job.Status != JobCanceled {
		return c
	}
	move := func(from ExecutionStatus) {
		n := c.Of(from)
		c.Add(from, -n)
		c.Add(Canceled, n)
	}
	move(Queued)
	if job.ForceCanceled {
		move(InProgress)
	}
	return c
}
