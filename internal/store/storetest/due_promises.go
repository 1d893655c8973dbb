package storetest

import (
	"fmt"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func duePromises() []promise {
	return []promise{
		{name: "what is due is listed by time", run: dueByTime},
		{name: "a due time follows its execution", run: dueFollows},
		{name: "a due time in the past is not forgotten", run: duePast},
		{name: "the next due instant is after the one given", run: nextDue},
	}
}

// timer sets the step timer of a running execution.
func timer(at time.Time) move {
	return edit(func(e jobs.JobExecution, _ *jobs.Config) (jobs.JobExecution, error) {
		e.Status = jobs.InProgress
		e.Version++
		e.StepDeadline = at
		return e, nil
	})
}

// due lists what is due, as thing/job/number and time.
func (p *probe) due(until time.Time, limit int) (list []store.Due) {
	p.view("read what is due", func(tx store.ReadTx) (err error) {
		list, err = tx.Due(until, limit)
		return err
	})
	return list
}

func (p *probe) nextDue(after time.Time) (next time.Time) {
	p.view("read the next due instant", func(tx store.ReadTx) (err error) {
		next, err = tx.NextDue(after)
		return err
	})
	return next
}

func dueByTime(p *probe) {
	var want []store.Due
	j1, j2 := p.job("j1"), p.job("j2")
	at := func(second int) time.Time { return start0.Add(time.Duration(second) * time.Second) }
	names := []registry.ThingName{"Z", "a", "a-", "aa", "b"}
	for _, name := range names {
		p.thing(name)
	}
	// Three instants; in each of them all things, and both jobs of each thing.
	for second, group := range [][]registry.ThingName{names[:2], names[2:3], names[3:]} {
		for _, name := range group {
			key := p.read(name).Thing.Key()
			for _, j := range []*jobs.Job{j1, j2} {
				want = append(want, store.Due{At: at(second), Thing: key, Job: j.Number, Number: 1})
			}
		}
	}
	for i := range want { // written in another order
		d := want[(i*7+3)%len(want)]
		id := map[jobs.JobNumber]jobs.JobID{j1.Number: "j1", j2.Number: "j2"}[d.Job]
		p.device(d.Thing.Name, id, queue)
		p.device(d.Thing.Name, id, timer(d.At))
	}
	p.same(p.due(farFuture, 100), want, "all that is due")
	for limit := 1; limit <= len(want); limit++ {
		p.same(p.due(farFuture, limit), want[:limit], fmt.Sprintf("the first %d", limit))
	}
	p.same(p.due(at(0), 100), want[:4], "what is due up to and including the first instant")
	p.same(p.due(at(1).Add(-time.Microsecond), 100), want[:4], "what is due before the second instant")
	p.same(p.due(at(1), 100), want[:6], "what is due up to and including the second instant")
	p.same(len(p.due(at(0).Add(-time.Microsecond), 100)), 0, "what is due before the first instant")
	p.same(len(p.due(time.Time{}, 100)), 0, "what is due at the zero instant")
}

func dueFollows(p *probe) {
	t, j := p.thing("a"), p.job("j")
	want := func(step string, at time.Time) {
		var rows []store.Due
		if !at.IsZero() {
			rows = []store.Due{{At: at, Thing: t.Key(), Job: j.Number, Number: p.execution("a", "j").Number}}
		}
		p.same(p.due(farFuture, 10), rows, "due after "+step)
		p.same(p.nextDue(time.Time{}), at, "next due after "+step)
	}
	later := start0.Add(24 * time.Hour)
	p.device("a", "j", queue)
	want("queue", time.Time{})
	p.device("a", "j", working)
	want("start", start0.Add(time.Hour))
	p.device("a", "j", working)
	want("a report that moves no timer", start0.Add(time.Hour))
	p.device("a", "j", timer(start0.Add(time.Minute)))
	want("a step timer", start0.Add(time.Minute))
	p.device("a", "j", timer(later))
	want("a later step timer", start0.Add(time.Hour))
	p.device("a", "j", report(jobs.Succeeded, start0))
	want("the end", time.Time{})
	p.device("a", "j", queue)
	p.device("a", "j", timer(later))
	want("the timer of the second execution", later)
	p.device("a", "j", timer(time.Time{}))
	want("no timer", time.Time{})
	p.device("a", "j", timer(later))
	want("the timer again", later)
	p.device("a", "j", forget)
	want("deletion", time.Time{})
}

func duePast(p *probe) {
	names := p.fleet(3)
	p.job("j")
	for i, name := range names {
		p.device(name, "j", queue)
		p.device(name, "j", timer(start0.Add(time.Duration(i)*time.Hour)))
	}
	now := start0.Add(90 * time.Minute)
	p.same(len(p.due(now, 10)), 2, "due at first")
	p.same(len(p.due(now, 10)), 2, "due when asked again")
	p.device(names[2], "j", timer(start0.Add(-time.Hour)))
	got := p.due(now, 10)
	p.same(len(got), 3, "due after a timer was set to a time before")
	p.same(got[0].Thing.Name, names[2], "the earliest")
	ancient := time.Date(1960, 5, 5, 5, 5, 5, 5000, time.UTC)
	p.device(names[1], "j", timer(ancient))
	got = p.due(now, 10)
	p.same(got[0].At, ancient, "the earliest, before 1970")
	p.same(p.nextDue(time.Time{}), ancient, "the next after the zero instant")
	if p.engine.Reopens {
		p.reopen()
		p.same(len(p.due(now, 10)), 3, "due after opening again")
	}
}

func nextDue(p *probe) {
	p.same(p.nextDue(time.Time{}), time.Time{}, "next when nothing is due")
	names := p.fleet(2)
	p.job("j")
	for i, name := range names {
		p.device(name, "j", queue)
		p.device(name, "j", timer(start0.Add(time.Duration(i)*time.Second)))
	}
	second := start0.Add(time.Second)
	for _, test := range []struct{ after, want time.Time }{
		{time.Time{}, start0},
		{start0.Add(-time.Microsecond), start0},
		{start0, second},
		{second.Add(-time.Microsecond), second},
		{second, time.Time{}},
		{farFuture, time.Time{}},
	} {
		p.same(p.nextDue(test.after), test.want, "next due after "+test.after.Format(time.RFC3339Nano))
	}
}
