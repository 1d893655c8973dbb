package jobs_test

import (
	"testing"

	"iotjobs/internal/jobs"
)

// TestPendingListCaps: ten executions of ordinary jobs and five of jobs with maintenance windows, the running ones first (Q6, Q18).
func TestPendingListCaps(t *testing.T) {
	windowed := func(e jobs.JobExecution) bool { return e.Job > 100 }
	list := func(from, n int, status jobs.ExecutionStatus) (executions []jobs.JobExecution) {
		for i := range n {
			executions = append(executions, jobs.JobExecution{Job: jobs.JobNumber(from + i), Status: status})
		}
		return executions
	}
	for _, c := range []struct {
		name                string
		pending             []jobs.JobExecution
		inProgress, queued  int
		firstJob, queuedJob jobs.JobNumber
	}{
		{"plain", list(1, 12, jobs.Queued), 0, 10, 0, 1},
		{"windowed", list(101, 7, jobs.Queued), 0, 5, 0, 101},
		{"both", append(list(101, 7, jobs.Queued), list(1, 12, jobs.Queued)...), 0, 15, 0, 101},
		{"running first", append(list(1, 9, jobs.Queued), list(50, 3, jobs.InProgress)...), 3, 7, 50, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			inProgress, queued := jobs.PendingList(c.pending, windowed)
			if len(inProgress) != c.inProgress || len(queued) != c.queued {
				t.Fatalf("%d running and %d queued, want %d and %d", len(inProgress), len(queued), c.inProgress, c.queued)
			}
			if c.inProgress > 0 && inProgress[0].Job != c.firstJob || queued[0].Job != c.queuedJob {
				t.Errorf("the lists begin with %+v and %+v", inProgress, queued)
			}
		})
	}
}
