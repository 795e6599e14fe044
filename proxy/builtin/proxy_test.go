package builtin

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

// forwarding is a proxy's configuration that allows originName at the given address, by HTTP and CONNECT.
func forwarding(origin string) proxy.ProxyConfig {
	at := netip.MustParseAddrPort(origin)
	ports := []int{int(at.Port())}
	return proxy.ProxyConfig{
		Node: "proxy-a", Hosts: map[string]string{originName: at.Addr().String()},
		Ports: ports, ConnectPorts: ports, DialTimeout: 300 * time.Millisecond,
	}
}

// startProxy runs a proxy to an origin. url is the origin's URL for clients.
func startProxy(origin string) (addr, url string) {
	GinkgoHelper()
	l := socket()
	start(ProxyMain, forwarding(origin), l)
	return l.Addr().String(), fmt.Sprintf("http://%s:%d", originName, netip.MustParseAddrPort(origin).Port())
}

// client is a connection to a proxy.
type client struct {
	net.Conn
	in *bufio.Reader
}

func connectTo(addr string) client {
	GinkgoHelper()
	c, err := net.Dial("tcp", addr)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { _ = c.Close() })
	Expect(c.SetDeadline(time.Now().Add(patience))).To(Succeed())
	return client{c, bufio.NewReader(c)}
}

// send sends a request, with CRLF after each line, and reads the head of the answer.
func (c client) send(method string, lines ...string) *http.Response {
	GinkgoHelper()
	_, err := io.WriteString(c, method+" "+strings.Join(lines, "\r\n")+"\r\n\r\n")
	Expect(err).NotTo(HaveOccurred())
	response, err := http.ReadResponse(c.in, &http.Request{Method: method})
	Expect(err).NotTo(HaveOccurred())
	return response
}

// raw is an origin that answers each connection's first request with the given bytes and closes it. requests gives the heads that it
// read.
func raw(answer string) (addr string, requests chan string) {
	GinkgoHelper()
	l := socket()
	DeferCleanup(l.Close)
	requests = make(chan string, 16)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				head := new(strings.Builder)
				for in := bufio.NewReader(c); !strings.HasSuffix(head.String(), "\r\n\r\n"); {
					line, err := in.ReadString('\n')
					if err != nil {
						return
					}
					head.WriteString(line)
				}
				requests <- head.String()
				_, _ = io.WriteString(c, answer)
			}()
		}
	}()
	return l.Addr().String(), requests
}

const via = "1.1 proxy-a (spof)"

var _ = Describe("a forward proxy", func() {
	It("forwards requests on one connection, with Via in both directions", func() {
		origin, _, _ := startOrigin()
		addr, url := startProxy(origin)
		c := connectTo(addr)
		for i := range 3 {
			path := fmt.Sprintf("/o/%d/a", 100000+i)
			response := c.send("GET", url+path+" HTTP/1.1", "Host: "+originName)
			Expect(response.StatusCode).To(Equal(http.StatusOK))
			Expect(response.Header["Via"]).To(Equal([]string{via}))
			Expect(response.Header.Get("Spof-Via")).To(Equal(via))
			Expect(response.Header.Get("Spof-Object")).To(Equal(path))
			n, err := io.Copy(io.Discard, response.Body)
			Expect(err).NotTo(HaveOccurred())
			Expect(n).To(Equal(int64(100000 + i)))
		}
	})

	It("adds only its Via, and drops the headers for proxies", func() {
		origin, requests := raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8bx")
		addr, url := startProxy(origin)
		response := connectTo(addr).send("GET", url+"/x HTTP/1.1", "Host: "+originName, "Via: 1.0 before",
			"Accept-Encoding: br", "Proxy-Authorization: secret")
		Expect(io.ReadAll(response.Body)).To(Equal([]byte("\x1f\x8bx")))
		Expect(response.Header.Get("Content-Encoding")).To(Equal("gzip"))
		var got string
		Expect(requests).To(Receive(&got))
		lines := strings.Split(strings.TrimSpace(got), "\r\n")
		Expect(lines[0]).To(Equal("GET /x HTTP/1.1"))
		Expect(lines[1:]).To(ConsistOf(HavePrefix("Host: "+originName), "Accept-Encoding: br", "Via: 1.0 before", "Via: "+via))
	})

	It("opens tunnels, with Via in the answer", func() {
		_, secure, roots := startOrigin()
		addr, _ := startProxy(secure)
		c := connectTo(addr)
		to := fmt.Sprintf("%s:%d", originName, netip.MustParseAddrPort(secure).Port())
		response := c.send("CONNECT", to+" HTTP/1.1", "Host: "+to)
		Expect(response.StatusCode).To(Equal(http.StatusOK))
		Expect(response.Header.Get("Via")).To(Equal(via))
		inner := tls.Client(c, &tls.Config{RootCAs: roots, ServerName: originName})
		in := bufio.NewReader(inner)
		for range 3 {
			Expect(ask(inner, in, "GET /o/70000/a HTTP/1.1\r\nHost: x\r\n\r\n")).To(Succeed())
		}
	})

	It("answers its health page in both forms", func() {
		addr, _ := startProxy(free())
		c := connectTo(addr)
		Expect(c.send("GET", proxy.HealthPath+" HTTP/1.1", "Host: a").StatusCode).To(Equal(http.StatusOK))
		Expect(c.send("GET", "http://any.test"+proxy.HealthPath+" HTTP/1.1", "Host: a").StatusCode).To(Equal(http.StatusOK))
		Expect(c.send("GET", "/ HTTP/1.1", "Host: a").StatusCode).To(Equal(http.StatusBadRequest))
	})

	DescribeTable("refuses other targets than the configured ones",
		func(method, target string) {
			origin, _, _ := startOrigin()
			addr, url := startProxy(origin)
			target = strings.ReplaceAll(target, "PORT", url[strings.LastIndex(url, ":")+1:])
			response := connectTo(addr).send(method, target+" HTTP/1.1", "Host: x")
			Expect(response.StatusCode).To(Equal(http.StatusForbidden))
			Expect(response.Header.Get("Via")).To(Equal(via))
		},
		Entry("an unknown host", "GET", "http://localhost:PORT/"),
		Entry("the address of a known host", "GET", "http://127.0.0.1:PORT/"),
		Entry("a port", "GET", "http://"+originName+":1/"),
		Entry("the standard port", "GET", "http://"+originName+"/"),
		Entry("a tunnel to an unknown host", "CONNECT", "localhost:PORT"),
		Entry("a tunnel to a port", "CONNECT", originName+":22"),
	)

	DescribeTable("answers with the reason why an origin is unreachable, for requests and tunnels",
		func(origin func() string, status int) {
			addr, url := startProxy(origin())
			response := connectTo(addr).send("GET", url+"/ HTTP/1.1", "Host: "+originName)
			Expect(response.StatusCode).To(Equal(status))
			Expect(response.Header.Get("Via")).To(Equal(via))
			to := strings.TrimPrefix(url, "http://")
			response = connectTo(addr).send("CONNECT", to+" HTTP/1.1", "Host: "+to)
			Expect(response.StatusCode).To(Equal(status))
			Expect(response.Header.Get("Via")).To(Equal(via))
		},
		Entry("refused", free, http.StatusServiceUnavailable),
		Entry("silent", blackhole, http.StatusGatewayTimeout),
	)

	DescribeTable("does not make a broken answer look complete",
		func(answer string) {
			origin, _ := raw(answer)
			addr, url := startProxy(origin)
			c := connectTo(addr)
			Expect(ask(c, c.in, "GET "+url+"/ HTTP/1.1\r\nHost: x\r\n\r\n")).NotTo(Succeed())
		},
		Entry("with a length", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
		Entry("in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
		Entry("in its head", "HTTP/1.1 200 OK\r\nConte"),
	)

	It("closes its tunnels when it ends", func() {
		_, secure, _ := startOrigin()
		l := socket()
		r := launch(ProxyMain, forwarding(secure), l)
		to := fmt.Sprintf("%s:%d", originName, netip.MustParseAddrPort(secure).Port())
		c := connectTo(l.Addr().String())
		Expect(c.send("CONNECT", to+" HTTP/1.1", "Host: x").StatusCode).To(Equal(http.StatusOK))
		Expect(r.stop()).To(Succeed())
		_, err := c.in.ReadByte()
		Expect(err).To(HaveOccurred())
		Expect(err).NotTo(MatchError(os.ErrDeadlineExceeded))
	})

	It("closes its port at once and its tunnels after the linger time", func() {
		_, secure, _ := startOrigin()
		l := socket()
		cfg := forwarding(secure)
		cfg.Linger = 300 * time.Millisecond
		r := launch(ProxyMain, cfg, l)
		to := fmt.Sprintf("%s:%d", originName, netip.MustParseAddrPort(secure).Port())
		c := connectTo(l.Addr().String())
		Expect(c.send("CONNECT", to+" HTTP/1.1", "Host: x").StatusCode).To(Equal(http.StatusOK))
		told := time.Now()
		r.cancel()
		Eventually(func() error {
			other, err := net.Dial("tcp", l.Addr().String())
			if err == nil {
				_ = other.Close()
			}
			return err
		}).WithTimeout(cfg.Linger).Should(HaveOccurred())
		_, err := c.in.ReadByte()
		Expect(err).To(HaveOccurred())
		Expect(time.Since(told)).To(BeNumerically(">=", cfg.Linger))
		Expect(r.stop()).To(Succeed())
	})
})

var _ = Describe("connections", func() {
	It("above the limit wait in the kernel; Close closes all", func() {
		l := listen(socket(), 1)
		first := connectTo(l.Addr().String())
		second := connectTo(l.Addr().String())
		one, err := l.Accept()
		Expect(err).NotTo(HaveOccurred())
		accepted := make(chan net.Conn)
		go func() {
			c, _ := l.Accept()
			accepted <- c
		}()
		Consistently(accepted, 50*time.Millisecond).ShouldNot(Receive())
		Expect(one.Close()).To(Succeed())
		_, err = first.in.ReadByte()
		Expect(err).To(MatchError(io.EOF))
		Eventually(accepted).Should(Receive(Not(BeNil())))
		Expect(l.Close()).To(Succeed())
		_, err = second.in.ReadByte()
		Expect(err).To(HaveOccurred())
		_, err = l.Accept()
		Expect(err).To(MatchError(net.ErrClosed))
	})

	It("bound the open half after a half-close", func() {
		l := listen(socket(), 1)
		DeferCleanup(l.Close)
		connectTo(l.Addr().String())
		c, err := l.Accept()
		Expect(err).NotTo(HaveOccurred())
		Expect(c.(*conn).closeWriteWithin(20 * time.Millisecond)).To(Succeed())
		_, err = c.Read(make([]byte, 1))
		Expect(err).To(MatchError(os.ErrDeadlineExceeded))
	})
})

func BenchmarkProxy(b *testing.B) {
	cfg, _ := originConfig()
	plain, secure, l := socket(), socket(), socket()
	origin := launch(OriginMain, cfg, plain, secure)
	defer origin.stop()
	r := launch(ProxyMain, forwarding(plain.Addr().String()), l)
	defer r.stop()
	url := fmt.Sprintf("http://%s:%d/o/1024/a", originName, plain.Addr().(*net.TCPAddr).Port)
	benchmark(b, l.Addr().String(), "GET "+url+" HTTP/1.1\r\nHost: "+originName+"\r\n\r\n")
}
