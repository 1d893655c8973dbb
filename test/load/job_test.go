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
	idleWindow   = 20 * time.Second // of devices without background work, before and after each part: long enough to hold compactions of what they write
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

// idleJob is released to all things.
const idleJob = "idle"

func (j *jobRun) idle() {
	const id = idleJob
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

// loaded releases jobs to all things, a part of them at a time, while devices report as fast as they can. What they manage without drifts, with what
// lies in caches and with the rest of the machine; so each part is compared with the time before and after it, in turns.
func (j *jobRun) loaded() {
	l := loadedRun{jobRun: j, report: update.work(*things, workJob), devices: j.devices(deviceCount)}
	j.settled("releasing jobs, devices at work")
	before := l.calm()
	for part := range parts {
		during := l.release(part)
		j.must(j.product.settle())
		after := l.calm()
		l.rates = append(l.rates, during.rate()/((before.rate()+after.rate())/2))
		l.p99s = append(l.p99s, during.p99()/((before.p99()+after.p99())/2))
		before = after
	}
	j.addRelease("released, 64 devices at work: bulk loads", atMost(45), l.took, float64(l.released)/float64(*things))
	results.add(j.b, row{
		what: "meanwhile, devices: rate of idle", bar: atLeast(0.85), measured: median(l.rates),
		detail: fmt.Sprintf("%s of %s/s; in turns %.2f", thousands(l.busy.median(sample.rate)), thousands(l.idle.median(sample.rate)), l.rates),
	})
	results.add(j.b, row{
		what: "meanwhile, devices: p99 of idle", bar: atMost(2), measured: median(l.p99s),
		detail: fmt.Sprintf("%s of %s; in turns %.2f; longest %s", l.busy.wait(sample.p99), l.idle.wait(sample.p99), l.p99s, duration(l.longest)),
	})
}

// loadedRun is what devices manage while jobs are released, and in between.
type loadedRun struct {
	*jobRun

	report  caller
	devices clients

	idle, busy  turns
	rates, p99s []float64     // of each part, as parts of idle
	took        time.Duration // of all parts
	longest     time.Duration // call meanwhile
	released    int           // things
}

// calm lets the devices work alone.
func (l *loadedRun) calm() sample {
	s, err := l.devices.run(idleWindow, l.report)
	l.must(err)
	l.idle = append(l.idle, s)
	return s
}

// release releases a job to one part of the things.
func (l *loadedRun) release(part int) sample {
	id, count := fmt.Sprintf("loaded-%d", part), partBegin(part+1, *things)-partBegin(part, *things)
	var done atomic.Bool
	var took time.Duration
	var released int
	var failed error
	go func() {
		defer done.Store(true)
		begin := time.Now()
		if _, failed = l.operator.createJobFor(id, partName(part)); failed == nil {
			failed = l.product.profiled(fmt.Sprintf("release-loaded-%d", part), profileLength, func() (err error) {
				released, err = l.operator.releasedTo(id, count, loadPatience/parts)
				took = time.Since(begin)
				return err
			})
		}
	}()
	during, err := l.devices.runUntil(l.report, time.Now(), func(time.Time) bool { return done.Load() })
	l.must(err)
	l.must(failed)
	l.busy, l.took, l.released, l.longest = append(l.busy, during), l.took+took, l.released+released, max(l.longest, during.at(1))
	_, err = l.operator.releasedTo(id, count, 10*loadPatience)
	l.must(err)
	return during
}

// cancel ends the job that idle has released while devices ask what they have to do. No call that begins after the answer may show it.
func (j *jobRun) cancel() {
	const id = idleJob
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
