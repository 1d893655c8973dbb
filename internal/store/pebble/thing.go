package pebble

import (
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// loadThing reads a thing; nil without an error if there is none.
func loadThing(g getter, name registry.ThingName) (*thingState, error) {
	var key [160]byte
	s, found, err := get(g, thingKey(key[:0], name), func(value []byte) (*thingState, error) { return decodeThing(name, value) })
	if !found {
		return nil, err
	}
	return s, nil
}

// view shows a thing, which may be nil, with what the addresses name.
func view(g getter, jr *jobReader, s *thingState, addrs []store.Address) (store.ThingView, error) {
	v := store.ThingView{Jobs: make(map[jobs.JobNumber]*jobs.Job, 1)}
	if len(addrs) > 0 {
		v.Addressed = make(map[jobs.JobID]store.Addressed, len(addrs))
	}
	if s != nil {
		v.Thing, v.Pending = s.thing, s.pending
	}
	for i := range v.Pending {
		number := v.Pending[i].Job
		if v.Jobs[number] != nil {
			continue
		}
		job, err := jr.byNumber(number)
		if err != nil {
			return v, err
		}
		if job != nil {
			v.Jobs[number] = job
		}
	}
	for _, a := range addrs {
		job, err := jr.byID(a.Job)
		if err != nil {
			return v, err
		}
		if job == nil {
			continue
		}
		v.Jobs[job.Number] = job
		addressed := store.Addressed{Job: job}
		if s != nil {
			if addressed.Head, err = loadHead(g, job.Number, s.thing.Key()); err != nil {
				return v, err
			}
			if addressed.Execution, err = findExecution(g, s, job.Number, a.Number, addressed.Head); err != nil {
				return v, err
			}
		}
		v.Addressed[a.Job] = addressed
	}
	return v, nil
}

func loadHead(g getter, job jobs.JobNumber, thing registry.ThingKey) (jobs.Head, error) {
	var key [200]byte
	head, _, err := get(g, headKey(key[:0], job, thing), decodeHead)
	return head, err
}

// findExecution finds an execution by number, zero for the newest; nil if there is none. The head tells which one is the newest, so that
// the usual call looks for one row; only where the head points at nothing are the others searched.
func findExecution(g getter, s *thingState, job jobs.JobNumber, number jobs.ExecutionNumber, head jobs.Head) (*jobs.JobExecution, error) {
	asked := number
	if number == 0 {
		number = head.Newest
	}
	if number != 0 {
		for i := range s.pending {
			if e := &s.pending[i]; e.Job == job && e.Number == number {
				found := *e
				return &found, nil
			}
		}
		e, found, err := loadHistory(g, s.thing.Key(), job, number)
		if found || err != nil {
			return &e, err
		}
	}
	if asked != 0 {
		return nil, nil
	}
	return newestExecution(g, s, job)
}

// newestExecution searches for the execution with the highest number; nil if there is none.
func newestExecution(g getter, s *thingState, job jobs.JobNumber) (*jobs.JobExecution, error) {
	newest, err := newestHistory(g, appendUint(historyPrefix(nil, s.thing.Key()), ^uint64(job)))
	if err != nil {
		return nil, err
	}
	for i := range s.pending {
		if e := s.pending[i]; e.Job == job && (newest == nil || e.Number > newest.Number) {
			newest = &e
		}
	}
	return newest, nil
}

// newestHistory decodes the first history row of a job on a thing, whose keys begin with prefix.
func newestHistory(g getter, prefix []byte) (newest *jobs.JobExecution, err error) {
	over, _ := g.(*overlay)
	err = scan(g, prefix, end(prefix), func(key, value []byte) (more bool, err error) {
		if over.covers(key) {
			return true, nil
		}
		e, err := decodeExecution(value)
		newest = &e
		return false, err
	})
	if err != nil {
		return nil, err
	}
	for _, value := range over.under(prefix) {
		e, err := decodeExecution(value)
		if err != nil {
			return nil, err
		}
		if newest == nil || e.Number > newest.Number {
			newest = &e
		}
	}
	return newest, nil
}

func loadHistory(g getter, thing registry.ThingKey, job jobs.JobNumber, number jobs.ExecutionNumber) (jobs.JobExecution, bool, error) {
	var key [200]byte
	return get(g, historyKey(key[:0], thing, job, number), decodeExecution)
}
