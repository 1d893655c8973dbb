package load

import (
	"bytes"
	"fmt"
	"sync/atomic"
	"testing"
	"time"
)

// How the big job is measured.
const (
	deviceCount  = 64               // that work meanwhile
	idleWindow   = 10 * time.Second // of devices without background work, before and after
	loadPatience = 3 * time.Minute  // what is not done by then is projected
	creations    = 9

	profileLength = 10 * time.Second
)

// BenchmarkJob measures a job over all things: its creation, its release without and with devices at work, and its end.
func BenchmarkJob(b *testing.B) {
	j := &jobRun{b: b, world: theWorld(b)}
	for b.Loop() {
		j.baselines()
		j.creation()
		j.idle()
		j.loaded()
		j.cancel()
	}
}

type jobRun struct {
	*world

	b      *testing.B
	update time.Duration // the median of one durable update
	bulk   time.Duration // a bulk load of as many rows as there are things
}

func (j *jobRun) must(err error) {
	j.b.Helper()
	if err != nil {
		j.b.Fatal(err)
	}
}

// settled waits for calm and goes on.
func (j *jobRun) settled(next string) {
	j.b.Helper()
	j.must(j.product.settle())
	say("%s", next)
}

func (j *jobRun) baselines() {
	j.settled("bulk load")
	loads := make([]time.Duration, 3)
	for i := range loads {
		var err error
		loads[i], err = bulkLoad(*things)
		j.must(err)
	}
	j.bulk = median(loads)
	alone, err := j.devices(1).run(3**roundTime, update.work(*things, workJob))
	j.must(err)
	j.update = alone.at(0.5)
}

// devices have new connections: the server gives up those that idle for long.
func (j *jobRun) devices(count int) clients {
	j.b.Helper()
	all, err := dialAll(j.product.address, j.product.key, count)
	j.must(err)
	j.b.Cleanup(func() { _ = all.close() })
	return all
}

// creation measures the answer only; what it makes is deleted at once.
func (j *jobRun) creation() {
	j.settled("creating jobs")
	answers := make([]time.Duration, creations)
	for i := range answers {
		id := fmt.Sprintf("brief-%d", i)
		var err error
		answers[i], err = j.operator.createJob(id)
		j.must(err)
		j.must(j.operator.deleteJob(id))
	}
	took := median(answers)
	results.add(j.b, row{
		what: "CreateJob over all things: durable updates", bar: atMost(20), measured: took.Seconds() / j.update.Seconds(),
		detail: fmt.Sprintf("%s, one update %s", duration(took), duration(j.update)),
	})
}

func (j *jobRun) idle() {
	const id = "idle"
	j.settled("releasing a job, devices idle")
	begin := time.Now()
	_, err := j.operator.createJob(id)
	j.must(err)
	var part float64
	var took time.Duration
	j.must(j.product.profiled("release-idle", profileLength, func() (err error) {
		part, err = j.operator.released(id, 10*loadPatience)
		took = time.Since(begin)
		return err
	}))
	j.addRelease("released, devices idle: bulk loads", atMost(10), took, part)
}

func (j *jobRun) addRelease(what string, b bar, took time.Duration, part float64) {
	j.b.Helper()
	detail := fmt.Sprintf("%s, bulk load %s", duration(took), duration(j.bulk))
	if part < 1 {
		detail = fmt.Sprintf("projected: %.0f %% in %s, bulk load %s", 100*part, duration(took), duration(j.bulk))
	}
	results.add(j.b, row{what: what, bar: b, measured: took.Seconds() / part / j.bulk.Seconds(), detail: detail})
}

// loaded releases a job while devices report as fast as they can, and compares with the time before and after.
func (j *jobRun) loaded() {
	const id = "loaded"
	report := update.work(*things, workJob)
	j.settled("releasing a job, devices at work")
	devices := j.devices(deviceCount)
	before, err := devices.run(idleWindow, report)
	j.must(err)
	var done atomic.Bool
	var took time.Duration
	var part float64
	var failed error
	go func() {
		defer done.Store(true)
		begin := time.Now()
		if _, failed = j.operator.createJob(id); failed == nil {
			failed = j.product.profiled("release-loaded", profileLength, func() (err error) {
				part, err = j.operator.released(id, loadPatience)
				took = time.Since(begin)
				return err
			})
		}
	}()
	during, err := devices.runUntil(report, time.Now(), func(time.Time) bool { return done.Load() })
	j.must(err)
	j.must(failed)
	_, err = j.operator.released(id, 10*loadPatience)
	j.must(err)
	j.must(j.product.settle())
	after, err := devices.run(idleWindow, report)
	j.must(err)
	j.addRelease("released, 64 devices at work: bulk loads", atMost(45), took, part)
	calm := turns{before, after}
	mean := func(of func(sample) float64) float64 { return (of(calm[0]) + of(calm[1])) / 2 }
	results.add(j.b, row{
		what: "meanwhile, devices: rate of idle", bar: atLeast(0.85), measured: during.rate() / mean(sample.rate),
		detail: fmt.Sprintf("%s/s; %s/s before, %s/s after", thousands(during.rate()), thousands(before.rate()), thousands(after.rate())),
	})
	results.add(j.b, row{
		what: "meanwhile, devices: p99 of idle", bar: atMost(2), measured: during.p99() / mean(sample.p99),
		detail: fmt.Sprintf("%s; %s before, %s after; longest %s", duration(during.at(0.99)), duration(before.at(0.99)), duration(after.at(0.99)), duration(during.at(1))),
	})
}

// cancel ends the job that loaded has released while devices ask what they have to do. No call that begins after the answer may show it.
func (j *jobRun) cancel() {
	const id = "loaded"
	j.settled("canceling a job, devices at work")
	var answered atomic.Int64 // when; 0 before
	var shown atomic.Int64
	begun := time.Now()
	name := []byte(`"` + id + `"`)
	ask := func(c *connection) (int64, error) {
		canceled := answered.Load() != 0
		body, took, err := c.must(pending.make(c.random, *things, ""))
		if canceled && bytes.Contains(body, name) {
			shown.Add(1)
		}
		return int64(took), err
	}
	var done atomic.Bool
	var failed error
	var took time.Duration
	go func() {
		defer done.Store(true)
		if failed = j.operator.cancelJob(id); failed != nil {
			return
		}
		answered.Store(int64(time.Since(begun)))
		begin := time.Now()
		failed = j.product.profiled("cancel-loaded", profileLength, func() error {
			defer func() { took = time.Since(begin) }()
			return j.operator.followed(id, loadPatience)
		})
	}()
	calls, err := j.devices(deviceCount).runUntil(ask, begun, func(time.Time) bool { return done.Load() })
	j.must(err)
	j.must(failed)
	results.add(j.b, row{
		what: "canceled: later calls that show the job", bar: atMost(0), measured: float64(shown.Load()),
		detail: fmt.Sprintf("of %s calls by %d devices", grouped(len(calls.waits)), deviceCount),
	})
	results.add(j.b, row{
		what: "canceled: rows followed, bulk loads", measured: took.Seconds() / j.bulk.Seconds(), detail: duration(took) + ", 64 devices at work",
	})
}
