package pebble

import (
	"slices"

	"iotjobs/internal/jobs"
)

// marks are the marked jobs of one state of the store, in order. They are kept in memory beside their rows, which only an opening store reads: there
// are few of them, but they are set by device calls and cleared by steps all the time, and a scan would have to step over all that was deleted since
// the last compaction. A list is never changed, so snapshots share it.
type marks []jobs.JobNumber

// loadMarks reads the rows.
func loadMarks(g getter) (m marks, err error) {
	prefix := []byte{kindMark}
	err = scan(g, prefix, end(prefix), func(k, _ []byte) (bool, error) {
		key := readKey(k, 1)
		m = append(m, jobs.JobNumber(key.uint()))
		return true, key.done(k)
	})
	return m, err
}

func (m marks) has(job jobs.JobNumber) bool {
	_, found := slices.BinarySearch(m, job)
	return found
}

// with is the list after a mark was set or cleared.
func (m marks) with(job jobs.JobNumber, set bool) marks {
	at, found := slices.BinarySearch(m, job)
	switch {
	case found == set:
		return m
	case set:
		return slices.Insert(slices.Clone(m), at, job)
	default:
		return slices.Delete(slices.Clone(m), at, at+1)
	}
}

// page lists at most limit marks after one.
func (m marks) page(after jobs.JobNumber, limit int) []jobs.JobNumber {
	at, found := slices.BinarySearch(m, after)
	if found {
		at++
	}
	return slices.Clone(m[at:min(len(m), at+max(0, limit))])
}
