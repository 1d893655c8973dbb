package storetest

import (
	"errors"
	"maps"
	"strconv"
	"sync"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func durablePromises() []promise {
	return []promise{
		{name: "everything is there after opening again", needs: needReopen, run: reopened},
		{name: "numbers are never drawn twice", needs: needReopen, run: numbersStayUnique},
		{name: "what was answered survives a crash", needs: needCrash, run: crashed},
		{name: "a crash leaves no half of a change", needs: needCrash, run: noHalfAfterCrash},
	}
}

func reopened(p *probe) {
	names := p.fleet(4)
	p.job("j")
	for i, name := range names {
		p.device(name, "j", queue)
		for range i {
			p.device(name, "j", working)
		}
	}
	p.device(names[1], "j", report(jobs.Failed, start0))
	p.device(names[2], "j", forget)
	p.update("everything", everything)
	for range 3 {
		before := p.dump()
		p.reopen()
		if after := p.dump(); after != before {
			p.failf("opened again, the store differs: %s", firstDifference(after, before))
		}
		p.device(names[3], "j", working)
	}
}

func numbersStayUnique(p *probe) {
	seen := map[uint64]bool{}
	draw := func(what string, use func(tx store.Tx, n uint64) error) {
		var n uint64
		p.update(what, func(tx store.Tx) (err error) {
			if n, err = tx.NextNumber(); err != nil {
				return err
			}
			return use(tx, n)
		})
		if n == 0 || seen[n] {
			p.failf("%s drew number %d, which is none or was drawn before", what, n)
		}
		seen[n] = true
	}
	for i := range 4 {
		id := strconv.Itoa(i)
		draw("no use", func(store.Tx, uint64) error { return nil })
		draw("a thing", func(tx store.Tx, n uint64) error {
			return tx.PutThing(&registry.Thing{Name: registry.ThingName("t" + id), Number: registry.ThingNumber(n), Version: 1})
		})
		draw("a job", func(tx store.Tx, n uint64) error {
			return tx.PutJob(&jobs.Job{Number: jobs.JobNumber(n), ID: jobs.JobID("j" + id), Revision: 1, Config: &jobs.Config{}})
		})
		p.update("delete the newest of both", func(tx store.Tx) error {
			j, err := tx.Job(jobs.JobID("j" + id))
			if err != nil {
				return err
			}
			return firstError(tx.DeleteJob(j.Number), tx.DeleteThing(registry.ThingName("t"+id)))
		})
		p.reopen()
	}
}

// crashed crashes the store in the middle of work: what was answered is there, and no more than what was asked for.
func crashed(p *probe) {
	names := p.fleet(8)
	p.job("j")
	for _, name := range names {
		p.device(name, "j", queue)
	}
	for round := range 5 {
		w := work{answered: map[registry.ThingName]jobs.VersionNumber{}, asked: map[registry.ThingName]jobs.VersionNumber{}, enough: make(chan struct{})}
		s := p.s
		done := inBackground(func() error {
			return together(len(names), func(i int) error {
				w.until(50+round, 200, func() error { return w.once(p, s, names[i]) })
				return nil
			})
		})
		<-w.enough
		atLeast := w.copyAnswered() // later answers race with the crash and say nothing
		p.s = p.engine.Crash(p.tb, s, p.dir)
		p.ok(<-done, "callers beside the crash")
		for _, name := range names {
			got := p.execution(name, "j").Version
			if got < atLeast[name] || w.asked[name] > 0 && got > w.asked[name] {
				p.failf("after crash %d %s is at version %d; %d was answered, %d was asked for", round+1, name, got, atLeast[name], w.asked[name])
			}
		}
		p.ok(Check(p.ctx, p.s), "check after the crash")
	}
}

// work is what callers know when the store crashes under them.
type work struct {
	mu              sync.Mutex
	answered, asked map[registry.ThingName]jobs.VersionNumber
	count           int
	enough          chan struct{}
}

// until repeats a call until it fails or was answered most times by all callers together; enough closes at the given count.
func (w *work) until(enough, most int, call func() error) {
	for call() == nil {
		w.mu.Lock()
		w.count++
		if w.count == enough {
			close(w.enough)
		}
		stop := w.count >= most
		w.mu.Unlock()
		if stop {
			return
		}
	}
}

func (w *work) once(p *probe, s store.Store, name registry.ThingName) error {
	var reached jobs.VersionNumber
	err := s.UpdateThing(p.ctx, name, []store.Address{{Job: "j"}}, func(v store.ThingView) (store.ThingChange, error) {
		c, err := working(v, "j")
		if err == nil {
			reached = c.Executions[0].After.Version
			w.note(w.asked, name, reached)
		}
		return c, err
	})
	if err == nil {
		w.note(w.answered, name, reached)
	}
	return err
}

func (w *work) note(in map[registry.ThingName]jobs.VersionNumber, name registry.ThingName, v jobs.VersionNumber) {
	w.mu.Lock()
	defer w.mu.Unlock()
	in[name] = max(in[name], v)
}

func (w *work) copyAnswered() map[registry.ThingName]jobs.VersionNumber {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.answered)
}

func noHalfAfterCrash(p *probe) {
	names := p.fleet(50)
	p.job("j")
	for _, name := range names {
		p.device(name, "j", queue)
	}
	for round := range 5 {
		w := work{enough: make(chan struct{})}
		s, base := p.s, p.execution(names[0], "j").Version
		done := inBackground(func() error {
			w.until(round+2, 200, func() error {
				return s.Update(p.ctx, func(tx store.Tx) error { return errors.Join(workOn(tx, "j", names...), everythingOnce(tx)) })
			})
			return nil
		})
		<-w.enough
		p.s = p.engine.Crash(p.tb, s, p.dir)
		p.ok(<-done, "callers beside the crash")
		first := p.execution(names[0], "j").Version
		for _, name := range names {
			p.same(p.execution(name, "j").Version, first, "version of "+string(name)+" beside that of the first thing")
		}
		if int(first-base) < round+2 {
			p.failf("%d updates were answered, but %d are there", round+2, first-base)
		}
		p.ok(Check(p.ctx, p.s), "check after the crash")
	}
}

// everythingOnce is everything unless it was done.
func everythingOnce(tx store.Tx) error {
	j, err := tx.Job("everything")
	if err != nil || j != nil {
		return err
	}
	return everything(tx)
}
