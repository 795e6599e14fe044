package configure_test

import (
	"net/netip"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

// sample is two balancers that share an address in front of two Squids that share another.
func sample() *topology.Topology {
	return &topology.Topology{
		Name:  "sample",
		Nodes: []topology.Node{balancer("lb-a"), balancer("lb-b"), squid("proxy-a"), squid("proxy-b")},
		Addresses: []topology.Address{
			{
				Name: "entry", Version: 2, RouterID: 51, Advert: time.Second, Preempt: true,
				Members: []topology.Member{{Node: "lb-a", Priority: 150}, {Node: "lb-b", Priority: 100}},
				Track:   &topology.Track{Service: "balancer", Weight: 0, Check: check(topology.CheckHTTP, time.Second)},
			},
			{
				Name: "direct", Version: 3, RouterID: 52, Advert: 100 * time.Millisecond,
				Members: []topology.Member{{Node: "proxy-a", Priority: 150}, {Node: "proxy-b", Priority: 100}},
				Track:   &topology.Track{Service: "squid", Weight: -60, Check: check(topology.CheckHTTP, 2*time.Second)},
			},
		},
		WAN:     []topology.Link{{Name: "isp", Latency: 5 * time.Millisecond}},
		Origins: []topology.Origin{{Name: "web"}},
		Users:   []topology.Group{{Name: "office", Count: 50, Proxy: topology.Entry{Host: "entry", Port: 3128}}},
	}
}

func squid(name string) topology.Node {
	return topology.Node{Name: name, WAN: "isp", Services: []topology.Service{{Name: "squid", Engine: topology.Squid, Port: 3128}}}
}

func balancer(name string) topology.Node {
	return topology.Node{Name: name, Services: []topology.Service{{
		Name: "balancer", Engine: topology.HAProxy, Port: 3128,
		Balance: &topology.Balance{
			Algorithm: "roundrobin", Servers: []string{"proxy-a", "proxy-b"}, Check: check(topology.CheckHTTP, time.Second),
			ConnectTimeout: 500 * time.Millisecond, Retries: 3, Redispatch: true,
		},
	}}}
}

func check(kind topology.CheckKind, interval time.Duration) topology.Check {
	return topology.Check{Kind: kind, Interval: interval, Timeout: 500 * time.Millisecond, Fall: 2, Rise: 3}
}

// containers is a site as a container engine gives it.
func containers() proxy.Site {
	GinkgoHelper()
	authority, err := proxy.NewAuthority(time.Now())
	Expect(err).NotTo(HaveOccurred())
	return proxy.Site{
		LAN: addresses("10.0.0.", map[string]string{
			"isp": "2", "office": "3", "lb-a": "11", "lb-b": "12", "proxy-a": "21", "proxy-b": "22"}),
		WAN:       addresses("10.0.1.", map[string]string{"isp": "2", "web": "3"}),
		VIP:       addresses("10.0.0.", map[string]string{"entry": "100", "direct": "101"}),
		Dir:       "/run/spof",
		Authority: authority,
	}
}

// loopback is a site of processes that share one network stack.
func loopback() proxy.Site {
	GinkgoHelper()
	site := containers()
	site.Builtin, site.Shared, site.Dir = true, true, "/tmp/lab/%NODE%"
	return site
}

func addresses(prefix string, hosts map[string]string) map[string]netip.Addr {
	all := make(map[string]netip.Addr)
	for name, host := range hosts {
		all[name] = netip.MustParseAddr(prefix + host)
	}
	return all
}

// process finds a process of a node.
func process(specs map[string]proxy.NodeSpec, node, service string) proxy.Process {
	GinkgoHelper()
	for _, p := range specs[node].Processes {
		if p.Service == service {
			return p
		}
	}
	Fail("no process " + service + " on " + node)
	return proxy.Process{}
}
