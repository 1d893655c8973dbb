package memory

import (
	"fmt"
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// writer changes the state at once and remembers how to undo it.
type writer struct {
	reader
	leases   *leases
	undo     []func()
	appended []jobs.Event // they get their numbers at the commit
}

// commit keeps what was written.
func (w *writer) commit() {
	w.numberEvents()
	w.undo = nil
}

// rollback takes back what was written and not committed.
func (w *writer) rollback() {
	for _, undo := range slices.Backward(w.undo) {
		undo()
	}
	w.undo = nil
}

// put and drop are the only ways to change the state.
func put[K comparable, V any](w *writer, m map[K]V, key K, value V) {
	remember(w, m, key)
	m[key] = value
}

func drop[K comparable, V any](w *writer, m map[K]V, key K) {
	remember(w, m, key)
	delete(m, key)
}

func remember[K comparable, V any](w *writer, m map[K]V, key K) {
	old, had := m[key]
	w.undo = append(w.undo, func() {
		if had {
			m[key] = old
		} else {
			delete(m, key)
		}
	})
}

func (w *writer) NextNumber() (uint64, error) {
	next := w.last[struct{}{}] + 1
	put(w, w.last, struct{}{}, next)
	return next, nil
}

func (w *writer) PutThing(thing *registry.Thing) error {
	var before []registry.Membership
	old := w.things[thing.Name]
	switch {
	case thing.Number == 0:
		return fmt.Errorf("put thing %s: it has no number", thing.Name)
	case old != nil && old.Number != thing.Number:
		return fmt.Errorf("put thing %s: its number would change from %d to %d", thing.Name, old.Number, thing.Number)
	case old != nil:
		before = old.Groups
	}
	if err := groupsInOrder(thing); err != nil {
		return err
	}
	w.regroup(thing.Key(), before, thing.Groups)
	put(w, w.things, thing.Name, thing.Clone())
	return nil
}

func (w *writer) DeleteThing(name registry.ThingName) error {
	thing := w.things[name]
	if thing == nil {
		return fmt.Errorf("delete thing %s: there is none", name)
	}
	for _, e := range w.executions[thing.Key()] {
		if e.Status.Pending() {
			return fmt.Errorf("delete thing %s: job %d is pending", name, e.Job)
		}
	}
	w.regroup(thing.Key(), thing.Groups, nil)
	drop(w, w.things, name)
	return nil
}

func (w *writer) PutJob(job *jobs.Job) error {
	if job.Number == 0 {
		return fmt.Errorf("put job %s: it has no number", job.ID)
	}
	if other := w.jobNamed(job.ID); other != nil && other.Number != job.Number {
		return fmt.Errorf("put job %d: its ID %s is that of job %d", job.Number, job.ID, other.Number)
	}
	stored := job.Clone()
	if old := w.jobs[job.Number]; old != nil {
		if old.ID != job.ID {
			return fmt.Errorf("put job %d: its ID would change from %s to %s", job.Number, old.ID, job.ID)
		}
		if old.Revision == job.Revision {
			stored.Config = old.Config
		}
	}
	if stored.Config == nil {
		return fmt.Errorf("put job %d: its revision %d has no configuration", job.Number, job.Revision)
	}
	put(w, w.jobs, job.Number, stored)
	return nil
}

func (w *writer) DeleteJob(number jobs.JobNumber) error {
	if w.jobs[number] == nil {
		return fmt.Errorf("delete job %d: there is none", number)
	}
	counters, err := w.Counters(number)
	if err != nil {
		return err
	}
	if counters != (jobs.Counters{}) {
		return fmt.Errorf("delete job %d: it has executions left", number)
	}
	drop(w, w.jobs, number)
	drop(w, w.marks, number)
	return nil
}

func (w *writer) Mark(number jobs.JobNumber) error {
	put(w, w.marks, number, true)
	return nil
}

func (w *writer) ClearMark(number jobs.JobNumber) error {
	drop(w, w.marks, number)
	return nil
}

func (w *writer) PutRecord(kind store.RecordKind, id string, value []byte) error {
	put(w, w.records, recordKey{kind, id}, append([]byte{}, value...))
	return nil
}

func (w *writer) DeleteRecord(kind store.RecordKind, id string) error {
	drop(w, w.records, recordKey{kind, id})
	return nil
}
