package pebble

import (
	"maps"
	"slices"

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
func view(g getter, jr *jobReader, s *thingState, addrs []store.Address) (v store.ThingView, err error) {
	if s != nil {
		v.Thing, v.Pending = s.thing, slices.Clip(s.pending)
	}
	named, err := jr.named(v.Pending, addrs)
	v.Jobs, v.Addressed = named.jobs, named.addressed
	if s == nil || err != nil {
		return v, err
	}
	for _, a := range addrs {
		found, exists := named.addressed[a.Job]
		if !exists {
			continue
		}
		if a.Head {
			if found.Head, err = s.head(g, found.Job.Number); err != nil {
				return v, err
			}
		}
		if found.Execution, err = s.execution(g, found.Job.Number, a.Number); err != nil {
			return v, err
		}
		if found == v.Addressed[a.Job] {
			continue
		}
		if named.shared {
			named.shared, v.Addressed = false, maps.Clone(v.Addressed)
		}
		v.Addressed[a.Job] = found
	}
	return v, nil
}

// head finds what is remembered of a job on the thing.
func (s *thingState) head(g getter, job jobs.JobNumber) (jobs.Head, error) {
	if s.known != nil && s.known.job == job {
		return s.known.head, nil
	}
	return loadHead(g, job, s.thing.Key())
}

func loadHead(g getter, job jobs.JobNumber, thing registry.ThingKey) (jobs.Head, error) {
	var key [200]byte
	head, _, err := get(g, headKey(key[:0], job, thing), decodeHead)
	return head, err
}

// execution finds an execution by number, zero for the newest; nil if there is none. Mostly it is pending, and then its job has no newer one. Of
// those that have ended, the head tells which one is the newest, and only where it points at nothing are the others searched.
func (s *thingState) execution(g getter, job jobs.JobNumber, number jobs.ExecutionNumber) (*jobs.JobExecution, error) {
	for i := range s.pending {
		if e := &s.pending[i]; e.Job == job && (number == 0 || e.Number == number) {
			found := *e
			return &found, nil
		}
	}
	if number != 0 {
		return s.history(g, s.thing.Key(), job, number)
	}
	head, err := s.head(g, job)
	if err != nil {
		return nil, err
	}
	if head.Newest != 0 {
		if e, err := s.history(g, s.thing.Key(), job, head.Newest); e != nil || err != nil {
			return e, err
		}
	}
	return s.newestHistory(g, job)
}

// newestHistory finds the newest terminal execution of a job; nil if there is none.
func (s *thingState) newestHistory(g getter, job jobs.JobNumber) (*jobs.JobExecution, error) {
	if s.known != nil && s.known.job == job {
		return s.known.history, nil
	}
	return newestHistory(g, historyJobPrefix(nil, s.thing.Key(), job))
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

// history finds a terminal execution; nil if there is none. s may be nil.
func (s *thingState) history(g getter, thing registry.ThingKey, job jobs.JobNumber, number jobs.ExecutionNumber) (*jobs.JobExecution, error) {
	if s != nil && s.known != nil && s.known.job == job {
		switch newest := s.known.history; {
		case newest == nil || newest.Number < number:
			return nil, nil
		case newest.Number == number:
			return newest, nil
		}
	}
	e, found, err := loadHistory(g, thing, job, number)
	if !found {
		return nil, err
	}
	return &e, nil
}

func loadHistory(g getter, thing registry.ThingKey, job jobs.JobNumber, number jobs.ExecutionNumber) (jobs.JobExecution, bool, error) {
	var key [200]byte
	return get(g, historyKey(key[:0], thing, job, number), decodeExecution)
}
