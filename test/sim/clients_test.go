package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/anishathalye/porcupine"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store"
	"iotjobs/internal/store/faultstore"
)

// mostThings is how many things a history is about at most.
const mostThings = 3

// rally is one history: clients that call the service side by side, on few executions.
type rally struct {
	service *service.Service
	// name sets the things and jobs of one rally on a store apart from those of others.
	name         string
	things, jobs int
	clients      int
	calls        int // of each client
	seed         uint64

	ticks   atomic.Int64 // orders beginnings and ends
	mu      sync.Mutex
	history []porcupine.Operation
	broken  []error // calls that failed although no fault was injected
}

func (r *rally) thing(i int) registry.ThingName {
	return registry.ThingName(fmt.Sprintf("%s-t%d", r.name, i))
}

func (r *rally) job(i int) jobs.JobID { return jobs.JobID(fmt.Sprintf("%s-j%d", r.name, i)) }

// prepare makes the things and queues every job on each. The jobs are continuous, so that only an operator ends them.
func (r *rally) prepare(ctx context.Context) error {
	var targets []jobs.Target
	for i := range r.things {
		if _, err := r.service.CreateThing(ctx, service.CreateThingInput{Name: r.thing(i)}); err != nil {
			return err
		}
		targets = append(targets, jobs.Target{Kind: jobs.ThingTarget, Name: string(r.thing(i))})
	}
	for i := range r.jobs {
		config := jobs.Config{TargetSelection: jobs.Continuous, Document: "{}", Targets: targets}
		if _, err := r.service.CreateJob(ctx, service.CreateJobInput{ID: r.job(i), Config: config}); err != nil {
			return err
		}
	}
	return nil
}

// play lets all clients call, and background steps run beside them.
func (r *rally) play(ctx context.Context) {
	var clients, background sync.WaitGroup
	ended, end := context.WithCancel(ctx)
	background.Go(func() {
		for ended.Err() == nil {
			_ = errors.Join(r.service.SweepJobs(ended), r.service.RunSteps(ended)) // a step that fails is tried again
		}
	})
	for i := range r.clients {
		clients.Go(func() {
			c := client{rally: r, id: i, random: roll(r.seed, uint64(i)), known: map[[2]int]jobs.VersionNumber{}}
			for n := range r.calls {
				c.call(ctx, n)
			}
		})
	}
	clients.Wait()
	end()
	background.Wait()
}

// client is one caller: a device or an operator.
type client struct {
	rally  *rally
	id     int
	random *rand.Rand
	known  map[[2]int]jobs.VersionNumber // what it saw last, by thing and job
}

// call makes the client's n-th call and notes it.
func (c *client) call(ctx context.Context, n int) {
	in := c.draw(n)
	began := c.rally.ticks.Add(1)
	out := c.rally.do(ctx, in)
	ended := c.rally.ticks.Add(1)
	for i, shown := range out.shown {
		if shown.version != 0 {
			c.known[[2]int{in.thing, i}] = shown.version
		}
	}
	c.note(in, out, began, ended)
}

// note adds a call to the history. Canceling a job concerns every thing.
func (c *client) note(in call, out answer, began, ended int64) {
	c.rally.mu.Lock()
	defer c.rally.mu.Unlock()
	things := []int{in.thing}
	if in.kind == cancelWholeJob {
		things = things[:0]
		for i := range c.rally.things {
			things = append(things, i)
		}
	}
	for _, thing := range things {
		in.thing = thing
		c.rally.history = append(c.rally.history, porcupine.Operation{ClientId: c.id, Input: in, Output: out, Call: began, Return: ended})
	}
}

// kinds are the calls of a client, as often as they are drawn.
var kinds = []kind{startNext, startNext, describeNext, describe, listPending, lookUp, report, report, report, report, report, cancelOne}

func (c *client) draw(n int) call {
	in := call{thing: c.random.IntN(c.rally.things), job: c.random.IntN(c.rally.jobs), kind: kinds[c.random.IntN(len(kinds))]}
	if c.id == 0 && n == c.rally.calls/2 { // once, so that it is never refused
		in.kind, in.job, in.force = cancelWholeJob, 0, c.random.IntN(2) == 0
		return in
	}
	if in.kind == report || in.kind == startNext {
		in.status, in.details = jobs.InProgress, fmt.Sprintf("client %d call %d", c.id, n)
	}
	if in.kind == report && c.random.IntN(20) == 0 {
		in.status = []jobs.ExecutionStatus{jobs.Succeeded, jobs.Failed, jobs.Rejected}[c.random.IntN(3)]
	}
	if in.kind == cancelOne {
		in.force = c.random.IntN(8) == 0
	}
	if (in.kind == report || in.kind == cancelOne) && c.random.IntN(3) > 0 {
		in.expected = c.known[[2]int{in.thing, in.job}]
	}
	return in
}

// do makes a call and tells what came back.
func (r *rally) do(ctx context.Context, c call) answer {
	thing, id := r.thing(c.thing), r.job(c.job)
	details := map[string]string{"of": c.details}
	switch c.kind {
	case startNext:
		out, err := r.service.StartNextPendingJobExecution(ctx, service.StartNextPendingJobExecutionInput{Thing: thing, StatusDetails: details})
		return r.one(out.JobID, out.Execution, err)
	case describeNext, describe:
		if c.kind == describeNext {
			id = jobs.NextJobID
		}
		out, err := r.service.DescribePendingJobExecution(ctx, service.DescribePendingJobExecutionInput{Thing: thing, JobID: id})
		if err != nil {
			out.JobID = id
		}
		return r.one(out.JobID, out.Execution, err)
	case listPending:
		out, err := r.service.GetPendingJobExecutions(ctx, service.GetPendingJobExecutionsInput{Thing: thing})
		return r.several(append(out.InProgress, out.Queued...), err)
	case report:
		in := service.UpdateJobExecutionInput{
			Thing: thing, JobID: id, Report: jobs.Report{Status: c.status, StatusDetails: details, ExpectedVersion: optional(c.expected)}, IncludeState: true,
		}
		out, err := r.service.UpdateJobExecution(ctx, in)
		return r.one(id, out.Execution, err)
	case lookUp:
		e, err := r.service.DescribeJobExecution(ctx, service.JobExecutionInput{Thing: thing, JobID: id})
		return r.one(id, &e, err)
	case cancelOne:
		err := r.service.CancelJobExecution(ctx, service.CancelJobExecutionInput{
			JobExecutionInput: service.JobExecutionInput{Thing: thing, JobID: id}, Force: c.force, ExpectedVersion: optional(c.expected),
		})
		return r.one(id, nil, err)
	case cancelWholeJob:
	}
	_, err := r.service.CancelJob(ctx, service.CancelJobInput{ID: id, Force: c.force})
	return r.one(id, nil, err)
}

func optional(v jobs.VersionNumber) *jobs.VersionNumber {
	if v == 0 {
		return nil
	}
	return &v
}

// one is an answer about one execution, which a refusal carries, too.
func (r *rally) one(id jobs.JobID, e *jobs.JobExecution, err error) answer {
	if refusal, ok := errors.AsType[*jobs.Error](err); ok {
		a := r.one(id, refusal.Execution, nil)
		a.code = refusal.Code
		return a
	}
	if err != nil {
		return r.failed(err)
	}
	if e == nil {
		return answer{}
	}
	return r.several([]service.PendingExecution{{JobID: id, Execution: *e}}, nil)
}

func (r *rally) several(list []service.PendingExecution, err error) (a answer) {
	if err != nil {
		return r.failed(err)
	}
	for _, e := range list {
		for i := range r.jobs {
			if r.job(i) == e.JobID {
				a.shown[i] = register{e.Execution.Status, e.Execution.Version, e.Execution.StatusDetails["of"]}
			}
		}
	}
	return a
}

// failed is the answer of a call that broke.
func (r *rally) failed(err error) answer {
	if errors.Is(err, store.ErrUnknown) {
		return answer{fate: uncertain}
	}
	if !errors.Is(err, faultstore.ErrInjected) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.broken = append(r.broken, err)
	}
	return answer{fate: undone}
}
