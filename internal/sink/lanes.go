package sink

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"
	"sync"

	"iotjobs/internal/jobs"
)

// pass tries events once and returns those that are left, in order, and why.
func (w *Webhook) pass(ctx context.Context, events []jobs.Event) (left []jobs.Event, err error) {
	for len(events) > 0 {
		n := together(events)
		if left, err = w.sideBySide(ctx, events[:n]); len(left) > 0 {
			return append(left, events[n:]...), err
		}
		events = events[n:]
	}
	return nil, nil
}

// together is how many of the first events need not wait for each other: those of executions up to the next one of a job, or that one alone.
func together(events []jobs.Event) int {
	if n := slices.IndexFunc(events, func(e jobs.Event) bool { return e.Job != nil }); n >= 0 {
		return max(1, n)
	}
	return len(events)
}

// sideBySide posts events in lanes. A lane ends at its first failure, because what follows may be of the same thing.
func (w *Webhook) sideBySide(ctx context.Context, events []jobs.Event) (left []jobs.Event, err error) {
	var queues [lanes][]jobs.Event
	for _, e := range events {
		lane := laneOf(e)
		queues[lane] = append(queues[lane], e)
	}
	var mu sync.Mutex
	var running sync.WaitGroup
	for _, queue := range queues {
		if len(queue) == 0 {
			continue
		}
		running.Go(func() {
			for i, e := range queue {
				if failed := w.post(ctx, e); failed != nil {
					mu.Lock()
					defer mu.Unlock()
					left, err = append(left, queue[i:]...), failed
					return
				}
			}
		})
	}
	running.Wait()
	slices.SortFunc(left, func(a, b jobs.Event) int { return cmp.Compare(a.Number, b.Number) })
	return left, err
}

var laneSeed = maphash.MakeSeed()

func laneOf(e jobs.Event) int {
	if e.Execution == nil {
		return 0
	}
	return int(maphash.String(laneSeed, string(e.Execution.Thing)) % lanes)
}
