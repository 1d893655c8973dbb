package postgres

import (
	"context"
	"fmt"
	"testing"
)

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
