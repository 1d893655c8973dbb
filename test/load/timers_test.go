package load

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"
)

// How timers are measured.
const (
	// fallDue is how many fall due in a second, for fallFor.
	fallDue = 25_000
	fallFor = 5 * time.Second
	// startNotice is how long before the first of them the server starts, at least.
	startNotice = 10 * time.Second
)

// BenchmarkTimers measures how late timers fire when many fall due, and how fast a backlog is worked off, as after a long stop, alone and beside devices.
func BenchmarkTimers(b *testing.B) {
	for b.Loop() {
		each := backlog(b, 0) / time.Duration(*timers)
		backlog(b, deviceCount)
		fallingDue(b, each)
	}
}

// timed is a store of things with pending executions, the first of which has a timer; none of the others has.
func timed(things, pending int, timer func(thing int) time.Time) stock {
	return stock{things: things, pending: pending, timer: timer}
}

// fired is how many timers have fired.
func (o operator) fired(b *testing.B) int {
	b.Helper()
	state, err := o.describeJob(string(jobNamed(0)))
	if err != nil {
		b.Fatal(err)
	}
	return state.timedOut
}

// fallingDue needs to know how long it takes to store a thing: the timers are stored before they fall due.
func fallingDue(b *testing.B, each time.Duration) {
	b.Helper()
	const count = fallDue * int(fallFor/time.Second)
	first := time.Now().Add(startNotice + 2*time.Duration(count)*each)
	dir := stored(b, timed(count, 1, func(i int) time.Time { return first.Add(time.Duration(i) * time.Second / fallDue) }))
	s := serving(b, dir)
	if time.Now().After(first) {
		b.Fatal("the machine became slower: the store was not ready before the first timer fell due")
	}
	o := operator{s, count}
	say("waiting for %s timers, %s in a second", grouped(count), grouped(fallDue))
	var latest time.Duration
	err := o.poll(time.Until(first)+10*fallFor, func() (bool, error) {
		since := time.Since(first) // before the question: what fires during it is not late
		fired := o.fired(b)
		if fired < count {
			latest = max(latest, since-time.Duration(fired)*time.Second/fallDue)
		}
		return fired == count, nil
	})
	if err != nil || o.fired(b) < count {
		b.Fatalf("%d of %d timers fired, error %v", o.fired(b), count, err)
	}
	results.add(b, row{
		what: fmt.Sprintf("timers, %s/s fall due: latest, in seconds", grouped(fallDue)), bar: atMost(2), measured: latest.Seconds(),
		detail: fmt.Sprintf("%s timers in %s", grouped(count), fallFor),
	})
	stopAll(b, s)
}

// backlog lets a server meet timers that were due before it started, while so many devices report. It tells how long it took to store them.
func backlog(b *testing.B, devices int) (storing time.Duration) {
	b.Helper()
	begin := time.Now()
	long := begin.Add(-time.Hour)
	dir := stored(b, timed(*timers, 2, func(i int) time.Time { return long.Add(time.Duration(i) * time.Microsecond) }))
	storing = time.Since(begin)
	s := serving(b, dir)
	begin = time.Now()
	o := operator{s, *timers}
	report := update.work(*timers, string(jobNamed(1)))
	all, err := dialAll(s.address, s.key, devices)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = all.close() })
	say("working off %s timers beside %d devices", grouped(*timers), devices)
	before, left, computed := o.fired(b), 0, s.processor()
	var took time.Duration
	var done atomic.Bool
	polled := make(chan error, 1)
	go func() {
		defer done.Store(true)
		polled <- s.profiled(fmt.Sprintf("backlog-%d", devices), profileLength, func() error {
			return o.poll(loadPatience, func() (bool, error) {
				state, err := o.describeJob(string(jobNamed(0)))
				left, took = *timers-state.timedOut, time.Since(begin)
				return left == 0, err
			})
		})
	}()
	during, err := all.runUntil(report, begin, func(time.Time) bool { return done.Load() })
	if failed := <-polled; err != nil || failed != nil {
		b.Fatal(err, failed)
	}
	fired := *timers - before - left
	r := row{
		what: "timers, backlog alone: fired in a second", bar: atLeast(50_000), measured: float64(fired) / took.Seconds(),
		detail: fmt.Sprintf("%s left after %s; processor %s each", grouped(left), duration(took), duration((s.processor()-computed)/time.Duration(max(1, fired)))),
	}
	if devices > 0 {
		r.what, r.bar = fmt.Sprintf("timers, backlog beside %d devices: fired in a second", devices), bar{}
		r.detail = fmt.Sprintf("%s left after %s", grouped(left), duration(took))
	}
	results.add(b, r)
	if devices > 0 && left == 0 {
		if err := s.settle(); err != nil {
			b.Fatal(err)
		}
		idle, err := all.run(idleWindow, report)
		if err != nil {
			b.Fatal(err)
		}
		results.add(b, row{
			what: "meanwhile, devices: rate of idle", bar: atLeast(0.8), measured: during.rate() / idle.rate(),
			detail: fmt.Sprintf("%s/s of %s/s, p99 %s of %s", thousands(during.rate()), thousands(idle.rate()), duration(during.at(0.99)), duration(idle.at(0.99))),
		})
	}
	stopAll(b, s)
	return storing
}
