package fleet

import (
	"context"
	"sync"
	"sync/atomic"
)

// each calls fn for 0 ≤ i < n on at most workers goroutines. The first error ends it and is returned; calls under way are waited for.
func each(ctx context.Context, n, workers int, fn func(ctx context.Context, i int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	var running sync.WaitGroup
	for range min(n, max(workers, 1)) {
		running.Go(func() {
			for i := next.Add(1) - 1; i < int64(n) && ctx.Err() == nil; i = next.Add(1) - 1 {
				if err := fn(ctx, int(i)); err != nil {
					stop(err) // the first cause stays
				}
			}
		})
	}
	running.Wait()
	return context.Cause(ctx)
}
