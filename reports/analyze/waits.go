package analyze

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reports/units"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/predict"
)

// SplitPart is one part of a failover.
type SplitPart struct {
	Name    string
	MS      *float64 // nil: not known
	Unknown string   // why
	In      string   // the part that has its time then
}

// Parts lists the parts in order.
func (s *Split) Parts() []SplitPart {
	parts := []SplitPart{
		{Name: string(proxy.PartDetect), MS: s.Detect}, {Name: string(proxy.PartDecide), MS: s.Decide},
		{Name: string(proxy.PartSwitch), MS: s.Switch}, {Name: string(proxy.PartClient), MS: s.Client},
	}
	for i := range parts {
		p := &parts[i]
		if p.Unknown = s.Unknown[p.Name]; p.Unknown == "" {
			continue
		}
		p.In = string(proxy.PartDetect)
		if p.Name == string(proxy.PartSwitch) && s.By != string(proxy.EventRoute) {
			p.In = string(proxy.PartClient)
		}
	}
	return parts
}

// largest is the part that takes the longest.
func (s *Split) largest() (p proxy.Part, v float64) {
	for _, part := range s.Parts() {
		if part.MS != nil && *part.MS > v {
			p, v = proxy.Part(part.Name), *part.MS
		}
	}
	return p, v
}

// waits says what the largest part of a failover waits for, with the timer of the design that bounds it, and what another value predicts if the
// prediction holds for this trial. Empty: there is no part, or the design of the trace is one that no file gives.
func (r *run) waits(s *Split, t *Trial) string {
	part, v := s.largest()
	i := slices.IndexFunc(r.plan.Faults, func(f plan.Fault) bool { return f.ID == r.first().ID })
	if v <= 0 || i < 0 {
		return ""
	}
	w, ok := r.plan.Wait(i, predict.Moment{Part: part, By: proxy.EventKind(s.By), Node: s.Node, Reported: s.reported(),
		Repeats: part == proxy.PartClient && r.repeats(r.outage.back-int64(v*1e6))})
	if !ok {
		return ""
	}
	text := portion(v, *t.FailoverMS) + " is " + w.Waits
	if w.Now != "" {
		text += " (" + w.Now + ")"
	}
	return text + otherwise(w, t)
}

// otherwise says what another value of the timer would do.
func otherwise(w plan.Wait, t *Trial) string {
	switch {
	case w.Fixed:
		return "; no timer of the design changes it"
	case t.Predicted == nil && w.Now != "":
		return "; nothing is predicted for another value"
	case t.Predicted != nil && !t.Predicted.Inside:
		return "; this failover lies outside its prediction"
	case t.Predicted == nil || w.With == nil:
		return ""
	}
	then := span(ms(w.With.Lo), ms(w.With.Hi))
	if w.With.EventOnly {
		return "; with " + w.Change + ": " + strings.ReplaceAll(w.With.Event, "-", " ") + " after " + then
	}
	return "; " + w.Change + " would make the failover " + then
}

// repeats reports whether requests met no service that were sent from an instant until service was back, and each had its SYN repeated.
func (r *run) repeats(from int64) bool {
	found := false
	for _, s := range r.samples {
		if at := sent(s); at < from || at >= r.outage.back || !r.standard.unserved(s) {
			continue
		}
		if s.SYNs == 0 {
			return false
		}
		found = true
	}
	return found
}

// reported reports whether deciding is told apart from detecting by an event of its own.
func (s *Split) reported() bool { return s.Decide != nil && *s.Decide > 0 }

// portion formats a part of a time in ms, with one unit if both have the same: 2.93 of 3.21 s.
func portion(part, whole float64) string {
	text, all := duration(part), duration(whole)
	_, a := units.Scale(part, "ms")
	if _, b := units.Scale(whole, "ms"); a == b {
		text = strings.TrimSuffix(text, a)
	}
	return text + " of " + all
}

// MedianSplit is the trial with the median failover of those that are divided, the earlier one of two; nil: none is.
func (c *Cell) MedianSplit() *Trial {
	var all []*Trial
	for i := range c.Trials {
		if t := &c.Trials[i]; t.Split != nil && t.FailoverMS != nil && !t.Void {
			all = append(all, t)
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.SortStableFunc(all, func(a, b *Trial) int { return cmp.Compare(*a.FailoverMS, *b.FailoverMS) })
	return all[(len(all)-1)/2]
}

// waits is the sentence of the trial with the median failover; empty: it has none.
func (c *Cell) waits() string {
	t := c.MedianSplit()
	if t == nil || t.Split.Waits == "" {
		return ""
	}
	if len(c.Trials) == 1 {
		return t.Split.Waits
	}
	return fmt.Sprintf("%s (trial %d, the median)", t.Split.Waits, t.Trial)
}
