package scenarios

import (
	"maps"
	"slices"
)

// MeasureInfo describes a measure that expectations and reports may name.
type MeasureInfo struct {
	Unit  string `json:"unit"`  // a key of unitSuffixes
	Fault bool   `json:"fault"` // counted from a fault: no value without one
	About string `json:"about"`
}

// unitSuffixes are the units of measures, with what each adds to a measure's name in report.json. A count
// is bounded by a whole number, a number by any, a ratio by a share from 0 % to 100 %, a factor by a multiple of the baseline's value.
var unitSuffixes = map[string]string{"ms": "_ms", "s": "_s", "B/s": "_per_s", "count": "", "number": "", "ratio": "", "factor": ""}

// Key is the name of a measure in the summaries of report.json: its name here with the suffix of its unit.
func (m MeasureInfo) Key(name string) string { return name + unitSuffixes[m.Unit] }

// Measures are the measures of one trial, by the name that expectations use.
var Measures = map[string]MeasureInfo{
	"failover":             {"ms", true, "from the effect of the fault to the instant from which service holds: answers keep up with the requests, and none sent after it needs help"},
	"latency_recovery":     {"ms", true, "from the effect of the fault to the instant from which service holds and the p95 latency is at most k times the baseline's"},
	"time_to_first":        {"ms", true, "from the effect to the first success after the first failure: optimistic"},
	"lost":                 {"count", true, "failed requests above the baseline's own failures"},
	"lost_ratio":           {"ratio", true, "lost / offered from the fault's effect to its undoing"},
	"loss_derived":         {"ms", true, "lost / rate"},
	"user_outage_median":   {"ms", true, "outage per user, median over users"},
	"user_outage_max":      {"ms", true, "outage per user, worst user"},
	"users_noticed":        {"count", false, "users with a failed request or a response later than the patience"},
	"users_noticed_ratio":  {"ratio", false, "users_noticed / users"},
	"q_min":                {"ratio", false, "least goodput / offered in any bin"},
	"q_steady":             {"ratio", true, "goodput / offered in the steady degraded state"},
	"resilience_loss":      {"s", true, "integral of 1 - Q in seconds of full outage"},
	"latency_inflation":    {"factor", true, "p95 after failover / p95 of the baseline"},
	"diversity":            {"ratio", true, "effective number of a pool's exits under the fault / before it"},
	"exits_effective":      {"number", true, "effective number of a pool's exits under the fault (1 / sum of squared shares)"},
	"sessions_broken":      {"count", true, "sessions of a pool's users whose exit could not be reached before they were over"},
	"streams_broken":       {"count", true, "breaks of the streams (WebSockets) that users hold open, from the effect to the end of the load: before the repair, after it (by the failback), and streams that are silent when the load ends"},
	"stream_outage_median": {"ms", true, "a user without the stream that the fault broke, from the effect or its last answer to the next stream's first, median"},
	"stream_outage_max":    {"ms", true, "stream_outage_median of the worst user; one that never returned, or was silent when the load ended, counts to its end and lasted at least so long"},
	"dual_active":          {"ms", true, "two nodes held an address at once, from the effect on (split brain)"},
	"moves":                {"count", true, "moves of an address away from a node that no fault struck: for nothing"},
	"origin_surge":         {"factor", true, "bytes per second that no cache had, worst second after the effect / worst of the baseline"},
	"wan_bytes":            {"B/s", true, "bytes per second over all WAN links, both ways, in the fault phase"},
	"failback":             {"ms", true, "the second interruption, when the repaired node returns"},
	"bypassed":             {"count", false, "requests that reached the origin without a proxy"},
	"corrupted":            {"count", false, "answers whose body was not what the origin sent"},
	"error_ratio":          {"ratio", false, "failed requests / offered over the whole trial"},
}

// MeasureNames are the keys of Measures, sorted.
func MeasureNames() []string { return slices.Sorted(maps.Keys(Measures)) }
