package jobs

// Next is the execution that StartNextPendingJobExecution takes from a thing's pending ones, given in queue order: a running one
// first, else the oldest queued one (HTTP-4.1). ok is false when nothing is pending.
func Next(pending []JobExecution) (next JobExecution, ok bool) {
	for _, e := range pending {
		if e.Status == InProgress {
			return e, true
		}
	}
	for _, e := range pending {
		if e.Status == Queued {
			return e, true
		}
	}
	return JobExecution{}, false
}

// How many pending executions one GetPendingJobExecutions shows: of ordinary jobs, and besides of jobs with maintenance windows (Q6, Q18).
const (
	PendingListCap  = 10
	WindowedListCap = 5
)

// PendingList splits a thing's pending executions, given in queue order, into what GetPendingJobExecutions shows: running ones first,
// oldest first in each list, within the caps. windowed tells whether an execution belongs to a job with maintenance windows. The lists point into what
// was given.
func PendingList(pending []JobExecution, windowed func(JobExecution) bool) (inProgress, queued []*JobExecution) {
	leftPlain, leftWindowed := PendingListCap, WindowedListCap
	take := func(status ExecutionStatus) (taken []*JobExecution) {
		for i := range pending {
			e := &pending[i]
			if e.Status != status {
				continue
			}
			left := &leftPlain
			if windowed(*e) {
				left = &leftWindowed
			}
			if *left > 0 {
				*left--
				taken = append(taken, e)
			}
		}
		return taken
	}
	return take(InProgress), take(Queued)
}

// Head is what the service remembers of a job on a thing besides the executions themselves.
type Head struct {
	// Newest is the highest execution number; 0 when all were deleted. Numbers may be used again after a deletion (LIFE-2).
	Newest ExecutionNumber
	// Known is false for a head that was never written: the job was never queued for the thing.
	Known bool
	// Retries are those used since the thing became a target.
	Retries RetriesUsed
}
