package sim

import (
	"context"
	"errors"
	"fmt"

	"iotjobs/internal/jobs"
	"iotjobs/internal/service"
)

func (d *dealer) startNext() operation {
	thing, details, step := d.knownThing(), d.someDetails(), d.aStepTimer()
	return operation{
		text: fmt.Sprintf("StartNextPendingJobExecution %s step=%d", thing, step),
		expect: func(m *model) (string, jobs.Code) {
			j, r, refusal := m.startNext(thing, details, step)
			if r == nil {
				return nothing, refusal
			}
			return r.said(j.id), 0
		},
		call: func(ctx context.Context, w *world) (string, error) {
			in := service.StartNextPendingJobExecutionInput{Thing: thing, StatusDetails: detailsMap(details), StepTimer: step}
			out, err := w.service.StartNextPendingJobExecution(ctx, in)
			return saidByDevice(out), err
		},
	}
}

func (d *dealer) aStepTimer() jobs.StepTimer {
	return []jobs.StepTimer{0, 0, 0, jobs.RemoveStepTimer, 1, 3}[d.r.IntN(6)]
}

// report is mostly what a device may say.
func (d *dealer) report() operation {
	at := d.anExecution()
	told := deviceReport{status: jobs.InProgress, details: d.someDetails(), expected: d.aVersion(at), step: d.aStepTimer()}
	switch d.r.IntN(10) {
	case 0, 1, 2:
		told.status = jobs.Succeeded
	case 3, 4:
		told.status = jobs.Failed
	case 5:
		told.status = jobs.Rejected
	case 6:
		all := jobs.ExecutionStatuses()
		told.status = all[d.r.IntN(len(all))]
	}
	return operation{
		text: fmt.Sprintf("UpdateJobExecution %s %s expected=%d step=%d", at, told.status, told.expected, told.step),
		expect: func(m *model) (string, jobs.Code) {
			r, refusal := m.report(at, told)
			if refusal != 0 {
				return "", refusal
			}
			return r.said(at.job), 0
		},
		call: func(ctx context.Context, w *world) (string, error) {
			out, err := w.service.UpdateJobExecution(ctx, service.UpdateJobExecutionInput{
				Thing: at.thing, JobID: at.job, ExecutionNumber: at.number, IncludeState: true,
				Report: jobs.Report{
					Status: told.status, StatusDetails: detailsMap(told.details), ExpectedVersion: optional(told.expected), StepTimer: told.step,
				},
			})
			if err != nil {
				return "", err
			}
			return rowOf(*out.Execution).said(at.job), nil
		},
	}
}

// work lets every thing finish what it is to do first: all in one operation, as long as steps do not run in between.
func (d *dealer) work() (ops []operation) {
	var busy []address
	for _, t := range d.m.thingsByName() {
		if len(t.queue) > 0 {
			busy = append(busy, address{thing: t.name, job: d.m.jobNumbered(t.queue[0]).id})
		}
	}
	if !d.virtual {
		return []operation{succeed(busy...)}
	}
	for _, at := range busy {
		ops = append(ops, succeed(at))
	}
	return ops
}

// succeed reports success. What an abort has canceled meanwhile is refused.
func succeed(all ...address) operation {
	return operation{
		text: fmt.Sprintf("UpdateJobExecution %s SUCCEEDED", short(all)), sturdy: true,
		expect: func(m *model) (string, jobs.Code) {
			var codes []jobs.Code
			for _, at := range all {
				_, code := m.report(at, deviceReport{status: jobs.Succeeded})
				codes = append(codes, code)
			}
			return fmt.Sprint(codes), 0
		},
		call: func(ctx context.Context, w *world) (string, error) {
			var codes []jobs.Code
			for _, at := range all {
				in := service.UpdateJobExecutionInput{Thing: at.thing, JobID: at.job, Report: jobs.Report{Status: jobs.Succeeded}}
				_, err := w.service.UpdateJobExecution(ctx, in)
				refusal, refused := errors.AsType[*jobs.Error](err)
				switch {
				case refused:
					codes = append(codes, refusal.Code)
				case err != nil:
					return "", err
				default:
					codes = append(codes, 0)
				}
			}
			return fmt.Sprint(codes), nil
		},
	}
}
