package sim

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"iotjobs/internal/clock"
	"iotjobs/internal/jobs"
	"iotjobs/internal/service"
	"iotjobs/internal/store"
	"iotjobs/internal/store/pebble"
	"iotjobs/internal/worker"
)

// latest is how late a tick of the worker is at most.
const latest = 20 * time.Second

// house is where the service of a fleet runs, as cmd/iotjobs wires it, in the time of a bubble.
type house struct {
	t      *testing.T
	random *rand.Rand
	size   int // of the fleet
	fault  fault
	disk   *disk
	store  *pebble.Store
	began  time.Time
	// down is when the service went down and came back.
	down struct{ from, to time.Time }

	// calls is held by every call of a device, and taken to let none in.
	calls   sync.RWMutex
	service *service.Service // nil while it is down
	end     func()
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// start opens the store and starts a service with its worker.
func (h *house) start() {
	h.t.Helper()
	var err error
	h.store, err = h.disk.open(logger(h.t))
	h.must(err)
	var s store.Store = h.store
	if h.fault.mutate != nil {
		s = h.fault.mutate(s)
	}
	now := clock.Real(time.Now, h.down.from)
	sut := newService(s, now.Now)
	w := worker.New(&tardy{service: sut, random: rand.New(rand.NewPCG(h.random.Uint64(), 0))}, logger(h.t))
	sut.Wake = func(jobs.JobNumber) { w.Wake() }
	sut.Pace = (&worker.Pacer{Calls: sut.DeviceCalls, Now: time.Now}).Pace
	ctx, cancel := context.WithCancel(h.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	h.end = func() { cancel(); h.must(<-ended) }
	if h.down.to.IsZero() && !h.down.from.IsZero() {
		h.down.to = time.Now()
	}
	h.calls.Lock()
	defer h.calls.Unlock()
	h.service = sut
}

// stop lets no call in any more and ends the worker.
func (h *house) stop() {
	h.t.Helper()
	h.calls.Lock()
	h.service = nil
	h.calls.Unlock()
	h.end()
}

// crash stops the service as a power failure does.
func (h *house) crash() {
	h.t.Helper()
	h.stop()
	h.down.from = time.Now()
	h.must(h.disk.crash(h.store, h.random))
}

var errDown = errors.New("the service is down")

// call is a call of a device.
func (h *house) call(do func(*service.Service) error) error {
	h.calls.RLock()
	defer h.calls.RUnlock()
	if h.service == nil {
		return errDown
	}
	return do(h.service)
}

// tardy is the service to the worker: now and then a step begins late.
type tardy struct {
	service *service.Service
	mu      sync.Mutex
	random  *rand.Rand
}

func (s *tardy) RunSteps(ctx context.Context) error { s.dawdle(ctx); return s.service.RunSteps(ctx) }

func (s *tardy) SweepJobs(ctx context.Context) error { s.dawdle(ctx); return s.service.SweepJobs(ctx) }

func (s *tardy) FireTimers(ctx context.Context) (more bool, err error) {
	s.dawdle(ctx)
	return s.service.FireTimers(ctx)
}

func (s *tardy) dawdle(ctx context.Context) {
	s.mu.Lock()
	late := time.Duration(0)
	if s.random.IntN(20) == 0 {
		late = time.Duration(s.random.Int64N(int64(latest)))
	}
	s.mu.Unlock()
	pause(ctx, late)
}

// pause waits in the time of the bubble, and tells whether the context goes on.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
