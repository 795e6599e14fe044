package topology_test

import (
	"errors"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// inGo is a design made in Go, with nothing that has a default.
func inGo() topology.Topology {
	node := func(name string) topology.Node {
		return topology.Node{Name: name, Services: []topology.Service{{Name: "squid", Engine: topology.Squid, Port: 3128}}}
	}
	return topology.Topology{
		Name:  "ours",
		Nodes: []topology.Node{node("left"), node("right")},
		Addresses: []topology.Address{{Name: "proxy", Version: 3, RouterID: 7, Advert: time.Second,
			Members: []topology.Member{{Node: "left", Priority: 150}, {Node: "right", Priority: 100}}}},
		WAN:     []topology.Link{{Name: "isp"}},
		Origins: []topology.Origin{{Name: "web"}},
		Users:   []topology.Group{{Name: "office", Count: 20, Proxy: topology.Entry{Host: "proxy", Port: 3128}}},
	}
}

var _ = Describe("Build", func() {
	DescribeTable("gives a design that was read as it is", func(read func() (*topology.Topology, error)) {
		t, err := read()
		Expect(err).NotTo(HaveOccurred())
		Expect(topology.Build(*t)).To(Equal(t))
	}, func() (all []TableEntry) {
		add := func(name string, read func() (*topology.Topology, error)) { all = append(all, Entry(name, read)) }
		for _, name := range append(topology.Designs(), "shared-cooling@drain", "shared-cooling@ignore") {
			add(name, func() (*topology.Topology, error) { return topology.Load(name) })
		}
		add("every key", func() (*topology.Topology, error) { return topology.Read("f", []byte(valid)) })
		add("power", func() (*topology.Topology, error) { return topology.Read("f", []byte(powered)) })
		return all
	}())

	It("fills the defaults in, and does not change its argument", func() {
		t := inGo()
		got, err := topology.Build(t)
		Expect(err).NotTo(HaveOccurred())
		Expect(t).To(Equal(inGo()))
		own := topology.SquidTimers()
		for i := range t.Nodes {
			t.Nodes[i].WAN, t.Nodes[i].Services[0].Timers = "isp", &own
		}
		Expect(*got).To(Equal(t))
		Expect(got.Addresses[0].Preempt).To(BeFalse(), "false is what it says, although a file's default is true")
	})

	DescribeTable("says what is wrong and by which keys it is reached", func(spoil func(*topology.Topology), want ...string) {
		t := inGo()
		spoil(&t)
		_, err := topology.Build(t)
		var problems *yamlfile.Problems
		Expect(errors.As(err, &problems)).To(BeTrue(), "%v", err)
		var got []string
		for _, p := range *problems {
			got = append(got, p.File+" "+p.Code)
		}
		Expect(got).To(ConsistOf(want), err.Error())
		Expect(err.Error()).NotTo(MatchRegexp(`line \d|:\d+:\d+:`), "there is no file")
	},
		Entry("nothing", func(t *topology.Topology) { *t = topology.Topology{} },
			`design "": topology wrong-value`, `design "" missing-key`, `design "" missing-key`, `design "" missing-key`, `design "" missing-key`),
		Entry("a number out of range", func(t *topology.Topology) { t.Users[0].Count = 0 }, `design "ours": users.office.count wrong-value`),
		Entry("a port that is taken", func(t *topology.Topology) {
			t.Nodes[0].Services = append(t.Nodes[0].Services, topology.Service{Name: "more", Engine: topology.Squid, Port: 3128})
		}, `design "ours": nodes.left.services.more.port port-taken`),
		Entry("a key without a default", func(t *topology.Topology) { t.Addresses[0].Advert = 0 }, `design "ours": addresses.proxy.vrrp missing-key`),
		Entry("a name that is taken", func(t *topology.Topology) { t.WAN[0].Name = "left" }, `design "ours": wan.left name-taken`),
		Entry("a name twice", func(t *topology.Topology) { t.Nodes[1].Name = "left" },
			`design "ours": nodes.left repeated-name`, `design "ours": addresses.proxy.vrrp.members.right unknown-name`),
		Entry("a name that is no name", func(t *topology.Topology) { t.Origins[0].Name = "a: {}\n\x1b[31m\xff" },
			`design "ours": origins."a: {}\n\x1b[31m\xff" wrong-value`),
		Entry("a text that is not for a terminal", func(t *topology.Topology) { t.About = "\x1b[31m" }, `design "ours": about control-character`),
		Entry("two ways", func(t *topology.Topology) {
			t.Users[0].Pool = &topology.Pool{Exits: []string{"left", "right"}, Port: 3128}
			t.Users[0].DNS = &topology.Resolve{Servers: []string{"left"}}
		}, `design "ours": users.office.dns two-ways`),
		Entry("a time below 0", func(t *topology.Topology) { t.WAN[0].Latency = -time.Second }, `design "ours": wan.isp.latency wrong-value`),
		Entry("an engine that cannot", func(t *topology.Topology) {
			t.Nodes[0].Services[0].Engine = topology.HAProxy
		}, `design "ours": nodes.left.services.squid missing-key`),
	)

	It("names the other place of a problem by its keys too", func() {
		t := inGo()
		t.WAN[0].Name = "left"
		_, err := topology.Build(t)
		Expect(err).To(MatchError(ContainSubstring("at nodes.left;")))
	})

	It("runs the PAC file of a design", func() {
		t := inGo()
		t.Users[0].Proxy, t.Users[0].PAC = topology.Entry{}, &topology.PAC{Script: "function FindProxyForURL(url, host) {\n\treturn \"PROXY right:3128\"\n}"}
		got, err := topology.Build(t)
		Expect(err).NotTo(HaveOccurred())
		Expect(got.Users[0].Proxy).To(Equal(topology.Entry{Host: "right", Port: 3128}))
	})
})
