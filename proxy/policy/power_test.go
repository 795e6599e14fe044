package policy_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/topology"
)

// powered is a node with PSUs on feeds.
func powered(name string, needed int, feeds ...string) topology.Node {
	n := topology.Node{Name: name, Chassis: &topology.Chassis{Needed: needed}}
	for i, feed := range feeds {
		n.Chassis.PSUs = append(n.Chassis.PSUs, topology.PSU{Name: fmt.Sprint(i + 1), Feed: feed})
	}
	return n
}

// plant is a node with two PSUs on two feeds, and two with one on the first; the first feed has what the case gives it.
func plant(hold, start time.Duration, capacity float64, shed ...string) *topology.Topology {
	p := topology.Power{Feeds: []topology.Feed{{Name: "a", UPS: hold}, {Name: "b"}}, Shed: shed}
	if start > 0 {
		p.Feeds[0].Generator = "g"
		p.Generators = []topology.Generator{{Name: "g", Start: start, Capacity: capacity}}
	}
	return &topology.Topology{Power: &p, Nodes: []topology.Node{powered("dual", 1, "a", "b"), powered("x", 1, "a"), powered("y", 1, "a")}}
}

func lines(t *topology.Topology, changes []policy.Change) []string {
	var all []string
	for _, c := range changes {
		all = append(all, fmt.Sprintf("%s %s/%s %s: %s", c.At, c.Node, c.PSU, c.Supply, c.Why))
	}
	for _, s := range policy.Switches(t, changes) {
		all = append(all, fmt.Sprintf("%s %s %v", s.At, s.Node, s.On))
	}
	return all
}

var _ = Describe("an outage", func() {
	a, both := []string{"a"}, []string{"a", "b"}
	DescribeTable("has the time line of UPS, generator and shedding", func(t *topology.Topology, lost []string, length time.Duration, want ...string) {
		Expect(lines(t, policy.Outage(t, lost, length))).To(HaveExactElements(want))
	},
		Entry("of no length", plant(0, 0, 0), a, time.Duration(0)),
		Entry("of no feed", plant(0, 0, 0), nil, time.Second),
		Entry("of a feed alone: the node with another goes on", plant(0, 0, 0), a, 5*time.Second,
			"0s dual/1 none: a lost", "0s x/1 none: a lost", "0s y/1 none: a lost",
			"5s dual/1 mains: mains back", "5s x/1 mains: mains back", "5s y/1 mains: mains back",
			"0s x false", "0s y false", "5s x true", "5s y true"),
		Entry("of the mains", plant(0, 0, 0), both, time.Second,
			"0s dual/1 none: a lost", "0s dual/2 none: b lost", "0s x/1 none: a lost", "0s y/1 none: a lost",
			"1s dual/1 mains: mains back", "1s dual/2 mains: mains back", "1s x/1 mains: mains back", "1s y/1 mains: mains back",
			"0s dual false", "0s x false", "0s y false", "1s dual true", "1s x true", "1s y true"),
		Entry("shorter than the UPS holds", plant(2*time.Second, 0, 0), a, 2*time.Second,
			"0s dual/1 ups: a lost, on UPS for 2s", "0s x/1 ups: a lost, on UPS for 2s", "0s y/1 ups: a lost, on UPS for 2s",
			"2s dual/1 mains: mains back", "2s x/1 mains: mains back", "2s y/1 mains: mains back"),
		Entry("longer than the UPS holds", plant(2*time.Second, 0, 0), a, 3*time.Second,
			"0s dual/1 ups: a lost, on UPS for 2s", "0s x/1 ups: a lost, on UPS for 2s", "0s y/1 ups: a lost, on UPS for 2s",
			"2s dual/1 none: UPS of a empty", "2s x/1 none: UPS of a empty", "2s y/1 none: UPS of a empty",
			"3s dual/1 mains: mains back", "3s x/1 mains: mains back", "3s y/1 mains: mains back",
			"2s x false", "2s y false", "3s x true", "3s y true"),
		Entry("the generator carries before the UPS is empty: no gap", plant(2*time.Second, 2*time.Second, 1), both, 9*time.Second,
			"0s dual/1 ups: a lost, on UPS for 2s", "0s dual/2 none: b lost", "0s x/1 ups: a lost, on UPS for 2s", "0s y/1 ups: a lost, on UPS for 2s",
			"2s dual/1 generator: g carries", "2s x/1 generator: g carries", "2s y/1 generator: g carries",
			"9s dual/1 mains: mains back", "9s dual/2 mains: mains back", "9s x/1 mains: mains back", "9s y/1 mains: mains back"),
		Entry("the generator carries after the UPS is empty: a gap", plant(time.Second, 2*time.Second, 1), a, 9*time.Second,
			"0s dual/1 ups: a lost, on UPS for 1s", "0s x/1 ups: a lost, on UPS for 1s", "0s y/1 ups: a lost, on UPS for 1s",
			"1s dual/1 none: UPS of a empty", "1s x/1 none: UPS of a empty", "1s y/1 none: UPS of a empty",
			"2s dual/1 generator: g carries", "2s x/1 generator: g carries", "2s y/1 generator: g carries",
			"9s dual/1 mains: mains back", "9s x/1 mains: mains back", "9s y/1 mains: mains back",
			"1s x false", "1s y false", "2s x true", "2s y true"),
		Entry("the generator carries two of three: one is shed, in order", plant(2*time.Second, time.Second, 0.67, "y", "x"), both, 9*time.Second,
			"0s dual/1 ups: a lost, on UPS for 2s", "0s dual/2 none: b lost", "0s x/1 ups: a lost, on UPS for 2s", "0s y/1 ups: a lost, on UPS for 2s",
			"1s dual/1 generator: g carries", "1s x/1 generator: g carries", "1s y/1 none: shed by g",
			"9s dual/1 mains: mains back", "9s dual/2 mains: mains back", "9s x/1 mains: mains back", "9s y/1 mains: mains back",
			"1s y false", "9s y true"),
		// The other feed carries half of the dual node: 2.5 of 3.
		Entry("the other feed shares the load: nobody is shed", plant(2*time.Second, time.Second, 0.84, "y"), a, 9*time.Second,
			"0s dual/1 ups: a lost, on UPS for 2s", "0s x/1 ups: a lost, on UPS for 2s", "0s y/1 ups: a lost, on UPS for 2s",
			"1s dual/1 generator: g carries", "1s x/1 generator: g carries", "1s y/1 generator: g carries",
			"9s dual/1 mains: mains back", "9s x/1 mains: mains back", "9s y/1 mains: mains back"),
		Entry("the generator trips with nobody left to shed: the UPS goes on while it lasts", plant(2*time.Second, time.Second, 0.3, "y"), a, 3*time.Second,
			"0s dual/1 ups: a lost, on UPS for 2s", "0s x/1 ups: a lost, on UPS for 2s", "0s y/1 ups: a lost, on UPS for 2s",
			"1s y/1 none: shed by g",
			"2s dual/1 none: g overloaded", "2s x/1 none: g overloaded",
			"3s dual/1 mains: mains back", "3s x/1 mains: mains back", "3s y/1 mains: mains back",
			"1s y false", "2s x false", "3s x true", "3s y true"),
	)
})

// FuzzOutage holds of any plant: the time line is in order, begins no earlier than the loss and ends on mains; at no
// instant does a generator carry more than it can; what is shed is a beginning of the order.
func FuzzOutage(f *testing.F) {
	f.Add([]byte{3, 1, 2, 1, 50, 2, 0, 1, 1, 0, 2, 3, 1, 1, 0, 9, 3})
	f.Add([]byte{0})
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzcost.Bound(t)
		design, lost, length := designOf(data)
		changes := policy.Outage(design, lost, length)
		now := map[policy.PSUOf]policy.Supply{}
		for i, c := range changes {
			if c.At < 0 || c.At > length || i > 0 && c.At < changes[i-1].At {
				t.Fatalf("change %d is at %s, of %s: %v", i, c.At, length, changes)
			}
			now[policy.PSUOf{Node: c.Node, PSU: c.PSU}] = c.Supply
			if i+1 == len(changes) || changes[i+1].At != c.At {
				within(t, design, now)
				inOrder(t, design, lost, now, c.At)
			}
		}
		for psu, supply := range now {
			if supply != policy.Mains {
				t.Fatalf("%v ends on %s", psu, supply)
			}
		}
	})
}

// within holds that no generator carries more than its capacity, counted anew from where each PSU has its power.
func within(t *testing.T, design *topology.Topology, now map[policy.PSUOf]policy.Supply) {
	for _, g := range design.Power.Generators {
		rated, load := 0, 0.0
		for _, n := range design.Nodes {
			live, on, may := 0, 0, false
			for _, psu := range n.Chassis.PSUs {
				feed, _ := design.Power.Feed(psu.Feed)
				may = may || feed.Generator == g.Name
				supply := now[policy.PSUOf{Node: n.Name, PSU: psu.Name}]
				if supply != policy.NoSupply {
					live++
				}
				if supply == policy.OnGenerator && feed.Generator == g.Name {
					on++
				}
			}
			if may {
				rated++
			}
			if live >= n.Chassis.Needed && live > 0 {
				load += float64(on) / float64(live)
			}
		}
		if load > g.Capacity*float64(rated)+1e-6 {
			t.Fatalf("%s carries %g of %d x %g", g.Name, load, rated, g.Capacity)
		}
	}
}

// inOrder holds that where a running generator leaves a node without power, it leaves all without that go before it.
func inOrder(t *testing.T, design *topology.Topology, lost []string, now map[policy.PSUOf]policy.Supply, at time.Duration) {
	for _, g := range design.Power.Generators {
		carries, before := false, ""
		for _, name := range design.Power.Shed {
			n, _ := design.Node(name)
			for _, psu := range n.Chassis.PSUs {
				f, _ := design.Power.Feed(psu.Feed)
				if f.Generator != g.Name || !slices.Contains(lost, f.Name) || at < g.Start {
					continue
				}
				switch on := now[policy.PSUOf{Node: name, PSU: psu.Name}] == policy.OnGenerator; {
				case on && before == "":
					carries, before = true, name
				case !on && carries && before != name:
					t.Fatalf("at %s %s carries %s, and not %s, which is shed after it", at, g.Name, before, name)
				}
			}
		}
	}
}

// designOf makes a design with power of any bytes.
func designOf(data []byte) (t *topology.Topology, lost []string, length time.Duration) {
	var p topology.Power
	t = &topology.Topology{Power: &p}
	next := func(n int) int {
		if len(data) == 0 {
			return 0
		}
		b := int(data[0])
		data = data[1:]
		return b % n
	}
	for i := range 1 + next(3) {
		f := topology.Feed{Name: fmt.Sprint("f", i), UPS: time.Duration(next(5)) * time.Second}
		if g := next(3); g > 0 {
			f.Generator = fmt.Sprint("g", g)
		}
		p.Feeds = append(p.Feeds, f)
		if next(2) == 1 {
			lost = append(lost, f.Name)
		}
	}
	for i := range 2 {
		p.Generators = append(p.Generators, topology.Generator{Name: fmt.Sprint("g", i+1), Start: time.Duration(next(6)) * time.Second, Capacity: float64(next(101)) / 100})
	}
	for i := range next(6) {
		var feeds []string
		for range 1 + next(3) {
			feeds = append(feeds, p.Feeds[next(len(p.Feeds))].Name)
		}
		n := powered(fmt.Sprint("n", i), 1+next(len(feeds)), feeds...)
		t.Nodes = append(t.Nodes, n)
		if next(2) == 1 {
			p.Shed = append(p.Shed, n.Name)
		}
	}
	return t, lost, time.Duration(next(9)) * time.Second
}
