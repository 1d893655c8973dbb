package pebble

import (
	"encoding/binary"
	"fmt"
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
	"iotjobs/internal/store/rowcodec"
)

// prepared is a change of one thing, checked and turned into writes. It is used again for the next command.
type prepared struct {
	ops    ops
	deltas []delta
	marks  []jobs.JobNumber
	events [][]byte // encoded; they get their numbers at the commit
	// lowestDue is the lowest row that is added to the due index; empty for none.
	lowestDue string

	pending []jobs.JobExecution
	key     []byte
	value   rowWriter
}

// delta is a change of a job's counters.
type delta struct {
	job      jobs.JobNumber
	counters jobs.Counters
}

// prepare checks a change against what is stored and derives all that follows from it. s is the thing as it is stored; nil when the
// incarnation is gone, whose history may still be deleted.
func (p *prepared) prepare(g getter, key registry.ThingKey, s *thingState, change store.ThingChange) error {
	p.ops.reset()
	p.deltas, p.marks = p.deltas[:0], append(p.marks[:0], change.Marks...)
	p.pending, p.events, p.lowestDue = p.pending[:0], p.events[:0], ""
	if s == nil && !onlyDeletes(change) {
		return fmt.Errorf("change thing %s number %d: there is none", key.Name, key.Number)
	}
	if s != nil {
		p.pending = append(p.pending, s.pending...)
	}
	queueChanged := false
	for _, c := range change.Executions {
		changed, err := p.execution(g, key, s, c)
		if err != nil {
			return fmt.Errorf("change thing %s: %w", key.Name, err)
		}
		queueChanged = queueChanged || changed
	}
	for job, head := range change.Heads {
		p.head(key, job, head)
	}
	var err error
	if p.events, err = encodeEvents(p.events, change.Events); err != nil {
		return fmt.Errorf("change thing %s: %w", key.Name, err)
	}
	if !queueChanged {
		return nil
	}
	p.value.b = p.value.b[:0]
	p.value.thing(s.registry, p.pending)
	p.key = thingKey(p.key[:0], key.Name)
	p.ops.set(p.key, p.value.b)
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

func (p *prepared) head(key registry.ThingKey, job jobs.JobNumber, head jobs.Head) {
	p.key = headKey(p.key[:0], job, key)
	if head == (jobs.Head{}) {
		p.ops.delete(p.key)
		return
	}
	var value [len(headRow{}) * binary.MaxVarintLen64]byte
	p.ops.set(p.key, encodeHead(value[:0], head))
}

// execution replaces one execution. The effects are derived from the stored execution, not from Before, which may differ in what
// need not match: so the rows that follow from it are exactly those that were written with it.
func (p *prepared) execution(g getter, key registry.ThingKey, s *thingState, c store.ExecutionChange) (queueChanged bool, err error) {
	if c.After != nil && (c.After.Status.Index() < 0 || c.After.Number <= 0) {
		return false, fmt.Errorf("execution %d of job %d would be in status %q", c.After.Number, c.After.Job, c.After.Status)
	}
	effects, err := store.EffectsOf(c)
	if err != nil {
		return false, err
	}
	stored, at, err := p.stored(g, key, s, effects.Job, effects.Number)
	if err != nil {
		return false, err
	}
	if err := matches(stored, c); err != nil {
		return false, err
	}
	if effects, err = store.EffectsOf(store.ExecutionChange{Before: stored, After: c.After}); err != nil {
		return false, err
	}
	p.index(key, effects)
	switch effects.Queue {
	case store.QueueAppend:
		p.pending = append(p.pending, *c.After)
	case store.QueueReplace:
		p.pending[at] = *c.After
	case store.QueueRemove:
		p.pending = slices.Delete(p.pending, at, at+1)
	case store.QueueSame:
	}
	switch effects.History {
	case store.HistoryPut:
		p.value.b = p.value.b[:0]
		p.value.execution(c.After)
		p.key = historyKey(p.key[:0], key, effects.Job, effects.Number)
		p.ops.set(p.key, p.value.b)
	case store.HistoryDelete:
		p.key = historyKey(p.key[:0], key, effects.Job, effects.Number)
		p.ops.delete(p.key)
	case store.HistorySame:
	}
	return effects.Queue != store.QueueSame, nil
}

// stored finds the execution as it is after the changes before this one: pending at its place in the queue, or terminal with at -1.
func (p *prepared) stored(g getter, key registry.ThingKey, s *thingState, job jobs.JobNumber, number jobs.ExecutionNumber) (e *jobs.JobExecution, at int, err error) {
	for i := range p.pending {
		if p.pending[i].Job == job && p.pending[i].Number == number {
			found := p.pending[i]
			return &found, i, nil
		}
	}
	p.key = historyKey(p.key[:0], key, job, number)
	if value, written := p.ops.find(p.key); written {
		if value == nil {
			return nil, -1, nil
		}
		found, err := decodeExecution(value)
		return &found, -1, err
	}
	e, err = s.history(g, key, job, number)
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

// index writes what is kept beside the execution: its place in the index by status, its due time, and the counters.
func (p *prepared) index(key registry.ThingKey, f store.Effects) {
	at := store.ExecutionKey{Thing: key, Number: f.Number}
	if f.OldStatus != f.NewStatus {
		if f.OldStatus != "" {
			p.key = statusKey(p.key[:0], f.Job, f.OldStatus.Index(), at)
			p.ops.delete(p.key)
		}
		if f.NewStatus != "" {
			p.key = statusKey(p.key[:0], f.Job, f.NewStatus.Index(), at)
			p.ops.set(p.key, nil)
		}
	}
	if before, after := rowcodec.Micros(f.OldDue), rowcodec.Micros(f.NewDue); before != after {
		if before != 0 {
			p.key = dueKey(p.key[:0], before, key, f.Job, f.Number)
			p.ops.delete(p.key)
		}
		if after != 0 {
			p.key = dueKey(p.key[:0], after, key, f.Job, f.Number)
			p.ops.set(p.key, nil)
			p.lowestDue = lowest(p.lowestDue, string(p.key))
		}
	}
	if f.Counters != (jobs.Counters{}) {
		p.deltas = append(p.deltas, delta{f.Job, f.Counters})
	}
}
