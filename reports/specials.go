package reports

import (
	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// special is a measure that only some designs have, and that is shown only where one of them has it.
type special struct {
	Head string
	measure
	above float64 // shown where it is more than this in some trial; negative: wherever there is one
	with  measure // shown only beside this one; empty: always
}

// specials are all of them, in the order in which they are shown. What comes before a fault and what under it stand side
// by side, and so do a count and its parts.
var specials = []special{
	{"promised", "promised_ratio", -1, ""},
	{"whole again after the repair began", "promised_whole_ms", -1, ""},
	{"cache hits before", "cache_hit_ratio_before", -1, ""},
	{"cache hits under the fault", "cache_hit_ratio_during", -1, ""},
	{"sibling hits before", "peer_hit_ratio_before", 0, ""},
	{"sibling hits under the fault", "peer_hit_ratio_during", 0, ""},
	{"worst second at the origin over the worst before", "origin_surge", -1, ""},
	{"WAN before", "wan_bytes_before_per_s", -1, "cache_hit_ratio_before"}, // what caches saved, and what it costs to lose them
	{"WAN under the fault", "wan_bytes_per_s", -1, "cache_hit_ratio_before"},
	{"exits in effect before", "exits_effective_before", -1, ""},
	{"exits in effect under the fault", "exits_effective", -1, ""},
	{"sessions broken", "sessions_broken", 0, ""},
	{"streams open", "streams_open", -1, ""},
	{"streams broken", "streams_broken", -1, ""},
	{"of them before the repair", "streams_broken_before_repair", 0, ""},
	{"of them after the repair", "streams_broken_after_repair", 0, ""},
	{"of them silent when the load ended", "streams_silent", 0, ""},
	{"streams that never came back", "streams_lost", 0, ""},
	{"median time without a stream", "stream_outage_median_ms", 0, ""},
	{"longest time without a stream", "stream_outage_max_ms", 0, ""},
	{"needless moves of the address", "moves", 0, ""},
	{"address held twice", "dual_active_ms", analyze.Handover, ""},
	{"bypassed", bypassed, 0, ""},
}

// Text is the measure's median over the trials of a cell, and its range.
func (s special) Text(c analyze.Cell) string { return s.text(c) }

// Of is the measure of one trial.
func (s special) Of(t analyze.Trial) string { return s.of(t) }

// in reports whether a cell has something to show of it.
func (s special) in(c analyze.Cell) bool {
	if s.with != "" {
		if _, ok := s.with.over(c); !ok {
			return false
		}
	}
	spread, ok := s.over(c)
	return ok && spread.Max > s.above
}

// specialsOf are the specials of which some cell has something to show.
func specialsOf(cells ...analyze.Cell) (some []special) {
	for _, s := range specials {
		for _, c := range cells {
			if s.in(c) {
				some = append(some, s)
				break
			}
		}
	}
	return some
}

// specialText says the specials of one cell in a line: cache hits before 61 %, cache hits under the fault 12 %.
func specialText(c analyze.Cell) string {
	text := ""
	for i, s := range specialsOf(c) {
		if i > 0 {
			text += ", "
		}
		text += s.Head + " " + s.Text(c)
	}
	return text
}
