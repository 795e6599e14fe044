package topology_test

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/topology"
)

// powered is a balancer with two PSUs before three proxies, two of them on a feed with a UPS and a generator.
const powered = `topology: powered
nodes:
  lb-a:
    services: {balancer: {engine: haproxy, port: 3128, balance: {servers: [proxy-a, proxy-b, proxy-c], connect_timeout: 1s,
      check: {kind: http, interval: 1s, timeout: 1s, fall: 2, rise: 2}}}}
    chassis: {psus: {psu-1: feed-a, psu-2: feed-b}}
  proxy-a:
    services: {squid: {engine: squid, port: 3128}}
    chassis: {psus: {psu-1: feed-a}}
  proxy-b:
    services: {squid: {engine: squid, port: 3128}}
    chassis: {psus: {psu-1: feed-a}}
  proxy-c:
    services: {squid: {engine: squid, port: 3128}}
    chassis: {psus: {psu-1: feed-b, psu-2: feed-b}, needed: 2}
power:
  feeds:
    feed-a: {ups: 10s, generator: diesel}
    feed-b: {}
  generators:
    diesel: {start: 3s, capacity: 70%}
  shed: [proxy-b]
wan: {isp: {}}
origins: {web: {}}
users: {office: {count: 50, proxy: "lb-a:3128"}}
`

func poweredBut(replace ...string) *topology.Topology {
	GinkgoHelper()
	t, err := topology.Read("f", []byte(strings.NewReplacer(replace...).Replace(powered)))
	Expect(err).NotTo(HaveOccurred())
	return t
}

var _ = Describe("power", func() {
	It("is read with the nodes' PSUs", func() {
		t := poweredBut()
		Expect(t.Power).To(HaveValue(Equal(topology.Power{
			Feeds:      []topology.Feed{{Name: "feed-a", UPS: 10 * time.Second, Generator: "diesel"}, {Name: "feed-b"}},
			Generators: []topology.Generator{{Name: "diesel", Start: 3 * time.Second, Capacity: 0.7}},
			Shed:       []string{"proxy-b"},
		})))
		lb, _ := t.Node("lb-a")
		Expect(lb.Chassis).To(HaveValue(Equal(topology.Chassis{
			PSUs: []topology.PSU{{Name: "psu-1", Feed: "feed-a"}, {Name: "psu-2", Feed: "feed-b"}}, Needed: 1})))
		Expect(t.Fed("feed-b")).To(HaveExactElements("lb-a", "proxy-c"))
		Expect(t.Rated("diesel")).To(HaveExactElements("lb-a", "proxy-a", "proxy-b"))
		Expect(t.Rated("nuclear")).To(BeEmpty())
	})

	DescribeTable("gives position, code and the valid values of each problem", func(old, new string, want ...string) {
		Expect(powered).To(ContainSubstring(old))
		_, err := topology.Read("f", []byte(strings.Replace(powered, old, new, 1)))
		expectProblems(err, want...)
	},
		Entry("a PSU on an unknown feed", "psu-2: feed-b}}", "psu-2: feed-c}}", `6:44 unknown-name (did you mean "feed-a"?); valid: feed-a, feed-b`),
		Entry("a PSU on a generator", "psu-2: feed-b}}", "psu-2: diesel}}", "6:44 wrong-kind valid: feed-a, feed-b"),
		Entry("a PSU without power", "power:\n  feeds:\n    feed-a: {ups: 10s, generator: diesel}\n    feed-b: {}\n  generators:\n    diesel: {start: 3s, capacity: 70%}\n  shed: [proxy-b]\n", "",
			"6:29 no-power", "6:44 no-power", "9:29 no-power", "12:29 no-power", "15:29 no-power", "15:44 no-power"),
		Entry("no PSU", "    chassis: {psus: {psu-1: feed-a}}\n  proxy-c", "  proxy-c",
			"10:3 no-psu",
			"20:35 generator-overload carries 70% of 2 nodes. When all nodes of shed are off, 2 are left (lb-a, proxy-a)",
			"21:10 not-on-generator valid: lb-a, proxy-a"),
		Entry("an empty list of PSUs", "{psus: {psu-1: feed-b, psu-2: feed-b}, needed: 2}", "{psus: {}}", "13:3 no-psu", "15:21 too-few got 0"),
		Entry("needed above installed", "needed: 2", "needed: 3", "15:61 wrong-value from 1 to 2"),
		Entry("needed without PSUs", "{psus: {psu-1: feed-b, psu-2: feed-b}, needed: 2}", "{needed: 2}", "13:3 no-psu", "15:23 unused-key"),
		Entry("no feeds", "  feeds:\n    feed-a: {ups: 10s, generator: diesel}\n    feed-b: {}\n  generators:\n    diesel: {start: 3s, capacity: 70%}\n  shed: [proxy-b]\n", "  feeds: {}\n",
			"6:29 unknown-name", "6:44 unknown-name", "9:29 unknown-name", "12:29 unknown-name", "15:29 unknown-name", "15:44 unknown-name valid: none",
			"17:10 too-few got 0"),
		Entry("a feed without a PSU", "    feed-b: {}", "    feed-b: {}\n    feed-c: {}", "20:5 unused-name"),
		Entry("a feed of the name of a node", "    feed-b: {}", "    feed-b: {}\n    proxy-a: {}",
			`20:5 name-taken power feed "proxy-a" has the name of the node at line 7`, "20:5 unused-name"),
		Entry("a UPS without a unit", "ups: 10s", "ups: 10", "18:19 unit-missing write 5s or 500ms"),
		Entry("a UPS without a battery", "ups: 10s", "ups: 0s", "18:19 wrong-value from 1ms to 24h"),
		Entry("an unknown generator", "generator: diesel", "generator: deisel",
			`18:35 unknown-name (did you mean "diesel"?); valid: diesel`, "21:5 unused-name", "22:10 not-on-generator valid: none"),
		Entry("a generator without a start time", "start: 3s, ", "", `21:13 missing-key key "start"`),
		Entry("a capacity of 0%", "capacity: 70%", "capacity: 0%",
			"21:35 wrong-value from 1% to 100%",
			"21:35 generator-overload carries 1% of 3 nodes. When all nodes of shed are off, 2 are left (lb-a, proxy-a)"),
		Entry("a capacity above 100%", "capacity: 70%", "capacity: 120%", "21:35 wrong-value from 0% to 100%"),
		Entry("a capacity without a unit", "capacity: 70%", "capacity: 0.7", "21:35 unit-missing write 70%"),
		Entry("a generator that would trip", "capacity: 70%", "capacity: 60%",
			"21:35 generator-overload carries 60% of 3 nodes. When all nodes of shed are off, 2 are left (lb-a, proxy-a)"),
		Entry("shedding an unknown node", "[proxy-b]", "[proxy-x]",
			"21:35 generator-overload carries 70% of 3 nodes. When all nodes of shed are off, 3 are left (lb-a, proxy-a, proxy-b)",
			`22:10 unknown-name (did you mean "proxy-a"?); valid: lb-a, proxy-a, proxy-b`),
		Entry("shedding a node without a generator", "[proxy-b]", "[proxy-b, proxy-c]", "22:19 not-on-generator valid: lb-a, proxy-a, proxy-b"),
		Entry("shedding twice", "[proxy-b]", "[proxy-b, proxy-b]", "22:19 listed-twice"),
		Entry("an unknown key", "shed:", "sheds:",
			"21:35 generator-overload carries 70% of 3 nodes. When all nodes of shed are off, 3 are left (lb-a, proxy-a, proxy-b)",
			`22:3 unknown-key (did you mean "shed"?); valid: feeds, generators, shed`),
	)

	const (
		feedB = "feed feed-b: its loss cuts off office"
		mains = "mains: its loss cuts off office"
	)
	DescribeTable("makes single points of failure", func(replace []string, want ...string) {
		var points []string
		for _, p := range poweredBut(replace...).SinglePoints() {
			if p.Kind == topology.KindFeed || p.Kind == topology.KindMains {
				points = append(points, p.Text())
			}
		}
		Expect(points).To(HaveExactElements(want))
	},
		Entry("none if the generator carries the remaining load", nil),
		Entry("the mains without a generator", []string{", generator: diesel", "", "  generators:\n    diesel: {start: 3s, capacity: 70%}\n  shed: [proxy-b]\n", ""}, mains),
		Entry("the one feed of the balancer", []string{"psu-1: feed-a, psu-2: feed-b}}", "psu-1: feed-b}}",
			"capacity: 70%", "capacity: 100%"}, feedB, mains),
		Entry("both feeds of a balancer that needs both", []string{"psu-2: feed-b}}", "psu-2: feed-b}, needed: 2}",
			", generator: diesel", "", "  generators:\n    diesel: {start: 3s, capacity: 70%}\n  shed: [proxy-b]\n", ""},
			"feed feed-a: its loss cuts off office", feedB, mains),
		Entry("the mains where the balancer is shed", []string{"[proxy-b]", "[lb-a]"}, mains),
		// On mains through feed-b the balancer takes half its load from the generator: 2.5 of 3 nodes, and 90 % is enough.
		Entry("not a feed if the other one shares its load", []string{"[proxy-b]", "[lb-a]", "capacity: 70%", "capacity: 90%"}, mains),
	)

	It("is drawn", func() {
		t := poweredBut("[proxy-b]", "[lb-a]")
		Expect(t.Outline()).To(ContainSubstring(`
power  ! single point of failure: mains
├─ feed-a  mains, then UPS for 10s, then generator diesel after 3s for 70% of its nodes
│  ├─ lb-a  psu-1; needs 1 of 2
│  ├─ proxy-a  psu-1; needs 1 of 1
│  └─ proxy-b  psu-1; needs 1 of 1
├─ feed-b  mains
│  ├─ lb-a  psu-2; needs 1 of 2
│  └─ proxy-c  psu-1, psu-2; needs 2 of 2
└─ shed in this order: lb-a
`))
		Expect(t.DOT()).To(And(
			ContainSubstring("  \"mains\" [shape=house, label=\"mains\", color=red, fontcolor=red, penwidth=2]\n"),
			ContainSubstring("  \"power/diesel\" -> \"power/feed-a\" [style=dotted]\n"),
			ContainSubstring("  \"power/feed-b\" -> \"proxy-c/squid\" [style=dotted, arrowhead=none]\n")))
		Expect(edited("active-active").Outline()).NotTo(ContainSubstring("power"))
	})
})
