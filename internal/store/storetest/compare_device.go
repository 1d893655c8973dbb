package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// The names of the comparison: few, so that operations meet.
var (
	playThings = []registry.ThingName{"a", "a-", "a1", "A", "aa", "b", "b:1", "b_1", "c"}
	playJobs   = []jobs.JobID{"j", "J", "j-1", "j1", "k"}
)

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// instant is some time near the beginning; times repeat and go back.
func instant(r *rand.Rand) time.Time { return start0.Add(time.Duration(r.IntN(40)) * time.Minute) }

// someAddresses addresses different jobs, one of them perhaps missing, some of them by number.
func someAddresses(r *rand.Rand) (addrs []store.Address) {
	for _, i := range r.Perm(len(playJobs))[:r.IntN(len(playJobs))] {
		addrs = append(addrs, store.Address{Job: playJobs[i], Head: true})
		if r.IntN(4) == 0 {
			addrs[len(addrs)-1].Number = jobs.ExecutionNumber(r.IntN(5))
		}
	}
	return addrs
}

func playDevice(ctx context.Context, s store.Store, r *rand.Rand, d dice, out *transcript) error {
	return s.UpdateThing(ctx, pick(r, playThings), someAddresses(r), func(v store.ThingView) (store.ThingChange, error) {
		r := d.roll(forInside)
		out.begin()
		out.say("view", v)
		c := playChange(r, v, out)
		if r.IntN(20) == 0 {
			return c, errOfFn
		}
		return c, nil
	})
}

// playChange decides something about every addressed job, in the order of playJobs. Sometimes it breaks the contract.
func playChange(r *rand.Rand, v store.ThingView, out *transcript) store.ThingChange {
	c := store.ThingChange{Heads: map[jobs.JobNumber]jobs.Head{}}
	for _, id := range playJobs {
		a, ok := v.Addressed[id]
		if !ok || v.Thing == nil && r.IntN(10) > 0 {
			continue
		}
		if r.IntN(6) == 0 {
			c.Marks = append(c.Marks, a.Job.Number)
		}
		pending := false
		for _, e := range v.Pending {
			pending = pending || e.Job == a.Job.Number
		}
		switch {
		case a.Execution != nil && r.IntN(40) == 0:
			c.Executions = append(c.Executions, forbidden(r, *a.Execution))
			out.did = append(out.did, "forbidden "+string(id))
		case !pending:
			next := a.Head.Newest + 1
			e := jobs.NewExecution(a.Job.Number, next, instant(r))
			e.RetryAttempt = r.IntN(3)
			c.Executions = append(c.Executions, store.ExecutionChange{After: &e})
			c.Heads[a.Job.Number] = jobs.Head{Newest: next, Known: true}
			out.did = append(out.did, "queue "+string(id))
		case a.Execution != nil:
			before := *a.Execution
			after := progress(r, before, a.Job)
			c.Executions = append(c.Executions, store.ExecutionChange{Before: &before, After: &after})
			out.did = append(out.did, fmt.Sprintf("%s to %s", id, after.Status))
		}
	}
	if r.IntN(3) == 0 {
		c.Events = someEvents(r)
	}
	return c
}

// progress changes an execution as the rules of jobs allow; a terminal one changes its details.
func progress(r *rand.Rand, e jobs.JobExecution, job *jobs.Job) jobs.JobExecution {
	now := instant(r)
	if e.Status.Terminal() {
		e.StatusDetails = map[string]string{"late": now.String()}
		return e
	}
	next := e
	switch r.IntN(8) {
	case 0, 1:
		next, _ = e.Start(now, job.Config, map[string]string{"started": now.String()}, jobs.StepTimer(r.IntN(30)))
	case 2, 3:
		s := pick(r, []jobs.ExecutionStatus{jobs.InProgress, jobs.InProgress, jobs.Succeeded, jobs.Failed, jobs.Rejected})
		next, _ = e.Update(now, job.Config, jobs.Report{Status: s, StepTimer: jobs.StepTimer(r.IntN(20) - 1)})
	case 4:
		next, _ = e.Cancel(now, true, nil)
	case 5:
		next = e.Remove(now)
	case 6:
		next, _ = e.TimeOut(now)
	default:
		next.Version++
		next.StepDeadline, next.InProgressDeadline = now, instant(r)
	}
	return next
}

// forbidden is a change that the contract excludes, of an execution that exists.
func forbidden(r *rand.Rand, e jobs.JobExecution) store.ExecutionChange {
	before, after := e, e
	after.Version++
	switch r.IntN(6) {
	case 0:
		before.Version++
	case 1:
		before.Status = map[bool]jobs.ExecutionStatus{true: jobs.InProgress, false: jobs.Queued}[e.Status == jobs.Queued]
	case 2:
		after.Number++
	case 3:
		before.Number, after.Number = before.Number+1000, after.Number+1000
	case 4:
		return store.ExecutionChange{After: &after}
	default:
		before.Status, after.Status = jobs.Succeeded, jobs.Queued
	}
	return store.ExecutionChange{Before: &before, After: &after}
}
