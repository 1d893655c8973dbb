package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

// fleet is all devices.
type fleet struct {
	devices []*device
	end     func()
	running sync.WaitGroup
}

// startFleet switches the devices on.
func startFleet(ctx context.Context, h *house, seed uint64) *fleet {
	ctx, cancel := context.WithCancel(ctx)
	f := &fleet{end: cancel}
	for i := range h.size {
		d := &device{house: h, name: deviceName(i), random: roll(seed, uint64(i)+1), stalls: 2, said: map[attempt]said{}}
		f.devices = append(f.devices, d)
		f.running.Go(func() { d.run(ctx) })
	}
	return f
}

// stop switches them off.
func (f *fleet) stop() {
	f.end()
	f.running.Wait()
}

func (f *fleet) faults() (all []error) {
	for _, d := range f.devices {
		for _, err := range d.faults {
			all = append(all, fmt.Errorf("%s: %w", d.name, err))
		}
	}
	return all
}

// attempt is one execution on a device.
type attempt struct {
	job    jobs.JobID
	number jobs.ExecutionNumber
}

// device works as its firmware does: it asks for work, reports progress, succeeds or fails, and a few times it hangs for most of an hour.
type device struct {
	house  *house
	name   registry.ThingName
	random *rand.Rand
	stalls int // how often it still may hang
	// said is what the service answered last of each execution, and faults what it must not have answered.
	said   map[attempt]said
	faults []error
}

// said is an execution as it was answered, and when it was due as long as it went on; zero without a timer.
type said struct {
	execution jobs.JobExecution
	due       time.Time
}

// note takes an answer down.
func (d *device) note(at attempt, e jobs.JobExecution) {
	due := d.said[at].due
	if e.Status == jobs.InProgress {
		if due = e.InProgressDeadline; !e.StepDeadline.IsZero() && (due.IsZero() || e.StepDeadline.Before(due)) {
			due = e.StepDeadline
		}
	}
	d.said[at] = said{e, due}
}

// between draws a duration.
func (d *device) between(least, most time.Duration) time.Duration {
	return least + time.Duration(d.random.Int64N(int64(most-least)))
}

func (d *device) run(ctx context.Context) {
	for pause(ctx, d.between(20*time.Second, 80*time.Second)) {
		var out service.DeviceExecutionOutput
		err := d.house.call(func(s *service.Service) (err error) {
			out, err = s.StartNextPendingJobExecution(ctx, service.StartNextPendingJobExecutionInput{Thing: d.name})
			return err
		})
		if !d.fine(ctx, err) || out.Execution == nil {
			continue
		}
		at := attempt{out.JobID, out.Execution.Number}
		d.note(at, *out.Execution)
		d.work(ctx, at)
	}
}

// work carries out an execution.
func (d *device) work(ctx context.Context, at attempt) {
	if d.stalls > 0 && d.random.IntN(6) == 0 {
		d.stalls--
		pause(ctx, d.between(35*time.Minute, time.Hour))
		return
	}
	for range d.random.IntN(4) {
		step := []jobs.StepTimer{0, 0, 5, jobs.RemoveStepTimer}[d.random.IntN(4)]
		if !pause(ctx, d.between(5*time.Second, time.Minute)) || !d.report(ctx, at, jobs.InProgress, step) {
			return
		}
	}
	end := []jobs.ExecutionStatus{jobs.Failed, jobs.Rejected, jobs.Succeeded}[min(2, d.random.IntN(20))]
	if pause(ctx, d.between(5*time.Second, time.Minute)) {
		d.report(ctx, at, end, 0)
	}
}

// report tells whether the device may go on.
func (d *device) report(ctx context.Context, at attempt, status jobs.ExecutionStatus, step jobs.StepTimer) bool {
	before := d.said[at].execution
	var out service.UpdateJobExecutionOutput
	err := d.house.call(func(s *service.Service) (err error) {
		out, err = s.UpdateJobExecution(ctx, service.UpdateJobExecutionInput{
			Thing: d.name, JobID: at.job, ExecutionNumber: at.number, IncludeState: true,
			Report: jobs.Report{Status: status, ExpectedVersion: &before.Version, StepTimer: step},
		})
		return err
	})
	if !d.fine(ctx, err) {
		return false
	}
	if out.Execution.Version != before.Version+1 {
		d.faults = append(d.faults, fmt.Errorf("version %d after %d of %v", out.Execution.Version, before.Version, at))
	}
	d.note(at, *out.Execution)
	return true
}

// fine tells whether a call was answered with what was asked for. A refusal is right only of an execution that has ended meanwhile.
func (d *device) fine(ctx context.Context, err error) bool {
	refusal, refused := errors.AsType[*jobs.Error](err)
	switch {
	case err == nil:
		return true
	case errors.Is(err, errDown), ctx.Err() != nil:
	case !refused, refusal.Execution == nil, refusal.Execution.Status == jobs.Queued, refusal.Execution.Status == jobs.InProgress:
		d.faults = append(d.faults, err)
	}
	return false
}
