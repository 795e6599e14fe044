package analyze

import (
	"math"
	"slices"

	"golang.org/x/perf/benchmath"

	"github.com/seed-ab8b6914/spof/scenarios"
)

// row is a figure of a trial.
type row struct {
	unit    string                // as of scenarios.MeasureInfo, or us
	value   func(*Trial) *float64 // nil: the trial has none
	measure string                // its name in scenarios.Measures; empty: it is none
}

// figures are what a cell sums up over its trials, by their names in report.json: every measure that can be bounded, and
// what else is shown or helps to judge a run.
var figures = func() map[string]row {
	all := map[string]row{
		"in_flight_lost":          {"count", func(t *Trial) *float64 { return some(float64(t.InFlightLost)) }, ""},
		"retried":                 {"count", func(t *Trial) *float64 { return some(float64(t.Retried)) }, ""},
		"tunnels_broken":          {"count", func(t *Trial) *float64 { return some(float64(t.TunnelsBroken)) }, ""},
		"cache_hit_ratio":         {"ratio", func(t *Trial) *float64 { return &t.CacheHitRatio }, ""},
		"send_lateness_p99_us":    {"us", func(t *Trial) *float64 { return &t.SendLatenessP99US }, ""},
		"effect_delay_ms":         {"ms", func(t *Trial) *float64 { return &t.EffectDelayMS }, ""},
		"effect_uncertainty_ms":   {"ms", func(t *Trial) *float64 { return &t.EffectUncertainty }, ""},
		"failover_uncertainty_ms": {"ms", func(t *Trial) *float64 { return &t.FailoverUncertaintyMS }, ""},
		"event_ms":                {"ms", of(func(t *Trial) *Predicted { return t.Predicted }, func(p *Predicted) *float64 { return p.EventMS }), ""},
		"promised_ratio":          {"ratio", of(promiseOf, func(p *Promise) *float64 { return &p.Share }), ""},
		"promised_whole_ms":       {"ms", of(promiseOf, func(p *Promise) *float64 { return p.WholeMS }), ""},
		// What a measure is made of, or compared with.
		"cache_hit_ratio_before":       {"ratio", ofCache(func(c *Cache) *float64 { return &c.Before.HitRatio }), ""},
		"cache_hit_ratio_during":       {"ratio", ofCache(func(c *Cache) *float64 { return &c.During.HitRatio }), ""},
		"peer_hit_ratio_before":        {"ratio", ofCache(func(c *Cache) *float64 { return &c.Before.PeerHitRatio }), ""},
		"peer_hit_ratio_during":        {"ratio", ofCache(func(c *Cache) *float64 { return &c.During.PeerHitRatio }), ""},
		"wan_bytes_before_per_s":       {"B/s", of(func(t *Trial) *WAN { return t.WAN }, func(w *WAN) *float64 { return &w.Before }), ""},
		"exits_effective_before":       {"number", of(func(t *Trial) *Exits { return t.Exits }, func(e *Exits) *float64 { return &e.Before.Effective }), ""},
		"streams_open":                 {"count", ofStreams(func(s *Streams) int { return s.Open }), ""},
		"streams_broken_before_repair": {"count", ofStreams(func(s *Streams) int { return s.BrokenBefore }), ""},
		"streams_broken_after_repair":  {"count", ofStreams(func(s *Streams) int { return s.BrokenAfter }), ""},
		"streams_silent":               {"count", ofStreams(func(s *Streams) int { return s.Silent }), ""},
		"streams_lost":                 {"count", ofStreams(func(s *Streams) int { return s.Lost }), ""},
	}
	for name, info := range scenarios.Measures {
		all[info.Key(name)] = row{info.Unit, measured(name), name}
	}
	return all
}()

// of is a figure of a part of a trial that not every trial has.
func of[T any](part func(*Trial) *T, value func(*T) *float64) func(*Trial) *float64 {
	return func(t *Trial) *float64 {
		if p := part(t); p != nil {
			return value(p)
		}
		return nil
	}
}

func promiseOf(t *Trial) *Promise { return t.Promise }

func ofCache(value func(*Cache) *float64) func(*Trial) *float64 {
	return of(func(t *Trial) *Cache { return t.Cache }, value)
}

func ofStreams(value func(*Streams) int) func(*Trial) *float64 {
	return of(func(t *Trial) *Streams { return t.Streams }, func(s *Streams) *float64 { return some(float64(value(s))) })
}

func measured(name string) func(*Trial) *float64 {
	return func(t *Trial) *float64 {
		if v, ok := t.Measure(name); ok {
			return &v
		}
		return nil
	}
}

// Figure gives a figure of a trial by its name in a cell's summary; ok is false for an unknown name, and for a figure that this trial
// has no value of.
func (t *Trial) Figure(key string) (value float64, ok bool) {
	f, known := figures[key]
	if !known {
		return 0, false
	}
	v := f.value(t)
	if v == nil {
		return 0, false
	}
	return *v, true
}

// FigureRange gives the interval that a figure of a trial lies in, as Range does; figures that are no measures are exact.
func (t *Trial) FigureRange(key string) (g Range, ok bool) {
	if name := figures[key].measure; name != "" {
		return t.Range(name)
	}
	v, ok := t.Figure(key)
	return Range{Lo: v, Hi: v}, ok
}

// MeasureOf gives the name in scenarios.Measures of a figure in a cell's summary; empty: it is no measure.
func MeasureOf(key string) string { return figures[key].measure }

// Void reports that the trial shows nothing: its figures are in no summary.
func (t *Trial) Void() bool { return t.void }

// UnitOf gives the unit of a figure by its name in a cell's summary; empty for an unknown name.
func UnitOf(key string) string { return figures[key].unit }

// Summaries sums up every figure that some trial has. Void trials show nothing and are left out. Failover is there
// wherever there was a fault, even if it never came.
func Summaries(trials []Trial) map[string]Summary {
	all := map[string]Summary{}
	faults := slices.ContainsFunc(trials, func(t Trial) bool { return !t.void && t.Target != "" })
	for name := range figures {
		var v []float64
		missing := 0
		for i := range trials {
			if t := &trials[i]; t.void {
				continue
			} else if x, ok := t.Figure(name); ok {
				v = append(v, x)
			} else {
				missing++
			}
		}
		if len(v) > 0 || name == "failover_ms" && faults {
			all[name] = summarize(v, missing)
		}
	}
	return all
}

// summarize gives the spread of values with the order-statistic interval of the median at 95 % or more; it takes 6 values.
func summarize(v []float64, missing int) Summary {
	s := Summary{N: len(v), Missing: missing}
	if len(v) == 0 {
		return s
	}
	sample := benchmath.NewSample(slices.Clone(v), &benchmath.DefaultThresholds) // sorts
	of := benchmath.AssumeNothing.Summary(sample, 0.95)
	s.Min, s.Median, s.Max = sample.Values[0], of.Center, sample.Values[len(v)-1]
	if !math.IsInf(of.Lo, 0) && !math.IsInf(of.Hi, 0) {
		s.MedianCI = &[2]float64{of.Lo, of.Hi}
	}
	return s
}
