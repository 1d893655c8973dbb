package process

import (
	"context"
	"fmt"
	"time"
)

// Limit bounds the wait for anything that must happen on a machine however busy.
const Limit = time.Minute

// Eventually waits for a condition.
func Eventually(ctx context.Context, what string, condition func() bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, Limit, fmt.Errorf("not within %s", Limit))
	defer cancel()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting for: %s: %w", what, context.Cause(ctx))
		}
	}
	return nil
}
