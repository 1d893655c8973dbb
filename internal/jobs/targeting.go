package jobs

import (
	"slices"
	"time"

	"iotjobs/internal/registry"
)

// Targets tells whether the thing is a target of the job as its memberships are now: named itself, or held by a target group.
func (j *Job) Targets(thing *registry.Thing) bool {
	return slices.ContainsFunc(j.Config.Targets, func(t Target) bool {
		if t.Kind == GroupTarget {
			return thing.In(t.Group)
		}
		return t.Name == string(thing.Name) && j.Knew(thing)
	})
}

// Knew tells whether the thing was there when the job was made: a target by name means that one, not a later one of the same name (Q8).
func (j *Job) Knew(thing *registry.Thing) bool { return uint64(thing.Number) < uint64(j.Number) }

// QueuedByRelease tells whether the cursor over the targets gives the thing an execution: once, so that it may pass a thing twice (LIFE-3).
func QueuedByRelease(head Head) bool { return !head.Known }

// QueuedByJoin tells whether a thing that joins a target group gets an execution: always, unless it has one that is pending. One that has
// finished gets another (LIFE-3).
func (j *Job) QueuedByJoin(now time.Time, pending []JobExecution) bool {
	return j.Config.Schedule.Accepts(now, j.Status) && !slices.ContainsFunc(pending, func(e JobExecution) bool { return e.Job == j.Number })
}

// Retried tells whether a thing whose execution has failed may still get another one (LIFE-3.5).
func (j *Job) Retried(now time.Time, thing *registry.Thing) bool {
	return j.Config.Schedule.Accepts(now, j.Status) && (j.Config.TargetSelection == Snapshot || j.Targets(thing))
}

// RemovedByLeave tells whether a thing that has left a target group loses the execution: only a queued one, and only when no other target
// holds the thing (LIFE-3, Q26).
func (j *Job) RemovedByLeave(e JobExecution, thing *registry.Thing) bool {
	return e.Job == j.Number && e.Status == Queued && !j.Targets(thing)
}
