package analyze

import (
	"cmp"
	"maps"
	"slices"

	"github.com/seed-ab8b6914/spof/scenarios"
)

// Measure is a figure of a trial. Its row in Measures has its name, its unit, its computation, its uncertainty and its column in reports.
// A new measure needs a new row and nothing else.
type Measure struct {
	Name string // as in expectations and in sentences
	Unit string // a key of suffixes
	// About describes the measure in one sentence. A scenario can bound a measure that has one.
	About string
	Fault bool // the measure counts from a fault: a scenario without faults cannot bound it

	// A row has one of Value and Compute. Value reads the measure from the fields of the trial; Compute takes it from the trace. The
	// result nil means that the trial has no value.
	Value   func(*Trial) *float64
	Compute func(*run) *float64
	// Range returns the interval of the true value. nil: the value is exact, or the trial has its interval already.
	Range func(r *run, v float64) Range

	// Late: late answers of a busy machine change the measure. Its range then includes the value without these answers.
	Late bool
	// Best is the best possible value, if an overloaded machine can make the measure worse; nil: it cannot.
	Best *float64

	// Better is the direction in which the measure improves; empty: neither is better. Gate: a comparison of two runs tests the measure,
	// unless it is told which to test; measures that say the same as another have no Gate.
	Better Direction
	Gate   bool

	// Mean: the measure is a total, or counts rare events: summaries have its mean too, with a bootstrap interval.
	Mean bool

	// Head is the measure's column in reports. The column is shown if a trial has a value above Above; empty: no column. With is the key
	// of another measure: without a value of that one, the column is not shown either.
	Head  string
	Above float64
	With  string
}

// Direction is the direction in which a measure improves.
type Direction string

// The directions.
const (
	Lower  Direction = "lower"
	Higher Direction = "higher"
)

// always is a value of Above: a measure of 0 is shown too.
const always = -1

// suffixes has, by unit, the suffix of the measure's name in report.json. In a scenario, the bound of a count is a whole number, of a number
// any number, of a ratio 0 % to 100 %, and of a factor a multiple of the baseline's value.
var suffixes = map[string]string{"ms": "_ms", "s": "_s", "us": "_us", "B/s": "_per_s", "count": "", "number": "", "ratio": "", "factor": ""}

// Key is the measure's name in report.json: its name with the suffix of its unit.
func (m *Measure) Key() string { return m.Name + suffixes[m.Unit] }

// Measures are all measures of one trial. Those with a column stand in the order of the columns.
var Measures = []Measure{
	{Name: "failover", Unit: "ms", Better: Lower, Gate: true, Fault: true, Best: some(0),
		About: "from the effect of the fault until service holds: answers keep up with the requests, and new requests are answered in time without a repeated SYN",
		Value: func(t *Trial) *float64 { return t.FailoverMS }},
	{Name: "latency_recovery", Unit: "ms", Better: Lower, Fault: true, Best: some(0),
		About: "from the effect of the fault until service holds and the p95 latency is at most measure.latency_factor times that of the baseline",
		Value: func(t *Trial) *float64 { return t.LatencyRecoveryMS }},
	{Name: "time_to_first", Unit: "ms", Better: Lower, Fault: true, Best: some(0),
		About: "from the effect of the fault to the first success after the first failure (optimistic: service may fail again)",
		Value: func(t *Trial) *float64 { return t.TimeToFirstMS },
		Range: func(r *run, v float64) Range {
			return r.offEffect(v).from(max(0, v-ms(r.uncertainty())-r.resolution()), "")
		}},
	{Name: "lost", Unit: "count", Better: Lower, Fault: true, Best: some(0), Late: true,
		About: "failed requests, less those expected from the failure rate of the baseline",
		Value: func(t *Trial) *float64 { return &t.Lost }},
	{Name: "lost_ratio", Unit: "ratio", Better: Lower, Gate: true, Fault: true, Best: some(0), Late: true,
		About: "lost / requests due, from the effect of the fault to its repair, or to the end of the outage if that is later",
		Value: func(t *Trial) *float64 { return &t.LostRatio }},
	{Name: "loss_derived", Unit: "ms", Better: Lower, Fault: true, Best: some(0), Late: true,
		About: "lost / rate of the load: the loss-derived convergence time of RFC 6412",
		Value: func(t *Trial) *float64 { return &t.LossDerivedMS }},
	{Name: "user_outage_median", Unit: "ms", Better: Lower, Fault: true, Best: some(0), Late: true,
		About: "time without service per user, median over the users",
		Value: func(t *Trial) *float64 { return t.UserOutageMS.median() },
		Range: (*run).offEffect},
	{Name: "user_outage_max", Unit: "ms", Better: Lower, Fault: true, Best: some(0), Late: true,
		About: "time without service of the worst user",
		Value: func(t *Trial) *float64 { return t.UserOutageMS.max() },
		Range: (*run).offEffect},
	{Name: "users_noticed", Unit: "count", Better: Lower, Best: some(0), Late: true,
		About: "users with a failed request or an answer later than the patience",
		Value: func(t *Trial) *float64 { return number(t.UsersNoticed) }},
	{Name: "users_noticed_ratio", Unit: "ratio", Better: Lower, Gate: true, Best: some(0), Late: true,
		About: "users_noticed / users",
		Value: func(t *Trial) *float64 { return some(ratio(t.UsersNoticed, t.Users)) }},
	{Name: "q_min", Unit: "ratio", Better: Higher, Best: some(1), Late: true,
		About: "lowest Q of any bin (Q: requests answered within the patience / requests due)",
		Value: func(t *Trial) *float64 { return &t.QMin }},
	{Name: "q_steady", Unit: "ratio", Better: Higher, Gate: true, Fault: true, Best: some(1), Late: true,
		About: "Q in the steady degraded state: in the last half of the fault, after the failover",
		Value: func(t *Trial) *float64 { return &t.QSteady }},
	{Name: "resilience_loss", Unit: "s", Better: Lower, Gate: true, Mean: true, Fault: true, Best: some(0), Late: true,
		About: "integral of 1 - Q over the fault, in seconds of full outage",
		Value: func(t *Trial) *float64 { return &t.ResilienceLossS }},
	{Name: "latency_inflation", Unit: "factor", Better: Lower, Fault: true, Best: some(0),
		About: "p95 latency after the failover / p95 latency of the baseline",
		Value: func(t *Trial) *float64 { return t.LatencyInflation }},
	{Name: "failback", Unit: "ms", Better: Lower, Gate: true, Fault: true, Best: some(0),
		About: "longest interruption after the repair has begun",
		Value: func(t *Trial) *float64 { return t.FailbackMS }},
	{Name: "error_ratio", Unit: "ratio", Better: Lower, Best: some(0), Late: true,
		About: "failed requests / requests due, over the whole trial but its warm-up",
		Value: func(t *Trial) *float64 { return &t.ErrorRatio }},
	{Name: "corrupted", Unit: "count", Better: Lower, Gate: true, Mean: true,
		About: "answers whose body differs from what the origin sent; of a web server of a team's own files none is judged, as its pages may be its own",
		Value: func(t *Trial) *float64 { return number(t.Corrupted) }},
	{Name: "diversity", Unit: "ratio", Better: Higher, Gate: true, Fault: true,
		About: "effective number of exits of a pool under the fault / before it",
		Value: func(t *Trial) *float64 { return t.Exits.remaining() }},

	// Measures that only some designs have. The value before a fault stands beside the value under it, and a count stands beside its parts.
	{Name: "promised_ratio", Unit: "ratio", Head: "promised", Above: always,
		Value: ofPromise(func(p *Promise) *float64 { return &p.Share })},
	{Name: "promised_whole", Unit: "ms", Better: Lower, Head: "full load served after the repair began", Above: always,
		Value: ofPromise(func(p *Promise) *float64 { return p.WholeMS })},
	{Name: "cache_hit_ratio_before", Unit: "ratio", Head: "cache hits before", Above: always,
		Value: ofCache(func(c *Cache) *float64 { return &c.Before.HitRatio })},
	{Name: "cache_hit_ratio_during", Unit: "ratio", Better: Higher, Head: "cache hits under the fault", Above: always,
		Value: ofCache(func(c *Cache) *float64 { return &c.During.HitRatio })},
	{Name: "peer_hit_ratio_before", Unit: "ratio", Head: "sibling hits before",
		Value: ofCache(func(c *Cache) *float64 { return &c.Before.PeerHitRatio })},
	{Name: "peer_hit_ratio_during", Unit: "ratio", Better: Higher, Head: "sibling hits under the fault",
		Value: ofCache(func(c *Cache) *float64 { return &c.During.PeerHitRatio })},
	{Name: "origin_surge", Unit: "factor", Better: Lower, Fault: true, Head: "origin traffic, worst second / worst before", Above: always,
		About: "body bytes per second that no cache had: worst second after the effect / worst second of the baseline",
		Value: ofCache(func(c *Cache) *float64 { return c.Surge })},
	{Name: "wan_bytes_before", Unit: "B/s", Head: "WAN before", Above: always, With: "cache_hit_ratio_before", // what caches save
		Value: ofWAN(func(w *WAN) *float64 { return &w.Before })},
	{Name: "wan_bytes", Unit: "B/s", Better: Lower, Fault: true, Head: "WAN under the fault", Above: always, With: "cache_hit_ratio_before",
		About: "bytes per second over all WAN links, both ways, in the fault phase",
		Value: ofWAN(func(w *WAN) *float64 { return &w.During })},
	{Name: "exits_effective_before", Unit: "number", Head: "effective exits before", Above: always,
		Value: ofExits(func(e *Exits) *float64 { return &e.Before.Effective })},
	{Name: "exits_effective", Unit: "number", Better: Higher, Fault: true, Head: "effective exits under the fault", Above: always,
		About: "effective number of exits of a pool under the fault: 1 / sum of squared shares",
		Value: ofExits(func(e *Exits) *float64 { return &e.During.Effective })},
	{Name: "sessions_broken", Unit: "count", Better: Lower, Gate: true, Mean: true, Fault: true, Best: some(0), Head: "sessions broken",
		About: "sessions of a pool's users whose exit became unreachable before the session ended",
		Value: ofExits(func(e *Exits) *float64 { return number(e.SessionsBroken) })},
	{Name: "streams_open", Unit: "count", Head: "streams open", Above: always,
		Value: ofStreams(func(s *Streams) *float64 { return number(s.Open) })},
	{Name: "streams_broken", Unit: "count", Better: Lower, Gate: true, Mean: true, Fault: true, Best: some(0), Head: "streams broken", Above: always,
		About: "breaks of open streams (WebSockets) from the effect to the end of the load: before the repair, after it (failback), and streams that are silent when the load ends",
		Value: func(t *Trial) *float64 { return t.Streams.broken() }},
	{Name: "streams_broken_before_repair", Unit: "count", Better: Lower, Head: "broken before the repair",
		Value: ofStreams(func(s *Streams) *float64 { return number(s.BrokenBefore) })},
	{Name: "streams_broken_after_repair", Unit: "count", Better: Lower, Head: "broken after the repair",
		Value: ofStreams(func(s *Streams) *float64 { return number(s.BrokenAfter) })},
	{Name: "streams_silent", Unit: "count", Better: Lower, Head: "silent when the load ended",
		Value: ofStreams(func(s *Streams) *float64 { return number(s.Silent) })},
	{Name: "streams_lost", Unit: "count", Better: Lower, Head: "streams that did not return",
		Value: ofStreams(func(s *Streams) *float64 { return number(s.Lost) })},
	{Name: "stream_outage_median", Unit: "ms", Better: Lower, Gate: true, Fault: true, Best: some(0), Head: "median time without a stream",
		About: "time of a user without a working stream: from the effect, or the last answer if later, to the first answer of the next stream; median over the breaks before the repair",
		Value: func(t *Trial) *float64 { return t.Streams.outage((*MinMedMax).median) }},
	{Name: "stream_outage_max", Unit: "ms", Better: Lower, Fault: true, Best: some(0), Head: "longest time without a stream",
		About: "longest time of a user without a working stream; a stream that did not return, or was silent when the load ended, counts to the end of the load (a lower bound)",
		Value: func(t *Trial) *float64 { return t.Streams.outage((*MinMedMax).max) }},
	{Name: "moves", Unit: "count", Better: Lower, Gate: true, Mean: true, Fault: true, Best: some(0), Head: "needless moves of the address",
		About: "moves of an address away from a node without a fault",
		Value: func(t *Trial) *float64 {
			if t.Moves == nil {
				return nil
			}
			return number(*t.Moves)
		}},
	{Name: "dual_active", Unit: "ms", Better: Lower, Gate: true, Fault: true, Best: some(0), Head: "address held by two nodes", Above: Handover,
		About: "time in which two nodes held the same address, from the effect on (split brain)",
		Value: func(t *Trial) *float64 { return t.DualActiveMS },
		Range: func(r *run, v float64) Range {
			if v == 0 {
				return Range{}
			}
			return r.offEffect(v)
		}},
	{Name: "bypassed", Unit: "count", Better: Lower, Gate: true, Mean: true, Head: "bypassed",
		About: "requests that reached the origin without a proxy",
		Value: func(t *Trial) *float64 { return number(t.Bypassed) }},

	// Measures that help to judge a run. No scenario bounds them.
	{Name: "in_flight_lost", Unit: "count", Better: Lower, Value: func(t *Trial) *float64 { return number(t.InFlightLost) }},
	{Name: "retried", Unit: "count", Better: Lower, Value: func(t *Trial) *float64 { return number(t.Retried) }},
	{Name: "tunnels_broken", Unit: "count", Better: Lower, Value: func(t *Trial) *float64 { return number(t.TunnelsBroken) }},
	{Name: "cache_hit_ratio", Unit: "ratio", Value: func(t *Trial) *float64 { return &t.CacheHitRatio }},
	{Name: "send_lateness_p99", Unit: "us", Value: func(t *Trial) *float64 { return &t.SendLatenessP99US }},
	{Name: "effect_delay", Unit: "ms", Value: func(t *Trial) *float64 { return &t.EffectDelayMS }},
	{Name: "effect_uncertainty", Unit: "ms", Value: func(t *Trial) *float64 { return &t.EffectUncertainty }},
	{Name: "failover_uncertainty", Unit: "ms", Value: func(t *Trial) *float64 { return &t.FailoverUncertaintyMS }},
	{Name: "event", Unit: "ms", Better: Lower, Gate: true, Value: of(func(t *Trial) *Predicted { return t.Predicted }, func(p *Predicted) *float64 { return p.EventMS })},
}

var byName, byKey = indexed()

// indexed returns the rows by name and by key.
func indexed() (byName, byKey map[string]*Measure) {
	byName, byKey = map[string]*Measure{}, map[string]*Measure{}
	for i := range Measures {
		m := &Measures[i]
		byName[m.Name], byKey[m.Key()] = m, m
	}
	return byName, byKey
}

// unitOf returns the unit of a measure by its name; empty for an unknown name.
func unitOf(name string) string {
	if m := byName[name]; m != nil {
		return m.Unit
	}
	return ""
}

// MeasureAt returns the measure with a key of a cell's summary; nil for an unknown key.
func MeasureAt(key string) *Measure { return byKey[key] }

// MeasureNamed returns the measure with a name; nil for an unknown name.
func MeasureNamed(name string) *Measure { return byName[name] }

// Bounded returns the measures that a scenario can bound, sorted by name.
func Bounded() []*Measure {
	bounded := maps.Clone(byName)
	maps.DeleteFunc(bounded, func(_ string, m *Measure) bool { return m.About == "" })
	return slices.SortedFunc(maps.Values(bounded), func(a, b *Measure) int { return cmp.Compare(a.Name, b.Name) })
}

// Expectable returns the measures that a scenario can bound, in the form that the reader of scenarios needs.
func Expectable() scenarios.Measures {
	known := scenarios.Measures{}
	for _, m := range Bounded() {
		known[m.Name] = scenarios.MeasureInfo{Unit: m.Unit, About: m.About, Fault: m.Fault}
	}
	return known
}

// Of returns the measure's value of a trial; ok is false if the trial has no value.
func (m *Measure) Of(t *Trial) (value float64, ok bool) {
	if m == nil {
		return 0, false
	}
	if m.Value == nil {
		value, ok = t.Measures[m.Key()]
		return value, ok
	}
	if v := m.Value(t); v != nil {
		return *v, true
	}
	return 0, false
}

// RangeOf returns the interval of the measure. A measure without an interval is exact. ok is false if the trial has neither a value nor an
// interval.
func (m *Measure) RangeOf(t *Trial) (g Range, ok bool) {
	v, ok := m.Of(t)
	if m != nil {
		if g, found := t.Ranges[m.Name]; found {
			if ok {
				g = g.with(v)
			}
			return g, true
		}
	}
	return Range{Lo: v, Hi: v}, ok
}

// tabulate computes the measures that have Compute, and fills in t.Measures with every value under its key.
func (r *run) tabulate(t *Trial) {
	t.Measures = map[string]float64{}
	for i := range Measures {
		m := &Measures[i]
		if m.Compute != nil && r.proven {
			if v := m.Compute(r); v != nil {
				t.Measures[m.Key()] = *v
			}
		} else if v, ok := m.Of(t); ok {
			t.Measures[m.Key()] = v
		}
	}
}

func some(v float64) *float64 { return &v }

func number(n int) *float64 { return some(float64(n)) }

// of reads a figure from an optional part of a trial; nil if the trial does not have the part.
func of[T any](part func(*Trial) *T, value func(*T) *float64) func(*Trial) *float64 {
	return func(t *Trial) *float64 {
		if p := part(t); p != nil {
			return value(p)
		}
		return nil
	}
}

func ofPromise(value func(*Promise) *float64) func(*Trial) *float64 {
	return of(func(t *Trial) *Promise { return t.Promise }, value)
}

func ofCache(value func(*Cache) *float64) func(*Trial) *float64 {
	return of(func(t *Trial) *Cache { return t.Cache }, value)
}

func ofWAN(value func(*WAN) *float64) func(*Trial) *float64 {
	return of(func(t *Trial) *WAN { return t.WAN }, value)
}

func ofExits(value func(*Exits) *float64) func(*Trial) *float64 {
	return of(func(t *Trial) *Exits { return t.Exits }, value)
}

func ofStreams(value func(*Streams) *float64) func(*Trial) *float64 {
	return of(func(t *Trial) *Streams { return t.Streams }, value)
}
