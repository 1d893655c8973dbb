package pebble

import (
	"bytes"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store/rowcodec"
)

// index are the rows by which something is found, by key. They follow from the row of what is found alone, so that writing it is
// enough to keep them right. (Executions have a way of their own: prepared. They are many, and this is not the cheapest way.)
type index map[string][]byte

// reindex makes the rows before into those after.
func (t *tx) reindex(before, after index) error {
	for key := range before {
		if _, stays := after[key]; stays {
			continue
		}
		if err := t.batch.Delete([]byte(key), nil); err != nil {
			return err
		}
	}
	for key, value := range after {
		if old, there := before[key]; there && bytes.Equal(old, value) {
			continue
		}
		if err := t.batch.Set([]byte(key), value, nil); err != nil {
			return err
		}
	}
	return nil
}

// indexOfJob are the rows by which a job is found beside its number; none for nil.
func indexOfJob(job *jobs.Job) index {
	if job == nil {
		return nil
	}
	rows := index{
		string(jobIDKey(nil, job.ID)):                                           appendUint(nil, uint64(job.Number)),
		string(appendNewestFirst(jobStatusPrefix(nil, job.Status), job.Number)): nil,
	}
	if at := rowcodec.Micros(job.WakeAt); at != 0 {
		rows[string(wakeKey(nil, at, job.Number))] = nil
	}
	for _, group := range job.Followed() {
		rows[string(appendNewestFirst(followingPrefix(nil, group), job.Number))] = nil
	}
	return rows
}
