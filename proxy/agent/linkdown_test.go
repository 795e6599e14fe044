package agent

import (
	"context"
	"net"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/vishvananda/netlink"

	"github.com/seed-ab8b6914/spof/proxy"
)

// routed adds a default route and a route to another network through it, as a node of a team's files may have.
func routed() {
	GinkgoHelper()
	link, err := netlink.LinkByName("eth0")
	Expect(err).NotTo(HaveOccurred())
	far, err := netlink.ParseIPNet("10.7.0.0/24")
	Expect(err).NotTo(HaveOccurred())
	own, err := netlink.ParseIPNet("10.8.0.0/24")
	Expect(err).NotTo(HaveOccurred())
	for _, r := range []netlink.Route{
		{LinkIndex: link.Attrs().Index, Dst: own, Scope: netlink.SCOPE_LINK},
		{Gw: net.ParseIP("10.9.0.2")},
		{Dst: far, Gw: net.ParseIP("10.9.0.3"), Src: net.ParseIP("10.9.0.1")},
	} {
		Expect(netlink.RouteAdd(&r)).To(Succeed())
	}
}

// shownRoutes lists the routes of the node as text.
func shownRoutes() (all []string) {
	GinkgoHelper()
	routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
	Expect(err).NotTo(HaveOccurred())
	for _, r := range routes {
		r.Flags = 0
		all = append(all, r.String())
	}
	return all
}

var _ = Describe("an interface that goes down", func() {
	onSite := func() (s site, h *host) {
		GinkgoHelper()
		s = newSite()
		Eventually(func() bool { return (&links{all: interfaces("eth0")}).working() }).Should(BeTrue())
		routed()
		links, err := readLinks()
		Expect(err).NotTo(HaveOccurred())
		h = newHost(context.Background(), Options{}, func(proxy.Event) {})
		h.links = links
		DeferCleanup(h.end)
		return s, h
	}

	It("is silence for peers and an error on the node; then connections and routes are as before", func(ctx context.Context) {
		s, h := onSite()
		s.there(func() { answering("10.9.0.2:7000") })
		before := shownRoutes()
		Expect(before).To(HaveLen(4))
		old, err := net.DialTimeout("tcp4", "10.9.0.2:7000", patience)
		Expect(err).NotTo(HaveOccurred())
		defer old.Close()
		Expect(echoes(old, patience)).To(Succeed())

		fault, asked := Fault{ID: "f1", FaultParams: proxy.FaultParams{Interface: "eth0"}}, proxy.Monotonic()
		effect, err := h.inject(ctx, LinkDown, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(Equal("eth0 down"))
		liesWithin(effect, asked)
		Expect(shownRoutes()).To(BeEmpty())
		_, err = net.DialTimeout("tcp4", "10.9.0.2:7000", patience)
		Expect(err).To(MatchError(syscall.ENETUNREACH))
		s.there(func() {
			d := net.Dialer{Timeout: 300 * time.Millisecond}
			_, err := d.Dial("tcp4", "10.9.0.1:7000")
			Expect(err).To(MatchError(Or(ContainSubstring("timeout"), ContainSubstring("no route to host"))))
		})

		asked = proxy.Monotonic()
		effect, err = h.recover(ctx, LinkDown, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(Equal("eth0 up, 3 route(s) restored"))
		liesWithin(effect, asked)
		Expect(shownRoutes()).To(ConsistOf(before))
		Expect(echoes(old, patience)).To(Succeed(), "the connection lives")
	}, SpecTimeout(2*patience))

	It("keeps a route that somebody has added meanwhile", func(ctx context.Context) {
		_, h := onSite()
		before := shownRoutes()
		fault := Fault{ID: "f1"} // all interfaces
		_, err := h.inject(ctx, LinkDown, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(h.links.raise()).To(Succeed())
		Expect(netlink.RouteAdd(&netlink.Route{Gw: net.ParseIP("10.9.0.2")})).To(Succeed())
		effect, err := h.recover(ctx, LinkDown, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(Equal("eth0 up, 2 route(s) restored"))
		Expect(shownRoutes()).To(ConsistOf(before))
	}, SpecTimeout(2*patience))

	It("has its routes after a loss of power too", func(ctx context.Context) {
		_, h := onSite()
		before := shownRoutes()
		fault := Fault{ID: "f1"}
		_, err := h.inject(ctx, PowerLoss, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(shownRoutes()).To(BeEmpty())
		_, err = h.recover(ctx, PowerLoss, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(shownRoutes()).To(ConsistOf(before))
	}, SpecTimeout(2*patience))

	It("must exist, on a network stack of the node's own", func(ctx context.Context) {
		_, h := onSite()
		_, err := h.inject(ctx, LinkDown, Fault{ID: "f1", FaultParams: proxy.FaultParams{Interface: "eth7"}})
		Expect(err).To(MatchError(`no interface "eth7" on this node; it has: eth0`))
		h.spec.Shared = true
		_, err = h.inject(ctx, LinkDown, Fault{ID: "f2"})
		Expect(err).To(MatchError(ContainSubstring("share one network stack")))
	})
})

// interfaces gives an interface of the present namespace.
func interfaces(name string) []netlink.Link {
	GinkgoHelper()
	link, err := netlink.LinkByName(name)
	Expect(err).NotTo(HaveOccurred())
	return []netlink.Link{link}
}
