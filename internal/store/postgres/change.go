package postgres

import (
	"fmt"
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/rowcodec"
)

// edit is one checked change of an execution.
type edit struct {
	store.Effects
	stored, after *jobs.JobExecution
}

// change applies a change to a thing that is loaded, all of it or nothing.
func (w *work) change(key registry.ThingKey, change store.ThingChange) error {
	state := w.things[key.Name]
	if state == nil || !state.isIncarnation(key) {
		if !onlyDeletes(change) {
			return errNoThing(key)
		}
		if state = w.gone[key]; state == nil {
			state = newThingState()
			w.gone[key] = state
		}
	}
	pending := slices.Clone(state.pending)
	var edits []edit
	for _, c := range change.Executions {
		e, next, err := w.check(key, state, pending, edits, c)
		if err != nil {
			return fmt.Errorf("change thing %s: %w", key.Name, err)
		}
		edits, pending = append(edits, e), next
	}
	events, err := encodeEvents(nil, change.Events)
	if err != nil {
		return fmt.Errorf("change thing %s: %w", key.Name, err)
	}

	// From here on nothing can fail.
	listed := state.changed
	state.pending = pending
	for _, e := range edits {
		w.apply(key, state, e)
		state.touch(e.Job)
	}
	for job, head := range change.Heads {
		j := state.of(job)
		j.head, j.headKnown = head, true
		w.heads[headID{key, job}] = head
		state.touch(job)
	}
	if state.changed && !listed {
		w.changed = append(w.changed, state)
	}
	for _, job := range change.Marks {
		w.marks[job] = struct{}{}
	}
	w.events = append(w.events, events...)
	return nil
}

// onlyDeletes tells whether a change takes away and brings nothing.
func onlyDeletes(change store.ThingChange) bool {
	for _, c := range change.Executions {
		if c.After != nil {
			return false
		}
	}
	for _, head := range change.Heads {
		if head != (jobs.Head{}) {
			return false
		}
	}
	return true
}

// check turns the change of one execution into an edit, and the queue into that behind it. The effects are derived from the stored execution, not
// from Before, which may differ in what need not match.
func (w *work) check(key registry.ThingKey, state *thingState, pending []jobs.JobExecution, before []edit, c store.ExecutionChange) (edit, []jobs.JobExecution, error) {
	if c.After != nil && (c.After.Status.Index() < 0 || c.After.Number <= 0) {
		return edit{}, nil, fmt.Errorf("execution %d of job %d would be in status %q", c.After.Number, c.After.Job, c.After.Status)
	}
	effects, err := store.EffectsOf(c)
	if err != nil {
		return edit{}, nil, err
	}
	stored, at, err := w.stored(key, state, pending, before, effects.Job, effects.Number)
	if err != nil {
		return edit{}, nil, err
	}
	if err := matches(stored, c); err != nil {
		return edit{}, nil, err
	}
	if effects, err = store.EffectsOf(store.ExecutionChange{Before: stored, After: c.After}); err != nil {
		return edit{}, nil, err
	}
	switch effects.Queue {
	case store.QueueAppend:
		pending = append(pending, *c.After)
	case store.QueueReplace:
		pending[at] = *c.After
	case store.QueueRemove:
		pending = slices.Delete(pending, at, at+1)
	case store.QueueSame:
	}
	return edit{Effects: effects, stored: stored, after: c.After}, pending, nil
}

// stored finds an execution as it is after the edits before: pending at its place in the queue, or ended with at -1.
func (w *work) stored(
	key registry.ThingKey, state *thingState, pending []jobs.JobExecution, before []edit, job jobs.JobNumber, number jobs.ExecutionNumber,
) (*jobs.JobExecution, int, error) {
	for _, e := range slices.Backward(before) {
		if e.Job == job && e.Number == number && (e.after == nil || e.after.Status.Terminal()) {
			return e.after, -1, nil
		}
	}
	e, at, known := state.find(pending, job, number)
	if known {
		return e, at, nil
	}
	e, err := w.lookUp(key, state, job, number)
	return e, -1, err
}

// matches refuses a change that was decided on another execution than the stored one.
func matches(stored *jobs.JobExecution, c store.ExecutionChange) error {
	switch {
	case c.Before == nil && stored != nil:
		return fmt.Errorf("execution %d of job %d is there already", stored.Number, stored.Job)
	case c.Before == nil:
		return nil
	case stored == nil:
		return fmt.Errorf("there is no execution %d of job %d", c.Before.Number, c.Before.Job)
	case stored.Status != c.Before.Status || stored.Version != c.Before.Version:
		return fmt.Errorf("execution %d of job %d is %s version %d, not %s version %d",
			stored.Number, stored.Job, stored.Status, stored.Version, c.Before.Status, c.Before.Version)
	}
	return nil
}

// apply notes an edit in what is known and in what is to be written.
func (w *work) apply(key registry.ThingKey, state *thingState, e edit) {
	state.changed = state.changed || e.Queue != store.QueueSame
	state.requeued = state.requeued || e.Queue == store.QueueAppend || e.Queue == store.QueueRemove
	j := state.of(e.Job)
	switch {
	case e.after == nil:
		j.end(e.Number, nil)
		j.newestKnown = j.newestKnown && e.Number != j.newest // the next one is in the database
	case e.after.Status.Terminal():
		ended := *e.after
		j.end(e.Number, &ended)
	default:
		delete(j.ended, e.Number)
	}
	if e.after != nil {
		j.newest = max(j.newest, e.Number)
	}
	w.deltas[e.Job] = sum(w.deltas[e.Job], e.Counters)
	id := executionID{key, e.Job, e.Number}
	row := w.executions[id]
	// A report that changes neither status nor timer changes only the thing.
	if row == nil && e.Queue == store.QueueReplace && e.OldStatus == e.NewStatus && rowcodec.Micros(e.OldDue) == rowcodec.Micros(e.NewDue) {
		return
	}
	if row == nil {
		row = &executionWrite{stored: e.stored != nil}
		w.executions[id] = row
	}
	row.after = e.after
}

func sum(a, b jobs.Counters) jobs.Counters {
	for i := range a {
		a[i] += b[i]
	}
	return a
}
