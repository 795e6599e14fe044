package predict

import (
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// until adapts the prediction to a fault that ends before the mechanism may have reacted. The repair or the mechanism ends the outage,
// the earlier of the two: the end of the fault may be the earliest instant, and the mechanism's latest instant remains the bound. An
// event that the repair may prevent is not predicted.
func (p *Prediction) until(end time.Duration) *Prediction {
	switch {
	case p.unknown || p.Never || p.Hi <= end:
		return p
	case !p.sure && p.EventOnly:
		return open("the fault ends after %s, possibly before its detection: %s", yamlfile.Span(end), p.Text)
	case !p.sure:
		p.Lo, p.Event = min(p.Lo, end), ""
		p.Text += fmt.Sprintf("; the fault ends after %s, and the repair restores service if it comes first: %s to %s",
			yamlfile.Span(end), round(p.Lo), round(p.Hi))
	}
	p.Repair = true
	return p
}

// returned adapts the prediction to a node that was silent and returns before another member has taken the address. Its keepalived
// starts as BACKUP, or becomes BACKUP when its link is up, sends nothing, and takes the address when its own Master_Down_Interval is over, which begins with the repair at the
// earliest (RFC 3768 and RFC 5798, 6.4.1). It does not delay the other member. The first of the two becomes master.
func (d Predictor) returned(p *Prediction, f fault.Planned, struck []string) *Prediction {
	end := f.Undo - f.At
	if p.Hi <= end {
		return p
	}
	own := d.timers(d.priority(struck[0])).MasterDown()
	for _, node := range struck[1:] {
		own = min(own, d.timers(d.priority(node)).MasterDown())
	}
	first := end + own
	p.Text += fmt.Sprintf("; the struck node returns after %s as BACKUP and waits for its own MDI, %s, until %s at the earliest", yamlfile.Span(end), round(own), round(first))
	if first < p.Hi { // either may be first
		p.Lo, p.Event = min(p.Lo, first), ""
		p.Text += fmt.Sprintf(", so either may be first: %s to %s", round(p.Lo), round(p.Hi))
	}
	return p
}
