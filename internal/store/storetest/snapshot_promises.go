package storetest

import (
	"errors"
	"fmt"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func snapshotPromises() []promise {
	return []promise{
		{name: "a view does not move", run: viewDoesNotMove},
		{name: "a view never shows half an update", run: noHalfUpdate},
		{name: "nobody sees a change before it is durable", needs: needStall, run: notBeforeDurable},
	}
}

// moment is how long an experiment waits for what may, but need not, happen at once.
const moment = 50 * time.Millisecond

// within tells whether something happens in a moment.
func within(done <-chan error) (err error, happened bool) {
	timer := time.NewTimer(moment)
	defer timer.Stop()
	select {
	case err := <-done:
		return err, true
	case <-timer.C:
		return nil, false
	}
}

// inBackground runs fn beside the experiment.
func inBackground(fn func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- fn() }()
	return done
}

func viewDoesNotMove(p *probe) {
	p.thing("a")
	p.job("j")
	p.device("a", "j", queue)
	before := p.dump()
	var change, update <-chan error
	var first, second string
	p.view("a long view", func(tx store.ReadTx) (err error) {
		if first, err = dumpTx(tx, func() int { return 10 }); err != nil {
			return err
		}
		if change == nil {
			// An engine may let both pass beside the view, or hold them until it ends.
			change = inBackground(func() error { return p.try("a", "j", working) })
			update = inBackground(func() error { return p.s.Update(p.ctx, everything) })
		}
		timer := time.NewTimer(moment)
		defer timer.Stop()
		<-timer.C
		second, err = dumpTx(tx, func() int { return 10 })
		return err
	})
	if first != second {
		p.failf("the view moved: %s", firstDifference(second, first))
	}
	p.ok(<-change, "change beside the view")
	p.ok(<-update, "update beside the view")
	if after := p.dump(); after == before {
		p.failf("the changes beside the view are missing after it")
	}
}

// noHalfUpdate looks while updates run, and at least once before the first and once behind the last of them.
func noHalfUpdate(p *probe) {
	const updates, viewers = 40, 2
	names := p.fleet(5)
	p.job("j")
	for _, name := range names {
		p.device(name, "j", queue)
	}
	looked, done := make(chan struct{}, viewers), make(chan struct{})
	look := func() error {
		return p.s.View(p.ctx, func(tx store.ReadTx) error { return oneVersion(tx, names) })
	}
	p.ok(together(1+viewers, func(i int) error {
		if i > 0 {
			err := look()
			looked <- struct{}{}
			for err == nil && running(done) {
				err = look()
			}
			return firstError(err, look())
		}
		defer close(done)
		for range viewers {
			<-looked
		}
		for range updates {
			if err := p.s.Update(p.ctx, func(tx store.Tx) error { return workOn(tx, "j", names...) }); err != nil {
				return err
			}
		}
		return nil
	}), "views beside updates")
}

func running(done <-chan struct{}) bool {
	select {
	case <-done:
		return false
	default:
		return true
	}
}

// oneVersion demands that all things have reached the same version.
func oneVersion(tx store.ReadTx, names []registry.ThingName) error {
	var first jobs.VersionNumber
	for i, name := range names {
		v, err := tx.Thing(name, store.Address{Job: "j"})
		if err != nil {
			return err
		}
		version := v.Addressed["j"].Execution.Version
		if i == 0 {
			first = version
		}
		if version != first {
			return fmt.Errorf("one view shows version %d of %s and version %d of %s", first, names[0], version, name)
		}
	}
	return nil
}

func notBeforeDurable(p *probe) {
	s, stall := p.engine.OpenStalling(p.tb, p.dir)
	p.s = s
	thing := p.thing("a")
	job := p.job("j")
	p.device("a", "j", queue)

	version := func() (jobs.VersionNumber, error) {
		v, err := s.ReadThing(p.ctx, "a", []store.Address{{Job: "j"}})
		if err != nil {
			return 0, err
		}
		return v.Addressed["j"].Execution.Version, nil
	}
	old := errors.New("sees the state before")
	early := errors.New("sees a change that is not durable")
	readers := map[string]func() error{
		"ReadThing": func() error {
			got, err := version()
			return verdict(err, got == 1, old, early)
		},
		"View": func() error {
			return s.View(p.ctx, func(tx store.ReadTx) error {
				rows, err := tx.JobExecutionsIn(job.Number, jobs.Queued, store.ExecutionKey{}, 1)
				if err != nil {
					return err
				}
				next, err := tx.NextDue(time.Time{})
				if err != nil {
					return err
				}
				v, err := tx.Thing("a", store.Address{Job: "j"})
				return verdict(err, len(rows) == 1 && next.IsZero() && v.Addressed["j"].Execution.Version == 1, old, early)
			})
		},
	}
	release := stall()
	change := inBackground(func() error {
		return p.s.UpdateThing(p.ctx, thing.Name, []store.Address{{Job: "j"}}, func(v store.ThingView) (store.ThingChange, error) { return working(v, "j") })
	})
	if err, happened := within(change); happened {
		release()
		p.failf("a change was answered while no sync came back: %w", errors.Join(errors.New("early answer"), err))
	}
	// A reader may wait for the disk or see the state before.
	waiting := map[string]<-chan error{}
	for name, read := range readers {
		waiting[name] = inBackground(read)
		if err, happened := within(waiting[name]); happened {
			delete(waiting, name)
			if !errors.Is(err, old) {
				release()
				p.failf("%s beside a change that is not durable: %w", name, err)
			}
		}
	}
	release()
	p.ok(<-change, "change after the disk came back")
	for name, read := range waiting {
		if err := <-read; !errors.Is(err, old) && !errors.Is(err, early) {
			p.failf("%s that waited for the disk: %w", name, err)
		}
	}
	got, err := version()
	p.ok(err, "read after the change")
	p.same(got, 2, "version after the change")
}

// verdict says what a reader saw.
func verdict(err error, isOld bool, old, early error) error {
	switch {
	case err != nil:
		return err
	case isOld:
		return old
	default:
		return early
	}
}
