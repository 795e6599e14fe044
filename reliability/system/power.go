package system

import (
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/reliability/bdd"
	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

func feed(name string) topology.Component {
	return topology.Component{Kind: topology.KindFeed, Name: name}
}

// distribution is true while a feed gives no power whatever its sources do.
func (s *System) distribution(c topology.Component) bdd.Ref {
	f, _ := s.Topology.Power.Feed(c.Name)
	of := feed(f.Name)
	broken := s.fails("feed", of.String(), of, "")
	if f.UPS > 0 {
		broken = s.Diagrams.Or(broken, s.fails("ups", "ups "+f.Name, of, ""))
	}
	if f.Generator != "" {
		broken = s.Diagrams.Or(broken, s.fails("transfer-switch", "transfer-switch "+f.Name, of, ""))
	}
	return broken
}

// unpowered is true while a feed has neither mains nor battery. A generator takes over before its UPS is empty: then the mains alone
// decide here.
func (s *System) unpowered(c topology.Component) bdd.Ref {
	f, _ := s.Topology.Power.Feed(c.Name)
	out := s.outage(0)
	if f.UPS == 0 || f.Generator != "" {
		return out
	}
	return s.Diagrams.Or(s.Diagrams.And(out, s.refuses("ups", "ups "+f.Name, c)), s.outage(f.UPS))
}

// holds gives the times for which the UPSs of feeds without a generator carry them, and 0, in order.
func (s *System) holds() []time.Duration {
	holds := []time.Duration{0}
	for _, f := range s.Topology.Power.Feeds {
		if f.Generator == "" && f.UPS > 0 {
			holds = append(holds, f.UPS)
		}
	}
	slices.Sort(holds)
	return slices.Compact(holds)
}

// outage is true while the mains have been out for longer than a time of holds. A longer outage is also a shorter one: each time is an
// event of its own, with the probability that it has passed if the one before it has.
func (s *System) outage(hold time.Duration) bdd.Ref {
	holds := s.holds()
	mains := topology.Component{Kind: topology.KindMains, Name: topology.Mains}
	out := s.fails(topology.KindMains, mains.String(), mains, "")
	row := s.Table.Row(topology.KindMains, mains.String())
	if !row.Failure.Known() {
		return out
	}
	for i := 1; i < len(holds) && holds[i] <= hold; i++ {
		e := s.event(topology.KindMains, "mains out for more than "+spell(holds[i]), mains, "")
		e.Demand, e.Frequency, e.After = true, 0, holds[i].Hours()
		e.Unavailability = excess(row.Repair.Value, holds[i].Hours()) / max(excess(row.Repair.Value, holds[i-1].Hours()), tiny)
		out = s.Diagrams.And(out, s.add(e))
	}
	return out
}

// spell writes a time for people: 10min, 1h30min.
func spell(d time.Duration) string {
	return strings.NewReplacer("ms", "ms", "m", "min").Replace(yamlfile.Span(d))
}

// tiny keeps a quotient defined where no outage lasts so long.
const tiny = 1e-300

// excess is the mean of the part of a time beyond hold: the integral of the survival function from there on, as the mean less the
// integral up to hold, by Simpson's rule.
func excess(d dist.Distribution, hold float64) float64 {
	const steps = 1000 // even
	h, sum := hold/steps, 0.0
	for i := range steps + 1 {
		weight := 2.0 + 2*float64(i%2)
		if i == 0 || i == steps {
			weight = 1
		}
		sum += weight * d.Survival(float64(i)*h)
	}
	return max(0, d.Mean()-sum*h/3)
}
