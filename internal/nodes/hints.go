package nodes

import (
	"context"
	"sync"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// maxHints bounds what a batch names. More is a hint that anything may have changed.
const maxHints = 500

// batch gathers hints for a moment and passes them on as one.
type batch struct {
	mu       sync.Mutex
	things   map[registry.ThingName]bool
	jobs     map[jobs.JobNumber]bool
	anything bool
	signal   chan struct{} // something is in it
}

func (b *batch) add(h store.Hint) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.things == nil {
		b.things, b.jobs = map[registry.ThingName]bool{}, map[jobs.JobNumber]bool{}
	}
	for _, name := range h.Things {
		b.things[name] = true
	}
	for _, number := range h.Jobs {
		b.jobs[number] = true
	}
	if len(h.Things)+len(h.Jobs) == 0 || len(b.things)+len(b.jobs) > maxHints {
		b.anything = true
		clear(b.things)
		clear(b.jobs)
	}
	select {
	case b.signal <- struct{}{}:
	default:
	}
}

func (b *batch) take() (h store.Hint) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.anything {
		for name := range b.things {
			h.Things = append(h.Things, name)
		}
		for number := range b.jobs {
			h.Jobs = append(h.Jobs, number)
		}
	}
	b.things, b.jobs, b.anything = nil, nil, false
	return h
}

// pass hands on what is gathered within a delay, until ctx ends.
func (b *batch) pass(ctx context.Context, delay time.Duration, to func(store.Hint)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.signal:
		}
		pause(ctx, delay)
		to(b.take())
	}
}
