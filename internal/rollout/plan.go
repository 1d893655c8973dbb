package rollout

import (
	"time"

	"iotjobs/internal/jobs"
)

// Assumptions are how things are supposed to behave in a plan.
type Assumptions struct {
	// Things is how many the targets hold.
	Things int64
	// SuccessBasisPoints is the share of executions that succeed, in hundredths of a percent; the others fail.
	SuccessBasisPoints int64
	// ExecutionTime is how long an execution takes from being queued to its end.
	ExecutionTime time.Duration
}

// PlannedStep is something that a planned job does.
type PlannedStep struct {
	At time.Time
	Do Action
	// Released is, for Release, how many things are notified then, and Rate what the minute allows.
	Released int64
	Rate     int
	// Counters are those after the step; Notified counts everything that was released.
	Counters jobs.Counters
	Notified int64
	// Comment is, for CancelJob, why.
	Comment string
	// Reason is, for Wait, what the job then waits for without end.
	Reason Reason
}

// planned is a job that is being planned.
type planned struct {
	view    View
	things  int64
	assumed Assumptions
	running []batch
	// carry is what rounding has kept from the successes, so that shares come out right in the sum.
	carry int64
	steps []PlannedStep
}

// batch is executions that were queued together.
type batch struct {
	ends time.Time
	n    int64
	used jobs.RetriesUsed
}

// Plan goes through the life of a job with the same functions that run it. It ends with Complete, CancelJob, or Wait for what no time brings, and
// after limit steps at the latest.
func Plan(now time.Time, v View, a Assumptions, limit int) []PlannedStep {
	p := planned{view: v, things: a.Things, assumed: a}
	p.view.TargetsLeft = p.things > 0
	for range limit {
		p.finish(now)
		d := Decide(now, p.view)
		if d.Do == Wait {
			next := earlier(d.Until, p.nextEnd())
			if next.IsZero() {
				p.note(PlannedStep{At: now, Do: Wait, Reason: d.Reason})
				break
			}
			now = next
			continue
		}
		p.act(now, d)
		if d.Do == Complete || d.Do == CancelJob {
			break
		}
	}
	return p.steps
}

func (p *planned) note(s PlannedStep) {
	s.Counters, s.Notified = p.view.Counters, p.view.Minute.Notified
	p.steps = append(p.steps, s)
}

func (p *planned) act(now time.Time, d Decision) {
	step := PlannedStep{At: now, Do: d.Do, Comment: d.Comment}
	switch d.Do {
	case Start:
		p.view.Status = jobs.JobInProgress
	case EndRollout:
		p.view.TargetsLeft = false
	case Release:
		step.Released = min(int64(d.Things), p.things)
		p.things -= step.Released
		p.view.TargetsLeft = p.things > 0
		p.view.Minute = d.Released(int(step.Released))
		p.view.Counters.Add(jobs.Queued, step.Released)
		p.running = append(p.running, batch{ends: now.Add(p.assumed.ExecutionTime), n: step.Released})
		step.Rate = p.view.Minute.Rate
	case Complete:
		p.view.Status = jobs.JobCompleted
	case CancelJob:
		p.view.Status = jobs.JobCanceled
	case Wait, DeleteRows, CancelRows:
	}
	p.note(step)
}

// nextEnd is when the next execution ends; zero when none runs.
func (p *planned) nextEnd() (next time.Time) {
	for _, b := range p.running {
		next = earlier(next, b.ends)
	}
	return next
}

// finish ends the executions whose time has come; failed ones are tried again while their budget lasts.
func (p *planned) finish(now time.Time) {
	var still []batch
	for _, b := range p.running {
		if b.ends.After(now) {
			still = append(still, b)
			continue
		}
		p.carry += b.n * p.assumed.SuccessBasisPoints
		succeeded := min(b.n, p.carry/10_000)
		p.carry -= succeeded * 10_000
		failed := b.n - succeeded
		p.view.Counters.Add(jobs.Queued, -b.n)
		p.view.Counters.Add(jobs.Succeeded, succeeded)
		p.view.Counters.Add(jobs.Failed, failed)
		if used, retry := Retry(p.view.Config.Retries, b.used, jobs.Failed); retry && failed > 0 && p.view.Config.Schedule.Accepts(now, p.view.Status) {
			p.view.Counters.Add(jobs.Queued, failed)
			still = append(still, batch{ends: now.Add(p.assumed.ExecutionTime), n: failed, used: used})
		}
	}
	p.running = still
}
