package nodes_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/bubble"
	"iotjobs/internal/nodes"
)

// A store that is copied has no nodes, and a store that has nodes is not copied.
func TestOccupiedStoreHasNoNodes(t *testing.T) {
	inHouse(t, func(h *house) {
		a := h.open("a", false)
		if _, err := nodes.Occupy(h.t.Context(), h.store, "copy"); err == nil || !strings.Contains(err.Error(), "a (seen 0s ago)") {
			h.t.Errorf("beside a node that lives: %v", err)
		}
		a.stop()
		h.must(a.node.Leave(h.t.Context()))
		leave, err := nodes.Occupy(h.t.Context(), h.store, "copy")
		h.must(err)
		bubble.Advance(time.Minute)
		join := func() error {
			n := nodes.Node{Shared: h.store, ID: "b", Now: time.Now, Log: slog.New(slog.DiscardHandler)}
			err := n.Join(h.t.Context())
			return errors.Join(err, n.Leave(h.t.Context()))
		}
		if err := join(); !errors.Is(err, nodes.ErrOccupied) {
			h.t.Errorf("a node joins a store that is copied: %v", err)
		}
		if _, err := nodes.Occupy(h.t.Context(), h.store, "other"); err == nil {
			h.t.Error("a store is copied twice at a time")
		}
		if got, err := h.store.Acquire(h.t.Context(), "virtual", time.Minute, nodes.ClockLease); err != nil || len(got) > 0 {
			h.t.Errorf("a server with a virtual clock gets its lease: %v, %v", got, err)
		}
		h.must(leave(h.t.Context()))
		h.must(join())
	})
}

// What keeps nodes away ends with the process that does.
func TestOccupantThatDied(t *testing.T) {
	inHouse(t, func(h *house) {
		leave, err := nodes.Occupy(h.t.Context(), h.store, "copy")
		h.must(err)
		h.store.cut.Store(true)
		bubble.Advance(11 * time.Second)
		h.store.cut.Store(false)
		b := h.open("b", false)
		if _, all := shares(h.t, b); all != 16 {
			h.t.Errorf("the node owns %d shards, want all", all)
		}
		bubble.Advance(time.Minute) // the occupant wakes up and finds the node
		if _, all := shares(h.t, b); all != 16 {
			h.t.Errorf("the node owns %d shards beside an occupant that is too late, want all", all)
		}
		if err := leave(context.WithoutCancel(h.t.Context())); err != nil {
			h.t.Error(err)
		}
	})
}
