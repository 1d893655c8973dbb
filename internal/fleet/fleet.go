package fleet

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Fleet lets many devices work. Set the fields, call Run once; the counts may be read meanwhile.
type Fleet struct {
	Client *Client
	Things []ThingName
	// Workers is how many devices work at the same time.
	Workers   int
	Behaviour Behaviour
	// Ended is asked after each round, in which every device was visited once, whether the fleet may stop; nil means that it stops after a
	// round in which no device had work, if the last poll of each device that was answered found none either. So polls that fail now and
	// then do not keep a large fleet going.
	Ended func(context.Context) (bool, error)
	// Rounds bounds the rounds; 0 means no bound.
	Rounds int
	// Idle is the pause after a round in which no device had work or one failed.
	Idle time.Duration

	started, progressed, repaired atomic.Int64

	mu   sync.Mutex
	ends map[JobID]map[Status]int
}

// ErrRoundsUsed means that the rounds were used up before the fleet might stop.
var ErrRoundsUsed = errors.New("the fleet was not done when its rounds were used up")

// dropped stands among the ends for executions that were changed by somebody else.
const dropped Status = ""

// Run visits the devices round by round until the fleet may stop. A device that fails is visited again in the next round; a round in
// which not one device got through is an error.
func (f *Fleet) Run(ctx context.Context) error {
	devices := make([]device, len(f.Things))
	for i, thing := range f.Things {
		devices[i] = device{fleet: f, thing: thing}
	}
	for n := 1; ; n++ {
		r, err := f.round(ctx, devices)
		if err != nil {
			return err
		}
		done := !r.worked && !slices.ContainsFunc(devices, func(d device) bool { return !d.idle })
		if f.Ended != nil {
			if done, err = f.Ended(ctx); err != nil {
				return err
			}
		}
		switch {
		case done:
			return nil
		case f.Rounds > 0 && n >= f.Rounds && r.failed != nil:
			return fmt.Errorf("%w; a device failed: %w", ErrRoundsUsed, r.failed)
		case f.Rounds > 0 && n >= f.Rounds:
			return ErrRoundsUsed
		}
		if !r.worked || r.failed != nil {
			if err := pause(ctx, f.Idle); err != nil {
				return err
			}
		}
	}
}

// round is what visiting every device once has shown.
type round struct {
	worked bool
	failed error // one of the failures
}

func (f *Fleet) round(ctx context.Context, devices []device) (round, error) {
	var r round
	var through int
	var mu sync.Mutex
	err := each(ctx, len(devices), f.Workers, func(ctx context.Context, i int) error {
		worked, err := devices[i].visit(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		mu.Lock()
		defer mu.Unlock()
		r.worked = r.worked || worked
		if err == nil {
			through++
		} else {
			r.failed = fmt.Errorf("%s: %w", devices[i].thing, err)
		}
		return nil
	})
	if err == nil && r.failed != nil && through == 0 {
		err = fmt.Errorf("no device got through: %w", r.failed)
	}
	return r, err
}

func (f *Fleet) finished(job JobID, status Status) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ends == nil {
		f.ends = map[JobID]map[Status]int{}
	}
	if f.ends[job] == nil {
		f.ends[job] = map[Status]int{}
	}
	f.ends[job][status]++
}

// Counts is what a fleet has done so far.
type Counts struct {
	// Started executions include those that were handed out a second time; Reports are those of progress.
	Started, Reports int
	// Ended executions by how the devices ended them.
	Ended map[Status]int
	// Dropped executions were changed or removed by somebody else while a device worked on them.
	Dropped int
	// Repaired updates took effect although their answer was lost.
	Repaired int
}

// Total is how many executions the devices ended.
func (c Counts) Total() (n int) {
	for _, count := range c.Ended {
		n += count
	}
	return n
}

// Counts sums up over the given jobs, or over all if none is given; Started, Reports and Repaired are always those of all.
func (f *Fleet) Counts(ids ...JobID) Counts {
	c := Counts{
		Started: int(f.started.Load()), Reports: int(f.progressed.Load()), Repaired: int(f.repaired.Load()), Ended: map[Status]int{},
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	add := func(ends map[Status]int) {
		for status, n := range ends {
			if status == dropped {
				c.Dropped += n
			} else {
				c.Ended[status] += n
			}
		}
	}
	if len(ids) == 0 {
		for ends := range maps.Values(f.ends) {
			add(ends)
		}
	}
	for _, id := range ids {
		add(f.ends[id])
	}
	return c
}
