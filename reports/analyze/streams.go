package analyze

import (
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// Streams counts the WebSockets that users held open, from the effect to the end of the load.
type Streams struct {
	Open int `json:"open"` // at the effect
	// Broken is the measure streams_broken: BrokenBefore, BrokenAfter and Silent together.
	Broken int `json:"broken"`
	// BrokenBefore counts breaks from the effect to the start of the repair. BrokenAfter counts later breaks: a stream to a standby
	// that took the address over breaks again at failback.
	BrokenBefore int `json:"broken_before_repair"`
	BrokenAfter  int `json:"broken_after_repair"`
	Lost         int `json:"lost"` // broken streams that were not open again when the load ended
	// Silent counts streams that were open but silent when the load ended, for longer than the interval between messages plus the
	// latency limit. It is unknown whether these streams would have recovered.
	Silent int `json:"silent"`
	// OutageMS is the time without a stream, for streams that broke or fell silent before the repair: from the effect, or from the last
	// answer if that was later, to the first answer on the next stream. The outage of a lost or silent stream counts to the end of the
	// load: this is a lower bound. OutageAfterMS is the same for streams that broke or fell silent from the repair on. Null: none.
	OutageMS      *MinMedMax `json:"outage_ms"`
	OutageAfterMS *MinMedMax `json:"outage_after_repair_ms"`
}

// holder is a user with a stream.
type holder struct{ group, user string }

// streams follows the users' streams; nil if users hold none. most is the spread of the outages before the repair, in ms, with +Inf for
// each outage that had not ended.
func (r *run) streams() (s *Streams, most *MinMedMax) {
	held := r.plan.Scenario.Load.Streams
	if held == nil {
		return nil, nil
	}
	s = &Streams{}
	since := map[holder]int64{} // start of the outage, by holder without a working stream
	late := map[holder]bool{}   // holders whose stream broke from the repair on
	var outages, longest, after []float64
	over := func(h holder, at int64, ended bool) {
		out := ms(at - since[h])
		if late[h] {
			after = append(after, out)
			return
		}
		outages = append(outages, out)
		if !ended {
			out = math.Inf(1)
		}
		longest = append(longest, out)
	}
	fell := func(h holder, e trace.Event) { // e.For is the time from the last answer to the event
		since[h] = max(r.effect, e.At-e.For.Nanoseconds())
		late[h] = since[h] >= r.repair
	}
	for _, e := range r.events {
		h := holder{e.Node, e.Subject}
		switch {
		case e.Kind == proxy.EventStreamEnd:
			if (e.For - held.Every).Nanoseconds() > r.standard.limit {
				s.Silent++
				fell(h, e)
				over(h, e.At, false)
				delete(since, h)
			}
		case e.At >= r.end:
		case e.Kind == proxy.EventStreamOpen && e.At < r.effect:
			s.Open++
		case e.Kind == proxy.EventStreamBroken && e.At < r.effect:
			s.Open--
		case e.Kind == proxy.EventStreamOpen:
			if _, broken := since[h]; broken {
				over(h, e.At, true)
				delete(since, h)
			}
		case e.Kind == proxy.EventStreamBroken:
			if fell(h, e); late[h] {
				s.BrokenAfter++
			} else {
				s.BrokenBefore++
			}
		}
	}
	s.Broken = s.BrokenBefore + s.BrokenAfter + s.Silent
	s.Lost = len(since)
	for h := range since {
		over(h, r.end, false)
	}
	s.OutageMS, s.OutageAfterMS = spread(outages), spread(after)
	return s, spread(longest)
}

// streamRanges fills in the intervals of the stream outages. u is the uncertainty of the effect and of the clocks, ms. An interval has no
// upper end if a stream was not open again when the load ended.
func (t *Trial) streamRanges(most *MinMedMax, u float64) {
	if most == nil {
		return
	}
	within := func(v, longest float64) Range {
		g := Range{Lo: max(0, v-u), Hi: longest + u}
		if math.IsInf(longest, 1) {
			g.Why = "the trial ended before all streams were open again"
		}
		return g
	}
	t.Ranges["stream_outage_median"] = within(t.Streams.OutageMS.Median, most.Median)
	t.Ranges["stream_outage_max"] = within(t.Streams.OutageMS.Max, most.Max)
}

// spread returns the least, the median and the greatest of values; nil if there are none. It sorts v.
func spread(v []float64) *MinMedMax {
	n := len(v)
	if n == 0 {
		return nil
	}
	slices.Sort(v)
	return &MinMedMax{Min: v[0], Median: (v[(n-1)/2] + v[n/2]) / 2, Max: v[n-1]}
}

// broken is the measure streams_broken; nil if no stream was open at the effect.
func (s *Streams) broken() *float64 {
	if s == nil || s.Open <= 0 {
		return nil
	}
	return number(s.Broken)
}

// outage is a measure of the outages before the repair, ms; 0: no stream broke; nil: no stream was open at the effect.
func (s *Streams) outage(of func(*MinMedMax) *float64) *float64 {
	switch {
	case s == nil || s.Open <= 0:
		return nil
	case s.OutageMS == nil:
		return some(0)
	}
	return of(s.OutageMS)
}
