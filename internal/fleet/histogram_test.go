package fleet

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestBucketsAreNarrowAndInOrder(t *testing.T) {
	if got := bucket(1<<maxBits - 1); got != buckets-1 {
		t.Errorf("the longest duration has bucket %d of %d", got, buckets)
	}
	before := time.Duration(-1)
	for i := range buckets {
		lowest, highest := before+1, bound(i)
		if bucket(uint64(lowest)) != i || bucket(uint64(highest)) != i {
			t.Fatalf("bucket %d is said to be from %d to %d, which have %d and %d", i, lowest, highest, bucket(uint64(lowest)), bucket(uint64(highest)))
		}
		if highest-lowest > lowest/128 {
			t.Fatalf("bucket %d from %d to %d is too wide", i, lowest, highest)
		}
		before = highest
	}
}

func TestQuantiles(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, draw := range map[string]func() time.Duration{
		"even": func() time.Duration { return time.Duration(random.IntN(int(time.Second))) },
		"heavy": func() time.Duration {
			return time.Duration(math.Exp(random.NormFloat64()*2) * float64(time.Millisecond))
		},
		"same":      func() time.Duration { return 1234567 },
		"two peaks": func() time.Duration { return []time.Duration{time.Microsecond, time.Minute}[random.IntN(2)] },
	} {
		for _, n := range []int{1, 2, 3, 99, 100, 101, 5000} {
			var h histogram
			sorted := make([]time.Duration, n)
			for i := range sorted {
				sorted[i] = draw()
				h.add(sorted[i])
			}
			slices.Sort(sorted)
			if h.count() != uint64(n) {
				t.Errorf("%s: count %d, want %d", name, h.count(), n)
			}
			for _, q := range []float64{0.01, 0.5, 0.9, 0.99, 1} {
				want := sorted[max(int(math.Ceil(q*float64(n))), 1)-1]
				if got := h.quantile(q); got < want || got > want+want/128 || got > sorted[n-1] {
					t.Errorf("%s: quantile %g of %d is %s, want %s", name, q, n, got, want)
				}
			}
		}
	}
}

func TestHistogramOfNothingAndOfOdd(t *testing.T) {
	var h histogram
	if got := h.quantile(0.99); got != 0 {
		t.Errorf("empty: %s", got)
	}
	h.add(-time.Second)
	if got := h.quantile(1); got != 0 {
		t.Errorf("negative: %s", got)
	}
	h.add(1000 * time.Hour)
	if got := h.quantile(1); got != 1<<maxBits-1 {
		t.Errorf("too long: %s", got)
	}
}
