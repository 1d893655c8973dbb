package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"iotjobs/internal/clock"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/store"
)

// counterThings is how many things the job reaches: many steps' worth.
const counterThings = 5000

// TestCountersAreRightAtEveryMoment reads the counters of a job all the time while it is materialised, worked on, canceled and deleted.
func TestCountersAreRightAtEveryMoment(t *testing.T) {
	s := openPebble(t)
	defer closeStore(t, s)
	reader := watchCounters(t, s, seeded(t))
	if reader.fault != nil {
		t.Error(reader.fault)
	}
	t.Logf("%d different counters were seen in %d reads", reader.changes, reader.reads)
}

// TestMutantCountersAreSeen shows that the reader finds counters that are wrong for a moment.
func TestMutantCountersAreSeen(t *testing.T) {
	for name, mutate := range map[string]func(jobs.Counters) jobs.Counters{
		"one lost for a moment": onOccasion(func(c *jobs.Counters) { c.Add(jobs.Succeeded, -1) }),
		"one twice for a moment": onOccasion(func(c *jobs.Counters) {
			c.Add(jobs.Queued, 1)
		}),
		"canceled ones forgotten for a moment": onOccasion(func(c *jobs.Counters) { c.Add(jobs.Canceled, -c.Of(jobs.Canceled)) }),
	} {
		t.Run(name, func(t *testing.T) {
			below := openPebble(t)
			defer closeStore(t, below)
			reader := watchCounters(t, reading(seeing{counters: mutate})(below), seeded(t))
			if reader.fault == nil {
				t.Fatalf("%d reads found nothing", reader.reads)
			}
			t.Log(reader.fault)
		})
	}
}

// onOccasion is wrong in every tenth read.
func onOccasion(wrong func(*jobs.Counters)) func(jobs.Counters) jobs.Counters {
	now := sometimes(10)
	return func(c jobs.Counters) jobs.Counters {
		if now() {
			wrong(&c)
		}
		return c
	}
}

// watchCounters lets a job live its life while a reader looks. Devices and steps wait for it now and then, so that it sees much of what happens.
func watchCounters(t *testing.T, s store.Store, seed uint64) *counterReader {
	t.Helper()
	ctx := t.Context()
	sut := newService(s, clock.Virtual(epoch).Now)
	sut.Quotas.RolloutPerMinute = 0
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	names := registerAll(t, sut)
	config := jobs.Config{TargetSelection: jobs.Snapshot, Document: "{}", Targets: []jobs.Target{{Kind: jobs.GroupTarget, Name: "all"}}}
	_, err := sut.CreateJob(ctx, service.CreateJobInput{ID: "j", Config: config})
	must(err)

	reader := newCounterReader(sut)
	sut.Pace = func(_ context.Context, step func() error) error { defer reader.await(2); return step() }
	var reading, working sync.WaitGroup
	reading.Go(func() { reader.run(ctx) })
	enough, stop := context.WithCancel(ctx)
	for i := range 8 {
		working.Go(func() {
			for r := roll(seed, uint64(i)); enough.Err() == nil; reader.await(r.IntN(4)) {
				workOn(ctx, sut, names, r)
			}
		})
	}
	must(sut.RunSteps(ctx)) // materialises beside the devices
	reader.await(readsOnTheWay)
	_, err = sut.CancelJob(ctx, service.CancelJobInput{ID: "j", Force: seed%2 == 0})
	must(err)
	must(sut.RunSteps(ctx)) // rewrites the rows beside them
	reader.await(readsOnTheWay)
	stop()
	working.Wait()
	must(sut.DeleteJob(ctx, service.DeleteJobInput{ID: "j"}))
	must(sut.RunSteps(ctx))
	reading.Wait()
	return reader
}

// readsOnTheWay is how often the reader looks between the parts.
const readsOnTheWay = 400

// registerAll makes the things and their group.
func registerAll(t *testing.T, s *service.Service) (names []registry.ThingName) {
	t.Helper()
	for len(names) < counterThings {
		var part []service.ThingImport
		for range service.MaxImport {
			name := registry.ThingName(fmt.Sprintf("t%04d", len(names)))
			names = append(names, name)
			part = append(part, service.ThingImport{CreateThingInput: service.CreateThingInput{Name: name}, Groups: []registry.GroupName{"all"}})
		}
		if _, err := s.ImportThings(t.Context(), service.ImportThingsInput{Things: part, CreateMissing: true}); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// workOn reports a status of an execution. What was not queued yet, or has ended, is refused.
func workOn(ctx context.Context, s *service.Service, names []registry.ThingName, r *rand.Rand) {
	status := []jobs.ExecutionStatus{jobs.InProgress, jobs.Succeeded, jobs.Failed, jobs.Rejected}[r.IntN(4)]
	_, _ = s.UpdateJobExecution(ctx, service.UpdateJobExecutionInput{Thing: names[r.IntN(len(names))], JobID: "j", Report: jobs.Report{Status: status}})
}

// counterReader reads the counters of a job until it is gone.
type counterReader struct {
	service *service.Service
	changes int
	last    jobs.Counters
	fault   error // the first

	mu    sync.Mutex
	read  *sync.Cond
	reads int
	ended bool
}

func newCounterReader(s *service.Service) *counterReader {
	c := &counterReader{service: s}
	c.read = sync.NewCond(&c.mu)
	return c
}

// await returns when the reader has read n times more, or has ended.
func (c *counterReader) await(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for until := c.reads + n; c.reads < until && !c.ended; {
		c.read.Wait()
	}
}

func (c *counterReader) run(ctx context.Context) {
	for !c.ended {
		out, err := c.service.DescribeJob(ctx, "j")
		gone := errors.Is(err, jobs.ResourceNotFound)
		if err == nil && out.Job.Status != jobs.JobDeletionInProgress {
			err = c.compare(out.Counters)
		}
		if c.fault == nil && !gone {
			c.fault = err
		}
		c.mu.Lock()
		c.reads++
		c.ended = gone || ctx.Err() != nil
		c.mu.Unlock()
		c.read.Broadcast()
		runtime.Gosched() // there is little to see where nobody else gets to run
	}
}

// compare knows what counters can follow each other: none is negative, none of a terminal status falls, and nothing that was counted is lost.
func (c *counterReader) compare(now jobs.Counters) error {
	var sum, before int64
	for _, status := range jobs.ExecutionStatuses() {
		n, last := now.Of(status), c.last.Of(status)
		sum, before = sum+n, before+last
		if n < 0 || n < last && status.Terminal() {
			return fmt.Errorf("read %d counts %d %s after %d", c.reads, n, status, last)
		}
	}
	if sum < before || sum > counterThings {
		return fmt.Errorf("read %d counts %v after %v", c.reads, now, c.last)
	}
	if now != c.last {
		c.changes++
	}
	c.last = now
	return nil
}
