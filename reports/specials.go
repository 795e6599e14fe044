package reports

import (
	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// special is a measure that only some designs have, and that is shown only where one of them has it.
type special struct {
	Head string
	measure
	write func(float64) string
	zero  bool // nothing of it is worth saying, too
}

// specials are all of them, in the order in which they are shown. What comes before a fault and what under it stand side
// by side.
var specials = []special{
	{"cache hits before", ofCache(func(c *analyze.Cache) *float64 { return &c.Before.HitRatio }), percent, true},
	{"cache hits under the fault", ofCache(func(c *analyze.Cache) *float64 { return &c.During.HitRatio }), percent, true},
	{"sibling hits before", ofCache(func(c *analyze.Cache) *float64 { return &c.Before.PeerHitRatio }), percent, false},
	{"sibling hits under the fault", ofCache(func(c *analyze.Cache) *float64 { return &c.During.PeerHitRatio }), percent, false},
	{"worst second at the origin", ofCache(func(c *analyze.Cache) *float64 { return c.Surge }), times, true},
	{"WAN before", ofWAN(func(w *analyze.WAN) *float64 { return &w.Before }), volume, true},
	{"WAN under the fault", ofWAN(func(w *analyze.WAN) *float64 { return &w.During }), volume, true},
	{"exits in effect before", ofExits("", func(e *analyze.Exits) float64 { return e.Before.Effective }), figure, true},
	{"exits in effect under the fault", ofExits("exits_effective", func(e *analyze.Exits) float64 { return e.During.Effective }), figure, true},
	{"sessions broken", ofExits("sessions_broken", func(e *analyze.Exits) float64 { return float64(e.SessionsBroken) }), short, false},
	{"streams open", ofStreams("", func(s *analyze.Streams) float64 { return float64(s.Open) }), short, true},
	{"streams broken", ofStreams("", func(s *analyze.Streams) float64 { return float64(s.Broken) }), short, true},
	{"broken again after the repair", ofStreams("", func(s *analyze.Streams) float64 { return float64(s.BrokenAfter) }), short, false},
	{"median time without one", ofStreams("stream_outage_median_ms", func(s *analyze.Streams) float64 { return spreadOf(s).Median }), duration, false},
	{"longest time without one", ofStreams("stream_outage_max_ms", func(s *analyze.Streams) float64 { return spreadOf(s).Max }), duration, false},
	{"streams silent when the load ended", ofStreams("", func(s *analyze.Streams) float64 { return float64(s.Silent) }), short, false},
	{"streams that never came back", ofStreams("", func(s *analyze.Streams) float64 { return float64(s.Lost) }), short, false},
	{"address held twice", measure{"", split}, duration, true},
	{"bypassed", bypassed, short, false},
}

// split is how long a trial's address was on two nodes, where that is more than its handover.
func split(t analyze.Trial) *float64 {
	if t.DualActiveMS == nil || *t.DualActiveMS < analyze.Handover {
		return nil
	}
	return t.DualActiveMS
}

func times(v float64) string { return figure(v) + "× the worst before" }

// ofCache is a figure of a trial whose users asked for what can be kept.
func ofCache(value func(*analyze.Cache) *float64) measure {
	return measure{"", func(t analyze.Trial) *float64 {
		if t.Cache == nil {
			return nil
		}
		return value(t.Cache)
	}}
}

// ofWAN is a figure of the links of such a trial: what the caches saved, and what it cost to lose them.
func ofWAN(value func(*analyze.WAN) *float64) measure {
	return measure{"", func(t analyze.Trial) *float64 {
		if t.Cache == nil || t.WAN == nil {
			return nil
		}
		return value(t.WAN)
	}}
}

// ofExits is a figure of a trial whose users take turns with exits.
func ofExits(key string, value func(*analyze.Exits) float64) measure {
	return measure{key, func(t analyze.Trial) *float64 {
		if t.Exits == nil {
			return nil
		}
		v := value(t.Exits)
		return &v
	}}
}

// ofStreams is a figure of a trial whose users hold streams.
func ofStreams(key string, value func(*analyze.Streams) float64) measure {
	return measure{key, func(t analyze.Trial) *float64 {
		if t.Streams == nil {
			return nil
		}
		v := value(t.Streams)
		return &v
	}}
}

// spreadOf is how long users were without the streams that a fault broke; 0 where it broke none.
func spreadOf(s *analyze.Streams) analyze.MinMedMax {
	if s.OutageMS == nil {
		return analyze.MinMedMax{}
	}
	return *s.OutageMS
}

// Text is the measure's median over the trials of a cell.
func (s special) Text(c analyze.Cell) string { return medianOf(s.measure, c, s.write) }

// Of is the measure of one trial.
func (s special) Of(t analyze.Trial) string {
	if v := s.value(t); v != nil {
		return s.write(*v)
	}
	return none
}

// in reports whether a cell has something to show of it.
func (s special) in(c analyze.Cell) bool {
	spread, ok := s.over(c)
	return ok && (s.zero || spread.Max > 0)
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
