package docker

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/moby/moby/client"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// left counts what the engine still has of a lab.
func left(r *Runtime, id string) (n int) {
	GinkgoHelper()
	ctx := context.Background()
	cs, err := r.engine.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: labelled(id)})
	Expect(err).NotTo(HaveOccurred())
	ns, err := r.engine.api.NetworkList(ctx, client.NetworkListOptions{Filters: labelled(id)})
	Expect(err).NotTo(HaveOccurred())
	return len(cs.Items) + len(ns.Items)
}

var _ = Describe("a lab", Label("docker"), func() {
	It("comes up with an agent, a place and a clock for every node, and goes without a trace", func(ctx SpecContext) {
		r := onEngine()
		l, err := r.Deploy(ctx, pair(), say)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(l.Close)

		for _, node := range []string{"a", "b", "isp", "web", "office"} {
			Expect(l.Node(node)).NotTo(BeNil(), node)
			Expect(l.Node(node).Hello().PID).To(Equal(1), node)
		}
		Expect(l.Node("nobody")).To(BeNil())
		site := l.Site()
		Expect(site.LAN).To(And(HaveLen(4), HaveKey("a"), HaveKey("b"), HaveKey("isp"), HaveKey("office")))
		Expect(site.WAN).To(And(HaveLen(2), HaveKey("isp"), HaveKey("web")))
		Expect(site.VIP).To(HaveKey("vip"))
		for _, a := range site.LAN {
			Expect(a).NotTo(Equal(site.VIP["vip"]))
		}

		Expect(l.Uncertainty()).To(BeNumerically("<", 5*time.Millisecond))
		before, at, after, err := l.Node("b").Now(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(at).To(And(BeNumerically(">=", before-int64(l.Uncertainty())), BeNumerically("<=", after+int64(l.Uncertainty()))))

		id := l.ID()
		Expect(left(r, id)).To(Equal(5 + 2))
		start := time.Now()
		Expect(l.Close(ctx)).To(Succeed())
		Expect(time.Since(start)).To(BeNumerically("<", 3*time.Second))
		Expect(left(r, id)).To(BeZero())
		Expect(l.Close(ctx)).To(Succeed(), "a second time")
	}, NodeTimeout(time.Minute))

	It("leaves nothing behind when it is interrupted at any moment of coming up", func(ctx SpecContext) {
		r := onEngine()
		Expect(r.Prepare(ctx, pair(), say)).To(Succeed())
		before := left(r, "")
		for range 6 {
			after := time.Duration(rand.Int64N(int64(900 * time.Millisecond)))
			dctx, cancel := context.WithTimeout(ctx, after)
			l, err := r.Deploy(dctx, pair(), say)
			cancel()
			if err == nil {
				Expect(l.Close(ctx)).To(Succeed())
				continue
			}
			Expect(err).To(MatchError(context.DeadlineExceeded), "after %s", after)
			Expect(left(r, "")).To(Equal(before), "after %s", after)
		}
	}, NodeTimeout(time.Minute))
})

var _ = DescribeTable("floating addresses",
	func(prefix string, n int, nodes []string, want []string) {
		s := segment{prefix: netip.MustParsePrefix(prefix), gateway: netip.MustParsePrefix(prefix).Addr().Next(), nodes: map[string]netip.Addr{}}
		for _, a := range nodes {
			s.nodes[a] = netip.MustParseAddr(a)
		}
		got, err := s.floating(n)
		if want == nil {
			Expect(err).To(HaveOccurred())
			return
		}
		Expect(err).NotTo(HaveOccurred())
		var text []string
		for _, a := range got {
			text = append(text, a.String())
		}
		Expect(text).To(Equal(want))
	},
	Entry("from the top, below the broadcast address", "10.1.0.0/16", 2, nil, []string{"10.1.255.254", "10.1.255.253"}),
	Entry("past a node's own", "10.1.2.0/24", 2, []string{"10.1.2.253"}, []string{"10.1.2.254", "10.1.2.252"}),
	Entry("all that a small network has", "10.1.2.0/29", 5, nil,
		[]string{"10.1.2.6", "10.1.2.5", "10.1.2.4", "10.1.2.3", "10.1.2.2"}),
	Entry("not the gateway's", "10.1.2.0/29", 6, nil, nil),
	Entry("odd length", "172.20.16.0/20", 1, nil, []string{"172.20.31.254"}),
)
