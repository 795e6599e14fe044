package agent

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"

	"github.com/seed-ab8b6914/spof/proxy"
)

// site has two connected network namespaces: own, with 10.9.0.1, and other, with 10.9.0.2 and 10.9.0.3.
type site struct{ own, other netns.NsHandle }

// newSite locks the thread and keeps it in own until the spec ends.
func newSite() site {
	GinkgoHelper()
	runtime.LockOSThread()
	old, err := netns.Get()
	Expect(err).NotTo(HaveOccurred())
	other, err := netns.New()
	if err != nil {
		runtime.UnlockOSThread()
		Skip("needs the right to make network namespaces: " + err.Error())
	}
	own, err := netns.New()
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() {
		Expect(netns.Set(old)).To(Succeed())
		runtime.UnlockOSThread()
		Expect(errors.Join(old.Close(), own.Close(), other.Close())).To(Succeed())
	})
	s := site{own, other}
	Expect(netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "eth0"}, PeerName: "peer"})).To(Succeed())
	peer, err := netlink.LinkByName("peer")
	Expect(err).NotTo(HaveOccurred())
	Expect(netlink.LinkSetNsFd(peer, int(other))).To(Succeed())
	raise("eth0", "10.9.0.1/24")
	s.there(func() { raise("peer", "10.9.0.2/24", "10.9.0.3/24") })
	return s
}

// there calls do in the other namespace.
func (s site) there(do func()) {
	GinkgoHelper()
	Expect(netns.Set(s.other)).To(Succeed())
	defer func() { Expect(netns.Set(s.own)).To(Succeed()) }()
	do()
}

func raise(name string, addrs ...string) {
	GinkgoHelper()
	link, err := netlink.LinkByName(name)
	Expect(err).NotTo(HaveOccurred())
	for _, a := range addrs {
		addr, err := netlink.ParseAddr(a)
		Expect(err).NotTo(HaveOccurred())
		Expect(netlink.AddrAdd(link, addr)).To(Succeed())
	}
	Expect(netlink.LinkSetUp(link)).To(Succeed())
}

// answering runs an echo server until the spec ends.
func answering(addr string) {
	GinkgoHelper()
	l, err := net.Listen("tcp4", addr)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c); _ = c.Close() }()
		}
	}()
}

// echoes reports whether a byte comes back within the time.
func echoes(c net.Conn, within time.Duration) error {
	if err := c.SetDeadline(time.Now().Add(within)); err != nil {
		return err
	}
	if _, err := c.Write([]byte{1}); err != nil {
		return err
	}
	_, err := io.ReadFull(c, make([]byte, 1))
	return err
}

var _ = Describe("a partition", func() {
	fault := Fault{ID: "f1", FaultParams: proxy.FaultParams{Apart: []string{"proxy-a", "proxy-b"}}}

	It("drops the frames of the peers in both directions, on old and new connections, and heals", func(ctx context.Context) {
		s := newSite()
		var h *host
		s.there(func() { answering("10.9.0.2:7000"); answering("10.9.0.3:7000") })
		answering("10.9.0.1:7000")
		links, err := readLinks()
		Expect(err).NotTo(HaveOccurred())
		h = newHost(context.Background(), Options{}, func(proxy.Event) {})
		h.links, h.spec.Peers = links, map[string]string{"proxy-b": "10.9.0.2"}
		h.spec.Node = "proxy-a" // Apart names it too, because the plan did not know the target
		dial := func(from, to string) (net.Conn, error) {
			d := net.Dialer{Timeout: 300 * time.Millisecond, LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
			return d.Dial("tcp4", to)
		}
		var old net.Conn
		Eventually(func() error { // once the links are up
			var err error
			old, err = dial("10.9.0.1", "10.9.0.2:7000")
			return err
		}).Should(Succeed())
		defer old.Close()
		Expect(echoes(old, patience)).To(Succeed())

		asked := proxy.Monotonic()
		effect, err := h.inject(ctx, Partition, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(Equal("4 rules drop all frames from and to 1 node(s)"))
		liesWithin(effect, asked)

		Expect(echoes(old, 300*time.Millisecond)).To(MatchError(ContainSubstring("timeout")), "no reset")
		_, err = dial("10.9.0.1", "10.9.0.2:7000")
		Expect(err).To(MatchError(ContainSubstring("timeout")), "no answer")
		s.there(func() {
			_, err := dial("10.9.0.2", "10.9.0.1:7000")
			Expect(err).To(MatchError(ContainSubstring("timeout")), "in the other direction too")
			c, err := dial("10.9.0.3", "10.9.0.1:7000")
			Expect(err).NotTo(HaveOccurred(), "others are not cut off")
			Expect(c.Close()).To(Succeed())
		})

		_, err = h.recover(ctx, Partition, fault)
		Expect(err).NotTo(HaveOccurred())
		Eventually(func() error { return echoes(old, time.Second) }).Should(Or(Succeed(), MatchError(syscall.ECONNRESET)))
		Eventually(func() error { // once the address is resolved again
			c, err := dial("10.9.0.1", "10.9.0.2:7000")
			if err == nil {
				_ = c.Close()
			}
			return err
		}).Should(Succeed())
	}, SpecTimeout(2*patience))

	DescribeTable("is refused", func(spec proxy.NodeSpec, apart []string, want string) {
		h := newHost(context.Background(), Options{}, func(proxy.Event) {})
		h.spec, h.links = spec, &links{}
		_, err := h.inject(context.Background(), Partition, Fault{ID: "f1", FaultParams: proxy.FaultParams{Apart: apart}})
		Expect(err).To(MatchError(ContainSubstring(want)))
	},
		Entry("on a shared stack", proxy.NodeSpec{Shared: true}, []string{"b"}, "share one network stack"),
		Entry("without peers", proxy.NodeSpec{}, nil, "no other node"),
		Entry("with an unknown peer", proxy.NodeSpec{}, []string{"b"}, `no IPv4 address of node "b"`),
	)
})
