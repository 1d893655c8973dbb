package service

import (
	"context"

	"iotjobs/internal/jobs"
)

type actorKey struct{}

// WithActor says who acts, for the timeline of the executions that a call changes.
func WithActor(ctx context.Context, who string) context.Context {
	return context.WithValue(ctx, actorKey{}, who)
}

// actor is who acts; the service itself in background work.
func actor(ctx context.Context) string {
	if who, ok := ctx.Value(actorKey{}).(string); ok {
		return who
	}
	return jobs.ByService
}
