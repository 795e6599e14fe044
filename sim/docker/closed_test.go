package docker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"syscall"
	"time"

	"github.com/miekg/dns"
	"github.com/moby/moby/client"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"

	"github.com/seed-ab8b6914/spof/sim"
)

// inside calls do in the network namespace of a node's container.
func inside(ctx context.Context, r *Runtime, l *lab, node string, do func()) {
	GinkgoHelper()
	c, err := r.engine.api.ContainerInspect(ctx, l.containerName(node), client.ContainerInspectOptions{})
	Expect(err).NotTo(HaveOccurred())
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	host, err := netns.Get()
	Expect(err).NotTo(HaveOccurred())
	defer host.Close()
	its, err := netns.GetFromPid(c.Container.State.Pid)
	if errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.EPERM) {
		Skip("needs root on the engine's machine, for the network namespace of a container")
	}
	Expect(err).NotTo(HaveOccurred())
	defer its.Close()
	Expect(netns.Set(its)).To(Succeed())
	defer func() { Expect(netns.Set(host)).To(Succeed()) }()
	do()
}

// connectTo connects to a TCP port from the network namespace of this thread, which makes the socket.
func connectTo(address net.IP, port int) error {
	family, to := syscall.AF_INET, syscall.Sockaddr(nil)
	if v4 := address.To4(); v4 != nil {
		to = &syscall.SockaddrInet4{Port: port, Addr: [4]byte(v4)}
	} else {
		family, to = syscall.AF_INET6, &syscall.SockaddrInet6{Port: port, Addr: [16]byte(address)}
	}
	fd, err := syscall.Socket(family, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	second := syscall.Timeval{Sec: 1} // of connectTo(2) too (socket(7))
	if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &second); err != nil {
		return err
	}
	return syscall.Connect(fd, to)
}

// askEngine asks the engine's DNS server from the network namespace of this thread, and gives the RCODE.
func askEngine(name string) (rcode int, err error) {
	engine, err := net.DialUDP("udp", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 11), Port: 53})
	if err != nil {
		return 0, err
	}
	c := dns.Conn{Conn: engine}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return 0, err
	}
	if err := c.WriteMsg(new(dns.Msg).SetQuestion(dns.Fqdn(name), dns.TypeA)); err != nil {
		return 0, err
	}
	answer, err := c.ReadMsg()
	if err != nil {
		return 0, err
	}
	return answer.Rcode, nil
}

var _ = Describe("a node in a container", Label("docker"), func() {
	It("reaches its neighbours, and no service of the host", func(ctx SpecContext) {
		r := onEngine(Options{Builtin: true})
		deployed, err := r.Deploy(ctx, pair(), say)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(deployed.Close)
		l := deployed.(*lab)

		served, err := net.Listen("tcp", ":0") // on every address of the host
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(served.Close)
		port := served.Addr().(*net.TCPAddr).Port
		host, err := net.InterfaceAddrs()
		Expect(err).NotTo(HaveOccurred())
		Expect(connectTo(net.IPv4(127, 0, 0, 1), port)).To(Succeed(), "a process of the host reaches it")
		lan, wan, err := l.readAddresses(ctx, networks{lan: l.lanName(), wan: l.wanName()})
		Expect(err).NotTo(HaveOccurred())

		inside(ctx, r, l, "isp", func() { // it is on both networks
			Expect(connectTo(lan.nodes["a"].AsSlice(), 1)).To(MatchError(syscall.ECONNREFUSED), "the neighbour answers, and refuses")
			Expect(connectTo(wan.nodes["web"].AsSlice(), 1)).To(MatchError(syscall.ECONNREFUSED))
			for _, s := range []segment{lan, wan} {
				if s.gateway.IsValid() {
					Expect(connectTo(s.gateway.AsSlice(), port)).NotTo(Succeed(), "by the gateway %s", s.gateway)
				}
				Expect(connectTo(s.prefix.Masked().Addr().Next().AsSlice(), port)).NotTo(Succeed(), "by the first address of %s", s.prefix)
			}
			for _, a := range host {
				if n, is := a.(*net.IPNet); is && !n.IP.IsLoopback() {
					Expect(connectTo(n.IP, port)).NotTo(Succeed(), "by %s", n.IP)
				}
			}
		})
	}, NodeTimeout(2*time.Minute))

	It("sends no DNS question out of the lab", func(ctx SpecContext) {
		r := onEngine(Options{Builtin: true})
		deployed, err := r.Deploy(ctx, pair(), say)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(deployed.Close)
		l := deployed.(*lab)
		for _, node := range []string{"a", "isp", "web", "office"} {
			c, err := r.engine.api.ContainerInspect(ctx, l.containerName(node), client.ContainerInspectOptions{})
			Expect(err).NotTo(HaveOccurred())
			Expect(c.Container.HostConfig.DNS).To(HaveExactElements(ownLoopback), node)
		}
		inside(ctx, r, l, "a", func() {
			Expect(askEngine(l.containerName("b"))).To(Equal(dns.RcodeSuccess), "the engine knows the nodes of the lab")
			if code, err := askEngine("example.com"); err == nil { // or it is silent
				Expect(code).To(Equal(dns.RcodeServerFailure), "and asks no other server")
			}
		})
	}, NodeTimeout(2*time.Minute))
})

// statusFrom requests a page of the origin through a proxy, from an address of the network namespace of this thread.
func statusFrom(source, proxy netip.Addr) (int, error) {
	c, err := net.DialTCP("tcp4", &net.TCPAddr{IP: source.AsSlice()}, &net.TCPAddr{IP: proxy.AsSlice(), Port: 3128})
	if err != nil {
		return 0, err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	if _, err := fmt.Fprint(c, "GET http://web.test:8080/o/10/page HTTP/1.1\r\nHost: web.test:8080\r\nConnection: close\r\n\r\n"); err != nil {
		return 0, err
	}
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, err
	}
	return r.StatusCode, r.Body.Close()
}

var _ = DescribeTable("a Squid and an address of the LAN that is no node", Label("docker"), func(ctx SpecContext, o Options, want int) {
	r := onEngine(o)
	deployed, err := r.Deploy(ctx, pair(), say)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(deployed.Close)
	_, err = sim.StartServices(ctx, deployed, pair(), &cachesLab{}, time.Now())
	Expect(err).NotTo(HaveOccurred())
	l := deployed.(*lab)
	lan, _, err := l.readAddresses(ctx, networks{lan: l.lanName(), wan: l.wanName()})
	Expect(err).NotTo(HaveOccurred())
	free, err := lan.floating(2) // the first one is that of the pair
	Expect(err).NotTo(HaveOccurred())
	inside(ctx, r, l, "office", func() {
		Expect(statusFrom(lan.nodes["office"], lan.nodes["a"])).To(Equal(http.StatusOK), "a node")
		nic, err := netlink.LinkByName("eth0")
		Expect(err).NotTo(HaveOccurred())
		Expect(netlink.AddrAdd(nic, &netlink.Addr{IPNet: &net.IPNet{IP: free[1].AsSlice(), Mask: net.CIDRMask(lan.prefix.Bits(), 32)}})).To(Succeed())
		Expect(statusFrom(free[1], lan.nodes["a"])).To(Equal(want))
	})
},
	Entry("it is refused", NodeTimeout(5*time.Minute), Options{}, http.StatusForbidden),
	Entry("it is a guest if the host is on the LAN", NodeTimeout(5*time.Minute), Options{HostOnLAN: true}, http.StatusOK),
)
