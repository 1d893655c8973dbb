package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

func jobListPromises() []promise {
	return []promise{
		{name: "jobs are listed by status, the newest first", run: jobsByStatus},
		{name: "jobs that follow a group are listed while they do", run: jobsFollowing},
		{name: "a job follows the groups of its stored configuration", run: followsStored},
		{name: "jobs that are due are listed by time", run: dueJobsByTime},
		{name: "a job is due as long as it says so", run: dueJobsFollow},
		{name: "the next due instant is that of a job, too", run: nextDueOfJobs},
	}
}

// edit changes a job.
func (p *probe) edit(j *jobs.Job, change func(*jobs.Job)) *jobs.Job {
	c := j.Clone()
	change(c)
	p.update("change job "+string(j.ID), func(tx store.Tx) error { return tx.PutJob(c) })
	return c
}

func jobsByStatus(p *probe) {
	var all []*jobs.Job
	for i := range 25 {
		j := p.job(jobs.JobID("j" + strconv.Itoa(i)))
		all = append(all, p.edit(j, func(j *jobs.Job) { j.Status = jobs.JobStatuses()[i*i%len(jobs.JobStatuses())] }))
	}
	slices.Reverse(all)
	want := func(after string) {
		for _, s := range jobs.JobStatuses() {
			in := slices.DeleteFunc(slices.Clone(all), func(j *jobs.Job) bool { return j.Status != s })
			inPages(p, "jobs in "+string(s)+" "+after, in, func(tx store.ReadTx, page func() int) ([]*jobs.Job, error) { return allJobsIn(tx, s, page) })
		}
	}
	want("as they were written")
	for i, j := range all {
		if i%3 == 0 {
			all[i] = p.edit(j, func(j *jobs.Job) { j.Status = jobs.JobCanceled })
		}
	}
	want("after some were canceled")
	p.update("delete", func(tx store.Tx) error { return errors.Join(tx.DeleteJob(all[0].Number), tx.DeleteJob(all[4].Number)) })
	all = slices.Delete(slices.Delete(all, 4, 5), 0, 1)
	want("after two were deleted")
}

// onGroups makes a CONTINUOUS job on groups.
func onGroups(groups ...*registry.ThingGroup) func(*jobs.Job) {
	return func(j *jobs.Job) {
		cfg := *j.Config
		cfg.TargetSelection, cfg.Targets = jobs.Continuous, []jobs.Target{{Kind: jobs.ThingTarget, Name: "a"}}
		for _, g := range groups {
			cfg.Targets = append(cfg.Targets, jobs.Target{Kind: jobs.GroupTarget, Name: string(g.Name), Group: g.Number})
		}
		j.Revision++
		j.Config = &cfg
	}
}

// following demands which jobs follow a group.
func (p *probe) following(what string, g *registry.ThingGroup, want ...*jobs.Job) {
	inPages(p, fmt.Sprintf("jobs that follow %s, %s", g.Name, what), want, func(tx store.ReadTx, page func() int) ([]*jobs.Job, error) {
		return allJobsFollowing(tx, g.Number, page)
	})
}

func jobsFollowing(p *probe) {
	g, h := p.group("g", nil), p.group("h", nil)
	p.following("at first", g)
	first := p.edit(p.job("first"), onGroups(g))
	second := p.edit(p.job("second"), onGroups(h, g, h))
	other := p.edit(p.job("snapshot"), onGroups(g))
	other = p.edit(other, func(j *jobs.Job) {
		onGroups(g)(j)
		j.Config.TargetSelection = jobs.Snapshot
	})
	p.following("two of three", g, second, first)
	p.following("one that names it twice", h, second)
	second = p.edit(second, func(j *jobs.Job) { j.Comment, j.Status = "scheduled", jobs.JobScheduled })
	p.following("one changed its state", g, second, first)
	for _, end := range []jobs.JobStatus{jobs.JobCompleted, jobs.JobCanceled, jobs.JobDeletionInProgress} {
		first = p.edit(first, func(j *jobs.Job) { j.Status = end })
		p.following("one is "+string(end), g, second)
		first = p.edit(first, func(j *jobs.Job) { j.Status = jobs.JobInProgress })
		p.following("one was "+string(end)+" and goes on", g, second, first)
	}
	first = p.edit(first, onGroups(h))
	p.following("one has other targets", g, second)
	p.following("one has it as a new target", h, second, first)
	other = p.edit(other, onGroups(g))
	p.following("a new revision is CONTINUOUS", g, other, second)
	if p.engine.Reopens {
		p.reopen()
		p.following("opened again", g, other, second)
	}
	p.update("delete job", func(tx store.Tx) error { return tx.DeleteJob(second.Number) })
	p.following("one was deleted", g, other)
	p.following("one was deleted", h, first)
}

// followsStored writes a job with a configuration of its stored revision, which is not taken.
func followsStored(p *probe) {
	g, h := p.group("g", nil), p.group("h", nil)
	j := p.edit(p.job("j"), onGroups(g))
	other := j.Clone()
	onGroups(h)(other)
	for _, cfg := range []*jobs.Config{nil, other.Config} {
		p.edit(j, func(j *jobs.Job) { j.Config = cfg })
		p.same(p.findJob("j", j.Number), j, "job after its revision was written with another configuration")
		p.following("after its revision was written with another configuration", g, j)
		p.following("which only the configuration names that was not taken", h)
	}
}

func (p *probe) dueJobs(until time.Time, limit int) (list []jobs.JobNumber) {
	p.view("read which jobs are due", func(tx store.ReadTx) (err error) {
		list, err = tx.DueJobs(until, limit)
		return err
	})
	return list
}

func wakeAt(at time.Time) func(*jobs.Job) { return func(j *jobs.Job) { j.WakeAt = at } }

func dueJobsByTime(p *probe) {
	p.same(len(p.dueJobs(farFuture, 10)), 0, "due jobs at first")
	at := func(second int) time.Time { return start0.Add(time.Duration(second) * time.Second) }
	var all []jobs.JobNumber
	for i, second := range []int{2, 0, 1, 0, 2} { // 1 and 3, then 2, then 0 and 4
		j := p.job(jobs.JobID("j" + strconv.Itoa(i)))
		all = append(all, p.edit(j, wakeAt(at(second))).Number)
	}
	p.job("never")
	want := []jobs.JobNumber{all[1], all[3], all[2], all[0], all[4]}
	for limit := range len(want) + 2 {
		p.same(p.dueJobs(farFuture, limit), want[:min(limit, len(want))], fmt.Sprintf("the first %d", limit))
	}
	p.same(p.dueJobs(at(0), 10), want[:2], "what is due up to and including the first instant")
	p.same(p.dueJobs(at(1).Add(-time.Microsecond), 10), want[:2], "what is due before the second instant")
	p.same(p.dueJobs(at(1), 10), want[:3], "what is due up to and including the second instant")
	p.same(len(p.dueJobs(at(0).Add(-time.Microsecond), 10)), 0, "what is due before the first instant")
	p.same(len(p.dueJobs(time.Time{}, 10)), 0, "what is due at the zero instant")
}

func dueJobsFollow(p *probe) {
	j := p.job("j")
	want := func(what string, at time.Time) {
		p.same(len(p.dueJobs(farFuture, 10)) == 1, !at.IsZero(), "whether a job is due with "+what)
		p.same(p.nextDue(time.Time{}), at, "next due instant with "+what)
	}
	for _, at := range []time.Time{start0, start0.Add(time.Hour), start0.Add(-time.Hour), time.Date(1960, 5, 5, 5, 5, 5, 5000, time.UTC)} {
		j = p.edit(j, wakeAt(at))
		want("a time to wake", at)
		j = p.edit(j, func(j *jobs.Job) { j.Comment, j.Status = at.String(), jobs.JobCanceled })
		want("another state", at)
	}
	j = p.edit(j, wakeAt(time.Time{}))
	want("no time to wake", time.Time{})
	j = p.edit(j, wakeAt(start0))
	want("a time to wake again", start0)
	if p.engine.Reopens {
		p.reopen()
		want("a store that was opened again", start0)
	}
	p.update("delete job", func(tx store.Tx) error { return tx.DeleteJob(j.Number) })
	want("no job any more", time.Time{})
}

func nextDueOfJobs(p *probe) {
	p.thing("a")
	p.job("j")
	p.device("a", "j", queue)
	second, third := start0.Add(time.Second), start0.Add(2*time.Second)
	p.device("a", "j", timer(second))
	p.edit(p.job("k"), wakeAt(start0))
	p.edit(p.job("l"), wakeAt(third))
	for _, test := range []struct{ after, want time.Time }{
		{time.Time{}, start0},
		{start0.Add(-time.Microsecond), start0},
		{start0, second},
		{second, third},
		{third.Add(-time.Microsecond), third},
		{third, time.Time{}},
	} {
		p.same(p.nextDue(test.after), test.want, "next due after "+test.after.Format(time.RFC3339Nano))
	}
}
