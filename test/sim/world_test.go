package sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"iotjobs/internal/clock"
	"iotjobs/internal/rollout"
	"iotjobs/internal/service"
	"iotjobs/internal/store"
	"iotjobs/internal/store/faultstore"
	"iotjobs/internal/store/storetest"
)

// world is a service on a store that can be opened again and crashed, and the model beside it. It does the same again for the same seed and steps.
type world struct {
	shape

	seed    uint64
	log     *slog.Logger
	mutate  func(store.Store) store.Store // makes the store wrong; nil leaves it
	site    site
	store   store.Store
	faults  *faultstore.Store
	service *service.Service
	clock   *clock.Clock
	model   *model
	// behind is set when a fault has stopped steps that a virtual clock runs at once.
	behind bool
	trace  []string
}

func newWorld(seed uint64, log *slog.Logger, at site, f fault) (*world, error) {
	w := &world{shape: drawShape(roll(seed, 0)), seed: seed, log: log, mutate: f.mutate, site: at, clock: clock.Virtual(epoch)}
	if f.shape != nil {
		f.shape(&w.shape)
	}
	w.model = newModel(w.clock.Now(), w.perMinute)
	w.trace = []string{fmt.Sprintf("a world of %+v", w.shape)}
	return w, w.open()
}

// open opens the store and starts a service on it.
func (w *world) open() (err error) {
	if w.store, err = w.site.open(w.log); err != nil {
		return err
	}
	s := w.store
	if w.mutate != nil {
		s = w.mutate(s)
	}
	w.faults = faultstore.Wrap(s)
	w.service = newService(w.faults, w.clock.Now)
	w.service.Virtual = w.virtual
	w.service.Quotas.RolloutPerMinute = w.perMinute
	w.service.Quotas.Schedule = rollout.ScheduleQuotas{MinLead: time.Minute, MinLength: time.Minute, MaxStart: day, MaxEnd: 2 * day}
	return nil
}

const day = 24 * time.Hour

func (w *world) close() error { return w.store.Close() }

// step does the operation of a step and checks everything.
func (w *world) step(ctx context.Context, n int) error {
	r := roll(w.seed, uint64(n)+1)
	d := &dealer{shape: w.shape, r: r, m: w.model}
	op := d.deal(n)
	w.trace = append(w.trace, fmt.Sprintf("%3d %s %s", n, w.clock.Now().Format(time.TimeOnly), op.text))
	if err := w.do(ctx, op, r); err != nil {
		return err
	}
	if n%20 == 19 {
		if err := storetest.Check(ctx, w.store); err != nil {
			return fmt.Errorf("the store contradicts itself: %w", err)
		}
	}
	return w.compareViews(ctx, r)
}

// do does an operation, with faults now and then, and follows it with the model.
func (w *world) do(ctx context.Context, op operation, r *rand.Rand) error {
	before := w.model.clone()
	var want string
	if op.expect != nil {
		says, refusal := op.expect(w.model)
		if want = says; refusal != 0 {
			want = refusedWith(refusal)
			w.model.events[want]++
		}
	}
	if !op.sturdy && r.IntN(8) == 0 {
		w.faults.FailAtRandom(r.Uint64(), 0.5)
	}
	got, err := rendered(op.call(ctx, w))
	w.faults.FailAtRandom(0, 0)
	if err == nil && got != "" {
		w.trace = append(w.trace, "             → "+got)
	}
	if errors.Is(err, faultstore.ErrInjected) {
		w.trace = append(w.trace, "             → "+err.Error())
		w.model.events[err.Error()]++
		w.behind = true
		return w.followFailure(ctx, before, err, r)
	}
	switch {
	case err != nil && op.moves: // what it found on the way is no failure of the call
		return err
	case err != nil:
		return fmt.Errorf("%w: %w", errBroken, err)
	case got != want:
		return fmt.Errorf("it is answered %q, should be %q", got, want)
	}
	if err := w.follow(ctx, r); err != nil {
		return err
	}
	if op.afterwards != nil {
		if err := op.afterwards(w.model); err != nil {
			return err
		}
	}
	if w.virtual && !w.behind {
		return w.model.overdue()
	}
	return nil
}

// errBroken says that a call failed that must not, rather than that something is wrong with what it did.
var errBroken = errors.New("a call failed")

// follow compares what is there with the model.
func (w *world) follow(ctx context.Context, r *rand.Rand) error {
	o, err := observe(ctx, w.service, r)
	if err != nil {
		return fmt.Errorf("%w: %w", errBroken, err)
	}
	w.model, err = w.model.reconcile(o)
	return err
}

// followFailure follows an operation that may have happened or not. What failed for certain has not, unless steps came after it.
func (w *world) followFailure(ctx context.Context, before *model, failure error, r *rand.Rand) error {
	o, err := observe(ctx, w.service, r)
	if err != nil {
		return fmt.Errorf("%w: %w", errBroken, err)
	}
	if errors.Is(failure, store.ErrUnknown) || w.virtual {
		if next, err := w.model.reconcile(o); err == nil {
			w.model = next
			return nil
		}
	}
	w.model, err = before.reconcile(o)
	return err
}

// advance moves the clock.
func (w *world) advance(ctx context.Context, by time.Duration) error {
	set := func(ctx context.Context, at time.Time) error {
		if err := w.follow(ctx, roll(w.seed, uint64(at.UnixNano()))); err != nil {
			return err
		}
		w.clock.Set(at)
		w.model.now = w.clock.Now()
		return nil
	}
	if !w.virtual {
		return set(ctx, w.clock.Now().Add(by))
	}
	err := w.service.Advance(ctx, by, set)
	w.behind = w.behind && err != nil
	return err
}

// compareViews asks all APIs about some things and a group.
func (w *world) compareViews(ctx context.Context, r *rand.Rand) error {
	for range 2 + w.things/largeWorld*2 {
		if err := w.model.compareViews(ctx, w.service, w.thing(r.IntN(w.things)), w.jobIDs(), r); err != nil {
			return err
		}
	}
	return w.model.membersView(w.group(r.IntN(w.groups)), r.IntN(2) == 0, r).compare(ctx, w.service)
}
