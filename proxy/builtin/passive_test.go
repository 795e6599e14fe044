package builtin

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("a balancer with passive checks", func() {
	passive := func(servers ...*backend) proxy.BalancerConfig {
		cfg := balancing(servers...)
		cfg.Check, cfg.Passive = topology.Check{}, &topology.Passive{MaxFails: 2, FailTimeout: 2 * time.Second} // two connections must fail within 2 s
		return cfg
	}

	It("sets a dead server aside without losing a connection, and tries it again", func() {
		a, b := startBackend("a"), startBackend("b")
		addr, _, r := startBalancer(passive(a, b))
		Expect(served(addr) + served(addr)).To(Equal("ab"))
		a.down()
		for range 4 { // two of them try the dead server first
			Expect(served(addr)).To(Equal("b"))
		}
		Expect(r.all()).To(HaveExactElements(And(HaveField("Kind", proxy.EventServerDown), HaveField("Subject", "a"), HaveField("For", 2*time.Second))))

		a.up()
		Eventually(func() string { return served(addr) }).Should(Equal("a"), "after fail_timeout, without any event")
		Expect(served(addr) + served(addr)).To(Equal("ba"))
	})

	It("uses the backup while the only other server is set aside", func() {
		a, b := startBackend("a"), startBackend("b")
		cfg := passive(a, b)
		cfg.Servers[1].Backup, cfg.Retries = true, 1
		addr, _, r := startBalancer(cfg)
		Expect(served(addr) + served(addr)).To(Equal("aa"))
		a.down()
		for range 4 { // two of them try the dead server first
			Expect(served(addr)).To(Equal("b"))
		}
		Expect(r.states()).To(Equal([]string{"a server-down"}))
		a.up()
		Eventually(func() string { return served(addr) }).Should(Equal("a"))
	})

	It("never sets the only server aside, and tries no server twice", func() {
		a := startBackend("a")
		addr, _, r := startBalancer(passive(a))
		a.down()
		for range 3 {
			Expect(served(addr)).To(BeEmpty())
		}
		Expect(r.all()).To(BeEmpty())
		a.up()
		Expect(served(addr)).To(Equal("a"))
	})
})
