package topology_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("Outline", func() {
	It("draws each part once and marks the single points", func() {
		Expect(edited("active-active").Outline()).To(Equal(`active-active: Two HAProxy balancers share one address; three Squids behind them.

office (50 users)
└─ proxy:3128  VRRP version 2, advert 1s
   ├─ lb-a/balancer  haproxy on port 3128, priority 150
   │  ├─ proxy-a/squid  squid on port 3128
   │  │  └─ isp  WAN link, latency 0s  ! single point of failure: wan
   │  │     └─ web  origin
   │  ├─ proxy-b/squid  squid on port 3128
   │  │  └─ isp  WAN link, latency 0s  ! single point of failure: wan  (as above)
   │  └─ proxy-c/squid  squid on port 3128
   │     └─ isp  WAN link, latency 0s  ! single point of failure: wan  (as above)
   └─ lb-b/balancer  haproxy on port 3128, priority 100
      ├─ proxy-a/squid  squid on port 3128  (as above)
      ├─ proxy-b/squid  squid on port 3128  (as above)
      └─ proxy-c/squid  squid on port 3128  (as above)

Single points of failure:
  wan isp: its loss cuts off office

Settings, with the defaults of the engines:
  lb-a/balancer, lb-b/balancer
    haproxy: connect_timeout 500ms, retries 3, redispatch true, client_timeout 50s, server_timeout 50s, on_marked_down none, on_marked_up none
  proxy-a/squid, proxy-b/squid, proxy-c/squid
    squid: shutdown_lifetime 0s, connect_timeout 2s, forward_timeout 4s
`))
		Expect(edited("single", ", shutdown_lifetime: 0s", "").Outline()).To(ContainSubstring("shutdown_lifetime 30s"))
		Expect(edited("dual-wan-parents").Outline()).To(ContainSubstring(", retry_on_error true\n"))
		Expect(edited("active-active-nginx").Outline()).To(ContainSubstring("nginx: connect_timeout 500ms, retries 3, redispatch true, proxy_timeout 10m\n"))
		Expect(edited("single").Outline()).To(ContainSubstring(
			"└─ proxy-a/squid  squid on port 3128  ! single point of failure: node, service\n"))
		Expect(edited("active-passive", "preempt: true", "preempt: false").Outline()).To(ContainSubstring("advert 1s, no preemption\n"))
	})
})

var _ = Describe("DOT", func() {
	It("draws nodes as frames, standby members dashed, and single points red", func() {
		Expect(edited("active-passive").DOT()).To(Equal(`digraph "active-passive" {
  label="Two Squids share one VRRP address; one serves, the other stands by."
  rankdir=LR
  node [shape=box]
  "office" [shape=oval, label="office\n50 users"]
  "office" -> "proxy"
  "proxy" [shape=diamond]
  "proxy" -> "proxy-a/squid" [label=150, style=solid]
  "proxy" -> "proxy-b/squid" [label=100, style=dashed]
  subgraph "cluster_proxy-a" {
    graph [label="proxy-a"]
    "proxy-a/squid" [label="squid\nsquid :3128"]
  }
  "proxy-a/squid" -> "isp"
  subgraph "cluster_proxy-b" {
    graph [label="proxy-b"]
    "proxy-b/squid" [label="squid\nsquid :3128"]
  }
  "proxy-b/squid" -> "isp"
  "isp" [shape=hexagon, label="isp", color=red, fontcolor=red, penwidth=2]
  "isp" -> "web"
  "web" [shape=oval]
}
`))
		Expect(edited("single").DOT()).To(ContainSubstring(`graph [label="proxy-a", color=red, fontcolor=red, penwidth=2]`))
		Expect(edited("active-active").DOT()).To(ContainSubstring(`"lb-b/balancer" -> "proxy-c/squid"`))
	})

	It("escapes the text of a file", func() {
		Expect(edited("single", "One Squid; no redundancy.", `'"]; x -> y \'`).DOT()).To(ContainSubstring("  label=\"\\\"]; x -> y \\\\\"\n"))
	})
})
