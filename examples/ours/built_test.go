package ours

import (
	"net/http"
	"testing"
	"time"

	"github.com/seed-ab8b6914/spof/spoftest"
	"github.com/seed-ab8b6914/spof/topology"
)

// proxies are nodes with a Squid each. What is not said has Squid's defaults.
func proxies(names ...string) (nodes []topology.Node) {
	for _, name := range names {
		nodes = append(nodes, topology.Node{Name: name, Services: []topology.Service{{Name: "squid", Engine: topology.Squid, Port: 3128}}})
	}
	return nodes
}

// balanced is a design made in Go: a balancer in front of as many proxies as the test wants.
func balanced(names ...string) *topology.Topology {
	balancer := topology.Service{Name: "lb", Engine: topology.HAProxy, Port: 3128, Balance: &topology.Balance{
		Servers: names, ConnectTimeout: 500 * time.Millisecond, Retries: 3, Redispatch: true,
		Check: topology.Check{Kind: topology.CheckHTTP, Interval: time.Second, Timeout: 500 * time.Millisecond, Fall: 2, Rise: 2},
	}}
	return &topology.Topology{
		Name:    "balanced",
		Nodes:   append(proxies(names...), topology.Node{Name: "front", Services: []topology.Service{balancer}}),
		WAN:     []topology.Link{{Name: "isp", Latency: 5 * time.Millisecond}},
		Origins: []topology.Origin{{Name: "web"}},
		Users:   []topology.Group{{Name: "office", Count: 20, Proxy: topology.Entry{Host: "front", Port: 3128}}},
	}
}

// Two of three proxies crash, and the third answers: the balancer tries another server when one refuses.
func TestOneProxyOfThreeIsEnough(t *testing.T) {
	lab := spoftest.StartTopology(t, balanced("one", "two", "three"))
	lab.Break(spoftest.Crash("one"))
	lab.Break(spoftest.Crash("two"))
	for range 10 {
		r, err := lab.Client().Get(lab.OriginURL())
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusOK {
			t.Fatal(r.Status)
		}
	}
}

// A wrong design is told with the place in the design: here the balancer names a server that is not there.
func TestAWrongDesignIsTold(t *testing.T) {
	design := balanced("one", "two")
	design.Nodes[2].Services[0].Balance.Servers[1] = "tow"
	if _, err := topology.Build(*design); err == nil {
		t.Error("the design was accepted")
	} else {
		t.Log(err)
	}
}
