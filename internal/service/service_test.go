package service_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"iotjobs/internal/clock"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store"
	"iotjobs/internal/store/memory"
	"iotjobs/internal/store/storetest"
)

// world is a service on the reference store with a virtual clock. Everything that its methods do must succeed.
type world struct {
	*service.Service

	t     *testing.T
	clock *clock.Clock
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldOn(t, memory.New())
}

func newWorldOn(t *testing.T, engine store.Store) *world {
	t.Helper()
	c := clock.Virtual(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	s := &service.Service{Store: engine, Now: c.Now, Virtual: true, Quotas: service.DefaultQuotas(), Sealer: plainSealer{}}
	w := &world{s, t, c}
	t.Cleanup(func() {
		if err := storetest.Check(context.WithoutCancel(t.Context()), s.Store); err != nil {
			t.Errorf("the store contradicts itself: %v", err)
		}
	})
	return w
}

// plainSealer seals nothing; package seal has its own tests.
type plainSealer struct{}

func (plainSealer) Seal(_ string, p []byte) ([]byte, error) { return p, nil }
func (plainSealer) Open(_ string, s []byte) ([]byte, error) { return s, nil }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) things(names ...registry.ThingName) {
	w.t.Helper()
	for _, name := range names {
		_, err := w.CreateThing(w.t.Context(), service.CreateThingInput{Name: name})
		w.must(err)
	}
}

func (w *world) job(id jobs.JobID, things ...registry.ThingName) {
	w.t.Helper()
	w.jobWith(id, jobs.Config{}, things...)
}

func (w *world) jobWith(id jobs.JobID, config jobs.Config, things ...registry.ThingName) {
	w.t.Helper()
	for _, thing := range things {
		config.Targets = append(config.Targets, jobs.Target{Kind: jobs.ThingTarget, Name: string(thing)})
	}
	if config.TargetSelection == "" {
		config.TargetSelection = jobs.Snapshot
	}
	config.Document = fmt.Sprintf(`{"job":%q}`, id)
	_, err := w.CreateJob(w.t.Context(), service.CreateJobInput{ID: id, Config: config})
	w.must(err)
}

func (w *world) start(thing registry.ThingName) service.DeviceExecutionOutput {
	w.t.Helper()
	out, err := w.StartNextPendingJobExecution(w.t.Context(), service.StartNextPendingJobExecutionInput{Thing: thing})
	w.must(err)
	return out
}

func (w *world) report(thing registry.ThingName, id jobs.JobID, status jobs.ExecutionStatus) error {
	w.t.Helper()
	return w.update(thing, id, jobs.Report{Status: status})
}

func (w *world) update(thing registry.ThingName, id jobs.JobID, r jobs.Report) error {
	_, err := w.UpdateJobExecution(w.t.Context(), service.UpdateJobExecutionInput{Thing: thing, JobID: id, Report: r})
	return err
}

func (w *world) advance(d time.Duration) {
	w.t.Helper()
	w.must(w.Advance(w.t.Context(), d, func(_ context.Context, at time.Time) error { w.clock.Set(at); return nil }))
}

// execution is what the control plane shows of an execution.
func (w *world) execution(thing registry.ThingName, id jobs.JobID) jobs.JobExecution {
	w.t.Helper()
	e, err := w.DescribeJobExecution(w.t.Context(), service.JobExecutionInput{Thing: thing, JobID: id})
	w.must(err)
	return e
}

// wantJob checks a job's status and how many executions are in each status.
func (w *world) wantJob(id jobs.JobID, status jobs.JobStatus, counts map[jobs.ExecutionStatus]int64) {
	w.t.Helper()
	out, err := w.DescribeJob(w.t.Context(), id)
	w.must(err)
	if out.Job.Status != status {
		w.t.Errorf("job %s is %s, want %s", id, out.Job.Status, status)
	}
	for _, s := range jobs.ExecutionStatuses() {
		if got := out.Counters.Of(s); got != counts[s] {
			w.t.Errorf("job %s counts %d %s, want %d", id, got, s, counts[s])
		}
	}
}

func (w *world) wantExecution(thing registry.ThingName, id jobs.JobID, status jobs.ExecutionStatus, version jobs.VersionNumber) {
	w.t.Helper()
	e := w.execution(thing, id)
	if e.Status != status || e.Version != version {
		w.t.Errorf("execution of %s on %s is %s version %d, want %s version %d", id, thing, e.Status, e.Version, status, version)
	}
}

// wantCode checks that a call was refused, and how.
func wantCode(t *testing.T, err error, code jobs.Code) {
	t.Helper()
	if !errors.Is(err, code) {
		t.Errorf("got error %v, want %v", err, code)
	}
}
