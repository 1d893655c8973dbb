package fleet

import (
	"math"
	"math/bits"
	"sync/atomic"
	"time"
)

// Durations up to 255 ns have a bucket each; above, every power of two is cut into 128 buckets of equal width. So memory is fixed
// (36 KiB), and a quantile is too high by at most 1/128 of itself. Longer than 2^42 ns (73 minutes) counts as that.
const (
	exact    = 256
	perPower = exact / 2
	maxBits  = 42
	buckets  = exact + (maxBits-8)*perPower
)

// histogram counts durations. It may be used concurrently; its zero value is empty.
type histogram struct {
	counts  [buckets]atomic.Uint64
	longest atomic.Int64
}

func (h *histogram) add(d time.Duration) {
	d = min(max(d, 0), 1<<maxBits-1)
	h.counts[bucket(uint64(d))].Add(1)
	for {
		longest := h.longest.Load()
		if int64(d) <= longest || h.longest.CompareAndSwap(longest, int64(d)) {
			return
		}
	}
}

func bucket(ns uint64) int {
	if ns < exact {
		return int(ns)
	}
	power := bits.Len64(ns) - 8
	return exact + (power-1)*perPower + int(ns>>power) - perPower
}

// bound is the longest duration of a bucket.
func bound(bucket int) time.Duration {
	if bucket < exact {
		return time.Duration(bucket)
	}
	power, place := (bucket-exact)/perPower+1, (bucket-exact)%perPower
	return time.Duration((place+perPower+1)<<power - 1)
}

func (h *histogram) count() (n uint64) {
	for i := range h.counts {
		n += h.counts[i].Load()
	}
	return n
}

// quantile is the duration that a share q of the counted ones does not exceed (nearest rank); zero if nothing was counted.
func (h *histogram) quantile(q float64) time.Duration {
	rank := max(uint64(math.Ceil(q*float64(h.count()))), 1)
	var seen uint64
	for i := range h.counts {
		if seen += h.counts[i].Load(); seen >= rank {
			return min(bound(i), time.Duration(h.longest.Load()))
		}
	}
	return 0
}
