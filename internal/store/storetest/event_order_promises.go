package storetest

import (
	"fmt"
	"strings"
	"sync/atomic"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// eventsInOrder lets devices and updates change the same things at once, and a reader follow the events by number.
func eventsInOrder(p *probe) {
	const callers, each = 12, 20
	names := p.fleet(4)
	p.job("j")
	for _, name := range names {
		p.device(name, "j", tell(queue))
	}
	var over atomic.Bool
	var followed []string
	follower := inBackground(func() error {
		var after uint64
		for {
			last := over.Load()
			var rows []jobs.Event
			err := p.s.View(p.ctx, func(tx store.ReadTx) (err error) {
				rows, err = tx.Events(after, 7)
				return err
			})
			if err != nil || last && len(rows) == 0 {
				return err
			}
			for _, e := range rows {
				followed, after = append(followed, e.ID), e.Number
			}
		}
	})
	err := together(callers, func(i int) error {
		for range each {
			name := names[i%len(names)]
			if i%3 > 0 {
				if err := p.try(name, "j", tell(working)); err != nil {
					return err
				}
			} else if err := p.s.Update(p.ctx, func(tx store.Tx) error { return change(tx, name, "j", tell(working)) }); err != nil {
				return err
			}
		}
		return nil
	})
	over.Store(true)
	p.ok(err, "changes side by side")
	p.ok(<-follower, "follow the events")
	list, last := p.events()
	var want []string
	for i, e := range list {
		if e.Number != uint64(i+1) {
			p.failf("event %d of the list has number %d", i+1, e.Number)
		}
		want = append(want, e.ID)
	}
	p.same(last, len(list), "the newest event")
	p.same(followed, want, "events that a reader followed by number")
	for _, name := range names {
		p.same(idsOf(name, list), idsUpTo(name, p.execution(name, "j").Version), "events of "+string(name))
	}
}

// eventsSeenOnce deletes what it has seen while devices go on appending: nothing may be missing, nothing seen twice.
func eventsSeenOnce(p *probe) {
	const callers, each = 8, 25
	names := p.fleet(callers)
	p.job("j")
	for _, name := range names {
		p.device(name, "j", queue)
	}
	var over atomic.Bool
	var seen []jobs.Event
	taker := inBackground(func() error {
		for {
			last := over.Load()
			var took []jobs.Event
			err := p.s.Update(p.ctx, func(tx store.Tx) (err error) {
				if took, err = tx.Events(0, 10); err != nil || len(took) == 0 {
					return err
				}
				return tx.DeleteEvents(took[len(took)-1].Number)
			})
			if err != nil || last && len(took) == 0 {
				return err
			}
			seen = append(seen, took...)
		}
	})
	err := together(callers, func(i int) error {
		for range each {
			if err := p.try(names[i], "j", tell(working)); err != nil {
				return err
			}
		}
		return nil
	})
	over.Store(true)
	p.ok(err, "changes side by side")
	p.ok(<-taker, "take events")
	for _, name := range names {
		p.same(idsOf(name, seen), idsUpTo(name, each+1)[1:], "events of "+string(name))
	}
}

// eventsAfterCrash crashes the store in the middle of work: every change that is there has its event, and no other event is there.
func eventsAfterCrash(p *probe) {
	names := p.fleet(8)
	p.job("j")
	for _, name := range names {
		p.device(name, "j", tell(queue))
	}
	for round := range 4 {
		w := work{enough: make(chan struct{})}
		s := p.s
		done := inBackground(func() error {
			return together(len(names), func(i int) error {
				w.until(50+round, 200, func() error {
					return s.UpdateThing(p.ctx, names[i], []store.Address{{Job: "j"}}, func(v store.ThingView) (store.ThingChange, error) {
						return tell(working)(v, "j")
					})
				})
				return nil
			})
		})
		<-w.enough
		p.s = p.engine.Crash(p.tb, s, p.dir)
		p.ok(<-done, "callers beside the crash")
		list, last := p.events()
		p.same(last, len(list), "the newest event")
		for _, name := range names {
			p.same(idsOf(name, list), idsUpTo(name, p.execution(name, "j").Version), fmt.Sprintf("events of %s after crash %d", name, round+1))
		}
	}
}

func idsOf(thing registry.ThingName, events []jobs.Event) (ids []string) {
	for _, e := range events {
		if strings.HasPrefix(e.ID, string(thing)+" ") {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

func idsUpTo(thing registry.ThingName, version jobs.VersionNumber) (ids []string) {
	for v := range version {
		ids = append(ids, eventID(thing, v+1))
	}
	return ids
}
