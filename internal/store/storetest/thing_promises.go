package storetest

import (
	"fmt"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func thingPromises() []promise {
	return []promise{
		{name: "a thing reads as it was written", run: thingRoundTrip},
		{name: "names are case-sensitive", run: namesAreCaseSensitive},
		{name: "things are listed by type", run: thingsByType},
		{name: "writing a thing keeps its executions", run: putThingKeepsExecutions},
		{name: "a missing thing is a view without a thing", run: missingThing},
		{name: "a thing that is gone leaves its history to its jobs", run: historyOutlivesThing},
		{name: "a thing made again is another one", run: thingMadeAgain},
		{name: "a thousand things fit in one update", run: thousandThings},
	}
}

func thingRoundTrip(p *probe) {
	t := p.thing("a")
	p.same(p.read("a").Thing, t, "new thing")
	t.Attributes = map[string]string{"ключ": "значение", "quote": `"\u0000"`, "empty": ""}
	t.Version, t.CreatedAt = 7, time.Date(1969, 12, 31, 23, 0, 0, 1000, time.FixedZone("east", 3600))
	p.update("change thing", func(tx store.Tx) error { return tx.PutThing(t) })
	p.same(p.read("a").Thing, t, "changed thing")
	t.Attributes = nil
	p.update("change thing", func(tx store.Tx) error { return tx.PutThing(t) })
	p.same(p.read("a").Thing, t, "thing without attributes")
	groups := []*registry.ThingGroup{p.group("g", nil), p.group("h", nil)}
	for _, full := range filled[registry.Thing]() {
		full.Name, full.Number = t.Name, t.Number
		for i := range full.Groups {
			full.Groups[i].Group = groups[i].Number
		}
		p.update("change thing", func(tx store.Tx) error { return tx.PutThing(&full) })
		p.same(p.read("a").Thing, full, "thing with every member set")
	}
	t.Version++
	p.update("change thing", func(tx store.Tx) error { return tx.PutThing(t) })
	p.same(p.read("a").Thing, t, "thing without groups and type")
	p.update("delete thing", func(tx store.Tx) error { return tx.DeleteThing("a") })
	p.same(p.read("a").Thing, (*registry.Thing)(nil), "deleted thing")
}

func namesAreCaseSensitive(p *probe) {
	lower, upper := p.thing("thing"), p.thing("Thing")
	jLower, jUpper := p.job("job"), p.job("Job")
	p.device("thing", "job", queue)
	p.device("Thing", "Job", queue)
	p.device("Thing", "Job", working)
	for _, c := range []struct {
		thing *registry.Thing
		job   *jobs.Job
		want  jobs.VersionNumber
	}{{lower, jLower, 1}, {upper, jUpper, 2}} {
		v := p.read(c.thing.Name, store.Address{Job: c.job.ID})
		p.same(v.Thing, c.thing, "thing "+string(c.thing.Name))
		p.same(len(v.Pending), 1, "pending executions of "+string(c.thing.Name))
		p.same(v.Pending[0].Job, c.job.Number, "job pending on "+string(c.thing.Name))
		p.same(v.Pending[0].Version, c.want, "version on "+string(c.thing.Name))
		p.same(v.Addressed[c.job.ID].Job, c.job, "job "+string(c.job.ID))
	}
	p.same(p.read("THING").Thing, (*registry.Thing)(nil), "thing of a name in other letters")
}

func thingsByType(p *probe) {
	byType := map[registry.TypeName][]*registry.Thing{}
	types := []registry.TypeName{"t", "T", "tt", ""}
	for i, name := range trickyNames {
		t := p.thing(name)
		t.Type = types[i%len(types)]
		p.update("give the thing its type", func(tx store.Tx) error { return tx.PutThing(t) })
		byType[t.Type] = append(byType[t.Type], t)
	}
	byType[""] = nil
	want := func(after string) {
		for _, name := range types {
			inPages(p, fmt.Sprintf("things of type %q %s", name, after), byType[name], func(tx store.ReadTx, page func() int) ([]*registry.Thing, error) {
				return allThingsOfType(tx, name, page)
			})
		}
	}
	want("as they were written")
	first := byType["t"][0]
	first.Type = "T"
	p.update("change a type", func(tx store.Tx) error { return tx.PutThing(first) })
	byType["t"], byType["T"] = byType["t"][1:], append([]*registry.Thing{first}, byType["T"]...)
	want("after one changed its type")
	last := byType["tt"][len(byType["tt"])-1]
	last.Type = ""
	p.update("take a type", func(tx store.Tx) error { return tx.PutThing(last) })
	p.update("delete a thing", func(tx store.Tx) error { return tx.DeleteThing(byType["T"][1].Name) })
	byType["tt"], byType["T"] = byType["tt"][:len(byType["tt"])-1], append(byType["T"][:1:1], byType["T"][2:]...)
	want("after one lost its type and one was deleted")
}

func putThingKeepsExecutions(p *probe) {
	t := p.thing("a")
	p.job("j")
	p.device("a", "j", queue)
	before := p.read("a", store.Address{Job: "j"})
	t.Attributes, t.Version = map[string]string{"x": "y"}, 2
	p.update("change thing", func(tx store.Tx) error { return tx.PutThing(t) })
	before.Thing = t
	p.same(p.read("a", store.Address{Job: "j"}), before, "view after the thing was written")
}

func missingThing(p *probe) {
	j := p.job("j")
	p.unchanged("a call for a missing thing", func() {
		var seen store.ThingView
		p.ok(p.try("nobody", "j", func(v store.ThingView, _ jobs.JobID) (store.ThingChange, error) {
			seen = v
			return store.ThingChange{}, nil
		}), "look at a missing thing")
		want := store.ThingView{Addressed: map[jobs.JobID]store.Addressed{"j": {Job: j}}}
		p.same(seen, want, "view of a missing thing in UpdateThing")
		p.same(p.read("nobody", store.Address{Job: "j"}, store.Address{Job: "none"}), want, "view of a missing thing in ReadThing")
		p.refused(p.try("nobody", "j", func(store.ThingView, jobs.JobID) (store.ThingChange, error) {
			e := jobs.NewExecution(j.Number, 1, start0)
			return replace(nil, &e), nil
		}), "queue on a missing thing")
		p.refused(p.s.Update(p.ctx, func(tx store.Tx) error {
			e := jobs.NewExecution(j.Number, 1, start0)
			return tx.ChangeThing(registry.ThingKey{Name: "nobody", Number: 77}, replace(nil, &e))
		}), "ChangeThing of a missing thing")
	})
}

func historyOutlivesThing(p *probe) {
	t, j := p.thing("a"), p.job("j")
	p.device("a", "j", queue)
	p.device("a", "j", report(jobs.Failed, start0))
	e := p.execution("a", "j")
	p.update("delete thing", func(tx store.Tx) error { return tx.DeleteThing("a") })
	want := []store.ThingExecution{{Thing: t.Key(), Execution: e}}
	p.view("read history", func(tx store.ReadTx) error {
		got, err := tx.JobExecutions(j.Number, store.ExecutionKey{}, 10)
		if err != nil {
			return err
		}
		in, err := tx.JobExecutionsIn(j.Number, jobs.Failed, store.ExecutionKey{}, 10)
		if err != nil {
			return err
		}
		of, err := tx.ThingExecutions(t.Key(), store.ExecutionCursor{}, 10)
		if err != nil {
			return err
		}
		return firstError(differ(got, want, "executions of the job"), differ(in, want, "failed executions of the job"),
			differ(of, []jobs.JobExecution{e}, "executions of the thing that is gone"))
	})
	p.same(p.counters(j.Number).Of(jobs.Failed), 1, "failed executions counted")
	p.update("delete history and job", func(tx store.Tx) error {
		change := replace(&e, nil)
		change.Heads = map[jobs.JobNumber]jobs.Head{j.Number: {}}
		if err := tx.ChangeThing(t.Key(), change); err != nil {
			return err
		}
		return tx.DeleteJob(j.Number)
	})
}

func thingMadeAgain(p *probe) {
	first := p.thing("a")
	j := p.job("j")
	p.device("a", "j", queue)
	p.device("a", "j", report(jobs.Succeeded, start0))
	old := p.execution("a", "j")
	p.update("delete thing", func(tx store.Tx) error { return tx.DeleteThing("a") })
	second := p.thing("a")
	if second.Number <= first.Number {
		p.failf("the second thing has number %d after %d", second.Number, first.Number)
	}
	want := store.ThingView{Thing: second, Addressed: map[jobs.JobID]store.Addressed{"j": {Job: j}}}
	p.same(p.read("a", store.Address{Job: "j"}), want, "thing made again")
	p.device("a", "j", queue)
	p.same(p.execution("a", "j").Number, 1, "first execution number of the thing made again")
	p.view("read both", func(tx store.ReadTx) error {
		got, err := tx.JobExecutions(j.Number, store.ExecutionKey{}, 10)
		if err != nil {
			return err
		}
		return differ(got, []store.ThingExecution{
			{Thing: first.Key(), Execution: old},
			{Thing: second.Key(), Execution: jobs.NewExecution(j.Number, 1, start0)},
		}, "executions of both things of the name, the older thing first")
	})
	p.refused(p.s.Update(p.ctx, func(tx store.Tx) error {
		e := jobs.NewExecution(j.Number, 2, start0)
		return tx.ChangeThing(first.Key(), replace(nil, &e))
	}), "queue on the thing that is gone, while another has its name")
}

func thousandThings(p *probe) {
	name := func(i int) registry.ThingName { return registry.ThingName(fmt.Sprintf("t%d", i)) }
	j := p.job("j")
	p.update("register a thousand things", func(tx store.Tx) error {
		for i := range store.MaxThingsPerUpdate {
			if _, err := register(tx, name(i)); err != nil {
				return err
			}
		}
		return nil
	})
	for _, m := range []move{queue, working} {
		p.update("change a thousand things", func(tx store.Tx) error {
			for i := range store.MaxThingsPerUpdate {
				if err := change(tx, name(i), "j", m); err != nil {
					return err
				}
			}
			return nil
		})
	}
	p.same(p.counters(j.Number).Of(jobs.InProgress), store.MaxThingsPerUpdate, "executions in progress")
}

// differ is same for the functions of transactions, where an error ends the function.
func differ(got, want any, what string) error {
	if g, w := text(got), text(want); g != w {
		return fmt.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
	return nil
}

// firstError is the first error that is one.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
