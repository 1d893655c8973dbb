package rollout_test

import (
	"fmt"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"iotjobs/internal/jobs"
	"iotjobs/internal/rollout"
)

// A history is what may happen to a rollout: ticks that are on time, late or doubled, in the middle of downtime or of a clock that is set,
// that can queue only a chunk, while things succeed, executions are deleted and the operator changes the rate.
type history struct {
	quota int
	rate  jobs.RolloutRate
	ticks []tick
}

type tick struct {
	onTime    bool          // at the instant that the last decision named, else
	advance   time.Duration // after the last tick; negative when the clock is set back
	chunk     int
	succeeded int64 // since the last tick; negative when executions were deleted
	rate      *jobs.RolloutRate
}

func histories(rateChanges bool) *rapid.Generator[history] {
	return rapid.Custom(func(rt *rapid.T) history {
		h := history{quota: rapid.IntRange(1, 80).Draw(rt, "quota"), rate: drawRate(rt)}
		for range rapid.IntRange(1, 60).Draw(rt, "ticks") {
			k := tick{
				onTime:    rapid.Bool().Draw(rt, "onTime"),
				advance:   drawAdvance(rt),
				chunk:     rapid.SampledFrom([]int{0, 1, 3, 10, 1000}).Draw(rt, "chunk"),
				succeeded: rapid.Int64Range(-20, 60).Draw(rt, "succeeded"),
			}
			if rateChanges && rapid.IntRange(0, 9).Draw(rt, "change") == 0 {
				rate := drawRate(rt)
				k.rate = &rate
			}
			h.ticks = append(h.ticks, k)
		}
		return h
	})
}

func drawAdvance(rt *rapid.T) time.Duration {
	if rapid.Bool().Draw(rt, "anywhere") {
		return time.Duration(rapid.Int64Range(0, 130_000).Draw(rt, "ms")) * time.Millisecond
	}
	return rapid.SampledFrom([]time.Duration{
		0, time.Millisecond, time.Second, 59 * time.Second, 59_999 * time.Millisecond, time.Minute, 60_001 * time.Millisecond, 61 * time.Second,
		10 * time.Minute, 24 * time.Hour, -time.Millisecond, -time.Second, -61 * time.Second, -time.Hour,
	}).Draw(rt, "advance")
}

func drawRate(rt *rapid.T) jobs.RolloutRate {
	rate := jobs.RolloutRate{MaximumPerMinute: rapid.IntRange(0, 100).Draw(rt, "maximum")}
	if rate.MaximumPerMinute > 1 && rapid.Bool().Draw(rt, "exponential") {
		rate.Exponential = &jobs.ExponentialRate{
			BaseRatePerMinute: rapid.IntRange(1, rate.MaximumPerMinute-1).Draw(rt, "base"),
			IncrementTenths:   rapid.IntRange(11, 50).Draw(rt, "tenths"),
			Criterion:         rapid.SampledFrom([]jobs.RateCriterion{jobs.NotifiedThings, jobs.SucceededThings}).Draw(rt, "criterion"),
			Threshold:         rapid.Int64Range(1, 200).Draw(rt, "threshold"),
		}
	}
	return rate
}

// released is one release, and the highest rate that was in force up to then.
type released struct {
	at     time.Time
	things int
	rate   int
}

type decider func(time.Time, rollout.View) rollout.Decision

// play runs a history and returns what was released, and a decision that makes no sense, if there was one.
func play(h history, decide decider) (log []released, fault string) {
	view := rollingOut(h.rate)
	view.MaxPerMinute = h.quota
	now, next, highest, succeeded := noon, noon, 0, int64(0)
	for _, k := range h.ticks {
		if now = now.Add(k.advance); k.onTime && next.After(now) {
			now = next
		}
		view.Counters.Add(jobs.Succeeded, max(k.succeeded, -view.Counters.Of(jobs.Succeeded)))
		succeeded = max(succeeded, view.Counters.Of(jobs.Succeeded))
		if k.rate != nil {
			view.Config, view.Minute.Multiples = &jobs.Config{Rollout: *k.rate}, 0
		}
		highest = max(highest, oracleRate(view.Config.Rollout, h.quota, view.Minute.Notified, succeeded))
		d := decide(now, view)
		switch {
		case d.Do == rollout.Release && d.Things > 0:
			n := min(d.Things, k.chunk)
			view.Minute = d.Released(n)
			if n > 0 {
				log = append(log, released{now, n, highest})
			}
		case d.Do == rollout.Wait && d.Reason == rollout.ForRate && d.Until.After(now):
			next = d.Until
			if early := decide(next.Add(-time.Millisecond), view); early.Do != rollout.Wait || !early.Until.Equal(next) {
				fault = fmt.Sprintf("at %v: just before %v %+v", now, next, early)
			}
			if then := decide(next, view); then.Do != rollout.Release {
				fault = fmt.Sprintf("at %v: at %v %+v", now, next, then)
			}
		default:
			return log, fmt.Sprintf("at %v: %+v", now, d)
		}
	}
	return log, fault
}

// oracleRate is the rate in rational numbers.
func oracleRate(r jobs.RolloutRate, quota int, notified, succeeded int64) int {
	most := quota
	if r.MaximumPerMinute > 0 {
		most = min(most, r.MaximumPerMinute)
	}
	if r.Exponential == nil {
		return most
	}
	count := notified
	if r.Exponential.Criterion == jobs.SucceededThings {
		count = succeeded
	}
	rate, factor := big.NewRat(int64(r.Exponential.BaseRatePerMinute), 1), big.NewRat(int64(r.Exponential.IncrementTenths), 10)
	for ; count >= r.Exponential.Threshold; count -= r.Exponential.Threshold {
		if rate.Mul(rate, factor).Cmp(big.NewRat(int64(most), 1)) >= 0 {
			break
		}
	}
	whole := new(big.Int).Quo(rate.Num(), rate.Denom())
	return min(most, int(whole.Int64()))
}

// excess finds a half-open window of 60 s with more releases than the highest rate in force. Any window with an excess can be moved to
// begin with a release.
func excess(log []released) string {
	for _, first := range log {
		end, sum, rate := first.at.Add(time.Minute), 0, 0
		for _, r := range log {
			if !r.at.Before(first.at) && r.at.Before(end) {
				sum += r.things
				rate = max(rate, r.rate)
			}
		}
		if sum > rate {
			return fmt.Sprintf("%d released in the minute from %v, rate %d", sum, first.at, rate)
		}
	}
	return ""
}

// TestRateHoldsInEveryWindow: whatever happens, no half-open 60 seconds see more releases than the highest rate in force (LIFE-4.1); and
// when a job waits for the rate, it waits exactly until it may go on.
func TestRateHoldsInEveryWindow(t *testing.T) {
	for _, rateChanges := range []bool{false, true} {
		t.Run(fmt.Sprintf("rate changes %t", rateChanges), func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				log, fault := play(histories(rateChanges).Draw(rt, "history"), rollout.Decide)
				if fault == "" {
					fault = excess(log)
				}
				if fault != "" {
					rt.Fatal(fault)
				}
			})
		})
	}
}

// TestMutantRatesAreNoticed: the checker sees each way to lose the rate that a plainer rule would have.
func TestMutantRatesAreNoticed(t *testing.T) {
	mutants := map[string]decider{
		"minutes by the clock": func(now time.Time, v rollout.View) rollout.Decision {
			if !now.Truncate(time.Minute).Equal(v.Minute.StartedAt.Truncate(time.Minute)) {
				v.Minute.StartedAt = time.Time{}
			}
			return rollout.Decide(now, v)
		},
		"a minute after the start, not after the last release": func(now time.Time, v rollout.View) rollout.Decision {
			v.Minute.LastRelease = v.Minute.StartedAt
			return rollout.Decide(now, v)
		},
		"a millisecond early": func(now time.Time, v rollout.View) rollout.Decision {
			v.Minute.LastRelease = v.Minute.LastRelease.Add(-time.Millisecond)
			return rollout.Decide(now, v)
		},
		"the quota forgotten in a restart": func(now time.Time, v rollout.View) rollout.Decision {
			v.Minute.Released = 0
			return rollout.Decide(now, v)
		},
		"catching up after downtime": func(now time.Time, v rollout.View) rollout.Decision {
			d := rollout.Decide(now, v)
			if !v.Minute.StartedAt.IsZero() {
				d.Things *= max(1, int(now.Sub(v.Minute.LastRelease)/time.Minute))
			}
			return d
		},
		"a clock set back starts anew": func(now time.Time, v rollout.View) rollout.Decision {
			if now.Before(v.Minute.StartedAt) {
				v.Minute.StartedAt = time.Time{}
			}
			return rollout.Decide(now, v)
		},
		"one multiple too many": func(now time.Time, v rollout.View) rollout.Decision {
			v.Minute.Multiples++
			return rollout.Decide(now, v)
		},
	}
	const tries = 2000
	for name, mutant := range mutants {
		t.Run(name, func(t *testing.T) {
			for seed := range tries {
				if log, _ := play(histories(false).Example(seed), mutant); excess(log) != "" {
					return
				}
			}
			t.Errorf("not noticed in %d histories", tries)
		})
	}
}
