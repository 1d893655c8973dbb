package postgres

import (
	"math"

	"github.com/jackc/pgx/v5"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// Job and its sisters return copies inside an update: callers change what they got and put it back.
func (r *readTx) Job(id jobs.JobID) (*jobs.Job, error) {
	if r.tx != nil {
		if job := r.tx.work.ids[id]; job != nil {
			return job.Clone(), nil
		}
	}
	return r.findJob(`SELECT `+jobColumns+` FROM job WHERE id = $1`, storableText(string(id)))
}

func (r *readTx) JobByNumber(number jobs.JobNumber) (*jobs.Job, error) {
	if r.tx != nil {
		if job := r.tx.work.jobs[number]; job != nil {
			return job.Clone(), nil
		}
	}
	return r.findJob(`SELECT `+jobColumns+` FROM job WHERE number = $1`, bounded(number))
}

func (r *readTx) findJob(sql string, args ...any) (*jobs.Job, error) {
	list, err := r.listJobs(sql, args...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	if r.tx != nil {
		r.tx.work.addJob(list[0].Clone())
	}
	return list[0], nil
}

func (r *readTx) listJobs(sql string, args ...any) ([]*jobs.Job, error) {
	list, err := listed(r, func(rows pgx.Rows) (*jobs.Job, error) { return scanJob(rows) }, sql, args...)
	if err != nil {
		return nil, err
	}
	return list, r.fill(list...)
}

// before is the cursor of lists that begin with the newest job.
func before(after jobs.JobNumber) int64 {
	if after == 0 {
		return math.MaxInt64
	}
	return bounded(after)
}

func (r *readTx) Jobs(after jobs.JobNumber, limit int) ([]*jobs.Job, error) {
	return r.listJobs(`SELECT `+jobColumns+` FROM job WHERE number < $1 ORDER BY number DESC LIMIT $2`, before(after), max(0, limit))
}

func (r *readTx) JobsIn(status jobs.JobStatus, after jobs.JobNumber, limit int) ([]*jobs.Job, error) {
	return r.listJobs(`SELECT `+jobColumns+` FROM job WHERE status = $3 AND number < $1 ORDER BY number DESC LIMIT $2`,
		before(after), max(0, limit), storableText(string(status)))
}

func (r *readTx) JobsFollowing(group registry.GroupNumber, after jobs.JobNumber, limit int) ([]*jobs.Job, error) {
	return r.listJobs(`SELECT `+jobColumns+` FROM job_group f JOIN job ON job.number = f.job WHERE f.grp = $3 AND f.job < $1 ORDER BY f.job DESC LIMIT $2`,
		before(after), max(0, limit), bounded(group))
}
