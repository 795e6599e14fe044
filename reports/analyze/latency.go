package analyze

import (
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/sim/trace"
)

// latency gives the quantiles of the latency of the requests that succeeded.
func latency(reqs []trace.Sample) Quantiles {
	v := make([]uint32, 0, len(reqs))
	for i := range reqs {
		if !failed(reqs[i]) {
			v = append(v, reqs[i].Done)
		}
	}
	v = sorted(v)
	at := func(q float64) float64 { return float64(quantile(v, q)) / 1000 }
	return Quantiles{N: len(v), P50: at(0.5), P90: at(0.9), P95: at(0.95), P99: at(0.99), P999: at(0.999)}
}

// quantile is the nearest-rank quantile of sorted values: the smallest value that is at least as large as a share q of the values; 0 of
// none.
func quantile(sorted []uint32, q float64) uint32 {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(q*float64(len(sorted)) - 1e-9))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// sorted sorts values and returns them; it may use the memory of v. Many values are sorted by their digits, which takes a tenth of the
// time of comparing them.
func sorted(v []uint32) []uint32 {
	const few, bits = 1 << 12, 11
	if len(v) < few {
		slices.Sort(v)
		return v
	}
	next := make([]uint32, len(v))
	for shift := 0; shift < 32; shift += bits {
		var at [1<<bits + 1]int // by digit: where its next value goes
		for _, x := range v {
			at[x>>shift&(1<<bits-1)+1]++
		}
		for d := range 1 << bits {
			at[d+1] += at[d]
		}
		for _, x := range v {
			d := x >> shift & (1<<bits - 1)
			next[at[d]] = x
			at[d]++
		}
		v, next = next, v
	}
	return v
}

// lateness is the p99 of the time from the due instant of a request to its sending, in us.
func lateness(reqs []trace.Sample) float64 {
	v := make([]uint32, len(reqs))
	for i := range reqs {
		v[i] = reqs[i].Late
	}
	return float64(quantile(sorted(v), 0.99)) / 1000
}

// inflation is p95 latency after failover / p95 latency of the baseline, with its range. The first counts from the instant from which service
// holds to the undoing. nil: one of the two is missing.
func (r *run) inflation() (*float64, Range) {
	if len(r.faults) == 0 || r.outage != nil && !r.outage.ended {
		return nil, Range{}
	}
	from := r.effect
	if r.outage != nil {
		from = r.outage.back
	}
	reqs := r.between(from, r.undo)
	before, after := r.before, latency(reqs)
	if before.P95 == 0 || after.N == 0 {
		return nil, Range{}
	}
	v := after.P95 / before.P95
	g := Range{Lo: v, Hi: v}
	free := slices.DeleteFunc(slices.Clone(reqs), func(s trace.Sample) bool { return r.limited(s.Scheduled, answered(s)) != "" })
	if rest := latency(free); len(free) < len(reqs) {
		g = g.with(rest.P95 / before.P95)
		g.Why = "this machine was the limit for a part of the time"
	}
	return &v, g
}
