package rollout_test

import (
	"math"
	"testing"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/rollout"
)

// noon is where most tests begin: a Monday.
var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// rollingOut is a job with targets left and nothing released.
func rollingOut(rate jobs.RolloutRate) rollout.View {
	return rollout.View{
		Status: jobs.JobInProgress, TargetSelection: jobs.Snapshot, Config: &jobs.Config{Rollout: rate}, TargetsLeft: true, MaxPerMinute: 1000,
	}
}

func exponential(base, tenths, maximum int, criterion jobs.RateCriterion, threshold int64) jobs.RolloutRate {
	return jobs.RolloutRate{MaximumPerMinute: maximum, Exponential: &jobs.ExponentialRate{
		BaseRatePerMinute: base, IncrementTenths: tenths, Criterion: criterion, Threshold: threshold,
	}}
}

// TestRate: min(max, ⌊base × factor^k⌋), exactly, for a minute that starts after k multiples.
func TestRate(t *testing.T) {
	const notified = jobs.NotifiedThings
	for _, c := range []struct {
		name      string
		rate      jobs.RolloutRate
		quota     int
		multiples int64
		want      int
	}{
		{"no configuration", jobs.RolloutRate{}, 1000, 0, 1000},
		{"no configuration, quota raised", jobs.RolloutRate{}, 250000, 0, 250000},
		{"constant", jobs.RolloutRate{MaximumPerMinute: 7}, 1000, 5, 7},
		{"constant above the quota", jobs.RolloutRate{MaximumPerMinute: 900}, 500, 0, 500},
		{"base", exponential(50, 20, 1000, notified, 1000), 1000, 0, 50},
		{"doubled", exponential(50, 20, 1000, notified, 1000), 1000, 1, 100},
		{"below the maximum", exponential(50, 20, 1000, notified, 1000), 1000, 4, 800},
		{"at the maximum", exponential(50, 20, 1000, notified, 1000), 1000, 5, 1000},
		{"held by the quota", exponential(50, 20, 1000, notified, 1000), 300, 4, 300},
		{"base above the quota", exponential(500, 20, 1000, notified, 1000), 300, 0, 300},
		{"rounded down", exponential(3, 15, 1000, notified, 1), 1000, 1, 4},                    // 4.5
		{"rounded once, not at each step", exponential(3, 15, 1000, notified, 1), 1000, 3, 10}, // 10.125; 4, 6, 9 otherwise
		{"too small to show", exponential(1, 11, 1000, notified, 1), 1000, 7, 1},               // 1.948…
		{"shows at last", exponential(1, 11, 1000, notified, 1), 1000, 8, 2},                   // 2.143…
		{"more than 64 bits", exponential(1, 11, 1000, notified, 1), 1000, 72, 955},            // 11^72 has 250 bits
		{"largest factor", exponential(1, 50, 1000, notified, 1), 1000, 4, 625},
		{"endless multiples", exponential(1, 11, 1000, notified, 1), 1000, math.MaxInt64, 1000},
		{"endless multiples, huge quota", exponential(1, 11, math.MaxInt32, notified, 1), math.MaxInt32, math.MaxInt64, math.MaxInt32},
		{"a factor of one never grows", exponential(5, 10, 1000, notified, 1), 1000, math.MaxInt64, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			view := rollingOut(c.rate)
			view.MaxPerMinute, view.Minute.Multiples = c.quota, c.multiples
			d := rollout.Decide(noon, view)
			if d.Do != rollout.Release || d.Things != c.want || d.Released(1).Rate != c.want {
				t.Errorf("got %+v, want to release %d", d, c.want)
			}
		})
	}
}

// TestExponentialOnTime: a tick at the start of each minute releases the whole quota, as Q32 works it out.
func TestExponentialOnTime(t *testing.T) {
	view := rollingOut(exponential(50, 20, 1000, jobs.NotifiedThings, 1000))
	want := map[int]int64{1: 50, 19: 950, 20: 1000, 21: 1100, 30: 2000, 31: 2200, 35: 3000, 36: 3400, 38: 4200, 39: 5000, 40: 6000, 44: 10000}
	for minute := 1; minute <= 44; minute++ {
		now := noon.Add(time.Duration(minute-1) * time.Minute)
		d := rollout.Decide(now, view)
		view.Minute = d.Released(d.Things)
		if notified, ok := want[minute]; ok && view.Minute.Notified != notified {
			t.Errorf("after minute %d: %d notified, want %d", minute, view.Minute.Notified, notified)
		}
		if d := rollout.Decide(now, view); d.Do != rollout.Wait || d.Reason != rollout.ForRate || !d.Until.Equal(now.Add(time.Minute)) {
			t.Fatalf("minute %d: got %+v, want to wait for the next minute", minute, d)
		}
	}
}

// TestSucceededCriterion: the other criterion counts executions that succeeded, and does not forget those that are deleted.
func TestSucceededCriterion(t *testing.T) {
	view := rollingOut(exponential(10, 15, 100, jobs.SucceededThings, 4))
	for i, c := range []struct {
		succeeded int64
		want      int
	}{{0, 10}, {3, 10}, {4, 15}, {11, 22}, {2, 22}, {12, 33}, {400, 100}} {
		view.Counters = jobs.Counters{}
		view.Counters.Add(jobs.Succeeded, c.succeeded)
		d := rollout.Decide(noon.Add(time.Duration(i)*time.Minute), view)
		if d.Things != c.want {
			t.Errorf("%d succeeded: release %d, want %d", c.succeeded, d.Things, c.want)
		}
		view.Minute = d.Released(d.Things)
	}
}
