package postgres

import (
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// thingState is a thing as a transaction has it, with the transaction's own changes.
type thingState struct {
	thing   *registry.Thing // nil if there is none
	pending []jobs.JobExecution
	// changed: pending is not what is stored; requeued: nor are the jobs of it.
	changed, requeued bool
	// place is where the row lies (ctid); empty if that is not known, or not any more.
	place string
	on    map[jobs.JobNumber]*jobState
	// fresh tells that the thing was registered by this transaction: the database has no history of it.
	fresh bool
}

// firstOf is the place of the first pending execution of a job; -1 without one.
func firstOf(job jobs.JobNumber, pending []jobs.JobExecution) int {
	for i := range pending {
		if pending[i].Job == job {
			return i
		}
	}
	return -1
}

// placeOf is the place of a pending execution; -1 if it is none.
func placeOf(job jobs.JobNumber, number jobs.ExecutionNumber, pending []jobs.JobExecution) int {
	for i := range pending { // without a copy of each
		if pending[i].Job == job && pending[i].Number == number {
			return i
		}
	}
	return -1
}

// touch notes that what is known of a job has changed: the row of the thing has a copy of it while an execution of the job is pending.
func (s *thingState) touch(job jobs.JobNumber) {
	s.changed = s.changed || firstOf(job, s.pending) >= 0
}

// end notes an execution that has ended, or that there is none of this number.
func (j *jobState) end(number jobs.ExecutionNumber, e *jobs.JobExecution) {
	if j.ended == nil {
		j.ended = map[jobs.ExecutionNumber]*jobs.JobExecution{}
	}
	j.ended[number] = e
}

// history is the copy for the row of the thing; nil if it would not be complete.
func (j *jobState) history() *historyRow {
	if j == nil || !j.headKnown || !j.newestKnown {
		return nil
	}
	return &historyRow{
		Newest: int64(j.newest), Known: j.head.Known, Head: int64(j.head.Newest), Failed: j.head.Retries.Failed, TimedOut: j.head.Retries.TimedOut,
	}
}

func (j *jobState) learn(h *historyRow) {
	j.newest, j.newestKnown, j.headKnown = jobs.ExecutionNumber(h.Newest), true, true
	if h.Known {
		j.head = jobs.Head{Known: true, Newest: jobs.ExecutionNumber(h.Head), Retries: jobs.RetriesUsed{Failed: h.Failed, TimedOut: h.TimedOut}}
	}
}

// jobState is what a transaction knows of a job on a thing.
type jobState struct {
	head      jobs.Head
	headKnown bool
	// newest is the highest number of an execution, 0 without any, if it is known.
	newest      jobs.ExecutionNumber
	newestKnown bool
	// ended are the executions that have ended, as far as they are known; nil for a number that no such execution has.
	ended map[jobs.ExecutionNumber]*jobs.JobExecution
}

func newThingState() *thingState { return &thingState{on: map[jobs.JobNumber]*jobState{}} }

// of is what is known of a job.
func (s *thingState) of(job jobs.JobNumber) *jobState {
	j := s.on[job]
	if j == nil {
		j = &jobState{headKnown: s.fresh, newestKnown: s.fresh}
		s.on[job] = j
	}
	return j
}

// isIncarnation tells whether key names the thing.
func (s *thingState) isIncarnation(key registry.ThingKey) bool {
	return s.thing != nil && s.thing.Key() == key
}

// find looks for an execution, in pending and what is known beside; known is false if only the database can tell.
func (s *thingState) find(pending []jobs.JobExecution, job jobs.JobNumber, number jobs.ExecutionNumber) (e *jobs.JobExecution, at int, known bool) {
	if i := placeOf(job, number, pending); i >= 0 {
		found := pending[i]
		return &found, i, true
	}
	j := s.on[job]
	if j == nil {
		return nil, -1, s.fresh
	}
	if e, known = j.ended[number]; known {
		return e, -1, true
	}
	return nil, -1, j.newestKnown && number > j.newest
}

// knows tells whether a view with the address can be shown.
func (s *thingState) knows(job jobs.JobNumber, number jobs.ExecutionNumber) bool {
	if s.thing == nil {
		return true
	}
	j := s.on[job]
	if j == nil || !j.headKnown {
		return false
	}
	if number == 0 {
		if !j.newestKnown {
			return false
		}
		if number = j.newest; number == 0 {
			return true
		}
	}
	if placeOf(job, number, s.pending) >= 0 {
		return true
	}
	_, _, known := s.find(nil, job, number)
	return known
}

// view shows the thing. Jobs that are not in the maps do not exist.
func (s *thingState) view(addrs []store.Address, byNumber map[jobs.JobNumber]*jobs.Job, byID map[jobs.JobID]*jobs.Job) store.ThingView {
	v := store.ThingView{
		Thing: s.thing, Pending: append([]jobs.JobExecution(nil), s.pending...),
		Jobs: make(map[jobs.JobNumber]*jobs.Job, 1), Addressed: make(map[jobs.JobID]store.Addressed, len(addrs)),
	}
	for i := range v.Pending {
		if job := byNumber[v.Pending[i].Job]; job != nil {
			v.Jobs[job.Number] = job
		}
	}
	for _, a := range addrs {
		job := byID[a.Job]
		if job == nil {
			continue
		}
		v.Jobs[job.Number] = job
		addressed := store.Addressed{Job: job}
		if j := s.on[job.Number]; s.thing != nil && j != nil {
			if a.Head {
				addressed.Head = j.head
			}
			number := a.Number
			if number == 0 {
				number = j.newest
			}
			addressed.Execution, _, _ = s.find(s.pending, job.Number, number)
		}
		v.Addressed[a.Job] = addressed
	}
	return v
}
