package agent

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/vishvananda/netlink"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/proxy"
)

// arpFrame is the Ethernet frame of an ARP packet: sender at hardware tells of, or asks for, target.
func arpFrame(hardware net.HardwareAddr, sender, target string, operation byte) []byte {
	frame := append([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, hardware...)
	frame = append(frame, 8, 6, 0, 1, 8, 0, 6, 4, 0, operation)
	frame = append(frame, hardware...)
	frame = append(frame, netip.MustParseAddr(sender).AsSlice()...)
	frame = append(frame, 0, 0, 0, 0, 0, 0)
	return append(frame, netip.MustParseAddr(target).AsSlice()...)
}

// send sends a frame on an interface of this thread's namespace.
func send(name string, frame []byte) {
	GinkgoHelper()
	link, err := netlink.LinkByName(name)
	Expect(err).NotTo(HaveOccurred())
	s, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	Expect(err).NotTo(HaveOccurred())
	defer unix.Close(s)
	Expect(unix.Sendto(s, frame, 0, &unix.SockaddrLinklayer{Ifindex: link.Attrs().Index})).To(Succeed())
}

// hardwareOf is the hardware address of an interface of this thread's namespace.
func hardwareOf(name string) net.HardwareAddr {
	GinkgoHelper()
	link, err := netlink.LinkByName(name)
	Expect(err).NotTo(HaveOccurred())
	return link.Attrs().HardwareAddr
}

var someone = net.HardwareAddr{2, 0x42, 10, 9, 0, 7}

var _ = DescribeTable("gratuitous ARP is", func(frame []byte, is bool) {
	vm, err := bpf.NewVM(gratuitous)
	Expect(err).NotTo(HaveOccurred())
	passed, err := vm.Run(frame)
	Expect(err).NotTo(HaveOccurred())
	Expect(passed > 0).To(Equal(is), "the filter in the kernel")
	a, ok := parseAnnouncement(frame)
	Expect(ok).To(Equal(is), "the parser")
	if is {
		Expect(a).To(Equal(announcement{address: netip.MustParseAddr("10.9.0.100"), hardware: someone.String()}))
	}
},
	Entry("a request for the sender's own address (keepalived)", arpFrame(someone, "10.9.0.100", "10.9.0.100", 1), true),
	Entry("a reply that tells of it", arpFrame(someone, "10.9.0.100", "10.9.0.100", 2), true),
	Entry("with the padding of Ethernet", append(arpFrame(someone, "10.9.0.100", "10.9.0.100", 1), make([]byte, 18)...), true),
	Entry("not a request for another address", arpFrame(someone, "10.9.0.100", "10.9.0.1", 1), false),
	Entry("not a probe (RFC 5227, section 2.1.1)", arpFrame(someone, "0.0.0.0", "10.9.0.100", 1), false),
	Entry("not another protocol", append([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0}, make([]byte, 40)...), false),
	Entry("not a short frame", arpFrame(someone, "10.9.0.100", "10.9.0.100", 1)[:30], false),
)

var _ = Describe("a node that watches its network", func() {
	vip := netip.MustParseAddr("10.9.0.100")
	// watching makes the thread's node watch, and gives its events.
	watching := func(w proxy.NetworkWatch) chan proxy.Event {
		links, err := readLinks()
		Expect(err).NotTo(HaveOccurred())
		events := make(chan proxy.Event, 100)
		h := newHost(context.Background(), Options{Log: GinkgoWriter}, func(e proxy.Event) { events <- e })
		DeferCleanup(h.end)
		h.links, h.spec = links, proxy.NodeSpec{Node: "proxy-a", Watch: &w}
		h.watch()
		proxy.WaitMonotonic(proxy.Monotonic() + (100 * time.Millisecond).Nanoseconds()) // an interval without a timestamp would be as wide
		return events
	}
	// within checks that an event lies between an instant and now, and is exact.
	within := func(e proxy.Event, from int64) {
		GinkgoHelper()
		Expect(e.At + e.Uncertainty.Nanoseconds()).To(BeNumerically(">=", from))
		Expect(e.At - e.Uncertainty.Nanoseconds()).To(BeNumerically("<=", proxy.Monotonic()))
		Expect(e.Uncertainty).To(BeNumerically("<", 10*time.Millisecond), "by the kernel's timestamp")
	}

	It("hears who announces an address, once for a burst, and no other address", func() {
		s := newSite()
		events := watching(proxy.NetworkWatch{Addresses: map[netip.Addr]string{vip: "proxy"}})
		Expect(events).To(Receive(HaveField("Kind", proxy.EventWatching)))
		sent := proxy.Monotonic()
		var peer net.HardwareAddr
		s.there(func() {
			peer = hardwareOf("peer")
			send("peer", arpFrame(peer, "10.9.0.7", "10.9.0.7", 1))
			for range 5 {
				send("peer", arpFrame(peer, vip.String(), vip.String(), 1))
			}
		})
		var heard proxy.Event
		Eventually(events).Should(Receive(&heard))
		Expect(heard.Kind).To(Equal(proxy.EventAnnounced))
		Expect(heard.State).To(Equal(proxy.AnnouncementHeard))
		Expect(heard.Subject).To(Equal("proxy"))
		Expect(heard.Hardware).To(Equal(peer.String()))
		within(heard, sent)
		s.there(func() { send("peer", arpFrame(someone, vip.String(), vip.String(), 1)) })
		Eventually(events).Should(Receive(HaveField("Hardware", someone.String())), "the rest of the burst was not reported before")
	})

	It("reports what it announces itself, and the address on its interface; also after its link was down", func() {
		newSite()
		events := watching(proxy.NetworkWatch{Addresses: map[netip.Addr]string{vip: "proxy"}, Holds: true})
		Expect(events).To(Receive(HaveField("Kind", proxy.EventWatching)))
		link, err := netlink.LinkByName("eth0")
		Expect(err).NotTo(HaveOccurred())
		Expect(netlink.LinkSetDown(link)).To(Succeed())
		Expect(netlink.LinkSetUp(link)).To(Succeed())
		asked := proxy.Monotonic()
		addr, err := netlink.ParseAddr("10.9.0.100/32")
		Expect(err).NotTo(HaveOccurred())
		Expect(netlink.AddrAdd(link, addr)).To(Succeed())
		var added, sent proxy.Event
		Eventually(events).Should(Receive(&added))
		Expect(added).To(And(HaveField("Kind", proxy.EventAddress), HaveField("Subject", "proxy"), HaveField("State", proxy.Added)))
		Expect(added.At).To(BeNumerically(">=", asked))
		send("eth0", arpFrame(hardwareOf("eth0"), vip.String(), vip.String(), 1))
		Eventually(events).Should(Receive(&sent))
		Expect(sent).To(And(HaveField("Kind", proxy.EventAnnounced), HaveField("State", proxy.AnnouncementSent), HaveField("Hardware", hardwareOf("eth0").String())))
		within(sent, asked)
		Expect(netlink.AddrDel(link, addr)).To(Succeed())
		Eventually(events).Should(Receive(And(HaveField("Kind", proxy.EventAddress), HaveField("State", proxy.Removed))))
	})

	It("reports routes through a gateway, and not those of its own segments", func() {
		newSite()
		events := watching(proxy.NetworkWatch{Routes: true})
		link, err := netlink.LinkByName("eth0")
		Expect(err).NotTo(HaveOccurred())
		local, err := netlink.ParseAddr("10.8.0.1/24")
		Expect(err).NotTo(HaveOccurred())
		Expect(netlink.AddrAdd(link, local)).To(Succeed())
		_, everything, err := net.ParseCIDR("0.0.0.0/0")
		Expect(err).NotTo(HaveOccurred())
		route := &netlink.Route{LinkIndex: link.Attrs().Index, Dst: everything, Gw: net.IPv4(10, 9, 0, 2)}
		Expect(netlink.RouteAdd(route)).To(Succeed())
		Eventually(events).Should(Receive(And(HaveField("Kind", proxy.EventRoute), HaveField("Subject", "default"), HaveField("State", proxy.Added),
			HaveField("Text", "via 10.9.0.2"))))
		Expect(netlink.RouteDel(route)).To(Succeed())
		Eventually(events).Should(Receive(And(HaveField("Kind", proxy.EventRoute), HaveField("State", proxy.Removed))))
	})
})

var _ = Describe("a timestamp of the kernel", func() {
	It("that cannot be used widens the interval to the wait for the packet", func() {
		began := proxy.Monotonic()
		c := &capture{waited: began}
		within := c.came(nil)
		Expect(within.Before).To(Equal(began))
		Expect(within.After).To(And(BeNumerically(">=", began), BeNumerically("<=", proxy.Monotonic())))
		Expect(c.waited).To(Equal(within.After))
	})
})

var _ = Describe("announcements", func() {
	It("are reported until the capture ends", func() {
		given := []announcement{{address: netip.MustParseAddr("10.9.0.100"), hardware: "a"}, {address: netip.MustParseAddr("10.9.0.9"), hardware: "a"}}
		var got []proxy.Event
		next := func(context.Context) (announcement, proxy.Interval, error) {
			if len(given) == 0 {
				return announcement{}, proxy.Interval{}, errors.New("closed")
			}
			a := given[0]
			given = given[1:]
			return a, proxy.Interval{Before: 10, After: 20}, nil
		}
		reportAnnouncements(context.Background(), next, map[netip.Addr]string{netip.MustParseAddr("10.9.0.100"): "proxy"}, func(e proxy.Event) { got = append(got, e) })
		Expect(got).To(HaveExactElements(And(HaveField("Subject", "proxy"), HaveField("At", int64(15)), HaveField("Uncertainty", 5*time.Nanosecond))))
	})
})

// FuzzAnnouncement reads anything as a frame. The parser and the filter in the kernel must agree on frames of IPv4 over Ethernet.
func FuzzAnnouncement(f *testing.F) {
	f.Add(arpFrame(someone, "10.9.0.100", "10.9.0.100", 1))
	f.Add(arpFrame(someone, "10.9.0.100", "10.9.0.1", 2))
	vm, err := bpf.NewVM(gratuitous)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		fuzzcost.Bound(t)
		_, _ = stampOf(frame)
		if _, ok := parseAnnouncement(frame); ok {
			if n, err := vm.Run(frame); err != nil || n == 0 {
				t.Fatalf("the filter drops an announcement: %d, %v", n, err)
			}
		}
	})
}
