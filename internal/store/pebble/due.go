package pebble

import (
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

func (r *readTx) Due(until time.Time, limit int) (list []store.Due, err error) {
	if limit <= 0 {
		return nil, nil
	}
	lower, first := string(kindDue), ""
	// The key holds whole microseconds, so what lies in the same one as until is due.
	upper := duePrefix(nil, until.UnixMicro()+1)
	if snap, ok := r.from.(*snapshot); ok {
		floor, begun := r.published.beginDue(snap)
		lower = max(lower, floor)
		defer func() { r.published.endDue(begun, first) }()
	}
	if lower >= string(upper) {
		return nil, nil
	}
	err = scan(r.from, []byte(lower), upper, func(k, _ []byte) (bool, error) {
		if first == "" {
			first = string(k)
		}
		due, err := readDue(k)
		list = append(list, due)
		return len(list) < limit, err
	})
	if err == nil && first == "" {
		first = string(upper)
	}
	return list, err
}

func (r *readTx) NextDue(after time.Time) (next time.Time, err error) {
	lower := []byte{kindDue}
	if !after.IsZero() { // the zero time lies before the year 1, far outside of what a stored instant may be
		lower = duePrefix(nil, after.UnixMicro()+1)
	}
	err = scan(r.from, lower, end([]byte{kindDue}), func(k, _ []byte) (bool, error) {
		due, err := readDue(k)
		next = due.At
		return false, err
	})
	if err != nil {
		return next, err
	}
	wake, err := r.nextWake(after)
	if next.IsZero() || !wake.IsZero() && wake.Before(next) {
		next = wake
	}
	return next, err
}

func readDue(k []byte) (store.Due, error) {
	key := readKey(k, 1)
	due := store.Due{At: key.time(), Thing: key.thing(), Job: jobs.JobNumber(key.uint()), Number: jobs.ExecutionNumber(key.uint())}
	return due, key.done(k)
}
