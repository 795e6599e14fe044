package builtin

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/topology"
)

// beat is the advert interval. Three of them are longer than the pauses of a busy machine.
const beat = 200 * time.Millisecond

// electing gives the configuration of member n of two, 0 or 1. Member 0 has the higher priority.
func electing(n int, change func(*proxy.VRRPInstance)) proxy.VRRPConfig {
	instance := proxy.VRRPInstance{
		Address: "entry", RouterID: 51, Version: 3, Advert: beat, Priority: 254 - 4*n, Preempt: true,
		Peers: []string{loopback(1 + (1 - n))},
	}
	if change != nil {
		change(&instance)
	}
	return proxy.VRRPConfig{Node: "node-" + strconv.Itoa(n), Own: loopback(1 + n), Shared: true, Instances: []proxy.VRRPInstance{instance}}
}

// elected starts a member and waits until it is master. If two members start together, their timers are only 3 ms apart, and on a busy
// machine both may be master for a moment.
func elected(cfg proxy.VRRPConfig) *running {
	GinkgoHelper()
	r := start(VRRPMain, cfg)
	Eventually(r.states).Should(Equal([]string{"entry vrrpBACKUP", "entry vrrpMASTER"}))
	return r
}

var _ = Describe("VRRP", func() {
	It("keeps the master, and elects the other member after its skew when the master resigns", func() {
		const slow = 3 * beat // the handover must be shorter than two of them
		slowly := func(i *proxy.VRRPInstance) { i.Advert = slow }
		first := elected(electing(0, slowly))
		second := start(VRRPMain, electing(1, slowly))
		Eventually(second.states).Should(HaveLen(1))
		Consistently(second.states, 4*slow).Should(Equal([]string{"entry vrrpBACKUP"}))
		asked := proxy.Monotonic()
		Expect(first.stop()).To(Succeed())
		Eventually(second.states).Should(Equal([]string{"entry vrrpBACKUP", "entry vrrpMASTER"}))
		skew := policy.VRRP{Version: 3, Advert: slow, Priority: 250}.Skew()
		taken := second.all()[1]
		Expect(taken.Node).To(Equal("node-1"))
		Expect(time.Duration(taken.At-asked)).To(And(BeNumerically(">=", skew), BeNumerically("<", 2*slow)), "without the resignation it takes at least twice the interval")
		Expect(first.all()[2]).To(And(HaveField("State", proxy.VRRPFault), HaveField("Text", "stopped")))
	})

	It("announces the address again when it hears a rival of lower priority", func() {
		first := elected(electing(0, nil))
		rival, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(loopback(2)), proxy.VRRPPort)))
		Expect(err).NotTo(HaveOccurred())
		defer rival.Close()
		datagram, err := json.Marshal(advert{Address: "entry", RouterID: 51, Priority: 100, Interval: beat})
		Expect(err).NotTo(HaveOccurred())
		again := func() []string {
			_, err := rival.WriteToUDPAddrPort(datagram, netip.AddrPortFrom(netip.MustParseAddr(loopback(1)), proxy.VRRPPort))
			Expect(err).NotTo(HaveOccurred())
			return first.states()
		}
		Eventually(again).Should(HaveLen(3))
		Expect(first.states()[2]).To(Equal("entry vrrpMASTER"))
		at := first.all()
		Expect(at[2].At - at[1].At).To(BeNumerically(">", beat.Nanoseconds()))
	})

	It("returns the address to the higher priority only with preemption", func() {
		for _, preempt := range []bool{true, false} {
			change := func(i *proxy.VRRPInstance) { i.Preempt = preempt }
			second := start(VRRPMain, electing(1, change))
			Eventually(second.states).Should(HaveLen(2))
			first := start(VRRPMain, electing(0, change))
			if preempt {
				Eventually(first.states).Should(ContainElement("entry vrrpMASTER"))
				Eventually(second.states).Should(HaveLen(3))
			} else {
				Eventually(first.states).Should(HaveLen(1))
				Consistently(first.states, 5*beat).Should(Equal([]string{"entry vrrpBACKUP"}))
			}
			Expect(first.stop()).To(Succeed())
			Expect(second.stop()).To(Succeed())
		}
	})

	It("is in FAULT while its tracked service fails, and the other member takes over", func() {
		b := startBackend("s")
		first := elected(electing(0, func(i *proxy.VRRPInstance) {
			i.Track = &proxy.VRRPTrack{Probe: b.addr, Check: topology.Check{
				Kind: topology.CheckTCP, Interval: 20 * time.Millisecond, Timeout: time.Second, Fall: 2, Rise: 2}}
		}))
		second := start(VRRPMain, electing(1, nil))
		b.down()
		Eventually(first.states).Should(ContainElement("entry vrrpFAULT"))
		Eventually(second.states).Should(ContainElement("entry vrrpMASTER"))
		b.up()
		Eventually(first.states).Should(Equal([]string{
			"entry vrrpBACKUP", "entry vrrpMASTER", "entry vrrpFAULT", "entry vrrpBACKUP", "entry vrrpMASTER"}))
	})

	It("accepts adverts only from peers, with the lab's token, for its own address", func() {
		cfg := electing(0, nil)
		cfg.Token = "of this lab"
		r := elected(cfg)
		good := advert{Address: "entry", RouterID: 51, Priority: 255, Interval: beat, Token: cfg.Token}
		other, stranger, forged, guessed := good, good, good, good
		other.Address = "exit"
		forged.Token, guessed.Token = "", "of another"
		send := func(from string, datagrams ...advert) {
			socket, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(from)})
			Expect(err).NotTo(HaveOccurred())
			defer socket.Close()
			to := net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(loopback(1)), proxy.VRRPPort))
			for _, d := range datagrams {
				text, err := json.Marshal(d)
				Expect(err).NotTo(HaveOccurred())
				_, err = socket.WriteTo(text, to)
				Expect(err).NotTo(HaveOccurred())
			}
		}
		send(loopback(3), stranger)
		send(loopback(2), other, forged, guessed, advert{})
		Consistently(r.states, 3*beat).Should(HaveLen(2))
		send(loopback(2), good)
		Eventually(r.states).Should(HaveLen(3))
	})

	It("refuses a duplicate router id", func() {
		cfg := electing(0, nil)
		cfg.Instances = append(cfg.Instances, cfg.Instances[0])
		text, err := json.Marshal(cfg)
		Expect(err).NotTo(HaveOccurred())
		Expect(VRRPMain(context.Background(), text, nil, io.Discard)).To(MatchError(ContainSubstring("used twice")))
	})
})

func FuzzParseAdvert(f *testing.F) {
	f.Add([]byte(`{"address":"entry","router_id":51,"priority":100,"interval_ns":1000000000}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, datagram []byte) {
		fuzzcost.Bound(t)
		a, err := parseAdvert(datagram)
		if err == nil && (a.RouterID < 1 || a.RouterID > 255 || a.Priority < 0 || a.Priority > 255 || a.Interval <= 0) {
			t.Fatalf("%+v", a)
		}
	})
}

var _ = Describe("an address on an interface", func() {
	It("exists while the node holds it, and is announced by ARP", func() {
		runtime.LockOSThread() // never unlocked: the thread ends with its namespace
		old, err := netns.Get()
		Expect(err).NotTo(HaveOccurred())
		defer old.Close()
		fresh, err := netns.New()
		if err != nil {
			Skip("needs the right to make network namespaces: " + err.Error())
		}
		defer fresh.Close()
		defer func() { Expect(netns.Set(old)).To(Succeed()); runtime.UnlockOSThread() }()
		Expect(netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "own"}, PeerName: "peer"})).To(Succeed())
		for _, name := range []string{"own", "peer"} {
			link, err := netlink.LinkByName(name)
			Expect(err).NotTo(HaveOccurred())
			Expect(netlink.LinkSetUp(link)).To(Succeed())
		}
		wire := capture("peer")
		a, err := newInterfaceAddress("own", "10.9.8.7")
		Expect(err).NotTo(HaveOccurred())
		Expect(a.drop()).To(Succeed(), "without the address")

		Expect(a.take(context.Background())).To(Succeed())
		Expect(a.take(context.Background())).To(Succeed(), "twice")
		addrs, err := netlink.AddrList(a.link, netlink.FAMILY_V4)
		Expect(err).NotTo(HaveOccurred())
		Expect(addrs).To(HaveLen(1))
		Expect(addrs[0].IPNet.String()).To(Equal("10.9.8.7/32"))
		frame := make([]byte, 128)
		n, _, err := unix.Recvfrom(wire, frame, 0)
		Expect(err).NotTo(HaveOccurred())
		own := a.link.Attrs().HardwareAddr
		want := append([]byte{255, 255, 255, 255, 255, 255}, own...)
		want = append(want, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1)
		want = append(append(want, own...), 10, 9, 8, 7)
		want = append(want, 0, 0, 0, 0, 0, 0, 10, 9, 8, 7)
		Expect(frame[:n]).To(Equal(want))

		Expect(a.drop()).To(Succeed())
		Expect(netlink.AddrList(a.link, netlink.FAMILY_V4)).To(BeEmpty())
	})

	DescribeTable("is refused",
		func(link, vip, why string) {
			_, err := newInterfaceAddress(link, vip)
			Expect(err).To(MatchError(ContainSubstring(why)))
		},
		Entry("as another text", "lo", "x", "vip"),
		Entry("as IPv6", "lo", "::1", "IPv4"),
		Entry("on a missing interface", "none0", "10.0.0.1", "none0"),
	)
})

// capture gives a socket that receives an interface's ARP frames. Receiving times out after patience.
func capture(name string) int {
	GinkgoHelper()
	link, err := netlink.LinkByName(name)
	Expect(err).NotTo(HaveOccurred())
	const arp = unix.ETH_P_ARP>>8 | unix.ETH_P_ARP&0xff<<8 // network byte order
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, arp)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(unix.Close, fd)
	Expect(unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: arp, Ifindex: link.Attrs().Index})).To(Succeed())
	Expect(unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: int64(patience / time.Second)})).To(Succeed())
	return fd
}

var _ = Describe("VRRP with the chassis's signals", func() {
	It("hands the address over on drain, and is in FAULT at once on leave", func() {
		dir := GinkgoT().TempDir()
		signals := proxy.VRRPSignals{Drain: filepath.Join(dir, "drain"), Leave: filepath.Join(dir, "leave"), Weight: -5}
		first := elected(electing(0, func(i *proxy.VRRPInstance) { i.Signals = &signals }))
		second := start(VRRPMain, electing(1, nil))
		Eventually(second.states).Should(HaveLen(1))
		drained := proxy.Monotonic()
		Expect(os.WriteFile(signals.Drain, []byte("1\n"), 0o600)).To(Succeed())
		Eventually(first.states).Should(Equal([]string{"entry vrrpBACKUP", "entry vrrpMASTER", "entry vrrpBACKUP"}))
		Eventually(second.states).Should(HaveLen(2))
		Expect(time.Duration(first.all()[2].At-drained)).To(BeNumerically(">", beat), "it keeps the address until the other member takes over, after three beats")
		Expect(os.WriteFile(signals.Leave, []byte("1\n"), 0o600)).To(Succeed())
		Eventually(first.states).Should(HaveLen(4))
		Expect(first.states()[3]).To(Equal("entry vrrpFAULT"))
		Expect(os.WriteFile(signals.Leave, []byte("0\n"), 0o600)).To(Succeed())
		Expect(os.WriteFile(signals.Drain, []byte("0\n"), 0o600)).To(Succeed())
		Eventually(first.states).Should(HaveLen(6))
		Expect(first.states()[5]).To(Equal("entry vrrpMASTER"))
	})
})
