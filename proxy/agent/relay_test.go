package agent

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

// echo runs a server that writes its name to every connection, then echoes.
func echo(name string) string {
	l, err := net.Listen("tcp", "127.77.1.1:0")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(l.Close)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.WriteString(c, name)
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

// freeAddress gives an unused loopback address.
func freeAddress() string {
	l, err := net.Listen("tcp", "127.77.1.1:0")
	Expect(err).NotTo(HaveOccurred())
	defer l.Close()
	return l.Addr().String()
}

// ask connects and reads one byte.
func ask(addr string, within time.Duration) (string, net.Conn, error) {
	c, err := net.DialTimeout("tcp", addr, within)
	if err != nil {
		return "", nil, err
	}
	DeferCleanup(c.Close)
	_ = c.SetReadDeadline(time.Now().Add(within))
	b := make([]byte, 1)
	_, err = io.ReadFull(c, b)
	return string(b), c, err
}

var _ = Describe("a relayed address", func() {
	var a, b *relay
	var vip string
	BeforeEach(func() {
		vip = freeAddress()
		turnover := filepath.Join(GinkgoT().TempDir(), "turnover.sock")
		a = newRelay(proxy.Relay{Address: "proxy", Listen: vip, To: echo("a"), Turnover: turnover})
		b = newRelay(proxy.Relay{Address: "proxy", Listen: vip, To: echo("b"), Turnover: turnover})
		DeferCleanup(a.close)
		DeferCleanup(b.close)
	})

	It("reaches its holder, and refuses without a holder", func() {
		_, _, err := ask(vip, patience)
		Expect(err).To(MatchError(syscall.ECONNREFUSED))
		Expect(a.set(context.Background(), true)).To(Succeed())
		who, _, err := ask(vip, patience)
		Expect(err).NotTo(HaveOccurred())
		Expect(who).To(Equal("a"))
		Expect(a.set(context.Background(), false)).To(Succeed())
		_, _, err = ask(vip, patience)
		Expect(err).To(MatchError(syscall.ECONNREFUSED))
	})

	It("moves to a new holder at once, and resets the old one's connections", func() {
		Expect(a.set(context.Background(), true)).To(Succeed())
		_, old, err := ask(vip, patience)
		Expect(err).NotTo(HaveOccurred())
		Expect(b.set(context.Background(), true)).To(Succeed())
		who, _, err := ask(vip, patience)
		Expect(err).NotTo(HaveOccurred())
		Expect(who).To(Equal("b"))
		_ = old.SetReadDeadline(time.Now().Add(patience))
		_, err = old.Read(make([]byte, 1))
		Expect(err).To(MatchError(syscall.ECONNRESET))
	})

	It("does not answer if the holder is down, and can still move", func() {
		Expect(a.set(context.Background(), true)).To(Succeed())
		_, err := a.silence()
		Expect(err).NotTo(HaveOccurred())
		_, _, err = ask(vip, 100*time.Millisecond)
		var timeout net.Error
		Expect(err).To(BeAssignableToTypeOf(&net.OpError{}))
		Expect(err).To(Satisfy(func(err error) bool { timeout, _ = err.(net.Error); return timeout.Timeout() }), "a timeout, not %v", err)
		Expect(b.set(context.Background(), true)).To(Succeed())
		who, _, err := ask(vip, patience)
		Expect(err).NotTo(HaveOccurred())
		Expect(who).To(Equal("b"))
	})

	It("refuses no connection while it moves", func() {
		Expect(a.set(context.Background(), true)).To(Succeed())
		stop, refused := make(chan struct{}), make(chan error, 1)
		go func() {
			for {
				select {
				case <-stop:
					close(refused)
					return
				default:
				}
				c, err := net.DialTimeout("tcp", vip, time.Second)
				switch {
				case err == nil:
					_ = c.Close()
				case errors.Is(err, syscall.ECONNREFUSED):
					refused <- err
					return
				}
			}
		}()
		for range 50 {
			Expect(b.set(context.Background(), true)).To(Succeed())
			Expect(a.set(context.Background(), true)).To(Succeed())
		}
		close(stop)
		Expect(<-refused).To(Succeed())
	})
})

var _ = Describe("a node that becomes master", func() {
	It("relays the address before it says so", func() {
		vip := freeAddress()
		refused := make(chan error, 1)
		h := newHost(context.Background(), Options{Log: io.Discard}, func(e proxy.Event) {
			if e.Kind != proxy.EventVRRP {
				return
			}
			_, _, err := ask(vip, patience)
			refused <- err
		})
		DeferCleanup(h.cancel)
		h.install([]proxy.Process{{Service: "squid", Relay: []proxy.Relay{{
			Address: "proxy", Listen: vip, To: echo("a"), Turnover: filepath.Join(GinkgoT().TempDir(), "turnover.sock"),
		}}}})
		DeferCleanup(func() { h.all()[0].dropAddresses() })
		h.event(proxy.Event{At: proxy.Monotonic(), Kind: proxy.EventVRRP, Subject: "proxy", State: proxy.VRRPMaster})
		Expect(refused).To(Receive(Succeed()))
	})
})
