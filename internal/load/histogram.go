package load

import (
	"math/bits"
	"slices"
	"time"
)

// subBuckets is how many equal buckets each power of two is cut into: a quantile is at most 1/128 (0.8 %) too high,
// which is less than two runs differ by.
const subBuckets = 128

// Histogram counts durations in buckets of constant relative width. The zero value is empty and ready. Not for concurrent
// use: each worker has its own, and they are merged when all have stopped.
type Histogram struct {
	counts [(64 - 7) * subBuckets]uint64 // the last bucket ends at 2^63 ns
	n      uint64
	max    time.Duration
}

// bucket is the index for ns: exact below 2*subBuckets, then the exponent and the seven bits below the leading one.
func bucket(ns uint64) int {
	shift := max(bits.Len64(ns)-8, 0)
	return shift*subBuckets + int(ns>>shift)
}

// upper is the greatest duration that falls into bucket i.
func upper(i int) time.Duration {
	if i < 2*subBuckets {
		return time.Duration(i)
	}
	shift := i/subBuckets - 1
	return time.Duration((uint64(i-shift*subBuckets)+1)<<shift - 1)
}

// Record counts d; a negative d (a wake-up that overtook its cause) counts as 0.
func (h *Histogram) Record(d time.Duration) {
	d = max(d, 0)
	h.counts[bucket(uint64(d))]++
	h.n++
	h.max = max(h.max, d)
}

// Merge adds what o has counted.
func (h *Histogram) Merge(o *Histogram) {
	for i, c := range o.counts {
		h.counts[i] += c
	}
	h.n += o.n
	h.max = max(h.max, o.max)
}

// Count is how many durations were recorded.
func (h *Histogram) Count() int { return int(h.n) }

// Quantile returns a duration that the fraction q of all does not exceed; 0 if nothing was recorded.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.n == 0 {
		return 0
	}
	rank := min(max(uint64(q*float64(h.n)+0.5), 1), h.n)
	var seen uint64
	for i, c := range h.counts {
		if seen += c; seen >= rank {
			return min(upper(i), h.max)
		}
	}
	return h.max
}

// Median is the middle of xs, the mean of the two in the middle if their number is even, and 0 if there are none.
func Median[T ~int64 | ~float64](xs []T) T {
	if len(xs) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(xs))
	if len(s)%2 == 1 {
		return s[len(s)/2]
	}
	return (s[len(s)/2-1] + s[len(s)/2]) / 2
}
