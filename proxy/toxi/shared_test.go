package toxi_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/rs/zerolog"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/toxi"
)

// fountain sends to whoever connects, without end.
func fountain(l net.Listener) {
	block := make([]byte, 64<<10)
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			for {
				if _, err := c.Write(block); err != nil {
					return
				}
			}
		}()
	}
}

// sink reads from n connections to addrs, in turn, and counts the bytes of each until the test stops it.
type sink struct {
	bytes []atomic.Int64
	conns []net.Conn
}

func drink(n int, addrs ...string) (*sink, error) {
	s := &sink{bytes: make([]atomic.Int64, n)}
	for i := range n {
		c, err := net.Dial("tcp", addrs[i%len(addrs)])
		if err != nil {
			s.close()
			return nil, err
		}
		s.conns = append(s.conns, c)
	}
	for i, c := range s.conns {
		go func() {
			buf := make([]byte, 64<<10)
			for {
				n, err := c.Read(buf)
				s.bytes[i].Add(int64(n))
				if err != nil {
					return
				}
			}
		}()
	}
	return s, nil
}

func (s *sink) close() {
	for _, c := range s.conns {
		_ = c.Close()
	}
}

func (s *sink) total() (sum int64) {
	for i := range s.bytes {
		sum += s.bytes[i].Load()
	}
	return sum
}

// rate reads for d and gives what came in bit/s.
func (s *sink) rate(d time.Duration) float64 {
	from, start := s.total(), time.Now()
	time.Sleep(d)
	return float64(s.total()-from) * 8 / time.Since(start).Seconds()
}

// spring is a link of a bandwidth before a fountain on both of its ports.
func spring(ctx context.Context, address func() string, listen func() net.Listener, bandwidth int64) (cfg proxy.WANConfig, done chan error) {
	l := listen()
	go fountain(l)
	context.AfterFunc(ctx, func() { _ = l.Close() })
	cfg = proxy.WANConfig{Link: "isp", API: address(), Bandwidth: bandwidth, Proxies: []proxy.WANProxy{
		{Name: "origin-http", Listen: address(), Upstream: l.Addr().String()},
		{Name: "origin-https", Listen: address(), Upstream: l.Addr().String()},
	}}
	done = make(chan error, 1)
	go func() { done <- toxi.Serve(ctx, cfg) }()
	return cfg, done
}

var _ = Describe("a shared bandwidth", func() {
	const mbit = 1_000_000

	DescribeTable("is kept within 5 %, by all connections of both proxies together",
		func(ctx context.Context, bandwidth int64, conns int) {
			serving, stop := context.WithCancel(ctx)
			defer stop()
			cfg, _ := spring(serving, free, listen, bandwidth)
			Eventually(func() error { return connect(cfg.Proxies[0].Listen) }).Should(Succeed())
			start := time.Now()
			s, err := drink(conns, cfg.Proxies[0].Listen, cfg.Proxies[1].Listen)
			Expect(err).NotTo(HaveOccurred())
			defer s.close()
			Eventually(s.total).ShouldNot(BeZero())
			// Never more, counted from the start; as much as that unless the machine is busy with something else.
			Eventually(func(g Gomega) {
				got := s.rate(time.Second)
				whole := float64(s.total()) * 8 / time.Since(start).Seconds()
				GinkgoWriter.Printf("%d Mbit/s, %d connections: %.4f of it, %.4f since the start\n",
					bandwidth/mbit, conns, got/float64(bandwidth), whole/float64(bandwidth))
				if whole > 1.05*float64(bandwidth) {
					StopTrying(fmt.Sprintf("%.0f bit/s through a line of %d", whole, bandwidth)).Now()
				}
				g.Expect(got).To(BeNumerically(">", 0.95*float64(bandwidth)))
			}).WithTimeout(10 * time.Second).Should(Succeed())
		},
		Entry("1 Mbit/s, 1 connection", int64(1*mbit), 1, SpecTimeout(20*time.Second)),
		Entry("1 Mbit/s, 10 connections", int64(1*mbit), 10, SpecTimeout(20*time.Second)),
		Entry("1 Mbit/s, 100 connections", int64(1*mbit), 100, SpecTimeout(20*time.Second)),
		Entry("20 Mbit/s, 1 connection", int64(20*mbit), 1, SpecTimeout(20*time.Second)),
		Entry("20 Mbit/s, 10 connections", int64(20*mbit), 10, SpecTimeout(20*time.Second)),
		Entry("20 Mbit/s, 100 connections", int64(20*mbit), 100, SpecTimeout(20*time.Second)),
		Entry("500 Mbit/s, 1 connection", int64(500*mbit), 1, SpecTimeout(20*time.Second)),
		Entry("500 Mbit/s, 10 connections", int64(500*mbit), 10, SpecTimeout(20*time.Second)),
		Entry("500 Mbit/s, 100 connections", int64(500*mbit), 100, SpecTimeout(20*time.Second)),
	)

	It("is shared fairly, and counted", func(ctx context.Context) {
		serving, stop := context.WithCancel(ctx)
		defer stop()
		cfg, _ := spring(serving, free, listen, 20*mbit)
		Eventually(func() error { return connect(cfg.Proxies[0].Listen) }).Should(Succeed())
		s, err := drink(8, cfg.Proxies[0].Listen, cfg.Proxies[1].Listen)
		Expect(err).NotTo(HaveOccurred())
		defer s.close()
		Eventually(s.total).WithTimeout(15 * time.Second).Should(BeNumerically(">", 10_000_000)) // 40 turns each
		least, most := s.bytes[0].Load(), s.bytes[0].Load()
		for i := range s.bytes {
			least, most = min(least, s.bytes[i].Load()), max(most, s.bytes[i].Load())
		}
		GinkgoWriter.Printf("the most %d bytes, the least %d\n", most, least)
		Expect(float64(most) / float64(least)).To(BeNumerically("<", 1.25))

		control := toxi.NewControl(cfg.API)
		before := s.total()
		counted, err := control.Bytes(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(counted.Down).To(BeNumerically(">=", before))
		Expect(counted.Down).To(BeNumerically("<=", before+8*64<<10), "and no more than lies in between")
		Expect(counted.Up).To(BeZero())
	}, SpecTimeout(30*time.Second))
})

// cpu is the time that this process has computed.
func cpu() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// BenchmarkSharedBandwidth compares the CPU per MB with Toxiproxy's own bandwidth toxic, the whole path of a byte included:
// cpu-ratio below 1 is less than Toxiproxy's.
func BenchmarkSharedBandwidth(b *testing.B) {
	for _, mbit := range []int64{1, 5, 20, 100, 500} {
		for _, conns := range []int{1, 10, 100} {
			b.Run(fmt.Sprintf("%dMbit-%dconns", mbit, conns), func(b *testing.B) {
				var own, theirs float64
				for range b.N { // interleaved: what disturbs one disturbs the other
					own += costOwn(b, mbit*1_000_000, conns)
					theirs += costToxiproxy(b, mbit*1_000_000, conns)
				}
				b.ReportMetric(own/float64(b.N), "own-us/MB")
				b.ReportMetric(theirs/float64(b.N), "toxiproxy-us/MB")
				b.ReportMetric(own/theirs, "cpu-ratio")
			})
		}
	}
}

const settling, benched = 300 * time.Millisecond, time.Second

// cost is the CPU in us per MB that s takes.
func cost(b *testing.B, conns int, addrs ...string) float64 {
	b.Helper()
	s, err := drink(conns, addrs...)
	if err != nil {
		b.Fatal(err)
	}
	defer s.close()
	time.Sleep(settling)
	from, start := s.total(), cpu()
	time.Sleep(benched)
	return float64((cpu() - start).Microseconds()) / (float64(s.total()-from) / 1e6)
}

func must(b *testing.B) func() net.Listener {
	return func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		return l
	}
}

func costOwn(b *testing.B, rate int64, conns int) float64 {
	ctx, stop := context.WithCancel(context.Background())
	address := func() string {
		l := must(b)()
		defer l.Close()
		return l.Addr().String()
	}
	cfg, done := spring(ctx, address, must(b), rate)
	defer func() { stop(); <-done }()
	for connect(cfg.Proxies[0].Listen) != nil {
		time.Sleep(time.Millisecond)
	}
	return cost(b, conns, cfg.Proxies[0].Listen)
}

func costToxiproxy(b *testing.B, rate int64, conns int) float64 {
	l := must(b)()
	defer l.Close()
	go fountain(l)
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := toxiproxy.NewProxy(server, "p", "127.0.0.1:0", l.Addr().String())
	for _, d := range []string{"upstream", "downstream"} {
		text := fmt.Sprintf(`{"name": %q, "type": "bandwidth", "stream": %q, "attributes": {"rate": %d}}`, d, d, rate/8000/int64(conns))
		if _, err := p.Toxics.AddToxicJson(strings.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
	if err := p.Start(); err != nil {
		b.Fatal(err)
	}
	defer p.Stop()
	return cost(b, conns, p.Listen)
}
