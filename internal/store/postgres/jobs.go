package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store/rowcodec"
)

// jobColumns are what scanJob reads.
const jobColumns = `job.number, job.id, job.revision, job.status, job.wake_at, job.state`

// scanJob reads a job without its configuration.
func scanJob(rows pgx.Rows) (*jobs.Job, error) {
	var number, revision int64
	var id, status string
	var wakeAt *int64
	var state []byte
	if err := rows.Scan(&number, &id, &revision, &status, &wakeAt, &state); err != nil {
		return nil, err
	}
	return jobOf(number, id, revision, status, deref(wakeAt), state)
}

func jobOf(number int64, id string, revision int64, status string, wakeAt int64, state []byte) (*jobs.Job, error) {
	job, err := decodeJob(jobs.JobNumber(number), state)
	if err != nil {
		return nil, err
	}
	job.ID, job.Revision, job.Status, job.WakeAt = jobs.JobID(id), revision, jobs.JobStatus(status), rowcodec.FromMicros(wakeAt)
	return job, nil
}

// queueJobs queues a question that ends in rows of job; each is given to found, without its configuration.
func queueJobs(s *session, found func(*jobs.Job), sql string, args ...any) {
	s.query(func(rows pgx.Rows) error {
		job, err := scanJob(rows)
		if err == nil {
			found(job)
		}
		return err
	}, sql, args...)
}

var errNoConfig = errors.New("a job's configuration is missing")

// fillConfigs adds the configurations to jobs. Those that nobody has asked for lately cost a trip.
func fillConfigs(ctx context.Context, s *session, cache *configCache, uncommitted map[configName]*jobs.Config, list ...*jobs.Job) error {
	var numbers, revisions []int64
	missing := map[configName][]*jobs.Job{}
	for _, job := range list {
		name := configName{job.Number, job.Revision}
		if cfg := uncommitted[name]; cfg != nil {
			job.Config = cfg
		} else if cfg := cache.get(name); cfg != nil {
			job.Config = cfg
		} else {
			numbers, revisions = append(numbers, int64(name.job)), append(revisions, name.revision)
			missing[name] = append(missing[name], job)
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	s.query(func(rows pgx.Rows) error {
		var number, revision int64
		var value []byte
		if err := rows.Scan(&number, &revision, &value); err != nil {
			return err
		}
		cfg, err := decodeConfig(value)
		if err != nil {
			return err
		}
		name := configName{jobs.JobNumber(number), revision}
		cache.put(name, cfg)
		for _, job := range missing[name] {
			job.Config = cfg
		}
		return nil
	}, `SELECT c.job, c.revision, c.config FROM job_config c JOIN unnest($1::bigint[], $2::bigint[]) AS v (job, revision)
		ON c.job = v.job AND c.revision = v.revision`, numbers, revisions)
	if err := s.send(ctx); err != nil {
		return err
	}
	for _, waiting := range missing {
		if waiting[0].Config == nil {
			return errNoConfig
		}
	}
	return nil
}

// jobsOf are the numbers of the jobs of the pending executions of things and those that addresses name.
const jobsOf = `ARRAY(SELECT unnest(thing.jobs) FROM thing WHERE thing.name = ANY($1) UNION SELECT job.number FROM job WHERE job.id = ANY($2))`

const (
	selectJobsOf = `SELECT ` + jobColumns + ` FROM job WHERE job.number = ANY (` + jobsOf + `)`
	// lockJobs reads jobs for devices. Behind a lock that it waited for, it reads what was committed meanwhile.
	lockJobs = `SELECT job, id, revision, status, wake_at, state FROM job_lock WHERE job = ANY ($1) ORDER BY job FOR SHARE`
	// copyJobs is the other side of it. The locks are taken before, in their order.
	copyJobs = `INSERT INTO job_lock (job, id, revision, status, wake_at, state)
		SELECT number, id, revision, status, wake_at, state FROM job WHERE number = ANY($1)
		ON CONFLICT (job) DO UPDATE SET revision = excluded.revision, status = excluded.status, wake_at = excluded.wake_at, state = excluded.state`
)

// idsOf are the jobs that addresses name.
func idsOf(addrs []address) []string {
	var ids []string
	seen := map[jobs.JobID]struct{}{}
	for _, a := range addrs {
		if _, again := seen[a.Job]; !again {
			seen[a.Job] = struct{}{}
			ids = append(ids, storableText(string(a.Job)))
		}
	}
	return ids
}

// addJob notes a job that was read.
func (w *work) addJob(job *jobs.Job) { w.jobs[job.Number], w.ids[job.ID] = job, job }
