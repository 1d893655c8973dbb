package memory

import (
	"fmt"
	"slices"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func (w *writer) ChangeThing(key registry.ThingKey, change store.ThingChange) error {
	if thing := w.things[key.Name]; (thing == nil || thing.Key() != key) && !onlyDeletes(change) {
		return fmt.Errorf("change thing %s number %d: there is none", key.Name, key.Number)
	}
	for _, c := range change.Executions {
		if err := w.changeExecution(key, c); err != nil {
			return fmt.Errorf("change thing %s: %w", key.Name, err)
		}
	}
	for job, head := range change.Heads {
		if head == (jobs.Head{}) {
			drop(w, w.heads, headKey{key, job})
		} else {
			put(w, w.heads, headKey{key, job}, head)
		}
	}
	for _, job := range change.Marks {
		put(w, w.marks, job, true)
	}
	return w.AppendEvents(change.Events...)
}

// onlyDeletes tells whether a change may meet a thing that is gone: it takes away and brings nothing.
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

// changeExecution replaces one execution in a new list. What EffectsOf derives is not used: it is looked up when it is asked for, so
// that a comparison with an engine that uses it shows a wrong effect.
func (w *writer) changeExecution(key registry.ThingKey, c store.ExecutionChange) error {
	effects, err := store.EffectsOf(c)
	if err != nil {
		return err
	}
	list := slices.Clone(w.executions[key])
	at := slices.IndexFunc(list, func(e jobs.JobExecution) bool { return e.Job == effects.Job && e.Number == effects.Number })
	if err := matches(list, at, c); err != nil {
		return err
	}
	switch {
	case c.Before == nil:
		list = append(list, cloneExecution(*c.After))
	case c.After == nil:
		list = slices.Delete(list, at, at+1)
	default:
		list[at] = cloneExecution(*c.After)
	}
	if len(list) == 0 {
		drop(w, w.executions, key)
	} else {
		put(w, w.executions, key, list)
	}
	return nil
}

// matches refuses a change that was decided on another execution than the stored one, which is list[at].
func matches(list []jobs.JobExecution, at int, c store.ExecutionChange) error {
	switch {
	case c.Before == nil && at >= 0:
		return fmt.Errorf("execution %d of job %d is there already", c.After.Number, c.After.Job)
	case c.Before == nil:
		return nil
	case at < 0:
		return fmt.Errorf("there is no execution %d of job %d", c.Before.Number, c.Before.Job)
	}
	if stored := list[at]; stored.Status != c.Before.Status || stored.Version != c.Before.Version {
		return fmt.Errorf("execution %d of job %d is %s version %d, not %s version %d",
			stored.Number, stored.Job, stored.Status, stored.Version, c.Before.Status, c.Before.Version)
	}
	return nil
}
