package service

import (
	"context"
	"fmt"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/rollout"
	"iotjobs/internal/store"
)

// ExplainJobInput asks why a job, or a job on one thing, is where it is.
type ExplainJobInput struct {
	ID    jobs.JobID         `json:"jobId"`
	Thing registry.ThingName `json:"thingName,omitempty"` // empty for the whole job
}

// ExplainJob says in sentences what a job waits for, and of a thing what its executions were and what the next one waits for.
func (s *Service) ExplainJob(ctx context.Context, in ExplainJobInput) (sentences []string, err error) {
	now := s.Now()
	err = s.Store.View(ctx, func(tx store.ReadTx) error {
		job, err := existingJob(tx, in.ID)
		if err != nil {
			return err
		}
		x := explanation{tx: tx, job: job, now: now}
		if x.decision, err = s.decide(tx, job, now); err != nil {
			return err
		}
		if in.Thing == "" {
			err = x.wholeJob()
		} else {
			err = x.thing(in.Thing, s.Quotas.PendingPerThing)
		}
		sentences = x.sentences
		return err
	})
	return sentences, err
}

// explanation collects sentences.
type explanation struct {
	tx        store.ReadTx
	job       *jobs.Job
	now       time.Time
	decision  rollout.Decision
	sentences []string
}

func (x *explanation) say(format string, args ...any) {
	x.sentences = append(x.sentences, fmt.Sprintf(format, args...))
}

// when shows an instant, and how far it is.
func (x *explanation) when(t time.Time) string {
	if d := t.Sub(x.now).Round(time.Second); d > 0 {
		return fmt.Sprintf("%s (in %s)", t.Format(time.RFC3339), d)
	}
	return fmt.Sprintf("%s (%s ago)", t.Format(time.RFC3339), x.now.Sub(t).Round(time.Second))
}

func (x *explanation) wholeJob() error {
	j := x.job
	counters, err := x.tx.Counters(j.Number)
	if err != nil {
		return err
	}
	counters = jobs.EffectiveCounters(counters, j)
	x.say("Job %s is %s since %s.", j.ID, j.Status, x.when(j.LastUpdatedAt))
	if j.Finished() {
		x.ended()
		return nil
	}
	x.say("%d things were notified; %d executions are queued, %d in progress.", j.Minute.Notified, counters.Of(jobs.Queued), counters.Of(jobs.InProgress))
	x.waiting()
	return nil
}

// ended says why a job is over.
func (x *explanation) ended() {
	if x.job.Comment != "" || x.job.ReasonCode != "" {
		x.say("The reason given is %q: %s", x.job.ReasonCode, x.job.Comment)
	}
	if x.job.Sweep.Active {
		x.say("The rows of its executions still follow in the background; every API shows them as they will be.")
	}
}

// waiting says what the job does or waits for.
func (x *explanation) waiting() {
	if x.decision.Do != rollout.Wait {
		x.say("It is at work right now.")
		return
	}
	x.say("It waits for %s.", x.decision.Reason)
	if !x.decision.Until.IsZero() {
		x.say("It looks again at %s.", x.when(x.decision.Until))
	}
	if x.decision.Reason == rollout.ForWindow && x.decision.Until.IsZero() {
		x.say("None of its maintenance windows ever opens.")
	}
}

func (x *explanation) thing(name registry.ThingName, quota int) error {
	view, err := x.tx.Thing(name, store.Address{Job: x.job.ID, Head: true})
	if err != nil {
		return err
	}
	if view.Thing == nil {
		return thingNotFound(name)
	}
	executions, err := x.executions(view.Thing.Key())
	if err != nil {
		return err
	}
	for _, e := range executions {
		x.timeline(e)
	}
	if len(executions) == 0 {
		x.neverQueued(view, quota)
		return nil
	}
	if newest := executions[len(executions)-1]; newest.Status.Pending() {
		x.pending(newest, newThingState(view))
	}
	return nil
}

// executions are those of the job on the thing as they are seen, the first one first.
func (x *explanation) executions(thing registry.ThingKey) (list []jobs.JobExecution, err error) {
	rows, err := x.tx.ThingExecutions(thing, store.ExecutionCursor{Job: x.job.Number + 1}, MaxPageSize)
	if err != nil {
		return nil, err
	}
	for _, e := range rows {
		if effective, ok := jobs.Effective(e, x.job); ok && e.Job == x.job.Number {
			list = append([]jobs.JobExecution{effective}, list...)
		}
	}
	return list, nil
}

// timeline says each status of one execution: when it began, by whom, and with which version.
func (x *explanation) timeline(e jobs.JobExecution) {
	retry := ""
	if e.RetryAttempt > 0 {
		retry = fmt.Sprintf(", retry %d", e.RetryAttempt)
	}
	x.say("Execution %d%s: QUEUED at %s by %s, version 1.", e.Number, retry, x.when(e.QueuedAt), jobs.ByService)
	if !e.StartedAt.IsZero() {
		x.say("Execution %d: IN_PROGRESS at %s by %s, version 2.", e.Number, x.when(e.StartedAt), e.StartedBy)
	}
	switch {
	case e.Status.Terminal():
		x.say("Execution %d: %s at %s by %s, version %d.", e.Number, e.Status, x.when(e.LastUpdatedAt), e.EndedBy, e.Version)
	case e.Status == jobs.InProgress && e.Version > 2:
		x.say("Execution %d: last report at %s, version %d.", e.Number, x.when(e.LastUpdatedAt), e.Version)
	}
}

// pending says what the execution that is to be done waits for.
func (x *explanation) pending(e jobs.JobExecution, state *thingState) {
	if deadline := e.Deadline(); !deadline.IsZero() {
		x.say("It times out at %s.", x.when(deadline))
	}
	if e.Status == jobs.InProgress {
		x.say("It waits for the device to report its end.")
		return
	}
	if !windowOpen(x.job, x.now) {
		x.say("It waits for a maintenance window of the job; until then the device does not see it.")
		return
	}
	next, ok := jobs.Next(state.offered(x.now))
	switch {
	case ok && next.Job != e.Job:
		x.say("It waits for the thing to finish execution %d of job %s, which is %s and comes first.", next.Number, state.job(next).ID, next.Status)
	default:
		x.say("It is the next one for the device, which has not started it since it was queued.")
	}
}

// neverQueued says why the job has no execution on the thing.
func (x *explanation) neverQueued(view store.ThingView, quota int) {
	switch {
	case view.Addressed[x.job.ID].Head.Known:
		x.say("The executions of job %s on thing %s were deleted; it is not queued again.", x.job.ID, view.Thing.Name)
	case x.job.Finished():
		x.say("Job %s is %s and has no execution on thing %s.", x.job.ID, x.job.Status, view.Thing.Name)
		x.ended()
	case !x.job.Targets(view.Thing):
		x.say("Thing %s is no target of job %s: it is not named, and in none of its thing groups.", view.Thing.Name, x.job.ID)
	case x.job.Release.Done && x.job.Config.TargetSelection == jobs.Snapshot:
		x.say("Thing %s became a target after job %s had taken its snapshot; a SNAPSHOT job does not follow its groups.", view.Thing.Name, x.job.ID)
	case len(view.Pending) >= quota:
		x.say("Thing %s has %d pending executions, as many as it may; the job waits until one of them ends.", view.Thing.Name, len(view.Pending))
	default:
		x.say("Thing %s is a target and was not notified yet.", view.Thing.Name)
		x.waiting()
	}
}
