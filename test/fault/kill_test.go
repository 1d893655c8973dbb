package fault

import (
	"context"
	"testing"
	"time"
)

// The server is killed at a random moment of every round, and now and then once more while it starts again.
func TestKill(t *testing.T) {
	c, err := newCampaign(t.Context(), t, thingsOfCampaign, nil)
	if err != nil {
		t.Fatal(err)
	}
	restart := func(ctx context.Context) error {
		if c.rand.IntN(3) == 0 {
			if err := c.server.Launch(); err != nil {
				return err
			}
			moment(c.rand, 100*time.Millisecond)
			if err := c.server.Kill(); err != nil {
				return err
			}
		}
		return c.server.Start(ctx)
	}
	for range *rounds {
		if err := c.runRound(t.Context(), c.server.Kill, restart); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.compareEverything(t.Context()); err != nil {
		t.Error(err)
	}
	t.Log(c)
}
