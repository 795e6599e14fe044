package load

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"
)

// fullListener is a listener whose queue is full: the kernel drops every SYN until open serves it.
type fullListener struct{ *net.TCPListener }

func newFullListener() fullListener {
	GinkgoHelper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(listener.Close)
	l := fullListener{listener.(*net.TCPListener)}
	l.setBacklog(0)
	for range 64 {
		c, err := net.DialTimeout("tcp", l.Addr().String(), 100*time.Millisecond)
		if err != nil {
			return l
		}
		DeferCleanup(c.Close)
	}
	Fail("the socket goes on answering")
	return l
}

func (l fullListener) setBacklog(n int) {
	GinkgoHelper()
	control(l.TCPListener, func(fd int) error { return unix.Listen(fd, n) })
}

// open has a proxy answer from now on.
func (l fullListener) open(p *testProxy) {
	l.setBacklog(128)
	server := httptest.NewUnstartedServer(p)
	server.Listener.Close()
	server.Listener = l
	server.Start()
	DeferCleanup(server.CloseClientConnections)
}

// control does something with a socket's descriptor.
func control(s syscall.Conn, do func(fd int) error) {
	GinkgoHelper()
	raw, err := s.SyscallConn()
	Expect(err).NotTo(HaveOccurred())
	var done error
	Expect(raw.Control(func(fd uintptr) { done = do(int(fd)) })).To(Succeed())
	Expect(done).To(Succeed())
}

// deafFor has the kernel drop what comes for a connection, as a link that loses it does.
func deafFor(c *net.TCPConn, d time.Duration) {
	GinkgoHelper()
	dropAll := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K}
	control(c, func(fd int) error {
		return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: 1, Filter: &dropAll})
	})
	time.Sleep(d)
	control(c, func(fd int) error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DETACH_FILTER, 0) })
}

// lossy is a proxy to which the first segments of the second request on a connection are lost. It then answers, or resets
// the connection.
func lossy(reset bool) string {
	GinkgoHelper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(listener.Close)
	serve := func(c *net.TCPConn) {
		defer GinkgoRecover()
		defer c.Close()
		in := bufio.NewReader(c)
		for turn := 1; ; turn++ {
			r, err := http.ReadRequest(in)
			switch {
			case err != nil:
				return
			case reset && turn == 2:
				Expect(c.SetLinger(0)).To(Succeed())
				return
			}
			body := testBody(100)
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nSpof-Object: %s\r\nSpof-Sum: %s\r\nVia: 1.1 proxy-a\r\n\r\n%s", r.URL.Path, testSum(body), body)
			if turn == 1 {
				time.Sleep(20 * time.Millisecond) // the acknowledgment of the answer is not lost
				deafFor(c, 500*time.Millisecond)
			}
		}
	}
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(c.(*net.TCPConn))
		}
	}()
	return listener.Addr().String()
}

var _ = Describe("TCP's own counts", func() {
	var spec Spec
	BeforeEach(func() {
		plain := httptest.NewServer(answers)
		DeferCleanup(plain.CloseClientConnections)
		spec = Spec{
			Duration: 100 * time.Millisecond, Rate: 100, Users: 5, Seed: 1, Origins: []string{"127.0.0.1"},
			HTTPPort: port(plain), HTTPSPort: 1, BodyBytes: 100, Timeout: 5 * time.Second,
			Nodes: []string{"proxy-a"}, Allowed: []string{"127.0.0.0/8"},
		}
	})
	repeated := func(s Sample) bool { return s.SYNs > 0 }
	resent := func(s Sample) bool { return s.Resent > 0 }

	It("are zero where nothing is lost, on new connections and on kept ones", func() {
		spec.Proxy = (&testProxy{name: "proxy-a"}).start()
		samples, _, err := run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(count(samples, ended(OK))).To(Equal(10))
		Expect(count(samples, has(Reused))).To(BeNumerically(">", 0))
		Expect(count(samples, repeated)).To(BeZero())
		Expect(count(samples, resent)).To(BeZero())
	})

	It("count the SYNs that were sent again before the address answered", func() {
		l := newFullListener()
		spec.Proxy = l.Addr().String()
		time.AfterFunc(300*time.Millisecond, func() { l.open(&testProxy{name: "proxy-a"}) })
		samples, _, err := run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(count(samples, ended(OK))).To(Equal(10))
		for _, s := range samples {
			Expect(s.SYNs).To(BeEquivalentTo(1), "the kernel repeats a SYN after 1 s: %+v", s)
			Expect(s.Done).To(BeNumerically(">=", 1_000_000))
			Expect(s.Resent).To(BeZero())
		}
	})

	It("count them also on connections that failed, and over every hop that was tried", func() {
		spec.Timeout, spec.Proxy = 1500*time.Millisecond, full()
		samples, _, err := run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(count(samples, ended(Timeout))).To(Equal(10))
		Expect(count(samples, repeated)).To(Equal(10))

		spec.Timeout, spec.ConnectTimeout = 5*time.Second, 1200*time.Millisecond
		alive := hopTo((&testProxy{name: "proxy-a"}).start())
		samples = runBy(&hops{hops: []Hop{hopTo(full()), hopTo(full()), alive}}, spec)
		Expect(count(samples, ended(OK))).To(Equal(10))
		for _, s := range samples {
			Expect(s.SYNs).To(BeEquivalentTo(2), "%+v", s)
			Expect(s.Resent).To(BeZero())
		}
	})

	DescribeTable("count the segments that were sent again", func(reset bool, retried int) {
		spec.Proxy, spec.Users, spec.Rate, spec.Retry = lossy(reset), 1, 5, true
		spec.Duration = 400 * time.Millisecond
		samples, _, err := run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(samples).To(HaveLen(2))
		Expect(count(samples, ended(OK))).To(Equal(2))
		Expect(count(samples, has(Retried))).To(Equal(retried))
		for _, s := range samples {
			Expect(s.Resent > 0).To(Equal(s.Scheduled > 0), "%+v", s)
			Expect(s.SYNs).To(BeZero())
		}
	},
		Entry("on a kept connection", false, 0),
		Entry("on a kept connection that then died, of the request that was sent again", true, 1),
	)

	It("saturate and never wrap", func() {
		Expect(addSaturated(200, 55)).To(BeEquivalentTo(255))
		Expect(addSaturated(200, 56)).To(BeEquivalentTo(255))
		Expect(addSaturated(1, 1<<32-1)).To(BeEquivalentTo(255))
	})
})
