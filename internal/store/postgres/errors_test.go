package postgres

import (
	"context"
	"fmt"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store/postgres/pgtest"
)

// TestAnotherServerMayHaveAnotherJob: of a job that a failover has lost, the number and with it the revision are given again.
func TestAnotherServerMayHaveAnotherJob(t *testing.T) {
	s, err := Open(t.Context(), pgtest.NewURL(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	name := configName{7, 1}
	s.configs.put(name, &jobs.Config{Document: "lost"})
	s.again(lost(t.Context(), context.DeadlineExceeded), new(int), new(int))
	if cfg := s.configs.get(name); cfg != nil {
		t.Errorf("after a lost connection the document %q is still known", cfg.Document)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestLostIsNotGivenUp: when the driver has no more patience with a server, its error looks like that of a caller who gives up.
func TestLostIsNotGivenUp(t *testing.T) {
	late := fmt.Errorf("dial: %w", context.DeadlineExceeded)
	if !isLost(lost(t.Context(), late)) {
		t.Error("a server that does not answer is taken for a caller who gave up")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if isLost(lost(ended, late)) {
		t.Error("a caller who gave up is taken for a server that does not answer")
	}
}
