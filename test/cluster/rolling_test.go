package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"iotjobs/internal/store/postgres/pgtest"
	"iotjobs/test/process"
)

// balancer sends devices to nodes that say they are ready, as load balancers do.
type balancer struct {
	nodes []*node
	ready []atomic.Bool
}

// drainDelay is how long a node says that it is not ready before it stops to listen, as it does when nothing else is set. The balancer has seen that by then
// on a busy machine, too: it asks each node by itself, and one that takes long to answer is not ready.
const drainDelay = "5s"

func (b *balancer) run(ctx context.Context) {
	var all sync.WaitGroup
	for i := range b.nodes {
		all.Go(func() { b.watch(ctx, i) })
	}
	all.Wait()
}

func (b *balancer) watch(ctx context.Context, i int) {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for ctx.Err() == nil {
		patience, cancel := context.WithTimeout(ctx, time.Second)
		status, _ := b.nodes[i].Readyz(patience)
		cancel()
		b.ready[i].Store(status == http.StatusOK)
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
}

// endpoint is that of any node that was ready when it was last asked; empty if there is none.
func (b *balancer) endpoint(random *rand.Rand) string {
	first := random.IntN(len(b.nodes))
	for i := range b.nodes {
		if n := (first + i) % len(b.nodes); b.ready[n].Load() {
			return b.nodes[n].Endpoint()
		}
	}
	return ""
}

// TestRollingRestart restarts one node after the other while devices call. No call may fail, and none is sent twice.
func TestRollingRestart(t *testing.T) {
	h, random := newHouse(t), seeded(t)
	url := pgtest.NewURL(t)
	a, b := h.newNode("a", url, "--drain-delay", drainDelay), h.newNode("b", url, "--drain-delay", drainDelay)
	h.must(a.Start(t.Context()))
	h.must(b.Start(t.Context()))
	l := &load{nodes: []*node{a, b}, history: newHistory()}
	var err error
	l.api, err = newAPI(a.Dir)
	h.must(err)
	l.api.patience = process.Limit // whoever gives up has failed
	things := h.furnish(l, a, map[string]int{"work": 16})["work"]
	h.must(l.createJob(t.Context(), random, "work", "work", nil))

	balanced := &balancer{nodes: l.nodes, ready: make([]atomic.Bool, 2)}
	ctx, end := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { balanced.run(ctx) })
	var calls atomic.Int64
	for i, thing := range things {
		d := &caller{load: l, id: i, thing: thing, rand: rand.New(rand.NewPCG(random.Uint64(), 0))}
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				endpoint := balanced.endpoint(d.rand)
				if endpoint == "" {
					d.rest(ctx) // before the first look
					continue
				}
				in := map[string]any{"status": "IN_PROGRESS", "statusDetails": map[string]string{"n": fmt.Sprint(n)}}
				// Its own context: a call that is under way when the test ends is not cut.
				if err := l.api.call(t.Context(), endpoint, device, http.MethodPost, "/things/"+thing+"/jobs/work", in, nil); err != nil {
					l.fault(fmt.Errorf("call %d of %s to %s: %w", n, thing, endpoint, err))
				}
				calls.Add(1)
				d.rest(ctx)
			}
		})
	}
	err = func() error {
		defer all.Wait()
		defer end()
		for _, n := range []*node{a, b} {
			before := calls.Load()
			if err := process.Eventually(ctx, "calls before a restart", func() bool { return calls.Load() > before+100 }); err != nil {
				return err
			}
			if err := n.Stop(); err != nil {
				return err
			}
			if err := n.Start(ctx); err != nil {
				return err
			}
			// The other one is restarted when this one is seen.
			before = calls.Load()
			if err := process.Eventually(ctx, "calls after a restart", func() bool { return calls.Load() > before+100 }); err != nil {
				return err
			}
		}
		return nil
	}()
	h.must(err)
	t.Logf("%d calls", calls.Load())
	for _, err := range l.faults {
		t.Error(err)
	}
}
