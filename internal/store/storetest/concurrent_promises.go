package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func concurrentPromises() []promise {
	return []promise{
		{name: "no change of an execution is lost", run: noChangeLost},
		{name: "a command meets the result of the one before", run: oneStarts},
		{name: "updates are serial", run: updatesAreSerial},
		{name: "updates and device calls never lose each other's change", run: updatesMeetDevices},
		{name: "a read is not older than the last answer", run: readYourWrites},
		{name: "what is derived agrees at every moment", run: alwaysConsistent},
	}
}

// together runs fn n times at once and joins what went wrong.
func together(n int, fn func(i int) error) error {
	errs := make([]error, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	all.Wait()
	return errors.Join(errs...)
}

// fleet registers n things.
func (p *probe) fleet(n int) []registry.ThingName {
	names := make([]registry.ThingName, n)
	for i := range names {
		names[i] = registry.ThingName(fmt.Sprintf("thing-%04d", i))
		p.thing(names[i])
	}
	return names
}

func noChangeLost(p *probe) {
	const callers, each = 16, 25
	p.thing("a")
	p.job("j")
	p.device("a", "j", queue)
	var mu sync.Mutex
	reached := map[jobs.VersionNumber]int{}
	p.ok(together(callers, func(int) error {
		for range each {
			var version jobs.VersionNumber
			err := p.try("a", "j", func(v store.ThingView, id jobs.JobID) (store.ThingChange, error) {
				c, err := working(v, id)
				if err == nil {
					version = c.Executions[0].After.Version // of the last run, should there be several
				}
				return c, err
			})
			if err != nil {
				return err
			}
			mu.Lock()
			reached[version]++
			mu.Unlock()
		}
		return nil
	}), "devices at work")
	p.same(p.execution("a", "j").Version, callers*each+1, "version after all changes")
	p.same(len(reached), callers*each, "different versions that callers reached")
}

func oneStarts(p *probe) {
	const rounds, callers = 20, 16
	p.thing("a")
	for round := range rounds {
		id := jobs.JobID("j" + strconv.Itoa(round))
		p.job(id)
		p.device("a", id, queue)
		var mu sync.Mutex
		started := 0
		p.ok(together(callers, func(int) error {
			mine := false
			err := p.try("a", id, func(v store.ThingView, id jobs.JobID) (store.ThingChange, error) {
				e := *v.Addressed[id].Execution
				next, changed := e.Start(start0, v.Addressed[id].Job.Config, nil, 0)
				if mine = changed; !changed {
					return store.ThingChange{}, nil
				}
				return replace(&e, &next), nil
			})
			mu.Lock()
			defer mu.Unlock()
			if mine && err == nil {
				started++
			}
			return err
		}), "start")
		p.same(started, 1, "callers that started the execution")
		p.same(p.execution("a", id).Version, 2, "version after the start")
	}
}

// addToRecord adds one to a number in a record.
func addToRecord(tx store.Tx, id string) error {
	old, err := tx.Record(store.SettingRecord, id)
	if err != nil {
		return err
	}
	n := 0
	if old != nil {
		if n, err = strconv.Atoi(string(old)); err != nil {
			return err
		}
	}
	return tx.PutRecord(store.SettingRecord, id, []byte(strconv.Itoa(n+1)))
}

func updatesAreSerial(p *probe) {
	const callers, each = 8, 20
	var mu sync.Mutex
	drawn := map[uint64]bool{}
	p.ok(together(callers, func(int) error {
		for range each {
			var n uint64
			err := p.s.Update(p.ctx, func(tx store.Tx) (err error) {
				if n, err = tx.NextNumber(); err != nil {
					return err
				}
				return addToRecord(tx, "n")
			})
			if err != nil {
				return err
			}
			mu.Lock()
			drawn[n] = true
			mu.Unlock()
		}
		return nil
	}), "updates side by side")
	var sum []byte
	p.view("read the sum", func(tx store.ReadTx) (err error) {
		sum, err = tx.Record(store.SettingRecord, "n")
		return err
	})
	p.same(string(sum), strconv.Itoa(callers*each), "sum of all updates")
	p.same(len(drawn), callers*each, "different numbers drawn")
}

func updatesMeetDevices(p *probe) {
	const callers, each = 8, 20
	names := p.fleet(2)
	p.job("j")
	for _, name := range names {
		p.device(name, "j", queue)
	}
	p.ok(together(callers, func(i int) error {
		for range each {
			if i%2 == 0 {
				if err := p.try(names[i/2%2], "j", working); err != nil {
					return err
				}
				continue
			}
			if err := p.s.Update(p.ctx, func(tx store.Tx) error { return workOn(tx, "j", names...) }); err != nil {
				return err
			}
		}
		return nil
	}), "updates beside devices")
	for _, name := range names {
		p.same(p.execution(name, "j").Version, 1+callers/4*each+callers/2*each, "version of "+string(name))
	}
}

// workOn does in an update what devices do.
func workOn(tx store.Tx, id jobs.JobID, names ...registry.ThingName) error {
	for _, name := range names {
		if err := change(tx, name, id, working); err != nil {
			return err
		}
	}
	return nil
}

func readYourWrites(p *probe) {
	const callers, each = 8, 25
	names := p.fleet(3)
	p.job("j")
	for _, name := range names {
		p.device(name, "j", queue)
	}
	p.ok(together(callers, func(i int) error {
		name := names[i%len(names)]
		for range each {
			var mine jobs.VersionNumber
			err := p.try(name, "j", func(v store.ThingView, id jobs.JobID) (store.ThingChange, error) {
				c, err := working(v, id)
				if err == nil {
					mine = c.Executions[0].After.Version
				}
				return c, err
			})
			if err != nil {
				return err
			}
			if err := seesVersion(p.ctx, p.s, name, mine); err != nil {
				return err
			}
		}
		return nil
	}), "read what was answered")
}

// seesVersion demands that both ways to read show at least a version.
func seesVersion(ctx context.Context, s store.Store, name registry.ThingName, atLeast jobs.VersionNumber) error {
	addr := store.Address{Job: "j"}
	v, err := s.ReadThing(ctx, name, []store.Address{addr})
	if err != nil {
		return err
	}
	if got := v.Addressed["j"].Execution.Version; got < atLeast {
		return fmt.Errorf("a read of the thing shows version %d after version %d was answered", got, atLeast)
	}
	return s.View(ctx, func(tx store.ReadTx) error {
		v, err := tx.Thing(name, addr)
		if err != nil {
			return err
		}
		if got := v.Addressed["j"].Execution.Version; got < atLeast {
			return fmt.Errorf("a view shows version %d after version %d was answered", got, atLeast)
		}
		return nil
	})
}

// alwaysConsistent checks the store while devices work and things change their groups.
func alwaysConsistent(p *probe) {
	const callers, each = 6, 15
	names := p.fleet(callers)
	p.job("j")
	g := p.group("g", p.group("top", nil))
	p.ok(together(callers+3, func(i int) error {
		for range each {
			switch {
			case i == callers:
				if err := p.s.Update(p.ctx, func(tx store.Tx) error { return inAndOut(tx, g, names) }); err != nil {
					return err
				}
			case i > callers:
				if err := Check(p.ctx, p.s); err != nil {
					return err
				}
			default:
				for _, m := range []move{queue, working, report(jobs.Succeeded, start0)} {
					if err := p.try(names[i], "j", m); err != nil {
						return err
					}
				}
			}
		}
		return nil
	}), "checks beside devices")
	p.same(p.counters(p.read(names[0], store.Address{Job: "j"}).Addressed["j"].Job.Number).Of(jobs.Succeeded), callers*each, "executions that succeeded")
}

// inAndOut lets things that are in a group leave it, and the others join.
func inAndOut(tx store.Tx, g *registry.ThingGroup, names []registry.ThingName) error {
	for i, name := range names {
		if err := retouch(tx, name, func(t *registry.Thing) error {
			if t.In(g.Number) {
				t.Leave(g)
				return nil
			}
			return t.Join(g)
		}); err != nil {
			return err
		}
		if i%2 == 0 {
			if _, err := tx.NextNumber(); err != nil {
				return err
			}
		}
	}
	return nil
}
