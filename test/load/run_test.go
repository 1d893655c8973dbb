package load

import (
	"errors"
	"slices"
	"sync"
	"time"

	"iotjobs/internal/fleet"
)

// caller makes one call and tells how long it took, in nanoseconds.
type caller func(*connection) (took int64, err error)

// sample is what a turn of load was answered with.
type sample struct {
	took     time.Duration // without the wait for the last answers
	answered int           // meanwhile
	waits    []int64       // nanoseconds, sorted; those for the last answers too
	calls    int           // those that do not count included
	// processor is what the server spent on all calls; zero where the system does not tell.
	processor time.Duration
}

// each is the server's processor time of one call. What else the machine does changes it least of all numbers here.
func (s sample) each() float64 { return s.processor.Seconds() / float64(max(1, s.calls)) }

// rate is answers per second.
func (s sample) rate() float64 { return float64(s.answered) / s.took.Seconds() }

// at is the wait that the part of all waits does not exceed.
func (s sample) at(part float64) time.Duration {
	if len(s.waits) == 0 {
		return 0
	}
	return time.Duration(s.waits[int(part*float64(len(s.waits)-1))])
}

// clients are connections to one server, kept from turn to turn.
type clients []*connection

func dialAll(address string, key fleet.Credentials, count int) (all clients, err error) {
	for i := range count {
		c, err := dial(address, key, uint64(i+1))
		if err != nil {
			return nil, errors.Join(err, all.close())
		}
		all = append(all, c)
	}
	return all, nil
}

func (all clients) close() (err error) {
	for _, c := range all {
		err = errors.Join(err, c.close())
	}
	return err
}

// warmUp is how much of a turn's begin does not count: the server's goroutines of connections that slept have to get up.
const warmUp = 0.1

// run lets all clients call for a while, each as fast as it is answered.
func (all clients) run(duration time.Duration, call caller) (sample, error) {
	begin := time.Now()
	counted := begin.Add(time.Duration(warmUp * float64(duration)))
	until := counted.Add(duration)
	return all.runUntil(call, counted, func(now time.Time) bool { return !now.Before(until) })
}

// runUntil lets all clients call until over; the waits are those of calls that began at or after counted. The last answers come one after the other while
// ever fewer clients call. So the rate is that of the time before: with the rest, short turns would tell less of a server the longer its longest waits are.
func (all clients) runUntil(call caller, counted time.Time, over func(time.Time) bool) (sample, error) {
	var mu sync.Mutex
	var total sample
	var failed error
	var group sync.WaitGroup
	for _, c := range all {
		group.Go(func() {
			waits, calls, answered := make([]int64, 0, 1<<14), 0, 0
			var err error
			now := time.Now()
			for !over(now) {
				var took int64
				calls++
				if took, err = call(c); err != nil {
					break
				}
				if !now.Before(counted) {
					waits = append(waits, took)
				}
				if now = time.Now(); !now.Before(counted) && !over(now) {
					answered++
				}
			}
			mu.Lock()
			defer mu.Unlock()
			if took := now.Sub(counted); total.took == 0 || took < total.took {
				total.took = took // the first one that found it over
			}
			total.calls, total.answered = total.calls+calls, total.answered+answered
			total.waits = append(total.waits, waits...)
			failed = errors.Join(failed, err)
		})
	}
	group.Wait()
	slices.Sort(total.waits)
	return total, failed
}
