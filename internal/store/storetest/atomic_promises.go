package storetest

import (
	"errors"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

var errOfFn = errors.New("the function's own error")

func atomicPromises() []promise {
	return []promise{
		{name: "an error of an update changes nothing", run: updateErrorChangesNothing},
		{name: "an error of a device call changes nothing", run: deviceErrorChangesNothing},
		{name: "a panic is its caller's error only", run: panicIsAnError},
		{name: "an update sees its own changes", run: updateSeesItself},
		{name: "a refused neighbour fails nobody", run: refusedNeighbour},
		{name: "what was drawn by a failed update is no gap that matters", run: numbersAfterFailure},
	}
}

// everything writes a row of each kind.
func everything(tx store.Tx) error {
	t, err := register(tx, "everything")
	if err != nil {
		return err
	}
	if err := grouped(tx, t.Name); err != nil {
		return err
	}
	j, err := create(tx, "everything")
	if err != nil {
		return err
	}
	g, err := tx.Group("inner")
	if err != nil {
		return err
	}
	onGroups(g)(j)
	j.WakeAt = start0
	if err := tx.PutJob(j); err != nil {
		return err
	}
	for _, m := range []move{queue, working} {
		v, err := tx.Thing(t.Name, store.Address{Job: j.ID})
		if err != nil {
			return err
		}
		c, err := m(v, j.ID)
		if err != nil {
			return err
		}
		c.Marks = append(c.Marks, j.Number)
		if err := tx.ChangeThing(t.Key(), c); err != nil {
			return err
		}
	}
	return errors.Join(tx.Mark(j.Number), tx.PutRecord(store.SettingRecord, "everything", []byte("1")))
}

// grouped gives a thing a type and puts it into a group below another, twice.
func grouped(tx store.Tx, name registry.ThingName) error {
	outer, err := found(tx, "outer", nil)
	if err != nil {
		return err
	}
	inner, err := found(tx, "inner", outer)
	if err != nil {
		return err
	}
	if err := join(tx, name, inner); err != nil {
		return err
	}
	if _, err := tx.NextNumber(); err != nil {
		return err
	}
	return firstError(
		leave(tx, name, inner), join(tx, name, inner),
		retouch(tx, name, func(t *registry.Thing) error {
			t.Type = "type"
			return nil
		}),
	)
}

func updateErrorChangesNothing(p *probe) {
	p.thing("a")
	p.job("j")
	p.device("a", "j", queue)
	p.device("a", "j", working)
	p.update("mark", func(tx store.Tx) error { return tx.PutRecord(store.SettingRecord, "kept", []byte("x")) })
	p.unchanged("a failed update", func() {
		err := p.s.Update(p.ctx, func(tx store.Tx) error {
			if err := everything(tx); err != nil {
				return err
			}
			return errors.Join(
				change(tx, "a", "j", report(jobs.Succeeded, start0)), tx.DeleteThing("a"), tx.DeleteRecord(store.SettingRecord, "kept"), errOfFn,
			)
		})
		if !errors.Is(err, errOfFn) {
			p.failf("the update returned %v, want the error of its function", err)
		}
	})
	p.update("the same afterwards", everything)
}

func deviceErrorChangesNothing(p *probe) {
	p.thing("a")
	p.job("j")
	p.device("a", "j", queue)
	p.unchanged("a refused device call", func() {
		err := p.try("a", "j", func(v store.ThingView, id jobs.JobID) (store.ThingChange, error) {
			c, err := working(v, id)
			return c, errors.Join(err, errOfFn)
		})
		if !errors.Is(err, errOfFn) {
			p.failf("the device call returned %v, want the error of its function", err)
		}
	})
	p.unchanged("an empty change", func() {
		p.device("a", "j", func(store.ThingView, jobs.JobID) (store.ThingChange, error) { return store.ThingChange{}, nil })
	})
}

func panicIsAnError(p *probe) {
	p.thing("a")
	p.job("j")
	p.device("a", "j", queue)
	p.unchanged("a panic", func() {
		p.refused(p.s.Update(p.ctx, func(tx store.Tx) error {
			if err := everything(tx); err != nil {
				return err
			}
			panic("in an update")
		}), "a panic in an update")
		p.refused(p.try("a", "j", func(store.ThingView, jobs.JobID) (store.ThingChange, error) { panic("in a device call") }), "a panic in a device call")
		p.refused(p.s.View(p.ctx, func(store.ReadTx) error { panic("in a view") }), "a panic in a view")
	})
	p.device("a", "j", working)
	p.update("an update after the panics", everything)
}

func updateSeesItself(p *probe) {
	p.thing("a")
	j := p.job("j")
	p.device("a", "j", queue)
	inside := ""
	p.update("everything", func(tx store.Tx) error {
		if err := everything(tx); err != nil {
			return err
		}
		err := errors.Join(change(tx, "a", "j", working), tx.Mark(j.Number))
		if err != nil {
			return err
		}
		if inside, err = dumpTx(tx, func() int { return 3 }); err != nil {
			return err
		}
		// What is seen must also be what is written on: the second change of a row meets the first.
		if err := tx.ClearMark(j.Number); err != nil {
			return err
		}
		return tx.Mark(j.Number)
	})
	if after := p.dump(); after != inside {
		p.failf("inside the update the store looked different than afterwards: %s", firstDifference(inside, after))
	}
	p.update("take away", func(tx store.Tx) error {
		if err := errors.Join(tx.ClearMark(j.Number), tx.DeleteRecord(store.SettingRecord, "everything")); err != nil {
			return err
		}
		for _, m := range []move{report(jobs.Failed, start0), forget} {
			if err := change(tx, "a", "j", m); err != nil {
				return err
			}
		}
		if err := errors.Join(tx.DeleteThing("a"), tx.DeleteJob(j.Number)); err != nil {
			return err
		}
		var err error
		inside, err = dumpTx(tx, func() int { return 3 })
		return err
	})
	if after := p.dump(); after != inside {
		p.failf("inside the update that took away the store looked different than afterwards: %s", firstDifference(inside, after))
	}
}

func refusedNeighbour(p *probe) {
	names := p.fleet(8)
	p.job("j")
	for _, name := range names {
		p.device(name, "j", queue)
	}
	// Every fourth command is refused, every fourth panics; all others must get through.
	const callers = 64
	errs := together(callers, func(i int) error {
		err := p.try(names[i%len(names)], "j", func(v store.ThingView, id jobs.JobID) (store.ThingChange, error) {
			switch i % 4 {
			case 0:
				return store.ThingChange{}, errOfFn
			case 1:
				panic("a neighbour")
			default:
				return working(v, id)
			}
		})
		switch {
		case i%4 == 0 && !errors.Is(err, errOfFn):
			return errors.Join(errors.New("a command that refuses did not get its own error"), err)
		case i%4 == 1 && err == nil:
			return errors.New("a command that panics got no error")
		case i%4 > 1:
			return err
		}
		return nil
	})
	p.ok(errs, "commands side by side")
	var versions jobs.VersionNumber
	for _, name := range names {
		versions += p.execution(name, "j").Version - 1
	}
	p.same(versions, callers/2, "changes by the commands that were not refused")
}

func numbersAfterFailure(p *probe) {
	seen := map[uint64]bool{}
	for i := range 10 {
		var n uint64
		err := p.s.Update(p.ctx, func(tx store.Tx) (err error) {
			n, err = tx.NextNumber()
			if err == nil && i%2 == 0 {
				err = errOfFn
			}
			return err
		})
		if err != nil {
			continue
		}
		if seen[n] || n == 0 {
			p.failf("number %d was drawn twice or is none", n)
		}
		seen[n] = true
	}
	p.same(len(seen), 5, "updates that got a number")
}
