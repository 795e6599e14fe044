package scenarios_test

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

func TestScenarios(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "scenarios")
}

// TestMain lets this test program be the process of a PAC file.
func TestMain(m *testing.M) {
	pac.Child()
	m.Run()
}

// pair is two Squids and one VRRP address, as in the bundled active-passive.
func pair() *topology.Topology {
	return &topology.Topology{
		Name:  "pair",
		Nodes: []topology.Node{squid("proxy-a"), squid("proxy-b")},
		Addresses: []topology.Address{{
			Name: "vip", Version: 2, RouterID: 51, Advert: time.Second, Preempt: true,
			Members: []topology.Member{{Node: "proxy-a", Priority: 150}, {Node: "proxy-b", Priority: 100}},
			Track:   &topology.Track{Service: "squid", Check: check(topology.CheckHTTP)},
		}},
		WAN:     []topology.Link{{Name: "wan-1"}},
		Origins: []topology.Origin{{Name: "origin"}},
		Users:   []topology.Group{{Name: "office", Count: 50, Proxy: topology.Entry{Host: "vip", Port: 3128}}},
	}
}

// balanced is two HAProxies with a VRRP address in front of three Squids, as in the bundled active-active.
func balanced() *topology.Topology {
	t := pair()
	t.Name = "balanced"
	t.Nodes = []topology.Node{haproxy("lb-a"), haproxy("lb-b"), squid("proxy-a"), squid("proxy-b"), squid("proxy-c")}
	t.Addresses[0].Members = []topology.Member{{Node: "lb-a", Priority: 150}, {Node: "lb-b", Priority: 100}}
	t.Addresses[0].Track.Service = "haproxy"
	return t
}

// single is one Squid.
func single() *topology.Topology {
	t := pair()
	t.Name, t.Nodes, t.Addresses = "single", t.Nodes[:1], nil
	t.Users[0].Proxy.Host = "proxy-a"
	return t
}

func squid(name string) topology.Node {
	return topology.Node{Name: name, WAN: "wan-1", Services: []topology.Service{{Name: "squid", Engine: topology.Squid, Port: 3128}}}
}

func haproxy(name string) topology.Node {
	return topology.Node{Name: name, Services: []topology.Service{{Name: "haproxy", Engine: topology.HAProxy, Port: 3128, Balance: &topology.Balance{
		Algorithm: "roundrobin", Servers: []string{"proxy-a", "proxy-b", "proxy-c"}, Check: check(topology.CheckHTTP),
		ConnectTimeout: 500 * time.Millisecond, Retries: 3, Redispatch: true,
	}}}}
}

func check(kind topology.CheckKind) topology.Check {
	return topology.Check{Kind: kind, Interval: time.Second, Timeout: 500 * time.Millisecond, Fall: 2, Rise: 2}
}

func bundled(name string) *scenarios.Scenario {
	GinkgoHelper()
	s, err := scenarios.Open(name)
	Expect(err).NotTo(HaveOccurred())
	return s
}

// with is node-death with other faults.
func with(faults ...fault.Fault) *scenarios.Scenario {
	GinkgoHelper()
	s := bundled("node-death")
	s.Faults = faults
	return s
}

func faultOf(kind proxy.FaultKind, pick, role string) fault.Fault {
	return fault.Fault{Kind: kind, Target: target.Target{Pick: pick, Role: role}}
}

func compile(t *topology.Topology, s *scenarios.Scenario) *scenarios.Plan {
	GinkgoHelper()
	p, err := scenarios.Compile(t, s, 7, 4)
	Expect(err).NotTo(HaveOccurred())
	return p
}
