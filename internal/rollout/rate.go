package rollout

import (
	"math/big"

	"iotjobs/internal/jobs"
)

// ceiling is the highest rate that the job may have.
func ceiling(r jobs.RolloutRate, quota int) int {
	if r.MaximumPerMinute == 0 {
		return quota
	}
	return min(r.MaximumPerMinute, quota)
}

// rateAt is min(ceiling, ⌊base × factor^multiples⌋), exactly (LIFE-4.3). A constant rate is the ceiling.
func rateAt(r jobs.RolloutRate, quota int, multiples int64) int {
	most := ceiling(r, quota)
	if r.Exponential == nil {
		return most
	}
	base, tenths := r.Exponential.BaseRatePerMinute, r.Exponential.IncrementTenths
	if base >= most {
		return most
	}
	if tenths <= 10 { // does not grow; the loop below relies on growth to end soon
		return base
	}
	// The exact product needs more than 64 bits long before the ceiling stops it: 1.1^73 is 11^73 / 10^73.
	grown, scale := big.NewInt(int64(base)), big.NewInt(1)
	factor, ten := big.NewInt(int64(tenths)), big.NewInt(10)
	bound := big.NewInt(int64(most))
	for range multiples {
		grown.Mul(grown, factor)
		scale.Mul(scale, ten)
		if new(big.Int).Quo(grown, scale).Cmp(bound) >= 0 {
			return most
		}
	}
	return int(grown.Quo(grown, scale).Int64())
}

// multiples is how many whole multiples of the threshold the job has reached: never fewer than before, also when executions that
// succeeded are deleted.
func multiples(m jobs.Minute, r jobs.RolloutRate, counters jobs.Counters) int64 {
	e := r.Exponential
	if e == nil || e.Threshold < 1 {
		return m.Multiples
	}
	count := m.Notified
	if e.Criterion == jobs.SucceededThings {
		count = counters.Of(jobs.Succeeded)
	}
	return max(m.Multiples, count/e.Threshold)
}
