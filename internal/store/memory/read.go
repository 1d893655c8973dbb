package memory

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// reader is the state as a transaction reads it. Everything it returns is a copy.
type reader struct{ *state }

func (r reader) Thing(name registry.ThingName, addrs ...store.Address) (store.ThingView, error) {
	view := store.ThingView{Jobs: map[jobs.JobNumber]*jobs.Job{}, Addressed: map[jobs.JobID]store.Addressed{}}
	var executions []jobs.JobExecution
	thing := r.things[name]
	if thing != nil {
		view.Thing = thing.Clone()
		executions = r.executions[thing.Key()]
	}
	for _, e := range executions {
		if e.Status.Pending() {
			view.Pending = append(view.Pending, cloneExecution(e))
			r.show(view, r.jobs[e.Job])
		}
	}
	for _, a := range addrs {
		job := r.jobNamed(a.Job)
		if job == nil {
			continue
		}
		addressed := store.Addressed{Job: job.Clone()}
		if thing != nil {
			if a.Head {
				addressed.Head = r.heads[headKey{thing.Key(), job.Number}]
			}
			addressed.Execution = find(executions, job.Number, a.Number)
		}
		view.Addressed[a.Job] = addressed
		r.show(view, job)
	}
	return view, nil
}

// show adds a job to those of a view.
func (r reader) show(view store.ThingView, job *jobs.Job) {
	if job != nil {
		view.Jobs[job.Number] = job.Clone()
	}
}

// find returns the execution of a job with the number, the one with the highest for zero, or nil.
func find(executions []jobs.JobExecution, job jobs.JobNumber, number jobs.ExecutionNumber) *jobs.JobExecution {
	var found *jobs.JobExecution
	for _, e := range executions {
		if e.Job != job || number != 0 && e.Number != number {
			continue
		}
		if found == nil || e.Number > found.Number {
			c := cloneExecution(e)
			found = &c
		}
	}
	return found
}

func (r reader) Things(after registry.ThingName, limit int) ([]*registry.Thing, error) {
	return r.listThings(after, limit, func(*registry.Thing) bool { return true }), nil
}

func (r reader) ThingsOfType(name registry.TypeName, after registry.ThingName, limit int) ([]*registry.Thing, error) {
	return r.listThings(after, limit, func(t *registry.Thing) bool { return name != "" && t.Type == name }), nil
}

func (r reader) listThings(after registry.ThingName, limit int, wanted func(*registry.Thing) bool) []*registry.Thing {
	var all []*registry.Thing
	for name, t := range r.things {
		if name > after && wanted(t) {
			all = append(all, t.Clone())
		}
	}
	return sorted(all, limit, func(a, b *registry.Thing) int { return cmp.Compare(a.Name, b.Name) })
}

func (r reader) Job(id jobs.JobID) (*jobs.Job, error) {
	if j := r.jobNamed(id); j != nil {
		return j.Clone(), nil
	}
	return nil, nil
}

func (r reader) JobByNumber(number jobs.JobNumber) (*jobs.Job, error) {
	if j := r.jobs[number]; j != nil {
		return j.Clone(), nil
	}
	return nil, nil
}

func (r reader) Jobs(after jobs.JobNumber, limit int) ([]*jobs.Job, error) {
	return r.listJobs(after, limit, func(*jobs.Job) bool { return true }), nil
}

func (r reader) JobsIn(status jobs.JobStatus, after jobs.JobNumber, limit int) ([]*jobs.Job, error) {
	return r.listJobs(after, limit, func(j *jobs.Job) bool { return j.Status == status }), nil
}

func (r reader) JobsFollowing(group registry.GroupNumber, after jobs.JobNumber, limit int) ([]*jobs.Job, error) {
	return r.listJobs(after, limit, func(j *jobs.Job) bool { return j.Follows(group) }), nil
}

func (r reader) listJobs(after jobs.JobNumber, limit int, wanted func(*jobs.Job) bool) []*jobs.Job {
	var all []*jobs.Job
	for number, j := range r.jobs {
		if (after == 0 || number < after) && wanted(j) {
			all = append(all, j.Clone())
		}
	}
	return sorted(all, limit, func(a, b *jobs.Job) int { return cmp.Compare(b.Number, a.Number) })
}

func (r reader) Counters(job jobs.JobNumber) (jobs.Counters, error) {
	var c jobs.Counters
	r.everyExecution(func(_ registry.ThingKey, e jobs.JobExecution) {
		if e.Job == job {
			c.Add(e.Status, 1)
		}
	})
	return c, nil
}

func (r reader) JobExecutions(job jobs.JobNumber, after store.ExecutionKey, limit int) ([]store.ThingExecution, error) {
	return r.jobExecutions(after, limit, func(e jobs.JobExecution) bool { return e.Job == job }), nil
}

func (r reader) JobExecutionsIn(job jobs.JobNumber, status jobs.ExecutionStatus, after store.ExecutionKey, limit int) ([]store.ThingExecution, error) {
	return r.jobExecutions(after, limit, func(e jobs.JobExecution) bool { return e.Job == job && e.Status == status }), nil
}

func (r reader) jobExecutions(after store.ExecutionKey, limit int, wanted func(jobs.JobExecution) bool) []store.ThingExecution {
	var all []store.ThingExecution
	r.everyExecution(func(key registry.ThingKey, e jobs.JobExecution) {
		at := store.ExecutionKey{Thing: key, Number: e.Number}
		if wanted(e) && (after == store.ExecutionKey{} || compareKeys(at, after) > 0) {
			all = append(all, store.ThingExecution{Thing: key, Execution: cloneExecution(e)})
		}
	})
	return sorted(all, limit, func(a, b store.ThingExecution) int {
		return compareKeys(store.ExecutionKey{Thing: a.Thing, Number: a.Execution.Number}, store.ExecutionKey{Thing: b.Thing, Number: b.Execution.Number})
	})
}

// compareKeys is the order of a job's executions: by thing, and of one thing the newest first.
func compareKeys(a, b store.ExecutionKey) int {
	return cmp.Or(compareThings(a.Thing, b.Thing), cmp.Compare(b.Number, a.Number))
}

func compareThings(a, b registry.ThingKey) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Number, b.Number))
}

func (r reader) ThingExecutions(thing registry.ThingKey, after store.ExecutionCursor, limit int) ([]jobs.JobExecution, error) {
	order := func(a, b store.ExecutionCursor) int {
		return cmp.Or(cmp.Compare(b.Job, a.Job), cmp.Compare(b.Number, a.Number))
	}
	cursor := func(e jobs.JobExecution) store.ExecutionCursor {
		return store.ExecutionCursor{Job: e.Job, Number: e.Number}
	}
	var all []jobs.JobExecution
	for _, e := range r.executions[thing] {
		if (after == store.ExecutionCursor{} || order(cursor(e), after) > 0) {
			all = append(all, cloneExecution(e))
		}
	}
	return sorted(all, limit, func(a, b jobs.JobExecution) int { return order(cursor(a), cursor(b)) }), nil
}

func (r reader) Due(until time.Time, limit int) ([]store.Due, error) {
	var all []store.Due
	r.everyExecution(func(key registry.ThingKey, e jobs.JobExecution) {
		if at := e.Deadline(); !at.IsZero() && !at.After(until) {
			all = append(all, store.Due{At: at, Thing: key, Job: e.Job, Number: e.Number})
		}
	})
	return sorted(all, limit, func(a, b store.Due) int {
		return cmp.Or(a.At.Compare(b.At), compareThings(a.Thing, b.Thing), cmp.Compare(a.Job, b.Job), cmp.Compare(a.Number, b.Number))
	}), nil
}

func (r reader) DueJobs(until time.Time, limit int) ([]jobs.JobNumber, error) {
	var due []*jobs.Job
	for _, j := range r.jobs {
		if !j.WakeAt.IsZero() && !j.WakeAt.After(until) {
			due = append(due, j)
		}
	}
	due = sorted(due, limit, func(a, b *jobs.Job) int { return cmp.Or(a.WakeAt.Compare(b.WakeAt), cmp.Compare(a.Number, b.Number)) })
	var numbers []jobs.JobNumber
	for _, j := range due {
		numbers = append(numbers, j.Number)
	}
	return numbers, nil
}

func (r reader) NextDue(after time.Time) (next time.Time, err error) {
	look := func(at time.Time) {
		if at.After(after) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	r.everyExecution(func(_ registry.ThingKey, e jobs.JobExecution) { look(e.Deadline()) })
	for _, j := range r.jobs {
		look(j.WakeAt)
	}
	return next, nil
}

func (r reader) Marks(after jobs.JobNumber, limit int) ([]jobs.JobNumber, error) {
	var all []jobs.JobNumber
	for number := range r.marks {
		if number > after {
			all = append(all, number)
		}
	}
	return sorted(all, limit, cmp.Compare[jobs.JobNumber]), nil
}

func (r reader) Record(kind store.RecordKind, id string) ([]byte, error) {
	return bytes.Clone(r.records[recordKey{kind, id}]), nil
}

func (r reader) Records(kind store.RecordKind, after string, limit int) ([]store.Record, error) {
	var all []store.Record
	for key, value := range r.records {
		if key.kind == kind && key.id > after {
			all = append(all, store.Record{ID: key.id, Value: bytes.Clone(value)})
		}
	}
	return sorted(all, limit, func(a, b store.Record) int { return cmp.Compare(a.ID, b.ID) }), nil
}

// sorted is the first page of a list.
func sorted[R any](all []R, limit int, order func(a, b R) int) []R {
	slices.SortFunc(all, order)
	return all[:min(len(all), limit)]
}
