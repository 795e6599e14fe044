// Package scenariotest has designs, scenarios and faults for the specs of the packages below scenarios. Begin at Pair, Balanced
// and Compile. Only tests import it.
package scenariotest

import (
	"errors"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Pair is two Squids and one VRRP address, as in the bundled active-passive.
func Pair() *topology.Topology {
	return &topology.Topology{
		Name:  "pair",
		Nodes: []topology.Node{Squid("proxy-a"), Squid("proxy-b")},
		Addresses: []topology.Address{{
			Name: "vip", Version: 2, RouterID: 51, Advert: time.Second, Preempt: true,
			Members: []topology.Member{{Node: "proxy-a", Priority: 150}, {Node: "proxy-b", Priority: 100}},
			Track:   &topology.Track{Service: "squid", Check: Check(topology.CheckHTTP)},
		}},
		WAN:     []topology.Link{{Name: "wan-1"}},
		Origins: []topology.Origin{{Name: "origin"}},
		Users:   []topology.Group{{Name: "office", Count: 50, Proxy: topology.Entry{Host: "vip", Port: 3128}}},
	}
}

// Balanced is two HAProxies with a VRRP address in front of three Squids, as in the bundled active-active.
func Balanced() *topology.Topology {
	t := Pair()
	t.Name = "balanced"
	t.Nodes = []topology.Node{HAProxy("lb-a"), HAProxy("lb-b"), Squid("proxy-a"), Squid("proxy-b"), Squid("proxy-c")}
	t.Addresses[0].Members = []topology.Member{{Node: "lb-a", Priority: 150}, {Node: "lb-b", Priority: 100}}
	t.Addresses[0].Track.Service = "haproxy"
	return t
}

// Single is one Squid.
func Single() *topology.Topology {
	t := Pair()
	t.Name, t.Nodes, t.Addresses = "single", t.Nodes[:1], nil
	t.Users[0].Proxy.Host = "proxy-a"
	return t
}

// Squid is a node with a forward proxy.
func Squid(name string) topology.Node {
	return topology.Node{Name: name, WAN: "wan-1", Services: []topology.Service{{Name: "squid", Engine: topology.Squid, Port: 3128}}}
}

// HAProxy is a node with a balancer of three proxies.
func HAProxy(name string) topology.Node {
	return topology.Node{Name: name, Services: []topology.Service{{Name: "haproxy", Engine: topology.HAProxy, Port: 3128, Balance: &topology.Balance{
		Algorithm: "roundrobin", Servers: []string{"proxy-a", "proxy-b", "proxy-c"}, Check: Check(topology.CheckHTTP),
		ConnectTimeout: 500 * time.Millisecond, Retries: 3, Redispatch: true,
	}}}}
}

// Check is a check of every second.
func Check(kind topology.CheckKind) topology.Check {
	return topology.Check{Kind: kind, Interval: time.Second, Timeout: 500 * time.Millisecond, Fall: 2, Rise: 2}
}

// Bundled is a scenario of the library.
func Bundled(name string) *scenarios.Scenario {
	ginkgo.GinkgoHelper()
	s, err := scenarios.Open(name, analyze.Expectable())
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	return s
}

// With is node-death with other faults.
func With(faults ...fault.Fault) *scenarios.Scenario {
	ginkgo.GinkgoHelper()
	s := Bundled("node-death")
	s.Faults = faults
	return s
}

// FaultOf is a fault for the whole fault phase.
func FaultOf(kind proxy.FaultKind, pick, role string) fault.Fault {
	return fault.Fault{Kind: kind, Target: target.Target{Pick: pick, Role: role}}
}

// Compile compiles four trials with the seed 7.
func Compile(t *topology.Topology, s *scenarios.Scenario) *plan.Plan {
	ginkgo.GinkgoHelper()
	p, err := plan.Compile(t, s, 7, 4)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	return p
}

// Spare is the pair with a second WAN link that only proxy-b uses.
func Spare() *topology.Topology {
	t := Pair()
	t.WAN = append(t.WAN, topology.Link{Name: "wan-2"})
	t.Nodes[1].WAN = "wan-2"
	return t
}

// Twice is the pair with a second address, at which guests enter.
func Twice(change func(*topology.Address)) *topology.Topology {
	t := Pair()
	second := t.Addresses[0]
	second.Name, second.RouterID = "vip-2", 52
	if change != nil {
		change(&second)
	}
	t.Addresses = append(t.Addresses, second)
	t.Users = append(t.Users, topology.Group{Name: "guests", Count: 30, Proxy: topology.Entry{Host: "vip-2", Port: 3128}})
	return t
}

// Builtin is the topology with the engine builtin everywhere.
func Builtin(t *topology.Topology) *topology.Topology {
	for i := range t.Nodes {
		t.Nodes[i].Services[0].Engine = topology.Builtin
	}
	return t
}

// Apart is a partition.
func Apart(from, pick string) fault.Fault {
	f := FaultOf(fault.Partition, pick, "entry")
	f.From = from
	return f
}

// Trip is the file of a scenario.
const Trip = `scenario: trip
about: A trip.
load: {rate: 200/s, tls: 20%, new: 10%, body: 4KiB, timeout: 5s, patience: 2s, retry: false}
phases: {warm_up: 1s, baseline: 3s, fault: 8s, recovery: 6s}
faults:
  - {kind: power-loss, target: serving, role: entry, at: 1s, for: 2s}
  - {kind: wan-loss, target: wan-1}
expect:
  failover: "<= 5s"
  resilience_loss: "<1.5s"
  lost_ratio: "<= 60%"
  latency_inflation: "< 2.5"
  corrupted: "== 0"
measure: {theta: 98%, window: 2s, latency_factor: 4, latency_floor: 10ms}
`

// Problems lists the problems of a file as "line:col code".
func Problems(err error) (list []string) {
	var problems *yamlfile.Problems
	if errors.As(err, &problems) {
		for _, p := range *problems {
			list = append(list, fmt.Sprintf("%d:%d %s", p.Line, p.Col, p.Code))
		}
	}
	return list
}

// Design is a bundled design.
func Design(name string) *topology.Topology {
	ginkgo.GinkgoHelper()
	t, err := topology.Load(name)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	return t
}
