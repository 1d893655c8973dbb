package service

import (
	"slices"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/rollout"
	"iotjobs/internal/store"
)

// thingState is a thing as everybody must see it now (jobs.Effective), and the change that a rule makes of it. A write also rewrites the
// rows of executions that were canceled with their job; a read alone never does.
type thingState struct {
	view    store.ThingView
	by      string              // who changes it
	pending []jobs.JobExecution // effective and still pending, in queue order; nobody changes them in place
	settled []store.ExecutionChange
	made    store.ThingChange
}

func newThingState(view store.ThingView) *thingState {
	s := &thingState{view: view, by: jobs.ByService, pending: view.Pending}
	if slices.ContainsFunc(view.Pending, func(e jobs.JobExecution) bool { return !jobs.AsStored(s.job(e)) }) {
		s.showEffective()
	}
	return s
}

func (s *thingState) showEffective() {
	s.pending = nil
	for i := range s.view.Pending {
		stored := &s.view.Pending[i]
		if effective, ok := jobs.Effective(*stored, s.job(*stored)); ok && effective.Status.Pending() {
			s.pending = append(s.pending, effective)
		}
	}
	s.settled = overtaken(s.view)
}

// overtaken are the changes of rows that are to follow their job, which was canceled. Those of a job in deletion stay: its step removes them.
func overtaken(view store.ThingView) (changes []store.ExecutionChange) {
	for i := range view.Pending {
		stored := &view.Pending[i]
		if job := view.Jobs[stored.Job]; job == nil || job.Status != jobs.JobCanceled {
			continue
		}
		if effective, ok := jobs.Effective(*stored, view.Jobs[stored.Job]); ok && !effective.Status.Pending() {
			changes = append(changes, store.ExecutionChange{Before: stored, After: &effective})
		}
	}
	return changes
}

// offered are the pending executions that a device gets to see now, in queue order: not the queued ones of a job whose maintenance window is
// closed (LIFE-8.7).
func (s *thingState) offered(now time.Time) []jobs.JobExecution {
	withheld := func(e jobs.JobExecution) bool { return e.Status != jobs.InProgress && !windowOpen(s.job(e), now) }
	if !slices.ContainsFunc(s.pending, withheld) {
		return s.pending
	}
	return slices.DeleteFunc(slices.Clone(s.pending), withheld)
}

// windowed tells whether an execution belongs to a job with maintenance windows.
func (s *thingState) windowed(e jobs.JobExecution) bool {
	return len(s.job(e).Config.Schedule.MaintenanceWindows) > 0
}

func windowOpen(job *jobs.Job, now time.Time) bool {
	given := job.Config.Schedule.MaintenanceWindows
	if len(given) == 0 {
		return true
	}
	windows, err := rollout.ParseWindows(given)
	return err != nil || windows.Open(now) // impossible: they were read when the job was created
}

// registered refuses names that no thing has (Q16).
func (s *thingState) registered(name registry.ThingName) error {
	if s.view.Thing == nil {
		return thingNotFound(name)
	}
	return nil
}

// execution finds what an address names, as it must be seen now.
func (s *thingState) execution(thing registry.ThingName, addr store.Address) (*jobs.Job, jobs.JobExecution, error) {
	if err := s.registered(thing); err != nil {
		return nil, jobs.JobExecution{}, err
	}
	found, ok := s.view.Addressed[addr.Job]
	if !ok || found.Execution == nil {
		return nil, jobs.JobExecution{}, executionNotFound(thing, addr)
	}
	effective, ok := jobs.Effective(*found.Execution, found.Job)
	if !ok {
		return nil, jobs.JobExecution{}, executionNotFound(thing, addr)
	}
	return found.Job, effective, nil
}

// job is the record of a pending execution's job.
func (s *thingState) job(e jobs.JobExecution) *jobs.Job { return s.view.Jobs[e.Job] }

// replace records that an execution changes. When it ends, the job's step may have something to do.
func (s *thingState) replace(before, after jobs.JobExecution) {
	if before.Status == jobs.Queued && after.Status == jobs.InProgress {
		after.StartedBy = s.by
	}
	if after.Status.Terminal() {
		after.EndedBy = s.by
	}
	s.made.Executions = append(s.made.Executions, store.ExecutionChange{Before: &before, After: &after})
	if after.Status.Terminal() && concernsJob(s.view.Jobs[after.Job]) {
		s.mark(after.Job)
	}
}

// end records that an execution ends, and queues the next one if it is to be tried again (LIFE-7). The job must be addressed in the view, with its head
// if that may be.
func (s *thingState) end(before, after jobs.JobExecution, now time.Time) {
	s.replace(before, after)
	job := s.job(after)
	head := s.view.Addressed[job.ID].Head
	used, retry := rollout.Retry(job.Config.Retries, head.Retries, after.Status)
	if retry && after.Number == head.Newest && job.Retried(now, s.view.Thing) {
		head.Retries = used
		s.queue(job, head, now)
	}
}

// forgetRetries sets the retries that were used back: the thing's membership has changed (LIFE-3.10). The job must be addressed in the view,
// with its head.
func (s *thingState) forgetRetries(job *jobs.Job) {
	if head := s.view.Addressed[job.ID].Head; head.Retries != (jobs.RetriesUsed{}) {
		head.Retries = jobs.RetriesUsed{}
		s.setHead(job.Number, head)
	}
}

func (s *thingState) setHead(job jobs.JobNumber, head jobs.Head) {
	if s.made.Heads == nil {
		s.made.Heads = map[jobs.JobNumber]jobs.Head{}
	}
	s.made.Heads[job] = head
}

// queue gives the thing the next execution of a job. The head says how many retries that makes.
func (s *thingState) queue(job *jobs.Job, head jobs.Head, now time.Time) {
	e := jobs.NewExecution(job.Number, head.Newest+1, now)
	e.RetryAttempt = head.Retries.Attempts()
	s.made.Executions = append(s.made.Executions, store.ExecutionChange{After: &e})
	s.setHead(job.Number, jobs.Head{Newest: e.Number, Known: true, Retries: head.Retries})
}

func (s *thingState) mark(number jobs.JobNumber) {
	if !slices.Contains(s.made.Marks, number) {
		s.made.Marks = append(s.made.Marks, number)
	}
}

// change is all that is to be written: what the rule made, and with it the rows that were to follow their job anyway.
func (s *thingState) change() store.ThingChange {
	if s.made.Empty() {
		return s.made
	}
	c := s.made
	for _, settled := range s.settled {
		replaced := slices.ContainsFunc(c.Executions, func(e store.ExecutionChange) bool {
			return e.Before != nil && e.Before.Job == settled.Before.Job && e.Before.Number == settled.Before.Number
		})
		if !replaced {
			c.Executions = append(c.Executions, settled)
		}
	}
	return c
}

// concernsJob tells whether the end of one execution can change the job: complete it, if it has queued all it had to, or abort it.
func concernsJob(job *jobs.Job) bool {
	if job == nil || job.Status != jobs.JobInProgress {
		return false
	}
	ends := job.Config.TargetSelection == jobs.Snapshot || !job.Config.Schedule.EndsAt.IsZero()
	return job.Release.Done && ends || len(job.Config.Abort) > 0
}

func thingNotFound(name registry.ThingName) error {
	return jobs.Errorf(jobs.ResourceNotFound, "Thing %s cannot be found.", name)
}

func jobNotFound(id jobs.JobID) error {
	return jobs.Errorf(jobs.ResourceNotFound, "Job %s cannot be found.", id)
}

func executionNotFound(thing registry.ThingName, addr store.Address) error {
	if addr.Number == 0 {
		return jobs.Errorf(jobs.ResourceNotFound, "Job execution of job %s on thing %s cannot be found.", addr.Job, thing)
	}
	return jobs.Errorf(jobs.ResourceNotFound, "Job execution %d of job %s on thing %s cannot be found.", addr.Number, addr.Job, thing)
}
