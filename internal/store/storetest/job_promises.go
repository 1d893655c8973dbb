package storetest

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

func jobPromises() []promise {
	return []promise{
		{name: "a job reads as it was written", run: jobRoundTrip},
		{name: "a configuration belongs to its revision", run: configByRevision},
		{name: "a deleted job leaves only free names", run: jobDeleted},
		{name: "counters follow the executions", run: countersFollow},
		{name: "marks stay until they are cleared", run: marks},
	}
}

// findJob finds a job in each way there is and demands that all agree.
func (p *probe) findJob(id jobs.JobID, number jobs.JobNumber) (found *jobs.Job) {
	p.view("find job", func(tx store.ReadTx) error {
		byNumber, err := tx.JobByNumber(number)
		if err != nil {
			return err
		}
		if found, err = tx.Job(id); err != nil {
			return err
		}
		return differ(found, byNumber, "job found by ID and by number")
	})
	addressed := p.read("nobody", store.Address{Job: id}).Addressed
	p.same(addressed[id].Job, found, "job found by address")
	if _, ok := addressed[id]; ok != (found != nil) {
		p.failf("an address of job %s: entry %v, job %v", id, ok, found)
	}
	return found
}

func jobRoundTrip(p *probe) {
	for i, j := range filled[jobs.Job]() {
		made := p.job(jobs.JobID("Job_-" + strconv.Itoa(i)))
		j.Number, j.ID, j.Status, j.Config.TargetSelection = made.Number, made.ID, jobs.JobScheduled, jobs.Continuous
		p.update("write job", func(tx store.Tx) error { return tx.PutJob(&j) })
		p.same(p.findJob(j.ID, j.Number), j, "job with every member set")
		j = jobs.Job{Number: j.Number, ID: j.ID, Revision: j.Revision + 1, Status: jobs.JobInProgress, Config: &jobs.Config{}}
		p.update("change job", func(tx store.Tx) error { return tx.PutJob(&j) })
		p.same(p.findJob(j.ID, j.Number), j, "job with zero members")
	}
	text := p.job("text")
	text.Revision, text.Comment = 2, "a \u2028 comment"
	text.Config = &jobs.Config{Document: "{\"a\": 1.0,\n\"a\":\"\\u00e9é\"}" + strings.Repeat(" ", 32000), InProgressTimeout: 7 * 24 * time.Hour}
	p.update("write job", func(tx store.Tx) error { return tx.PutJob(text) })
	p.same(p.findJob("text", text.Number), text, "job with texts that are not plain")
	p.same(p.findJob("Text", text.Number+1), nil, "job that does not exist")
}

func configByRevision(p *probe) {
	j := p.job("j")
	p.thing("a")
	p.device("a", "j", queue)
	for revision, document := range []string{"first", "second", "third"} {
		j = j.Clone()
		j.Revision, j.Config = int64(revision+2), &jobs.Config{Document: document}
		p.update("change configuration", func(tx store.Tx) error { return tx.PutJob(j) })
		p.same(p.findJob("j", j.Number), j, "job with a new configuration")
		j = j.Clone()
		j.Comment = "state after " + document
		p.update("change state", func(tx store.Tx) error { return tx.PutJob(j) })
		p.same(p.findJob("j", j.Number), j, "job with a new state")
		p.same(p.read("a").Jobs[j.Number], j, "job of a pending execution")
	}
}

func jobDeleted(p *probe) {
	first := p.job("j")
	p.thing("a")
	p.device("a", "j", queue)
	p.device("a", "j", report(jobs.Succeeded, start0))
	p.update("mark", func(tx store.Tx) error { return tx.Mark(first.Number) })
	p.device("a", "j", forget)
	p.update("delete job", func(tx store.Tx) error { return tx.DeleteJob(first.Number) })
	p.same(p.findJob("j", first.Number), (*jobs.Job)(nil), "deleted job")
	p.same(p.counters(first.Number), jobs.Counters{}, "counters of the deleted job")
	p.view("marks", func(tx store.ReadTx) error {
		m, err := tx.Marks(0, 10)
		return firstError(err, differ(len(m), 0, "marks of deleted jobs"))
	})
	second := p.job("j")
	if second.Number <= first.Number {
		p.failf("the second job has number %d after %d", second.Number, first.Number)
	}
	p.same(p.findJob("j", second.Number), second, "job made again")
	p.same(p.read("a", store.Address{Job: "j"}).Addressed["j"], store.Addressed{Job: second}, "job made again, from the thing of the old one")
	p.same(p.counters(second.Number), jobs.Counters{}, "counters of the job made again")
}

func countersFollow(p *probe) {
	names := p.fleet(7)
	j, other := p.job("j"), p.job("other")
	for i, name := range names {
		p.device(name, "j", queue)
		p.device(name, "other", queue)
		if i > 0 {
			p.device(name, "j", working)
		}
	}
	ends := []jobs.ExecutionStatus{jobs.Succeeded, jobs.Failed, jobs.Rejected}
	for i, s := range ends {
		p.device(names[i+1], "j", report(s, start0))
	}
	force := func(rule func(jobs.JobExecution) (jobs.JobExecution, error)) move {
		return edit(func(e jobs.JobExecution, _ *jobs.Config) (jobs.JobExecution, error) { return rule(e) })
	}
	p.device(names[4], "j", force(func(e jobs.JobExecution) (jobs.JobExecution, error) { return e.Cancel(start0, true, nil) }))
	p.device(names[5], "j", force(func(e jobs.JobExecution) (jobs.JobExecution, error) { return e.Remove(start0), nil }))
	p.device(names[6], "j", force(func(e jobs.JobExecution) (jobs.JobExecution, error) {
		out, _ := e.TimeOut(e.Deadline())
		return out, nil
	}))
	p.same(p.counters(j.Number), jobs.Counters{1, 0, 1, 1, 1, 1, 1, 1}, "counters of the job, one in each status but IN_PROGRESS")
	p.same(p.counters(other.Number), jobs.Counters{7}, "counters of the other job")
	p.device(names[1], "j", queue)
	p.device(names[2], "j", forget)
	p.same(p.counters(j.Number), jobs.Counters{2, 0, 1, 0, 1, 1, 1, 1}, "counters after another turn and a deletion")
}

func marks(p *probe) {
	a, b := p.job("a"), p.job("b")
	p.thing("t")
	want := func(what string, want ...jobs.JobNumber) {
		var got []jobs.JobNumber
		p.view("marks", func(tx store.ReadTx) (err error) {
			got, err = tx.Marks(0, 10)
			return err
		})
		p.same(append([]jobs.JobNumber{}, got...), append([]jobs.JobNumber{}, want...), what)
	}
	want("marks at first")
	p.device("t", "b", func(v store.ThingView, id jobs.JobID) (store.ThingChange, error) {
		c, err := queue(v, id)
		c.Marks = []jobs.JobNumber{b.Number, b.Number}
		return c, err
	})
	want("marks after a device marked", b.Number)
	p.update("mark twice", func(tx store.Tx) error { return errors.Join(tx.Mark(a.Number), tx.Mark(b.Number)) })
	want("marks after both are marked", a.Number, b.Number)
	p.update("clear", func(tx store.Tx) error { return tx.ClearMark(b.Number) })
	want("marks after one is cleared", a.Number)
	p.update("clear again", func(tx store.Tx) error { return tx.ClearMark(b.Number) })
	p.device("t", "b", func(store.ThingView, jobs.JobID) (store.ThingChange, error) {
		return store.ThingChange{Marks: []jobs.JobNumber{b.Number}}, nil
	})
	want("marks after a change that is only a mark", a.Number, b.Number)
}
