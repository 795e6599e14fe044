package topology_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

func squid(node string) topology.Node {
	return topology.Node{Name: node, WAN: "isp", Services: []topology.Service{{
		Name: "squid", Engine: topology.Squid, Port: 3128,
		Timers: &topology.Timers{ConnectTimeout: 2 * time.Second, ForwardTimeout: 4 * time.Second},
	}}}
}

func balancer(node string) topology.Node {
	return topology.Node{Name: node, Services: []topology.Service{{
		Name: "balancer", Engine: topology.HAProxy, Port: 3128,
		Balance: &topology.Balance{
			Algorithm: "roundrobin", Servers: []string{"proxy-a", "proxy-b", "proxy-c"}, Check: everySecond,
			ConnectTimeout: 500 * time.Millisecond, Retries: 3, Redispatch: true,
			ClientTimeout: 50 * time.Second, ServerTimeout: 50 * time.Second,
		},
	}}}
}

func connecting(node string) topology.Node {
	n := balancer(node)
	n.Services[0].Balance.Check.Kind = topology.CheckTCP
	return n
}

// exits are the nodes of the pools: each with a line of its own.
func exits() (nodes []topology.Node, links []topology.Link) {
	for _, x := range "abcdef" {
		n := squid("exit-" + string(x))
		n.WAN = "line-" + string(x)
		nodes, links = append(nodes, n), append(links, topology.Link{Name: n.WAN, Latency: 20 * time.Millisecond})
	}
	return nodes, links
}

var _ = DescribeTable("the bundled pools", func(name string, rotate topology.Rotation, session time.Duration) {
	t, err := topology.Load(name)
	Expect(err).NotTo(HaveOccurred())
	nodes, links := exits()
	Expect(t.Nodes).To(Equal(nodes))
	Expect(t.WAN).To(Equal(links))
	names := []string{"exit-a", "exit-b", "exit-c", "exit-d", "exit-e", "exit-f"}
	Expect(t.Users).To(HaveExactElements(topology.Group{
		Name: "office", Count: 50, Proxy: topology.Entry{Host: "exit-a", Port: 3128},
		Pool: &topology.Pool{Exits: names, Port: 3128, Rotate: rotate, Session: session, ConnectTimeout: time.Second},
	}))
	Expect(t.Holders("office")).To(Equal(names))
	Expect(t.Paths("office")).To(HaveLen(6))
	Expect(t.SinglePoints()).To(BeEmpty())
	Expect(t.Outline()).To(ContainSubstring("office (50 users), another exit for each " + string(rotate) + "\n├─ exit-a/squid"))
	Expect(t.DOT()).To(And(ContainSubstring(`"office" -> "exit-a/squid"`), ContainSubstring(`"office" -> "exit-f/squid"`)))
},
	Entry(nil, "rotating-pool", topology.RotateRequest, time.Duration(0)),
	Entry(nil, "sticky-pool", topology.RotateSession, 4*time.Second),
)

func nginx(node string) topology.Node {
	n := balancer(node)
	n.Services[0].Engine = topology.Nginx
	b := n.Services[0].Balance
	b.Check, b.ClientTimeout, b.ServerTimeout, b.ProxyTimeout = topology.Check{}, 0, 0, 10*time.Minute
	n.Services[0].Balance.Passive = &topology.Passive{MaxFails: 1, FailTimeout: 10 * time.Second}
	return n
}

var everySecond = topology.Check{Kind: topology.CheckHTTP, Interval: time.Second, Timeout: 500 * time.Millisecond, Fall: 2, Rise: 2}

func shared(service, first, second string) []topology.Address {
	return []topology.Address{{
		Name: "proxy", Version: 2, RouterID: 51, Advert: time.Second, Preempt: true,
		Members: []topology.Member{{Node: first, Priority: 150}, {Node: second, Priority: 100}},
		Track:   &topology.Track{Service: service, Check: everySecond},
	}}
}

var _ = Describe("the bundled designs", func() {
	It("are these", func() {
		Expect(topology.Designs()).To(HaveExactElements("active-active", "active-active-l4", "active-active-nginx", "active-passive", "cache-siblings", "check-race", "check-race-cured", "cold-standby", "disk-cache", "disk-cache-aufs", "dns-failover", "dns-pair", "dual-psu", "dual-wan", "dual-wan-parents", "generator-backed", "pac-fail-open", "pac-failover", "residential-single", "rotating-pool", "shared-cooling", "single", "sticky-pool"))
	})

	DescribeTable("are read as designed", func(name, entry string, nodes []topology.Node, addresses []topology.Address) {
		t, err := topology.Load(name)
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Name).To(Equal(name))
		Expect(t.About).NotTo(BeEmpty())
		Expect(t.Nodes).To(Equal(nodes))
		Expect(t.Addresses).To(Equal(addresses))
		Expect(t.WAN).To(HaveExactElements(topology.Link{Name: "isp"}))
		Expect(t.Origins).To(HaveExactElements(topology.Origin{Name: "web"}))
		Expect(t.Users).To(HaveExactElements(topology.Group{Name: "office", Count: 50, Proxy: topology.Entry{Host: entry, Port: 3128}}))
	},
		Entry(nil, "single", "proxy-a", []topology.Node{squid("proxy-a")}, nil),
		Entry(nil, "active-passive", "proxy", []topology.Node{squid("proxy-a"), squid("proxy-b")}, shared("squid", "proxy-a", "proxy-b")),
		Entry(nil, "active-active-l4", "proxy",
			[]topology.Node{connecting("lb-a"), connecting("lb-b"), squid("proxy-a"), squid("proxy-b"), squid("proxy-c")},
			shared("balancer", "lb-a", "lb-b")),
		Entry(nil, "active-active-nginx", "proxy",
			[]topology.Node{nginx("lb-a"), nginx("lb-b"), squid("proxy-a"), squid("proxy-b"), squid("proxy-c")},
			shared("balancer", "lb-a", "lb-b")),
		Entry(nil, "active-active", "proxy",
			[]topology.Node{balancer("lb-a"), balancer("lb-b"), squid("proxy-a"), squid("proxy-b"), squid("proxy-c")},
			shared("balancer", "lb-a", "lb-b")),
	)
})

var _ = Describe("Load", func() {
	It("reads a file and names it in its problems", func() {
		path := filepath.Join(GinkgoT().TempDir(), "mine.yaml")
		Expect(os.WriteFile(path, []byte("topology: mine\n"), 0o600)).To(Succeed())
		_, err := topology.Load(path)
		Expect(err).To(MatchError(HavePrefix(path + `:1:1: key "nodes" is missing`)))
		var ps *yamlfile.Problems
		Expect(errors.As(err, &ps)).To(BeTrue())
		Expect(*ps).To(HaveLen(4))
	})

	It("lists the bundled names for an unknown one", func() {
		_, err := topology.Load("active-pasive")
		Expect(reason.Codes(err)).To(HaveExactElements("unknown-topology"))
		Expect(err).To(MatchError(ContainSubstring(`"active-pasive" (did you mean "active-passive"?); bundled: ` + strings.Join(topology.Designs(), ", "))))
	})

	It("says that a file is not there", func() {
		_, err := topology.Load("./nowhere.yaml")
		Expect(err).To(MatchError(fs.ErrNotExist))
		Expect(err).To(MatchError("topology file: open ./nowhere.yaml: no such file or directory"))
	})

	It("refuses a directory and a device", func() {
		_, err := topology.Load(GinkgoT().TempDir())
		Expect(err).To(MatchError(ContainSubstring("is a directory")))
		_, err = topology.Load("/dev/zero")
		Expect(err).To(MatchError("topology file: /dev/zero is a device; want a regular file"))
	})
})
