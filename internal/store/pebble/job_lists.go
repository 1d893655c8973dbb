package pebble

import (
	"fmt"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

func (r *readTx) JobsIn(status jobs.JobStatus, after jobs.JobNumber, limit int) ([]*jobs.Job, error) {
	return r.listJobs(jobStatusPrefix(nil, status), after, limit)
}

func (r *readTx) JobsFollowing(group registry.GroupNumber, after jobs.JobNumber, limit int) ([]*jobs.Job, error) {
	return r.listJobs(followingPrefix(nil, group), after, limit)
}

// listJobs lists the jobs that an index names under prefix.
func (r *readTx) listJobs(prefix []byte, after jobs.JobNumber, limit int) (list []*jobs.Job, err error) {
	var cursor []byte
	if after != 0 {
		cursor = appendNewestFirst(nil, after)
	}
	err = scanPage(r.from, prefix, cursor, limit, func(k, _ []byte) error {
		key := readKey(k, len(prefix))
		number := jobs.JobNumber(^key.uint())
		if err := key.done(k); err != nil {
			return err
		}
		job, err := cloned(r.jobs.byNumber(number))
		if err != nil {
			return err
		}
		if job == nil {
			return fmt.Errorf("an index of jobs names job %d at %q, which is not there", number, k)
		}
		list = append(list, job)
		return nil
	})
	return list, err
}

func (r *readTx) DueJobs(until time.Time, limit int) (list []jobs.JobNumber, err error) {
	if limit <= 0 {
		return nil, nil
	}
	err = scan(r.from, []byte{kindWake}, wakePrefix(nil, until.UnixMicro()+1), func(k, _ []byte) (bool, error) {
		_, number, err := readWake(k)
		list = append(list, number)
		return len(list) < limit, err
	})
	return list, err
}

// nextWake is the earliest instant after the given one at which a job wants to wake; zero for none.
func (r *readTx) nextWake(after time.Time) (next time.Time, err error) {
	lower := []byte{kindWake}
	if !after.IsZero() {
		lower = wakePrefix(nil, after.UnixMicro()+1)
	}
	err = scan(r.from, lower, end([]byte{kindWake}), func(k, _ []byte) (bool, error) {
		next, _, err = readWake(k)
		return false, err
	})
	return next, err
}

func readWake(k []byte) (time.Time, jobs.JobNumber, error) {
	key := readKey(k, 1)
	at, number := key.time(), jobs.JobNumber(key.uint())
	return at, number, key.done(k)
}
