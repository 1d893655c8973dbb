package storetest

import (
	"slices"
	"strconv"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func listPromises() []promise {
	return []promise{
		{name: "things are listed by name", run: thingsByName},
		{name: "jobs are listed from the newest", run: jobsFromNewest},
		{name: "executions of a job are listed by thing, the newest first", run: jobExecutionsByThing},
		{name: "executions of a thing are listed from the newest job", run: thingExecutionsFromNewest},
		{name: "pages hold while rows are added and removed", run: pagesHold},
		{name: "a cursor needs no row", run: cursorNeedsNoRow},
	}
}

// trickyNames are in the order of their bytes, which is the order of lists: one is the beginning of another, and characters below and
// above the digits and letters follow them.
var trickyNames = []registry.ThingName{"-", "0", "00", "9", ":", "A", "A-", "A-B", "A0", "AB", "A_", "Aa", "B", "_", "a", "a-", "a-1", "a1", "a10", "a2", "a:", "aa", "ab", "z"}

// inPages reads a list in pages of several sizes and demands the same each time.
func inPages[R any](p *probe, what string, want []R, read func(tx store.ReadTx, page func() int) ([]R, error)) {
	for _, size := range []int{1, 2, 3, 7, max(1, len(want)-1), max(1, len(want)), len(want) + 1, 1000} {
		var got []R
		p.view(what, func(tx store.ReadTx) (err error) {
			got, err = read(tx, func() int { return size })
			return err
		})
		p.same(got, want, what+" in pages of "+strconv.Itoa(size))
	}
}

func thingsByName(p *probe) {
	inPages(p, "no things", nil, allThings)
	var want []*registry.Thing
	order := slices.Clone(trickyNames)
	slices.Reverse(order)
	for _, name := range order {
		want = append(want, p.thing(name))
	}
	slices.Reverse(want)
	inPages(p, "things", want, allThings)
	p.update("delete", func(tx store.Tx) error { return firstError(tx.DeleteThing(want[3].Name), tx.DeleteThing(want[0].Name)) })
	inPages(p, "things after a deletion", append(slices.Clone(want[1:3]), want[4:]...), allThings)
}

func jobsFromNewest(p *probe) {
	inPages(p, "no jobs", nil, allJobs)
	var want []*jobs.Job
	for i := range 300 {
		if i%20 == 0 {
			want = append(want, p.job(jobs.JobID("j"+strconv.Itoa(300-i))))
			continue
		}
		p.update("use up a number", func(tx store.Tx) error {
			_, err := tx.NextNumber()
			return err
		})
	}
	slices.Reverse(want)
	inPages(p, "jobs", want, allJobs)
	p.update("delete", func(tx store.Tx) error { return tx.DeleteJob(want[4].Number) })
	inPages(p, "jobs after a deletion", append(slices.Clone(want[:4]), want[5:]...), allJobs)
}

// turns queues an execution and ends it, n times.
func (p *probe) turns(name registry.ThingName, id jobs.JobID, ends ...jobs.ExecutionStatus) (newestFirst []store.ThingExecution) {
	for _, s := range ends {
		p.device(name, id, queue)
		p.device(name, id, report(s, start0))
		e := p.execution(name, id)
		newestFirst = append([]store.ThingExecution{{Thing: p.read(name).Thing.Key(), Execution: e}}, newestFirst...)
	}
	return newestFirst
}

func jobExecutionsByThing(p *probe) {
	j, other := p.job("j"), p.job("other")
	var want []store.ThingExecution
	for i, name := range trickyNames {
		p.thing(name)
		p.turns(name, "other", jobs.Failed)
		want = append(want, p.turns(name, "j", []jobs.ExecutionStatus{jobs.Failed, jobs.Succeeded, jobs.Failed}[:1+i%3]...)...)
		if i%5 == 0 { // another thing of the same name has its executions after those of the first
			p.update("delete", func(tx store.Tx) error { return tx.DeleteThing(name) })
			p.thing(name)
			want = append(want, p.turns(name, "j", jobs.Failed, jobs.Failed)...)
		}
	}
	inPages(p, "executions of the job", want, func(tx store.ReadTx, page func() int) ([]store.ThingExecution, error) {
		return allJobExecutions(tx, j.Number, page)
	})
	for _, s := range []jobs.ExecutionStatus{jobs.Failed, jobs.Succeeded, jobs.Queued} {
		in := slices.DeleteFunc(slices.Clone(want), func(e store.ThingExecution) bool { return e.Execution.Status != s })
		inPages(p, "executions of the job in "+string(s), in, func(tx store.ReadTx, page func() int) ([]store.ThingExecution, error) {
			return allJobExecutionsIn(tx, j.Number, s, page)
		})
	}
	inPages(p, "executions of no job", nil, func(tx store.ReadTx, page func() int) ([]store.ThingExecution, error) {
		return allJobExecutions(tx, other.Number+1000, page)
	})
}

func thingExecutionsFromNewest(p *probe) {
	things := []*registry.Thing{p.thing("a"), p.thing("a-"), p.thing("aa")}
	want := map[registry.ThingKey][]jobs.JobExecution{}
	for i := range 5 {
		id := jobs.JobID("j" + strconv.Itoa(i))
		p.job(id)
		for k, t := range things {
			var list []jobs.JobExecution
			for _, e := range p.turns(t.Name, id, []jobs.ExecutionStatus{jobs.Failed, jobs.Rejected, jobs.Succeeded}[:(i+k)%4%3+1]...) {
				list = append(list, e.Execution)
			}
			if i%2 == 0 {
				p.device(t.Name, id, queue)
				list = append([]jobs.JobExecution{p.execution(t.Name, id)}, list...)
			}
			want[t.Key()] = append(list, want[t.Key()]...)
		}
	}
	for key, list := range want {
		inPages(p, "executions of "+string(key.Name), list, func(tx store.ReadTx, page func() int) ([]jobs.JobExecution, error) {
			return allThingExecutions(tx, key, page)
		})
	}
	other := registry.ThingKey{Name: "a", Number: things[0].Number + 1000}
	inPages(p, "executions of no thing", nil, func(tx store.ReadTx, page func() int) ([]jobs.JobExecution, error) {
		return allThingExecutions(tx, other, page)
	})
}

// pagesHold adds and removes rows on both sides of a cursor: what was there all the time is shown once, what was added after the
// cursor is shown, what was added before it is not.
func pagesHold(p *probe) {
	for _, name := range []registry.ThingName{"b", "d", "f", "h"} {
		p.thing(name)
	}
	j := p.job("j")
	for _, name := range []registry.ThingName{"b", "d", "f", "h"} {
		p.device(name, "j", queue)
	}
	var first []*registry.Thing
	var rows []store.ThingExecution
	p.view("first page", func(tx store.ReadTx) (err error) {
		if first, err = tx.Things("", 2); err != nil {
			return err
		}
		rows, err = tx.JobExecutions(j.Number, store.ExecutionKey{}, 2)
		return err
	})
	p.same(len(first), 2, "things on the first page")
	p.same(len(rows), 2, "executions on the first page")
	for _, name := range []registry.ThingName{"a", "c", "e", "g"} {
		p.thing(name)
		p.device(name, "j", queue)
	}
	p.device("d", "j", forget)
	p.device("f", "j", forget)
	p.update("delete", func(tx store.Tx) error { return firstError(tx.DeleteThing("d"), tx.DeleteThing("f")) })
	var names, of []registry.ThingName
	p.view("second page", func(tx store.ReadTx) error {
		names, of = nil, nil
		rest, err := tx.Things(first[1].Name, 10)
		if err != nil {
			return err
		}
		for _, t := range rest {
			names = append(names, t.Name)
		}
		more, err := tx.JobExecutions(j.Number, executionKey(rows[1]), 10)
		for _, e := range more {
			of = append(of, e.Thing.Name)
		}
		return err
	})
	want := []registry.ThingName{"e", "g", "h"}
	p.same(names, want, "things after the cursor")
	p.same(of, want, "things of the executions after the cursor")
}

func cursorNeedsNoRow(p *probe) {
	a := p.thing("a")
	c := p.thing("c")
	j1, j2 := p.job("j1"), p.job("j2")
	for _, id := range []jobs.JobID{"j1", "j2"} {
		p.turns("a", id, jobs.Failed, jobs.Failed, jobs.Failed)
		p.turns("c", id, jobs.Failed)
	}
	numbers := func(rows []store.ThingExecution) (out []string) {
		for _, r := range rows {
			out = append(out, string(r.Thing.Name)+strconv.Itoa(int(r.Execution.Number)))
		}
		return out
	}
	p.view("lists from cursors without a row", func(tx store.ReadTx) error {
		for _, test := range []struct {
			after store.ExecutionKey
			want  []string
		}{
			{store.ExecutionKey{Thing: registry.ThingKey{Name: "A"}, Number: 9}, []string{"a3", "a2", "a1", "c1"}},
			{store.ExecutionKey{Thing: registry.ThingKey{Name: "a", Number: a.Number - 1}, Number: 1}, []string{"a3", "a2", "a1", "c1"}},
			{store.ExecutionKey{Thing: a.Key(), Number: 9}, []string{"a3", "a2", "a1", "c1"}},
			{store.ExecutionKey{Thing: a.Key(), Number: 3}, []string{"a2", "a1", "c1"}},
			{store.ExecutionKey{Thing: a.Key(), Number: 1}, []string{"c1"}},
			{store.ExecutionKey{Thing: a.Key()}, []string{"c1"}},
			{store.ExecutionKey{Thing: registry.ThingKey{Name: "b"}}, []string{"c1"}},
			{store.ExecutionKey{Thing: c.Key(), Number: 1}, nil},
			{store.ExecutionKey{Thing: registry.ThingKey{Name: "d"}}, nil},
		} {
			rows, err := tx.JobExecutions(j1.Number, test.after, 10)
			if err != nil {
				return err
			}
			in, err := tx.JobExecutionsIn(j1.Number, jobs.Failed, test.after, 10)
			if err != nil {
				return err
			}
			if err := firstError(differ(numbers(rows), test.want, "executions after "+text(test.after)), differ(numbers(in), test.want, "failed ones after "+text(test.after))); err != nil {
				return err
			}
		}
		for _, test := range []struct {
			after store.ExecutionCursor
			want  int
		}{
			{store.ExecutionCursor{Job: j2.Number + 1}, 6},
			{store.ExecutionCursor{Job: j2.Number, Number: 9}, 6},
			{store.ExecutionCursor{Job: j2.Number, Number: 2}, 4},
			{store.ExecutionCursor{Job: j2.Number}, 3},
			{store.ExecutionCursor{Job: j1.Number, Number: 1}, 0},
			{store.ExecutionCursor{Job: j1.Number - 1, Number: 5}, 0},
		} {
			rows, err := tx.ThingExecutions(a.Key(), test.after, 10)
			if err != nil {
				return err
			}
			if err := differ(len(rows), test.want, "number of executions of the thing after "+text(test.after)); err != nil {
				return err
			}
		}
		return nil
	})
}
