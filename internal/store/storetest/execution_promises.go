package storetest

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

func executionPromises() []promise {
	return []promise{
		{name: "an execution reads as it was written", run: executionRoundTrip},
		{name: "pending executions keep the order in which they were queued", run: queueOrder},
		{name: "an address names an execution by job and number", run: addresses},
		{name: "a view holds the job of every pending execution", run: viewHoldsJobs},
		{name: "heads are replaced and forgotten", run: heads},
		{name: "one change carries many executions", run: manyInOneChange},
	}
}

func executionRoundTrip(p *probe) {
	p.thing("a")
	p.job("j")
	p.device("a", "j", queue)
	at := func(minutes int) time.Time { return start0.Add(time.Duration(minutes) * time.Minute) }
	text := func(e jobs.JobExecution, s jobs.ExecutionStatus, v jobs.VersionNumber) jobs.JobExecution {
		return jobs.JobExecution{
			Job: e.Job, Number: e.Number, Status: s, StatusDetails: map[string]string{"k": strings.Repeat("ü", 1024), "": "\x00", "q": `"`}, Version: v,
			QueuedAt: at(1), StartedAt: at(2), LastUpdatedAt: at(3), ForceCanceled: true, RetryAttempt: 9, InProgressDeadline: at(60), StepDeadline: at(50),
		}
	}
	full := func(e jobs.JobExecution, s jobs.ExecutionStatus, v jobs.VersionNumber) jobs.JobExecution {
		rows := filled[jobs.JobExecution]()
		row := rows[int(v)%len(rows)]
		row.Job, row.Number, row.Status, row.Version = e.Job, e.Number, s, v
		return row
	}
	empty := func(e jobs.JobExecution, s jobs.ExecutionStatus, v jobs.VersionNumber) jobs.JobExecution {
		return jobs.JobExecution{Job: e.Job, Number: e.Number, Status: s, Version: v}
	}
	steps := []struct {
		status jobs.ExecutionStatus
		fill   func(jobs.JobExecution, jobs.ExecutionStatus, jobs.VersionNumber) jobs.JobExecution
	}{
		{jobs.Queued, full},
		{jobs.InProgress, empty},
		{jobs.InProgress, full},
		{jobs.InProgress, text},
		{jobs.Canceled, full},
		{jobs.Canceled, empty},
		{jobs.Canceled, text},
		{jobs.Removed, full},
	}
	for i, step := range steps {
		want := step.fill(p.execution("a", "j"), step.status, jobs.VersionNumber(i+2))
		p.device("a", "j", edit(func(jobs.JobExecution, *jobs.Config) (jobs.JobExecution, error) { return want, nil }))
		p.same(p.execution("a", "j"), want, "execution written "+strconv.Itoa(i+1)+" times")
	}
}

func queueOrder(p *probe) {
	p.thing("a")
	ids := []jobs.JobID{"j3", "j1", "j4", "j2", "j5"}
	number := map[jobs.JobID]jobs.JobNumber{}
	for _, id := range []jobs.JobID{"j1", "j2", "j3", "j4", "j5"} {
		number[id] = p.job(id).Number
	}
	for _, id := range ids {
		p.device("a", id, queue)
	}
	pending := func(what string, want ...jobs.JobID) {
		var got, numbers []jobs.JobNumber
		for _, e := range p.read("a").Pending {
			got = append(got, e.Job)
		}
		for _, id := range want {
			numbers = append(numbers, number[id])
		}
		p.same(got, numbers, what)
	}
	pending("pending after queueing", ids...)
	p.device("a", "j4", working)
	pending("pending after one in the middle started", ids...)
	p.device("a", "j1", report(jobs.Failed, start0))
	pending("pending after one failed", "j3", "j4", "j2", "j5")
	p.device("a", "j1", queue)
	pending("pending after it was queued again", "j3", "j4", "j2", "j5", "j1")
	p.device("a", "j3", forget)
	pending("pending after the first was deleted", "j4", "j2", "j5", "j1")
	// Times decide nothing: a clock may stand still or have been set.
	p.device("a", "j2", edit(func(e jobs.JobExecution, _ *jobs.Config) (jobs.JobExecution, error) {
		e.QueuedAt = start0.Add(-time.Hour)
		return e, nil
	}))
	pending("pending after times changed", "j4", "j2", "j5", "j1")
	if p.engine.Reopens {
		p.reopen()
		pending("pending after opening again", "j4", "j2", "j5", "j1")
		p.device("a", "j3", queue)
		pending("pending after opening again and queueing", "j4", "j2", "j5", "j1", "j3")
	}
}

func addresses(p *probe) {
	p.thing("a")
	j, never := p.job("j"), p.job("never")
	var all []jobs.JobExecution
	for range 2 {
		p.device("a", "j", queue)
		p.device("a", "j", report(jobs.Failed, start0))
		all = append(all, p.execution("a", "j"))
	}
	p.device("a", "j", queue)
	all = append(all, p.execution("a", "j"))
	head := jobs.Head{Newest: 3, Known: true}
	for number, want := range map[jobs.ExecutionNumber]*jobs.JobExecution{0: &all[2], 1: &all[0], 2: &all[1], 3: &all[2], 4: nil} {
		got := p.read("a", store.Address{Job: "j", Number: number, Head: true}, store.Address{Job: "never", Number: number, Head: true}, store.Address{Job: "none"})
		p.same(got.Addressed["j"], store.Addressed{Job: j, Head: head, Execution: want}, "address with number "+strconv.Itoa(int(number)))
		got.Addressed["j"] = p.read("a", store.Address{Job: "j", Number: number}).Addressed["j"]
		p.same(got.Addressed["j"], store.Addressed{Job: j, Execution: want}, "address with number "+strconv.Itoa(int(number))+" that does not ask for the head")
		p.same(got.Addressed["never"], store.Addressed{Job: never}, "address of a job that was never queued")
		if len(got.Addressed) != 2 {
			p.failf("%d addresses are answered, want the two whose job exists", len(got.Addressed))
		}
	}
	p.device("a", "j", forget)
	p.same(p.read("a", store.Address{Job: "j"}).Addressed["j"].Execution, all[1], "newest execution after the newest was deleted")
}

func viewHoldsJobs(p *probe) {
	p.thing("a")
	var made []*jobs.Job
	for i := range 5 {
		id := jobs.JobID("j" + strconv.Itoa(i))
		made = append(made, p.job(id))
		p.device("a", id, queue)
	}
	p.device("a", "j1", report(jobs.Succeeded, start0))
	v := p.read("a", store.Address{Job: "j1"})
	p.same(len(v.Pending), 4, "pending executions")
	for _, j := range made {
		p.same(v.Jobs[j.Number], j, "job "+string(j.ID)+" in the view")
	}
	// A job's state is read in the same transaction, never from a cache.
	changed := made[2].Clone()
	changed.Status, changed.LastUpdatedAt = jobs.JobCanceled, start0.Add(time.Minute)
	p.update("cancel job", func(tx store.Tx) error { return tx.PutJob(changed) })
	p.same(p.read("a").Jobs[changed.Number], changed, "canceled job in ReadThing")
	p.device("a", "j0", func(v store.ThingView, _ jobs.JobID) (store.ThingChange, error) {
		return store.ThingChange{}, differ(v.Jobs[changed.Number], changed, "canceled job in UpdateThing")
	})
}

func heads(p *probe) {
	p.thing("a")
	p.thing("b")
	j := p.job("j")
	set := func(head jobs.Head) {
		p.device("a", "j", func(store.ThingView, jobs.JobID) (store.ThingChange, error) {
			return store.ThingChange{Heads: map[jobs.JobNumber]jobs.Head{j.Number: head}}, nil
		})
		p.same(p.read("a", store.Address{Job: "j", Head: true}).Addressed["j"].Head, head, "head as it was written")
		p.same(p.read("b", store.Address{Job: "j", Head: true}).Addressed["j"].Head, jobs.Head{}, "head of another thing")
	}
	for _, head := range filled[jobs.Head]() {
		head.Known = true
		set(head)
	}
	for _, head := range []jobs.Head{{Newest: 1, Known: true}, {Newest: 1 << 40, Known: true}, {Known: true}, {}, {}, {Newest: 2, Known: true}} {
		set(head)
	}
}

func manyInOneChange(p *probe) {
	const many = 200
	p.thing("a")
	ids := make([]jobs.JobID, many)
	addrs := make([]store.Address, many)
	for i := range ids {
		ids[i] = jobs.JobID("j" + strconv.Itoa(i))
		addrs[i].Job = ids[i]
	}
	p.update("create jobs", func(tx store.Tx) error {
		for _, id := range ids {
			if _, err := create(tx, id); err != nil {
				return err
			}
		}
		return nil
	})
	each := func(m func(i int) move) {
		p.ok(p.s.UpdateThing(p.ctx, "a", addrs, func(v store.ThingView) (store.ThingChange, error) {
			all := store.ThingChange{Heads: map[jobs.JobNumber]jobs.Head{}}
			for i, id := range ids {
				c, err := m(i)(v, id)
				if err != nil {
					return c, err
				}
				all.Executions = append(all.Executions, c.Executions...)
				maps.Copy(all.Heads, c.Heads)
			}
			return all, nil
		}), "change all executions at once")
	}
	each(func(int) move { return queue })
	v := p.read("a", addrs...)
	p.same(len(v.Pending), many, "pending executions")
	for i, e := range v.Pending {
		p.same(e.Job, v.Addressed[ids[i]].Job.Number, "job at its place in the queue")
	}
	each(func(i int) move { return []move{working, report(jobs.Rejected, start0), forget}[i%3] })
	p.same(len(p.read("a").Pending), (many+2)/3, "pending executions after a change of each kind")
}
