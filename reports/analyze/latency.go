package analyze

import (
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/sim/trace"
)

// latency gives the quantiles of the latency of the requests that succeeded.
func latency(reqs []trace.Sample) Quantiles {
	v := make([]float64, 0, len(reqs))
	for _, s := range reqs {
		if !failed(s) {
			v = append(v, float64(s.Done)/1000)
		}
	}
	slices.Sort(v)
	return Quantiles{
		N: len(v), P50: quantile(v, 0.5), P90: quantile(v, 0.9), P95: quantile(v, 0.95), P99: quantile(v, 0.99), P999: quantile(v, 0.999),
	}
}

// quantile is the nearest-rank quantile of sorted values: the smallest value that is at least as large as a share q of the values.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(q*float64(len(sorted)) - 1e-9))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// lateness is the p99 of the time from the due instant of a request to its sending, in us.
func lateness(reqs []trace.Sample) float64 {
	v := make([]float64, len(reqs))
	for i, s := range reqs {
		v[i] = float64(s.Late) / 1000
	}
	slices.Sort(v)
	return quantile(v, 0.99)
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
	before, after := latency(r.baseline), latency(reqs)
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
