package wire

import (
	"time"

	"iotjobs/internal/jobs"
)

// UpdateJobRequest is the body of UpdateJob; absent members are nil.
type UpdateJobRequest struct {
	Description       *string
	InProgressTimeout *time.Duration
	Rollout           *jobs.RolloutRate
	Abort             *[]jobs.AbortCriterion
	Retries           *[]jobs.RetryCriterion
}

// UpdateJob reads the body as CreateJob does (CTRL-2.1). namespaceID is that of the query, which the model has between members of the body;
// empty for none.
func (r *Reader) UpdateJob(maxRate int, namespaceID string) (UpdateJobRequest, error) {
	description, described := r.String("description", descriptionRules...)
	presigned, rollout, abort, timeout := r.presignedURL(), r.rollout(maxRate), r.abort(), r.timeout()
	if namespaceID != "" {
		r.Check(namespaceID, "namespaceId", namespaceRules...)
	}
	retries := r.retries()
	var u UpdateJobRequest
	for _, err := range []error{presigned.check(), rollout.check(), timeout.check(), retries.check()} {
		if err != nil {
			return u, err
		}
	}
	if described {
		u.Description = &description
	}
	if rollout != nil {
		u.Rollout = &rollout.rate
	}
	if abort != nil {
		u.Abort = &abort
	}
	if timeout != nil {
		duration := timeout.value()
		u.InProgressTimeout = &duration
	}
	if retries != nil {
		u.Retries = (*[]jobs.RetryCriterion)(&retries)
	}
	return u, nil
}
