package memory

import (
	"cmp"
	"maps"
	"slices"

	"iotjobs/internal/jobs"
)

func (r reader) Events(after uint64, limit int) ([]jobs.Event, error) {
	var all []jobs.Event
	for number, event := range r.events {
		if number > after {
			all = append(all, cloneEvent(event))
		}
	}
	return sorted(all, limit, func(a, b jobs.Event) int { return cmp.Compare(a.Number, b.Number) }), nil
}

func (r reader) LastEvent() (uint64, error) { return r.lastEvent[struct{}{}], nil }

func (w *writer) AppendEvents(events ...jobs.Event) error {
	for _, event := range events {
		w.appended = append(w.appended, cloneEvent(event))
	}
	return nil
}

func (w *writer) DeleteEvents(until uint64) error {
	for number := range w.events {
		if number <= until {
			drop(w, w.events, number)
		}
	}
	return nil
}

func (w *writer) numberEvents() {
	for _, event := range w.appended {
		event.Number = w.lastEvent[struct{}{}] + 1
		w.events[event.Number], w.lastEvent[struct{}{}] = event, event.Number
	}
}

// cloneEvent shares nothing with e.
func cloneEvent(e jobs.Event) jobs.Event {
	if e.Job != nil {
		job := *e.Job
		job.Targets = slices.Clone(job.Targets)
		e.Job = &job
	}
	if e.Execution != nil {
		execution := *e.Execution
		execution.StatusDetails = maps.Clone(execution.StatusDetails)
		e.Execution = &execution
	}
	return e
}
