package planner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// recommend says in two sentences what to do.
func (r *Result) recommend() {
	best := slices.MinFunc(r.Designs, func(a, b Design) int { return cmp.Compare(a.Loss, b.Loss) })
	first := fmt.Sprintf("Take %s, the best of %d designs: %s without service a year (%.4g %%), %s over %g years.", best.Name, len(r.Designs), Span(best.Hours),
		100*best.Availability, r.money(best.Cost), r.Years)
	if r.Choice != nil {
		best, first = r.Designs[len(r.Designs)-1], r.purchase()
	}
	r.Verdict = []string{first, r.sureness(best.Name)}
	if cheaper := slices.MinFunc(r.Designs, func(a, b Design) int { return cmp.Compare(a.Loss, b.Loss) }); r.DowntimeCost > 0 && cheaper.Loss < best.Loss {
		r.Verdict = append(r.Verdict, fmt.Sprintf("Costs and downtime together are less with %s: %s a year in place of %s. %s is taken for its hours.",
			cheaper.Name, r.money(cheaper.Loss), r.money(best.Loss), best.Name))
	}
	if r.Choice != nil && !r.Choice.Proven {
		r.Verdict = append(r.Verdict, r.gap())
	}
	if l := best.Lifetimes; len(l.Added) > 0 && !l.Agrees {
		r.Verdict = append(r.Verdict, fmt.Sprintf("In %s simulated years %s is without service for %s a year (%s to %s at 95 %%), because of %s.",
			Money(l.Years), best.Name, Span(l.Hours.Value), Span(l.Hours.Lo), Span(l.Hours.Hi), l.Why))
	}
}

// sureness says how sure a recommendation is, and what it hangs on.
func (r *Result) sureness(name string) string {
	chances := slices.Clone(r.Doubt.First)
	at := slices.IndexFunc(chances, func(c Chance) bool { return c.Name == name })
	if at < 0 {
		return "No figure of the plan is uncertain."
	}
	if r.Choice != nil && len(r.Choice.Best.Buys) == 0 { // the choice is its base, and each has half of their draws
		base := slices.IndexFunc(chances, func(c Chance) bool { return c.Name == r.Choice.Base })
		name, chances[base].P = r.Choice.Base, chances[base].P+chances[at].P
		chances = slices.Delete(chances, at, at+1)
		at = slices.IndexFunc(chances, func(c Chance) bool { return c.Name == name })
	}
	text := fmt.Sprintf("When the uncertain figures are drawn, %s is first in %.0f %% of %d draws", name, 100*chances[at].P, r.Doubt.Draws)
	rival := slices.MaxFunc(chances, func(a, b Chance) int { return cmp.Compare(a.P, b.P) })
	if rival.Name != name {
		text += fmt.Sprintf(", %s in %.0f %%", rival.Name, 100*rival.P)
	}
	if len(r.Doubt.Bars) > 0 {
		text += "; what matters most is the " + r.Doubt.Bars[0].Name
	}
	return text + "."
}

// purchase says what to buy.
func (r *Result) purchase() string {
	best := r.Choice.Best
	base := r.Designs[slices.IndexFunc(r.Designs, func(d Design) bool { return d.Name == r.Choice.Base })]
	if len(r.Designs) > 2 { // the choice is the last
		return r.pick(base, best)
	}
	if len(best.Buys) == 0 && !r.Choice.Proven {
		return fmt.Sprintf("Nothing was found to buy for %s, which is without service for %s a year.", base.Name, Span(base.Hours))
	}
	if len(best.Buys) == 0 && r.TargetHours != nil {
		return fmt.Sprintf("Buy nothing: %s meets the target; it is without service for %s a year.", base.Name, Span(base.Hours))
	}
	if len(best.Buys) == 0 {
		return fmt.Sprintf("Buy nothing: no alternative to %s is worth its cost; it is without service for %s a year.", base.Name, Span(base.Hours))
	}
	return fmt.Sprintf("Buy %s for %s over %g years: users are without service for %s a year in place of %s.", strings.Join(best.Buys, ", "), r.money(best.Cost),
		r.Years, Span(r.Designs[len(r.Designs)-1].Hours), Span(base.Hours))
}

// pick says which design to take, and what to buy for it.
func (r *Result) pick(base Design, best Point) string {
	text := fmt.Sprintf("Take %s for %s over %g years: users are without service for %s a year.", base.Name, r.money(best.Cost), r.Years, Span(best.Hours))
	if len(best.Buys) > 0 {
		text = fmt.Sprintf("Take %s with %s for %s over %g years: users are without service for %s a year in place of %s.", base.Name, strings.Join(best.Buys, ", "), r.money(best.Cost),
			r.Years, Span(best.Hours), Span(base.Hours))
	}
	return text
}

// gap says what is not proven.
func (r *Result) gap() string {
	text := "The search ended before it had tried everything, so that a better combination may exist"
	switch {
	case r.Choice.Bound == nil:
	case r.TargetHours != nil:
		text += "; none costs less than " + r.money(*r.Choice.Bound)
	default:
		text += "; none is without service for less than " + Span(*r.Choice.Bound) + " a year"
	}
	return text + "."
}

// money writes an amount.
func (r *Result) money(v float64) string { return strings.TrimSpace(Money(v) + " " + r.Currency) }

// Money writes an amount with a comma at each thousand.
func Money(v float64) string {
	digits := fmt.Sprintf("%.0f", v)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Span writes hours a year in a unit that suits them.
func Span(hours float64) string {
	switch {
	case hours >= 999.5: // in whole hours: three digits would need an exponent
		return Money(hours) + " h"
	case hours >= 1:
		return fmt.Sprintf("%.3g h", hours)
	case hours >= 1.0/60:
		return fmt.Sprintf("%.3g min", 60*hours)
	}
	return fmt.Sprintf("%.3g s", 3600*hours)
}
