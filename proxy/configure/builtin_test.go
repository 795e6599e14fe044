package configure_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("Configure with builtin engines", func() {
	It("listens on all addresses in containers, also those that move", func() {
		site := containers()
		site.Builtin = true
		specs := configured(sample(), site)
		Expect(process(specs, "proxy-a", "squid").Listen).To(Equal([]string{"0.0.0.0:3128"}))
		Expect(process(specs, "proxy-a", "squid").Relay).To(BeEmpty())
		vrrp := config[proxy.VRRPConfig](process(specs, "proxy-a", "keepalived"))
		Expect(vrrp.Interface).To(Equal("eth0"))
		Expect(vrrp.Instances[0].Track.Probe).To(Equal("http://127.0.0.1:3128/spof-health"))
	})

	It("listens on the node's own address on a shared stack, and relays the addresses", func() {
		specs := configured(sample(), loopback())
		lb := process(specs, "lb-a", "balancer")
		Expect(lb.Listen).To(Equal([]string{"10.0.0.11:3128", "10.0.0.11:8404"}))
		Expect(lb.Relay).To(Equal([]proxy.Relay{{Address: "entry", Listen: "10.0.0.100:3128", To: "10.0.0.11:3128", Turnover: "/tmp/lab/vrrp-10.0.0.100:3128.sock"}}))
		Expect(lb.Files[0].Path).To(Equal("/tmp/lab/lb-a/balancer.json"))
		Expect(specs["proxy-a"].Hosts).To(BeEmpty())
		Expect(specs["proxy-a"].Shared).To(BeTrue())
		Expect(process(specs, "isp", "wan").Control).To(Equal("/tmp/lab/isp/wan.sock"))
	})

	It("passes the topology to the programs", func() {
		specs := configured(sample(), loopback())
		Expect(config[proxy.ProxyConfig](process(specs, "proxy-b", "squid"))).To(Equal(proxy.ProxyConfig{
			Node: "proxy-b", Listen: "10.0.0.22:3128", Hosts: map[string]string{"web.test": "10.0.0.2"},
			Ports: []int{8080}, ConnectPorts: []int{8443}, DialTimeout: time.Minute, Linger: 31 * time.Second,
		}))
		Expect(config[proxy.BalancerConfig](process(specs, "lb-a", "balancer")).Servers).To(Equal([]proxy.BalancedServer{
			{Name: "proxy-a", Addr: "10.0.0.21:3128", Probe: "http://10.0.0.21:3128/spof-health"},
			{Name: "proxy-b", Addr: "10.0.0.22:3128", Probe: "http://10.0.0.22:3128/spof-health"},
		}))
		Expect(config[proxy.VRRPConfig](process(specs, "lb-b", "keepalived"))).To(Equal(proxy.VRRPConfig{
			Node: "lb-b", Own: "10.0.0.12", Shared: true, Instances: []proxy.VRRPInstance{{
				Address: "entry", VIP: "10.0.0.100", RouterID: 51, Version: 2, Advert: time.Second, Priority: 100, Preempt: true,
				Peers: []string{"10.0.0.11"},
				Track: &proxy.VRRPTrack{Check: check(topology.CheckHTTP, time.Second), Probe: "http://10.0.0.12:8404/spof-health"},
			}},
		}))
	})
})
