package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// probe is what an experiment works with: the store under test and short forms of the steps that most experiments share. A broken
// promise is a panic with a failure, which try turns into an error; so an experiment reads as a list of steps, and a wrong store can
// be caught on purpose without failing the test. Its methods are for the goroutine of the experiment only.
type probe struct {
	tb     testing.TB
	ctx    context.Context // the experiment's; a probe lives no longer than it
	engine Engine
	dir    string
	s      store.Store // nil while closed
	others []store.Shared
	beside []*probe // with further stores of the engine
}

type failure struct{ err error }

func (p *probe) failf(format string, args ...any) { panic(failure{fmt.Errorf(format, args...)}) }

// ok demands that a step worked.
func (p *probe) ok(err error, step string) {
	if err != nil {
		p.failf("%s: %w", step, err)
	}
}

// refused demands that a step did not work, and that its outcome is known.
func (p *probe) refused(err error, step string) {
	switch {
	case err == nil:
		p.failf("%s: no error", step)
	case errors.Is(err, store.ErrUnknown), errors.Is(err, store.ErrClosed):
		p.failf("%s: %w, want a refusal", step, err)
	}
}

// same demands that two answers are equal, whatever maps and times look like inside.
func (p *probe) same(got, want any, what string) {
	if g, w := text(got), text(want); g != w {
		p.failf("%s:\n got %s\nwant %s", what, g, w)
	}
}

func (p *probe) open() { p.s = p.engine.Open(p.tb, p.dir) }

func (p *probe) close() {
	if p.s != nil {
		p.ok(p.s.Close(), "close")
		p.s = nil
	}
}

// closeOthers closes what was opened for further nodes.
func (p *probe) closeOthers() {
	for _, s := range p.others {
		p.ok(s.Close(), "close the store of a further node")
	}
	p.others = nil
}

func (p *probe) reopen() {
	p.close()
	p.open()
}

func (p *probe) update(step string, fn func(store.Tx) error) { p.ok(p.s.Update(p.ctx, fn), step) }

func (p *probe) view(step string, fn func(store.ReadTx) error) { p.ok(p.s.View(p.ctx, fn), step) }

// thing registers a thing.
func (p *probe) thing(name registry.ThingName) *registry.Thing {
	var made *registry.Thing
	p.update("register "+string(name), func(tx store.Tx) (err error) {
		made, err = register(tx, name)
		return err
	})
	return made
}

// job creates a job.
func (p *probe) job(id jobs.JobID) *jobs.Job {
	var made *jobs.Job
	p.update("create job "+string(id), func(tx store.Tx) (err error) {
		made, err = create(tx, id)
		return err
	})
	return made
}

// device changes a thing the way devices do.
func (p *probe) device(name registry.ThingName, id jobs.JobID, m move) {
	p.ok(p.try(name, id, m), "change "+string(name))
}

func (p *probe) try(name registry.ThingName, id jobs.JobID, m move) error {
	return p.s.UpdateThing(p.ctx, name, []store.Address{{Job: id, Head: true}}, func(v store.ThingView) (store.ThingChange, error) { return m(v, id) })
}

// read shows a thing.
func (p *probe) read(name registry.ThingName, addrs ...store.Address) store.ThingView {
	v, err := p.s.ReadThing(p.ctx, name, addrs)
	p.ok(err, "read "+string(name))
	return v
}

// execution is the newest execution of a job on a thing, which must exist.
func (p *probe) execution(name registry.ThingName, id jobs.JobID) jobs.JobExecution {
	e := p.read(name, store.Address{Job: id}).Addressed[id].Execution
	if e == nil {
		p.failf("no execution of %s on %s", id, name)
	}
	return *e
}

// counters are those of a job.
func (p *probe) counters(number jobs.JobNumber) (c jobs.Counters) {
	p.view("read counters", func(tx store.ReadTx) (err error) {
		c, err = tx.Counters(number)
		return err
	})
	return c
}

// dump is everything the store shows.
func (p *probe) dump() string {
	d, err := dump(p.ctx, p.s, func() int { return 100 })
	p.ok(err, "read everything")
	return d
}

// unchanged demands that fn leaves no trace.
func (p *probe) unchanged(step string, fn func()) {
	before := p.dump()
	fn()
	if after := p.dump(); after != before {
		p.failf("%s changed the store: %s", step, firstDifference(after, before))
	}
}
