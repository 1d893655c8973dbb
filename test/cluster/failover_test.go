package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"iotjobs/internal/store/postgres/pgtest"
	"iotjobs/test/process"
)

// TestFailover kills the primary under load and promotes the synchronous standby: no acknowledged write may be lost.
func TestFailover(t *testing.T) {
	// A device reports six times for each job, more or less: these last for more than the test waits for, whatever the dice say.
	jobs := []string{"first", "second", "third", "fourth", "fifth"}
	h, random := newHouse(t), seeded(t)
	primary, err := pgtest.Start(t.Context(), pgtest.Options{})
	h.must(err)
	t.Cleanup(func() { h.must(primary.Close()) })
	standby, err := primary.Standby(t.Context(), pgtest.Options{})
	h.must(err)
	t.Cleanup(func() { h.must(standby.Close()) })
	url := primary.URL("postgres")
	p := newProxy(t, url)
	a, b := h.newNode("a", p.through(t, url)), h.newNode("b", p.through(t, url))
	h.must(a.Start(t.Context()))
	h.must(b.Start(t.Context()))
	l := &load{nodes: []*node{a, b}, history: newHistory()}
	l.api, err = newAPI(a.Dir)
	h.must(err)
	things := h.furnish(l, a, map[string]int{"work": devices})["work"]
	for _, job := range jobs {
		h.must(l.createJob(t.Context(), random, job, "work", nil))
	}
	ctx, end := context.WithCancel(t.Context())
	var callers sync.WaitGroup
	for i, thing := range things {
		d := &caller{load: l, id: i, thing: thing, rand: rand.New(rand.NewPCG(random.Uint64(), 0))}
		callers.Go(func() { d.work(ctx, callsOfDevice) })
	}
	err = func() error {
		defer callers.Wait()
		defer end()
		if err := l.acked(ctx, 300); err != nil {
			return err
		}
		if err := primary.Stop(pgtest.Kill); err != nil {
			return err
		}
		p.lead(t, standby.URL("postgres"))
		if err := standby.Promote(ctx); err != nil {
			return err
		}
		return l.acked(ctx, l.acks.Load()+300)
	}()
	h.must(err)
	last := &caller{load: l, id: len(things), rand: random}
	for _, job := range jobs {
		for _, thing := range things {
			_, err := last.read(t.Context(), thing, job)
			h.must(err)
		}
	}
	t.Logf("%d calls known, %d reports acknowledged, %d without an answer", len(l.history.operations), l.acks.Load(), l.history.unknown)
	for _, err := range l.faults {
		t.Error(err)
	}
	if err := l.history.explained(t); err != nil {
		t.Error(err)
	}
	h.must(a.check(t.Context()))
}

// acked waits until devices have so many acknowledgements.
func (l *load) acked(ctx context.Context, n int64) error {
	err := process.Eventually(ctx, "more acknowledged reports", func() bool { return l.acks.Load() >= n })
	if err != nil {
		return fmt.Errorf("%w: %d of %d", err, l.acks.Load(), n)
	}
	return nil
}
