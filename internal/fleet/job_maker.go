package fleet

import (
	"context"
	"fmt"
	"slices"
	"strconv"
)

// MaxTargets is how many targets AWS allows a job.
const MaxTargets = 100

// JobMaker creates jobs. A target is any ARN: one job over a group needs one target.
type JobMaker struct {
	Client *Client
	// TargetsPerJob is how many targets one job gets; 0 means MaxTargets.
	TargetsPerJob int
	Document      string
	Description   string
}

// Make creates as many jobs as the targets need, one after the other, and returns their ids: name if one is enough, else name-1,
// name-2, … with as many digits as the last one has. Created is told of each.
func (m *JobMaker) Make(ctx context.Context, name string, targets []string, created func(JobID)) ([]JobID, error) {
	parts := slices.Collect(slices.Chunk(targets, orDefault(m.TargetsPerJob, MaxTargets)))
	digits := len(strconv.Itoa(len(parts)))
	ids := make([]JobID, 0, len(parts))
	for i, part := range parts {
		job := NewJob{ID: JobID(name), Targets: part, Document: m.Document, Description: m.Description}
		if len(parts) > 1 {
			job.ID = JobID(fmt.Sprintf("%s-%0*d", name, digits, i+1))
		}
		if err := m.make(ctx, job); err != nil {
			return ids, err
		}
		ids = append(ids, job.ID)
		if created != nil {
			created(job.ID)
		}
	}
	return ids, nil
}

// make creates a job. If the answer was lost, the second attempt finds the job there; it is ours if it has our targets.
func (m *JobMaker) make(ctx context.Context, job NewJob) error {
	err := m.Client.CreateJob(ctx, job)
	if !is(err, "ResourceAlreadyExistsException") {
		return err
	}
	found, describeErr := m.Client.DescribeJob(ctx, job.ID)
	if describeErr != nil {
		return describeErr
	}
	if !slices.Equal(slices.Sorted(slices.Values(found.Targets)), slices.Sorted(slices.Values(job.Targets))) {
		return err
	}
	return nil
}

// JobsEnded makes a condition for Fleet.Ended: none of the jobs will hand out more work.
func JobsEnded(c *Client, ids ...JobID) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		for len(ids) > 0 {
			job, err := c.DescribeJob(ctx, ids[0])
			if err != nil || !job.Status.Ended() {
				return false, err
			}
			ids = ids[1:] // an ended job stays ended: not asked again
		}
		return true, nil
	}
}
