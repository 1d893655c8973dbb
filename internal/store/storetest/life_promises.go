package storetest

import (
	"context"
	"errors"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

func lifePromises() []promise {
	return []promise{
		{name: "a closed store refuses every call", run: closedRefuses},
		{name: "closing waits for running calls", run: closeWaits},
		{name: "closing beside callers answers each of them", run: closeBesideCallers},
	}
}

func closedRefuses(p *probe) {
	p.thing("a")
	s := p.s
	p.close()
	_, readErr := s.ReadThing(p.ctx, "a", nil)
	calls := map[string]error{
		"UpdateThing": s.UpdateThing(p.ctx, "a", nil, func(store.ThingView) (store.ThingChange, error) { return store.ThingChange{}, nil }),
		"ReadThing":   readErr,
		"View":        s.View(p.ctx, func(store.ReadTx) error { return nil }),
		"Update":      s.Update(p.ctx, func(store.Tx) error { return nil }),
	}
	if p.engine.Moves {
		calls["Export"] = p.asPortable(s).Export(p.ctx, nil, func(store.Row) error { return nil })
		calls["Import"] = p.asPortable(s).Import(p.ctx, nil, nil)
	}
	for what, err := range calls {
		if !errors.Is(err, store.ErrClosed) {
			p.failf("%s of a closed store returned %v", what, err)
		}
	}
	if err := s.Close(); err != nil && !errors.Is(err, store.ErrClosed) {
		p.failf("closing twice: %w", err)
	}
}

func closeWaits(p *probe) {
	p.thing("a")
	j := p.job("j")
	for what, call := range map[string]func(inside func()) error{
		"update": func(inside func()) error {
			return p.s.Update(p.ctx, func(tx store.Tx) error {
				inside()
				return tx.Mark(j.Number)
			})
		},
		"view": func(inside func()) error {
			return p.s.View(p.ctx, func(tx store.ReadTx) error {
				inside()
				_, err := tx.Counters(j.Number)
				return err
			})
		},
	} {
		if p.s == nil {
			p.dir = p.tb.TempDir()
			p.open()
		}
		entered, leave := make(chan struct{}), make(chan struct{})
		first := true
		running := inBackground(func() error {
			return call(func() {
				if first {
					first = false
					close(entered)
					<-leave
				}
			})
		})
		<-entered
		closing := inBackground(p.s.Close)
		if err, happened := within(closing); happened {
			close(leave)
			p.failf("the store closed (%v) while an %s was running", err, what)
		}
		close(leave)
		p.ok(<-running, what+" beside closing")
		p.ok(<-closing, "close")
		p.s = nil
	}
}

func closeBesideCallers(p *probe) {
	p.thing("a")
	p.job("j")
	p.device("a", "j", queue)
	var answered tally
	s := p.s
	callers := inBackground(func() error {
		return together(8, func(int) error {
			for {
				err := s.UpdateThing(context.WithoutCancel(p.ctx), "a", []store.Address{{Job: "j"}}, func(v store.ThingView) (store.ThingChange, error) {
					return working(v, "j")
				})
				switch {
				case err == nil:
					answered.add()
				case errors.Is(err, store.ErrClosed):
					return nil
				default:
					return err
				}
			}
		})
	})
	if err, ended := within(callers); ended {
		p.failf("the callers ended before the store was closed: %w", err)
	}
	p.close()
	p.ok(<-callers, "callers beside closing")
	if p.engine.Reopens {
		p.open()
		p.same(p.execution("a", "j").Version, jobs.VersionNumber(answered.n+1), "version of what was answered before closing")
	}
}
