package storetest

import (
	"context"
	"errors"
	"sync"

	"iotjobs/internal/store"
)

func cancelPromises() []promise {
	return []promise{
		{name: "a canceled call changed nothing", run: canceledCalls},
	}
}

func canceledCalls(p *probe) {
	p.thing("a")
	j := p.job("j")
	p.device("a", "j", queue)
	p.unchanged("calls that were canceled before they began", func() {
		ended, cancel := context.WithCancel(p.ctx)
		cancel()
		addrs := []store.Address{{Job: "j"}}
		for what, err := range map[string]error{
			"UpdateThing": p.s.UpdateThing(ended, "a", addrs, func(v store.ThingView) (store.ThingChange, error) { return working(v, "j") }),
			"Update":      p.s.Update(ended, func(tx store.Tx) error { return tx.Mark(j.Number) }),
			"View":        p.s.View(ended, func(store.ReadTx) error { return nil }),
		} {
			if !errors.Is(err, context.Canceled) {
				p.failf("%s with a canceled context returned %v", what, err)
			}
		}
		if _, err := p.s.ReadThing(ended, "a", addrs); !errors.Is(err, context.Canceled) {
			p.failf("ReadThing with a canceled context returned %v", err)
		}
	})
	// A call that is canceled on its way may go either way, but must say which.
	const callers, each = 8, 20
	done, unknown := tally{}, tally{}
	p.ok(together(callers, func(i int) error {
		for k := range each {
			ctx, cancel := context.WithCancel(p.ctx)
			if (i+k)%2 == 0 {
				go cancel()
			}
			err := p.s.UpdateThing(ctx, "a", []store.Address{{Job: "j"}}, func(v store.ThingView) (store.ThingChange, error) { return working(v, "j") })
			cancel()
			switch {
			case err == nil:
				done.add()
			case errors.Is(err, store.ErrUnknown):
				unknown.add()
			case !errors.Is(err, context.Canceled):
				return err
			}
		}
		return nil
	}), "calls that are canceled on their way")
	changes := int(p.execution("a", "j").Version) - 1
	if changes < done.n || changes > done.n+unknown.n {
		p.failf("%d changes were answered and %d are unknown, but %d were made", done.n, unknown.n, changes)
	}
}

// tally counts from many goroutines.
type tally struct {
	mu sync.Mutex
	n  int
}

func (t *tally) add() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n++
}
