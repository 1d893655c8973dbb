// Package service has one method per AWS operation and one per background step. It owns every transaction: a method reads the clock
// once, opens one transaction, lets the pure rules of packages jobs and registry decide, and returns. It knows no transport.
package service

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/rollout"
	"iotjobs/internal/store"
)

// Service executes AWS IoT Jobs on a store. Set the fields before the first call; all methods may be called concurrently.
type Service struct {
	Store store.Store
	// Now is the service's time: UTC, whole milliseconds, never backwards.
	Now func() time.Time
	// RealNow is the real clock, with its monotonic reading. Only a service with Nodes needs it.
	RealNow func() time.Time
	// Virtual makes every write run what it makes due before it answers, because no time passes in between (design: clocks).
	Virtual bool
	// Quotas are AWS's protective limits as the operator set them.
	Quotas Quotas
	// TellEvents says that somebody takes the events that happen. Without it none is stored, whatever is switched on.
	TellEvents bool
	// NewID makes the ids of things and events; random UUIDs by default.
	NewID func() string
	// Sealer wraps secrets before they are stored.
	Sealer Sealer
	// Issuer signs the certificates of devices; nil where none is made.
	Issuer Issuer
	// Actor names the caller of a call for the timeline of executions; empty where nobody called. Nil knows nobody.
	Actor func(context.Context) string
	// OnIdentityChange is called after every change of what certificates, users and keys may do, before its answer; it must not block, and may be nil.
	OnIdentityChange func(IdentityChange)
	// Nodes says which background work is this node's; nil where one node owns everything.
	Nodes Nodes
	// Wake tells the worker that a job was marked; it only shortens a wait and may be nil.
	Wake func(jobs.JobNumber)
	// Pace does a piece of background work and may wait afterwards, to leave time to devices; nil does it at once. PaceStep does so with a step that the
	// calling goroutine computes, as on a store in this process; nil for Pace.
	Pace, PaceStep func(ctx context.Context, work func() error) error

	secrets      secretCache
	keyUses      keyUses
	authorities  authorityCache
	roles        roleCache
	events       eventCache
	dynamic      atomic.Pointer[dynamicGroups]
	epoch        atomic.Uint64
	seenIdentity seenIdentity
	deviceCalls  atomic.Int64
	timers       lastTimers
}

// DeviceCalls counts the calls of devices so far.
func (s *Service) DeviceCalls() int64 { return s.deviceCalls.Load() }

// Quotas are limits that protect AWS and that an operator may raise.
type Quotas struct {
	// TargetsPerJob is how many targets CreateJob takes.
	TargetsPerJob int
	// PendingPerThing is how many pending executions one thing holds; a job waits with further ones.
	PendingPerThing int
	// RolloutPerMinute is the highest rate of any job, and the rate of one without a rollout configuration; 0 for no limit.
	RolloutPerMinute int
	// ActiveJobs is how many jobs of one target selection may be scheduled or in progress; 0 for no limit.
	ActiveJobs int
	// ConcurrentJobs is how many jobs may be releasing to things at a time; 0 for no limit.
	ConcurrentJobs int
	// Schedule bounds how far ahead jobs start and end.
	Schedule rollout.ScheduleQuotas
}

// DefaultQuotas are AWS's own, and the product's bound of pending executions per thing.
func DefaultQuotas() Quotas {
	return Quotas{TargetsPerJob: 100, PendingPerThing: 200, RolloutPerMinute: 1000, ActiveJobs: 100, Schedule: rollout.DefaultScheduleQuotas()}
}

// Sealer wraps and unwraps secrets; the id binds a sealed secret to its place.
type Sealer interface {
	Seal(id string, plaintext []byte) ([]byte, error)
	Open(id string, sealed []byte) ([]byte, error)
}

func (s *Service) newID() string {
	if s.NewID != nil {
		return s.NewID()
	}
	return uuid.NewString()
}

// update runs a write of the control plane, and with a virtual clock all that it makes due.
func (s *Service) update(ctx context.Context, fn func(store.Tx) error) error {
	if err := s.Store.Update(ctx, fn); err != nil {
		return err
	}
	return s.settle(ctx)
}

// updateThing runs a write of one thing's executions with its events, wakes the steps that it marked, and with a virtual clock runs them.
func (s *Service) updateThing(ctx context.Context, now time.Time, thing registry.ThingName, addrs []store.Address, fn func(*thingState) error) error {
	tell, err := s.teller(ctx, now)
	if err != nil {
		return err
	}
	var marks []jobs.JobNumber
	by := s.actor(ctx)
	err = s.Store.UpdateThing(ctx, thing, addrs, func(view store.ThingView) (store.ThingChange, error) {
		state := newThingState(view)
		state.by = by
		if err := fn(state); err != nil {
			return store.ThingChange{}, err
		}
		change := state.change()
		change.Events = tell.executions(thing, change.Executions, view.Jobs)
		marks = change.Marks
		return change, nil
	})
	if err != nil {
		return err
	}
	s.wake(marks...)
	return s.settle(ctx)
}

func (s *Service) wake(marks ...jobs.JobNumber) {
	if s.Wake == nil {
		return
	}
	for _, number := range marks {
		s.Wake(number)
	}
}

// settle runs every marked step when the clock is virtual: nobody else would before the answer.
func (s *Service) settle(ctx context.Context) error {
	if !s.Virtual {
		return nil
	}
	return s.RunSteps(ctx)
}
