package pebble

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
	"iotjobs/internal/store/rowcodec"
)

// The lists of a job's executions come from the index by status, merged in the order of things. There is no index without the status:
// it would be one more row for each execution, and the heads cannot serve as one, because nobody promises that every execution has one.

func (r *readTx) JobExecutions(job jobs.JobNumber, after store.ExecutionKey, limit int) ([]store.ThingExecution, error) {
	all := make([]int, len(statuses))
	for i := range all {
		all[i] = i
	}
	return r.listExecutions(job, all, after, limit)
}

func (r *readTx) JobExecutionsIn(job jobs.JobNumber, status jobs.ExecutionStatus, after store.ExecutionKey, limit int) ([]store.ThingExecution, error) {
	i := status.Index()
	if i < 0 {
		return nil, nil
	}
	return r.listExecutions(job, []int{i}, after, limit)
}

// listExecutions lists the executions in some statuses. Inside an update every thing of the list is locked before its execution is read,
// so that what the list says of it stays true until the update ends. A device may have changed a thing between the moment that the
// iterators show and the lock: then its entry may have moved to another status, and the merge begins again behind the last row.
func (r *readTx) listExecutions(job jobs.JobNumber, in []int, after store.ExecutionKey, limit int) (list []store.ThingExecution, err error) {
	cursor := statusCursor(after)
	for moved := true; moved && len(list) < limit; {
		moved, err = r.mergeExecutions(job, in, cursor, func(at store.ExecutionKey, status int) (more, moved bool, err error) {
			if moved, err := r.lockEntry(job, status, at); moved || err != nil {
				return false, moved, err
			}
			e, err := r.execution(job, status, at)
			if err != nil {
				return false, false, err
			}
			list = append(list, store.ThingExecution{Thing: at.Thing, Execution: *e})
			cursor = appendExecution(cursor[:0], at)
			return len(list) < limit, false, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

func statusCursor(after store.ExecutionKey) []byte {
	if after == (store.ExecutionKey{}) {
		return nil
	}
	return appendExecution(nil, after)
}

// lockEntry locks the thing of an index entry; moved tells that the entry is gone since the iterators began.
func (r *readTx) lockEntry(job jobs.JobNumber, status int, at store.ExecutionKey) (moved bool, err error) {
	if r.tx == nil || r.tx.holds(at.Thing.Name) {
		return false, nil
	}
	if err := r.tx.lock(at.Thing.Name); err != nil {
		return false, err
	}
	there, err := exists(r.from, statusKey(nil, job, status, at))
	return !there, err
}

// execution reads an execution that the index names.
func (r *readTx) execution(job jobs.JobNumber, status int, at store.ExecutionKey) (*jobs.JobExecution, error) {
	if rowcodec.StatusAt(status).Terminal() {
		e, found, err := loadHistory(r.from, at.Thing, job, at.Number)
		if found || err != nil {
			return &e, err
		}
		return nil, errDangling(job, at)
	}
	s, err := r.thing(at.Thing.Name, nil)
	if err != nil {
		return nil, err
	}
	if s != nil && s.thing.Key() == at.Thing {
		for i := range s.pending {
			if s.pending[i].Job == job && s.pending[i].Number == at.Number {
				return &s.pending[i], nil
			}
		}
	}
	return nil, errDangling(job, at)
}

func errDangling(job jobs.JobNumber, at store.ExecutionKey) error {
	return fmt.Errorf("the index of job %d names execution %d of thing %s, which is not there", job, at.Number, at.Thing.Name)
}

// mergeExecutions visits the index entries behind the cursor in order. All iterators are clones of one: they show the same moment.
func (r *readTx) mergeExecutions(job jobs.JobNumber, in []int, cursor []byte,
	visit func(at store.ExecutionKey, status int) (more, stop bool, err error),
) (stopped bool, err error) {
	first, err := r.from.NewIter(nil)
	if err != nil {
		return false, err
	}
	iters := []*pebble.Iterator{first}
	defer func() {
		for _, iter := range iters {
			err = errors.Join(err, iter.Close())
		}
	}()
	var sources []source
	for _, status := range in {
		prefix := statusPrefix(nil, job, status)
		lower := prefix
		if len(cursor) > 0 {
			lower = after(prefix, cursor)
		}
		iter, err := first.Clone(pebble.CloneOptions{IterOptions: &pebble.IterOptions{LowerBound: lower, UpperBound: end(prefix)}})
		if err != nil {
			return false, err
		}
		iters = append(iters, iter)
		if iter.First() {
			sources = append(sources, source{iter, status, len(prefix)})
		} else if err := iter.Error(); err != nil {
			return false, err
		}
	}
	for len(sources) > 0 {
		least := 0
		for i := range sources {
			if bytes.Compare(sources[i].suffix(), sources[least].suffix()) < 0 {
				least = i
			}
		}
		s := sources[least]
		at, err := readStatusSuffix(s.iter.Key(), s.prefix)
		if err != nil {
			return false, err
		}
		if more, stop, err := visit(at, s.status); err != nil || stop || !more {
			return stop, err
		}
		if !s.iter.Next() {
			if err := s.iter.Error(); err != nil {
				return false, err
			}
			sources = append(sources[:least], sources[least+1:]...)
		}
	}
	return false, nil
}

// source is one status of a merge.
type source struct {
	iter   *pebble.Iterator
	status int
	prefix int
}

func (s source) suffix() []byte { return s.iter.Key()[s.prefix:] }

func readStatusSuffix(k []byte, prefix int) (store.ExecutionKey, error) {
	key := readKey(k, prefix)
	at := store.ExecutionKey{Thing: key.thing(), Number: jobs.ExecutionNumber(^key.uint())}
	return at, key.done(k)
}

// hasExecutions tells whether a job has any execution left.
func hasExecutions(g getter, job jobs.JobNumber) (has bool, err error) {
	prefix := statusJobPrefix(nil, job)
	err = scan(g, prefix, end(prefix), func(_, _ []byte) (bool, error) {
		has = true
		return false, nil
	})
	return has, err
}
