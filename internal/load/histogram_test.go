package load

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestHistogram_buckets_are_contiguous_and_tight(t *testing.T) {
	for i := range len(Histogram{}.counts) {
		u := upper(i)
		if got := bucket(uint64(u)); got != i {
			t.Fatalf("bucket(upper(%d) = %d): got %d, want %d", i, u, got, i)
		}
		if u == math.MaxInt64 {
			return
		}
		if got := bucket(uint64(u) + 1); got != i+1 {
			t.Fatalf("bucket(upper(%d)+1): got %d, want %d", i, got, i+1)
		}
	}
}

func TestHistogram_quantiles_within_one_percent(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var parts [3]Histogram
	var all []time.Duration
	for i := range 30_000 {
		d := time.Duration(math.Exp(rng.NormFloat64()*2 + 13)) // log-normal around 0.4 ms, from µs to seconds
		parts[i%3].Record(d)
		all = append(all, d)
	}
	var h Histogram
	for i := range parts {
		h.Merge(&parts[i])
	}
	slices.Sort(all)
	if h.Count() != len(all) {
		t.Fatalf("count: got %d, want %d", h.Count(), len(all))
	}
	for _, q := range []float64{0, .5, .9, .99, .999, 1} {
		exact := all[min(max(int(q*float64(len(all))+.5)-1, 0), len(all)-1)]
		got := h.Quantile(q)
		if got < exact || float64(got) > float64(exact)*1.01 {
			t.Errorf("quantile %g: got %v, want %v or up to 1 %% more", q, got, exact)
		}
	}
}

func TestHistogram_edges(t *testing.T) {
	var h Histogram
	if got := h.Quantile(.5); got != 0 {
		t.Errorf("quantile of nothing: got %v, want 0", got)
	}
	h.Record(-time.Second)
	h.Record(math.MaxInt64)
	if got := h.Quantile(.5); got != 0 {
		t.Errorf("negative duration: got %v, want 0", got)
	}
	if got := h.Quantile(1); got != math.MaxInt64 {
		t.Errorf("longest duration: got %v, want it exactly", got)
	}
}

func TestMedian(t *testing.T) {
	tests := []struct {
		in   []float64
		want float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 9, 2}, 3}}
	for _, tt := range tests {
		if got := Median(tt.in); got != tt.want {
			t.Errorf("Median(%v): got %v, want %v", tt.in, got, tt.want)
		}
	}
}
