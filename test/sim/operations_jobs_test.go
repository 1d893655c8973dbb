package sim

import (
	"context"
	"fmt"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/service"
)

func (d *dealer) createJob() operation {
	id := d.anyJob()
	for n := 0; d.m.jobs[id] != nil && n < d.jobs && !d.once(12); n++ {
		id = d.job(n)
	}
	config, w := d.aConfig()
	return operation{
		text:   fmt.Sprintf("CreateJob %s %+v", id, config),
		expect: refusalOnly(func(m *model) jobs.Code { return m.createJob(id, config, w) }),
		call: func(ctx context.Context, w *world) (string, error) {
			_, err := w.service.CreateJob(ctx, service.CreateJobInput{ID: id, Config: config})
			return "", err
		},
		afterwards: func(m *model) error { return m.queuedAtOnce(id) },
	}
}

// queuedAtOnce demands that a small job that was just created has its executions, as far as the rate allows.
func (m *model) queuedAtOnce(id jobs.JobID) error {
	j := m.jobs[id]
	if j == nil || j.status != jobs.JobInProgress || j.rates[0].since != m.now || len(j.rates) > 1 || !j.open(m.now) {
		return nil
	}
	looked := len(j.things) + len(j.groups)
	for _, g := range j.groups {
		for _, t := range m.things {
			if m.in(t.direct, g) {
				looked++
			}
		}
	}
	rate := m.ceiling(j)
	if e := j.config.Rollout.Exponential; e != nil {
		rate = min(rate, e.BaseRatePerMinute)
	}
	if waiting := m.waiting(j); looked <= 100 && len(waiting) > 0 && len(j.released) < rate {
		return fmt.Errorf("job %s was created, and thing %s has no execution", id, waiting[0].name)
	}
	return nil
}

func (d *dealer) associate() operation {
	id, targets := d.knownJob(), []jobs.Target{{Kind: jobs.GroupTarget, Name: string(d.knownGroup())}}
	return operation{
		text:   fmt.Sprintf("AssociateTargetsWithJob %s %v", id, targets),
		expect: refusalOnly(func(m *model) jobs.Code { return m.associate(id, targets) }),
		call: func(ctx context.Context, w *world) (string, error) {
			_, err := w.service.AssociateTargetsWithJob(ctx, service.AssociateTargetsInput{ID: id, Targets: targets})
			return "", err
		},
	}
}

func (d *dealer) updateJob() operation {
	id := d.knownJob()
	in, update := service.UpdateJobInput{ID: id}, jobUpdate{}
	switch d.r.IntN(4) {
	case 0:
		timeout := time.Duration(d.r.IntN(4)) * time.Minute
		in.InProgressTimeout, update.timeout = &timeout, &timeout
	case 1:
		rollout := d.aRollout()
		in.Rollout, update.rollout = &rollout, &rollout
	case 2:
		abort := d.someAbort()
		in.Abort, update.abort = &abort, &abort
	default:
		update.noRetries = true
		none := []jobs.RetryCriterion{}
		if j := d.m.jobs[id]; j != nil {
			for _, c := range j.config.Retries {
				none = append(none, jobs.RetryCriterion{FailureType: c.FailureType})
			}
		}
		in.Retries = &none
	}
	return operation{
		text:   fmt.Sprintf("UpdateJob %s %+v", id, update),
		expect: refusalOnly(func(m *model) jobs.Code { return m.updateJob(id, update) }),
		call: func(ctx context.Context, w *world) (string, error) {
			return "", w.service.UpdateJob(ctx, in)
		},
	}
}

func (d *dealer) cancelJob() operation {
	id, force := d.knownJob(), d.once(2)
	return operation{
		text:   fmt.Sprintf("CancelJob %s force=%v", id, force),
		expect: refusalOnly(func(m *model) jobs.Code { return m.cancelJob(id, force) }),
		call: func(ctx context.Context, w *world) (string, error) {
			_, err := w.service.CancelJob(ctx, service.CancelJobInput{ID: id, Force: force})
			return "", err
		},
	}
}

func (d *dealer) deleteJob() operation {
	id, force := d.knownJob(), d.once(2)
	return operation{
		text:   fmt.Sprintf("DeleteJob %s force=%v", id, force),
		expect: refusalOnly(func(m *model) jobs.Code { return m.deleteJob(id, force) }),
		call: func(ctx context.Context, w *world) (string, error) {
			return "", w.service.DeleteJob(ctx, service.DeleteJobInput{ID: id, Force: force})
		},
	}
}

func (d *dealer) cancelExecution() operation {
	at, force, details := d.anExecution(), d.once(2), d.someDetails()
	expected := d.aVersion(at)
	return operation{
		text:   fmt.Sprintf("CancelJobExecution %s force=%v expected=%d", at, force, expected),
		expect: refusalOnly(func(m *model) jobs.Code { return m.cancelExecution(at, force, expected, details) }),
		call: func(ctx context.Context, w *world) (string, error) {
			return "", w.service.CancelJobExecution(ctx, service.CancelJobExecutionInput{
				JobExecutionInput: at.input(), Force: force, ExpectedVersion: optional(expected), StatusDetails: detailsMap(details),
			})
		},
	}
}

func (at address) input() service.JobExecutionInput {
	return service.JobExecutionInput{Thing: at.thing, JobID: at.job, ExecutionNumber: at.number}
}

func (d *dealer) deleteExecution() operation {
	at, force := d.anExecution(), d.once(2)
	return operation{
		text:   fmt.Sprintf("DeleteJobExecution %s force=%v", at, force),
		expect: refusalOnly(func(m *model) jobs.Code { return m.deleteExecution(at, force) }),
		call: func(ctx context.Context, w *world) (string, error) {
			return "", w.service.DeleteJobExecution(ctx, service.DeleteJobExecutionInput{JobExecutionInput: at.input(), Force: force})
		},
	}
}

// describeJob compares the job and its counters. It takes decisions that are due, so the model follows first.
func (d *dealer) describeJob() operation {
	id := d.knownJob()
	var shown *service.JobDescription
	return operation{
		text: "DescribeJob " + string(id),
		call: func(ctx context.Context, w *world) (string, error) {
			out, err := w.service.DescribeJob(ctx, id)
			if err == nil {
				shown = &out
			}
			if jobs.CodeOf(err) == jobs.ResourceNotFound {
				err = nil
			}
			return "", err
		},
		afterwards: func(m *model) error {
			j := m.jobs[id]
			if j == nil || shown == nil {
				if (j == nil) != (shown == nil) {
					return fmt.Errorf("job %s is shown: %v, should be: %v", id, shown != nil, j != nil)
				}
				return nil
			}
			return j.describedAs(*shown)
		},
	}
}

func (j *modelJob) describedAs(shown service.JobDescription) error {
	if shown.Job.Status != j.status || shown.Job.ForceCanceled != j.forced {
		return fmt.Errorf("job %s is shown as %s, should be %s", j.id, shown.Job.Status, j.status)
	}
	counts := j.counts()
	for _, status := range jobs.ExecutionStatuses() {
		if got := shown.Counters.Of(status); got != counts[status] && j.status != jobs.JobDeletionInProgress {
			return fmt.Errorf("job %s counts %d %s, should count %d", j.id, got, status, counts[status])
		}
	}
	return nil
}

func (d *dealer) listJobs() operation {
	shown := map[jobs.JobID]jobs.JobStatus{}
	return operation{
		text: "ListJobs",
		call: func(ctx context.Context, w *world) (string, error) {
			return "", pages(d.r, func(p service.Page) (string, error) {
				out, err := w.service.ListJobs(ctx, service.ListJobsInput{Page: p})
				for _, j := range out.Jobs {
					shown[j.ID] = j.Status
				}
				return out.NextToken, err
			})
		},
		afterwards: func(m *model) error {
			should := map[jobs.JobID]jobs.JobStatus{}
			for id, j := range m.jobs {
				should[id] = j.status
			}
			if got, want := fmt.Sprint(shown), fmt.Sprint(should); got != want {
				return fmt.Errorf("jobs are listed as %s, should be %s", got, want)
			}
			return nil
		},
	}
}
