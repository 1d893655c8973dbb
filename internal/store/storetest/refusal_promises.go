package storetest

import (
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func refusalPromises() []promise {
	return []promise{
		{name: "a change that the contract excludes is refused", run: excludedChanges},
		{name: "a change of another execution than the stored one is refused", run: staleChanges},
		{name: "a thing with pending executions is not deleted", run: pendingThingStays},
		{name: "a job with executions is not deleted", run: usedJobStays},
		{name: "names and numbers stay together", run: namesAndNumbers},
	}
}

// refusedBoth demands that a change of thing a is refused on both ways, and leaves nothing.
func (p *probe) refusedBoth(what string, decide func(store.ThingView) store.ThingChange) {
	addr := store.Address{Job: "j"}
	p.unchanged(what, func() {
		p.refused(p.s.UpdateThing(p.ctx, "a", []store.Address{addr}, func(v store.ThingView) (store.ThingChange, error) { return decide(v), nil }), what+" by UpdateThing")
		p.refused(p.s.Update(p.ctx, func(tx store.Tx) error {
			v, err := tx.Thing("a", addr)
			if err != nil {
				return nil //nolint:nilerr // the missing error then is the failure
			}
			return tx.ChangeThing(v.Thing.Key(), decide(v))
		}), what+" by ChangeThing")
	})
}

// changed is a copy of the addressed execution with a change.
func changed(v store.ThingView, change func(*jobs.JobExecution)) (before, after *jobs.JobExecution) {
	b := *v.Addressed["j"].Execution
	a := b
	change(&a)
	return &b, &a
}

func excludedChanges(p *probe) {
	p.thing("a")
	p.job("j")
	p.device("a", "j", queue)
	p.refusedBoth("a change of nothing into nothing", func(store.ThingView) store.ThingChange { return replace(nil, nil) })
	p.refusedBoth("another number", func(v store.ThingView) store.ThingChange {
		return replace(changed(v, func(e *jobs.JobExecution) { e.Number++ }))
	})
	p.refusedBoth("another job", func(v store.ThingView) store.ThingChange {
		return replace(changed(v, func(e *jobs.JobExecution) { e.Job++ }))
	})
	p.device("a", "j", report(jobs.Failed, start0))
	for _, s := range []jobs.ExecutionStatus{jobs.Queued, jobs.InProgress} {
		p.refusedBoth("a terminal execution that becomes "+string(s), func(v store.ThingView) store.ThingChange {
			return replace(changed(v, func(e *jobs.JobExecution) { e.Status = s }))
		})
	}
	// A good change in front of a bad one goes with it.
	p.refusedBoth("a good change beside a bad one", func(v store.ThingView) store.ThingChange {
		c, err := queue(v, "j")
		if err != nil {
			return c
		}
		c.Executions = append(c.Executions, store.ExecutionChange{})
		c.Marks = []jobs.JobNumber{v.Addressed["j"].Job.Number}
		return c
	})
}

func staleChanges(p *probe) {
	p.thing("a")
	p.job("j")
	queued := func(e *jobs.JobExecution) { *e = jobs.NewExecution(e.Job, e.Number, start0) }
	twice := func(v store.ThingView) store.ThingChange {
		_, again := changed(v, queued)
		return replace(nil, again)
	}
	never := func(v store.ThingView) store.ThingChange {
		e, _ := changed(v, func(*jobs.JobExecution) {})
		e.Number += 5
		next := *e
		next.Version++
		return replace(e, &next)
	}
	deleteNever := func(v store.ThingView) store.ThingChange { return replace(never(v).Executions[0].Before, nil) }
	stale := func(lie func(*jobs.JobExecution)) func(store.ThingView) store.ThingChange {
		return func(v store.ThingView) store.ThingChange {
			stored, before := changed(v, lie)
			after := *stored
			after.Version += 2
			return replace(before, &after)
		}
	}
	for _, m := range []move{queue, working, report(jobs.Succeeded, start0)} {
		p.device("a", "j", m)
		status := string(p.execution("a", "j").Status)
		p.refusedBoth("a second execution of the same number as the "+status+" one", twice)
		p.refusedBoth("a change of an execution that does not exist, beside the "+status+" one", never)
		p.refusedBoth("a deletion of an execution that does not exist, beside the "+status+" one", deleteNever)
		p.refusedBoth("a change of an older version of the "+status+" execution", stale(func(e *jobs.JobExecution) { e.Version-- }))
		p.refusedBoth("a change of another version of the "+status+" execution", stale(func(e *jobs.JobExecution) { e.Version++ }))
		p.refusedBoth("a change of the "+status+" execution as if it were in another status", func(v store.ThingView) store.ThingChange {
			stored, before := changed(v, func(e *jobs.JobExecution) {
				e.Status = map[jobs.ExecutionStatus]jobs.ExecutionStatus{jobs.Queued: jobs.InProgress, jobs.InProgress: jobs.Queued, jobs.Succeeded: jobs.Failed}[e.Status]
			})
			return replace(before, stored)
		})
	}
}

func pendingThingStays(p *probe) {
	p.thing("a")
	p.job("j")
	for _, m := range []move{queue, working} {
		p.device("a", "j", m)
		p.unchanged("deleting a thing with a pending execution", func() {
			p.refused(p.s.Update(p.ctx, func(tx store.Tx) error { return tx.DeleteThing("a") }), "delete the thing")
		})
	}
	// The execution that the same update queued counts.
	p.thing("b")
	var queued error
	err := p.s.Update(p.ctx, func(tx store.Tx) error {
		if queued = change(tx, "b", "j", queue); queued != nil {
			return queued
		}
		return tx.DeleteThing("b")
	})
	p.ok(queued, "queue in an update")
	p.refused(err, "delete a thing after queueing on it")
	p.device("a", "j", report(jobs.Succeeded, start0))
	p.update("delete the thing without pending executions", func(tx store.Tx) error { return tx.DeleteThing("a") })
}

func usedJobStays(p *probe) {
	p.thing("a")
	j := p.job("j")
	for _, m := range []move{queue, working, report(jobs.Failed, start0)} {
		p.device("a", "j", m)
		p.unchanged("deleting a job with an execution", func() {
			p.refused(p.s.Update(p.ctx, func(tx store.Tx) error { return tx.DeleteJob(j.Number) }), "delete the job")
		})
	}
	p.device("a", "j", forget)
	p.update("delete the job without executions", func(tx store.Tx) error { return tx.DeleteJob(j.Number) })
}

func namesAndNumbers(p *probe) {
	t, j := p.thing("a"), p.job("j")
	other := p.job("other")
	for what, fn := range map[string]func(store.Tx) error{
		"a stored thing with another number": func(tx store.Tx) error {
			c := t.Clone()
			c.Number += 100
			return tx.PutThing(c)
		},
		"a job with the ID of another": func(tx store.Tx) error {
			c := j.Clone()
			c.ID = other.ID
			return tx.PutJob(c)
		},
		"a second job of an ID": func(tx store.Tx) error {
			c := j.Clone()
			c.Number += 100
			return tx.PutJob(c)
		},
		"executions of a thing by another number": func(tx store.Tx) error {
			e := jobs.NewExecution(j.Number, 1, start0)
			return tx.ChangeThing(registry.ThingKey{Name: "a", Number: t.Number + 100}, replace(nil, &e))
		},
	} {
		p.unchanged(what, func() { p.refused(p.s.Update(p.ctx, fn), what) })
	}
}
