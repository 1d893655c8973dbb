// Package store is the storage contract: what every engine promises, in words and types. It holds no rule of AWS IoT Jobs and no
// engine. storetest turns the promise into tests; memory is the model the other engines are compared with.
package store

import (
	"context"
	"errors"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// Sentinel errors of every engine.
var (
	// ErrUnknown: the connection broke while committing; the change may or may not be there. The caller answers "internal error" and
	// the client tries again; version numbers make the second try harmless.
	ErrUnknown = errors.New("the outcome of the commit is unknown")
	// ErrClosed: the store is closed, or stopped because it can no longer keep its promise (disk full, failed sync). Its message wraps why.
	ErrClosed = errors.New("the store is closed")
)

// Store keeps everything durably.
//
// Durable means: when a method returns nil, the change survives a crash of the machine. No reader, inside or outside, sees a change
// before that. Any error but ErrUnknown means that nothing changed.
//
// All methods may be called concurrently. A function passed in may run more than once and must have no effect outside its arguments;
// what it got must not be kept or changed in place, slices and maps included. A panic in it becomes that caller's error only.
type Store interface {
	// UpdateThing changes the executions of one thing: the path of every device call. fn gets the thing with its pending executions and
	// what the addresses name. It runs alone among changes of this thing; changes of other things run beside it, many sharing one sync.
	// An error of fn is returned as it is, and nothing changes; so does an empty change.
	UpdateThing(ctx context.Context, name registry.ThingName, addrs []Address, fn func(ThingView) (ThingChange, error)) error

	// ReadThing shows one thing as of one committed moment, not older than the last change that was answered before the call.
	ReadThing(ctx context.Context, name registry.ThingName, addrs []Address) (ThingView, error)

	// View runs fn on a consistent snapshot, not older than the last change that was answered before the call.
	View(ctx context.Context, fn func(ReadTx) error) error

	// Update runs fn alone among updates; it meets device traffic only on the things that fn reads or changes, and sees its own changes.
	// One update touches at most MaxThingsPerUpdate things, reads no clock and does no other I/O.
	Update(ctx context.Context, fn func(Tx) error) error

	// Close waits for running calls and releases everything. Later calls return ErrClosed.
	Close() error
}

// MaxThingsPerUpdate bounds the work of one Update, and so the wait of a device behind it.
const MaxThingsPerUpdate = 1000

// Address names a job from the point of view of a thing.
type Address struct {
	Job jobs.JobID
	// Number is the execution asked for; zero means the newest.
	Number jobs.ExecutionNumber
	// Head asks for the head too. It may lie in a row of its own, which a device's call mostly need not read.
	Head bool
}

// ThingView is one thing with all that a device call may need, read in one transaction.
type ThingView struct {
	// Thing is nil when no thing has the name; then nothing else is there but the jobs that the addresses name.
	Thing *registry.Thing
	// Pending are the executions in QUEUED or IN_PROGRESS as they are stored (see jobs.Effective), in queue order: as they were queued.
	Pending []jobs.JobExecution
	// Jobs holds the record of every pending or addressed execution's job.
	Jobs map[jobs.JobNumber]*jobs.Job
	// Addressed has an entry for every address whose job exists.
	Addressed map[jobs.JobID]Addressed
}

// Addressed is what one address names.
type Addressed struct {
	Job *jobs.Job
	// Head is what is remembered of the job on this thing; zero when the job was never queued for it, or when the address does not ask for it.
	Head jobs.Head
	// Execution is the execution asked for, pending or terminal; nil if there is none.
	Execution *jobs.JobExecution
}

// ExecutionChange replaces one execution of a thing. Before nil queues a new one (at the end of the queue); After nil deletes it. A new one has a
// higher number than all others of its job on the thing, none of which is pending: so a pending one is the newest.
// Engines derive counters, due times and indexes from the pair (Effects), so that they can never disagree with the executions.
// The job and number of an execution do not change, and a terminal one never becomes pending again.
type ExecutionChange struct {
	Before, After *jobs.JobExecution
}

// ThingChange is what fn decided.
type ThingChange struct {
	Executions []ExecutionChange
	// Heads replaces what is remembered of a job on this thing; a zero Head forgets it.
	Heads map[jobs.JobNumber]jobs.Head
	// Marks names jobs whose step may have something to do now.
	Marks []jobs.JobNumber
	// Events are appended to all that wait to be told (see Tx.AppendEvents).
	Events []jobs.Event
}

// Empty tells that nothing is to be written.
func (c ThingChange) Empty() bool {
	return len(c.Executions) == 0 && len(c.Heads) == 0 && len(c.Marks) == 0 && len(c.Events) == 0
}
