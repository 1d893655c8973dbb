package memory

import (
	"maps"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// state is everything. What a map holds is never changed in place, only replaced, so that undoing a change is putting the old value
// back.
type state struct {
	things map[registry.ThingName]*registry.Thing
	groups map[registry.GroupNumber]*registry.ThingGroup
	// joined holds the version at which each membership of a thing began.
	joined map[heldKey]uint64
	past   map[pastKey]pastMembership
	jobs   map[jobs.JobNumber]*jobs.Job
	// executions are those of one thing, pending and terminal, as they were queued.
	executions map[registry.ThingKey][]jobs.JobExecution
	heads      map[headKey]jobs.Head
	marks      map[jobs.JobNumber]bool
	records    map[recordKey][]byte
	events     map[uint64]jobs.Event
	// last holds the last number drawn, and lastEvent that of the newest event, under their only key.
	last, lastEvent map[struct{}]uint64
}

type headKey struct {
	thing registry.ThingKey
	job   jobs.JobNumber
}

type recordKey struct {
	kind store.RecordKind
	id   string
}

func newState() state {
	return state{
		things:     map[registry.ThingName]*registry.Thing{},
		groups:     map[registry.GroupNumber]*registry.ThingGroup{},
		joined:     map[heldKey]uint64{},
		past:       map[pastKey]pastMembership{},
		jobs:       map[jobs.JobNumber]*jobs.Job{},
		executions: map[registry.ThingKey][]jobs.JobExecution{},
		heads:      map[headKey]jobs.Head{},
		marks:      map[jobs.JobNumber]bool{},
		records:    map[recordKey][]byte{},
		events:     map[uint64]jobs.Event{},
		last:       map[struct{}]uint64{},
		lastEvent:  map[struct{}]uint64{},
	}
}

// jobNamed finds a job by its ID; nil if there is none.
func (s *state) jobNamed(id jobs.JobID) *jobs.Job {
	for _, j := range s.jobs {
		if j.ID == id {
			return j
		}
	}
	return nil
}

// everyExecution visits all executions of all things in no order.
func (s *state) everyExecution(visit func(registry.ThingKey, jobs.JobExecution)) {
	for key, list := range s.executions {
		for _, e := range list {
			visit(key, e)
		}
	}
}

// cloneExecution shares nothing with e.
func cloneExecution(e jobs.JobExecution) jobs.JobExecution {
	e.StatusDetails = maps.Clone(e.StatusDetails)
	return e
}
