package service

import (
	"context"

	"iotjobs/internal/jobs"
)

// actor is who acts, for the timeline of the executions that a call changes; the service itself in background work.
func (s *Service) actor(ctx context.Context) string {
	if s.Actor != nil {
		if who := s.Actor(ctx); who != "" {
			return who
		}
	}
	return jobs.ByService
}
