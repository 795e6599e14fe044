package predict

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

// place is a place where users enter, with their share of all users.
type place struct {
	Predictor
	share float64
}

// places lists the places where users enter, that of the largest group first. Groups with the same entry share a place.
func (d Predictor) places() []place {
	groups := slices.Clone(d.Topology.Users)
	slices.SortStableFunc(groups, func(a, b topology.Group) int { return cmp.Compare(b.Count, a.Count) })
	all := 0
	for _, g := range groups {
		all += g.Count
	}
	var places []place
	var seen []topology.Group
	for _, g := range groups {
		share := float64(g.Count) / float64(all)
		if i := slices.IndexFunc(seen, func(s topology.Group) bool { return sameEntry(s, g) }); i >= 0 {
			places[i].share += share
			continue
		}
		of := Predictor{View: design.From(d.Topology, g), load: d.load, measure: d.measure}
		seen, places = append(seen, g), append(places, place{of, share})
	}
	return places
}

func sameEntry(a, b topology.Group) bool {
	return a.Proxy == b.Proxy && reflect.DeepEqual(a.PAC, b.PAC) && reflect.DeepEqual(a.Pool, b.Pool) && reflect.DeepEqual(a.DNS, b.DNS)
}

// outlook is the prediction for one place.
type outlook struct {
	host  string
	share float64
	*Prediction
}

// predictAll predicts for each place where users enter, and combines the predictions for all users. Promised is the share of the load
// that the design promises; 0: all of it.
func (d Predictor) predictAll(f fault.Planned, promised float64, predict func(Predictor, fault.Planned) *Prediction) *Prediction {
	var all []outlook
	for _, v := range d.places() {
		var p *Prediction
		for _, seen := range v.seen(f) {
			p = either(p, predict(v.Predictor, seen))
		}
		all = append(all, outlook{v.Entry.Host, v.share, p})
	}
	if len(all) == 1 {
		return all[0].Prediction
	}
	if promised == 0 {
		promised = 1
	}
	return slowest(all, 1-promised*d.measure.Theta, 1-promised)
}

// seen is the fault as the place sees it. A fault of the holder of another address, or of a node that does not hold it, becomes one
// fault for each node that it may strike.
func (d Predictor) seen(f fault.Planned) []fault.Planned {
	a, ok := d.Topology.Address(f.Address)
	if f.Fixed() || !ok || d.Address != nil && d.Address.Name == a.Name {
		return []fault.Planned{f}
	}
	holders := a.Members
	if a.Preempt {
		holders = holders[:1]
	}
	var all []fault.Planned
	for _, m := range holders {
		i := slices.IndexFunc(f.Candidates, func(c fault.Candidate) bool { return (c.Node == m.Node) == (f.Pick == target.PickHolder) })
		if i < 0 {
			continue
		}
		one := f
		one.Pick, one.Address, one.Candidates = target.PickFirst, "", f.Candidates[i:i+1]
		all = append(all, one)
	}
	return all
}

// slowest combines the predictions of all places. Failover is one figure for all users: service is back when it is back at the slowest place.
// Lack is the share of requests that service may lack, by theta and the promise; spare is the share that the design does not promise.
// A place with at most lack of the requests is too small to show. Places that the promise gives up do not count.
func slowest(all []outlook, lack, spare float64) *Prediction {
	if i := slices.IndexFunc(all, func(o outlook) bool { return o.Never && o.share > lack }); i >= 0 {
		p := *all[i].Prediction
		p.Text = "users at " + all[i].host + ": " + p.Text
		return &p
	}
	var struck []outlook
	for _, o := range all {
		switch {
		case o.unknown:
			return open("users at %s: %s", o.host, o.Text)
		case o.quiet():
			continue
		case o.Never && o.share <= spare:
			spare -= o.share
			continue
		case o.share <= lack:
			return open("the fault affects only the %.1f %% of the users who enter at %s: too few to decide whether service is back", 100*o.share, o.host)
		}
		struck = append(struck, o)
	}
	if len(struck) == 0 {
		return &Prediction{Text: texts(all)}
	}
	p := *struck[0].Prediction
	p.Text = texts(all)
	alike := true
	for _, o := range struck[1:] {
		alike = alike && o.Event == p.Event && o.EventOnly == p.EventOnly && o.Lo == p.Lo && o.Hi == p.Hi
		if !alike && (o.EventOnly || p.EventOnly) {
			return open("failover is one figure for all users, but they wait for different events: %s", texts(all))
		}
		p.Lo, p.Hi, p.Repair = max(p.Lo, o.Lo), max(p.Hi, o.Hi), p.Repair || o.Repair
	}
	if !alike {
		p.Event = ""
		p.Text += fmt.Sprintf("; failover counts all users, so the slowest place decides: %s to %s", round(p.Lo), round(p.Hi))
	}
	return &p
}

// texts joins the texts of the places; equal texts appear once.
func texts(all []outlook) string {
	var said []string
	for i, o := range all {
		if slices.ContainsFunc(all[:i], func(before outlook) bool { return before.Text == o.Text }) {
			continue
		}
		hosts := []string{o.host}
		for _, after := range all[i+1:] {
			if after.Text == o.Text {
				hosts = append(hosts, after.host)
			}
		}
		said = append(said, fmt.Sprintf("users at %s: %s", strings.Join(hosts, ", "), o.Text))
	}
	return strings.Join(said, "; ")
}

// either combines two predictions, of which one holds; the first may be nil.
func either(whole, p *Prediction) *Prediction {
	switch {
	case whole == nil || whole.unknown:
		return cmp.Or(whole, p)
	case p.unknown:
		return p
	case whole.Never && p.Never:
		both := *whole
		if p.Text != whole.Text {
			both.Text += "; or " + p.Text
		}
		return &both
	case whole.Never || p.Never || whole.EventOnly != p.EventOnly:
		return open("the target is not known before the fault: either %s; or %s", whole.Text, p.Text)
	}
	both := *whole
	b := bounds(whole).Union(bounds(p))
	both.Lo, both.Hi, both.sure, both.Repair = b.Lo, b.Hi, whole.sure && p.sure, whole.Repair || p.Repair
	if whole.Event != p.Event {
		both.Event = ""
	}
	if p.Text != whole.Text {
		both.Text += "; or " + p.Text
	}
	return &both
}
