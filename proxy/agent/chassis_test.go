package agent

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/vishvananda/netlink"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/chassis"
	"github.com/seed-ab8b6914/spof/topology"
)

// bench is a machine on loopback with its events.
type bench struct {
	*machine
	dir string

	mu      sync.Mutex
	events  []proxy.Event
	tripped chan int64 // instants at which tripped was called
}

// powered is a machine that warns 100 ms after its cooling fails, is critical after 350 ms and off after 450 ms, unless change
// changes its sensor.
func powered(policy topology.Signals, change ...func(*topology.Sensor)) *bench {
	GinkgoHelper()
	b := &bench{dir: GinkgoT().TempDir(), tripped: make(chan int64, 8)}
	cfg := proxy.ChassisConfig{
		Chassis: topology.DefaultChassis(), Policy: policy, Redfish: "127.0.0.1:0", Signal: "127.0.0.1:0",
		Drain: filepath.Join(b.dir, "drain"), Leave: filepath.Join(b.dir, "leave"),
	}
	cfg.Sensors[0].Rise, cfg.Sensors[0].Fall = 100, 200
	for _, c := range change {
		c(&cfg.Sensors[0])
	}
	m, err := newMachine(context.Background(), "proxy-a", cfg, b.report, func(int64, string) { b.tripped <- proxy.Monotonic() })
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(m.close)
	b.machine = m
	return b
}

func (b *bench) report(e proxy.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, e)
}

func (b *bench) said(kind proxy.EventKind) (states []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events {
		if e.Kind == kind {
			states = append(states, string(e.State))
		}
	}
	return states
}

// failures gives the texts of its chassis-failed events.
func (b *bench) failures() (texts []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events {
		if e.Kind == proxy.EventFailed {
			texts = append(texts, e.Text)
		}
	}
	return texts
}

// heard gives the agent-check and the contents of keepalived's files.
func (b *bench) heard() (check, drain, leave string) {
	GinkgoHelper()
	c, err := net.Dial("tcp", b.listen[0].Addr().String())
	Expect(err).NotTo(HaveOccurred())
	defer c.Close()
	text, err := io.ReadAll(c)
	Expect(err).NotTo(HaveOccurred())
	d, err := os.ReadFile(b.cfg.Drain)
	Expect(err).NotTo(HaveOccurred())
	l, err := os.ReadFile(b.cfg.Leave)
	Expect(err).NotTo(HaveOccurred())
	return string(text), string(d), string(l)
}

func fansDown(c *chassis.Chassis) []chassis.Change { return c.FailFans(proxy.Monotonic()) }

var _ = Describe("a running chassis", func() {
	It("turns the node off at the model's instant", func() {
		b := powered(topology.Ignore)
		before := proxy.Monotonic()
		b.do(fansDown)
		var at int64
		Eventually(b.tripped).Should(Receive(&at))
		Expect(time.Duration(at - before)).To(BeNumerically(">=", 450*time.Millisecond))
		Expect(b.said(proxy.EventSensor)[:2]).To(Equal([]string{"warning", "critical"}))
		Expect(b.said(proxy.EventShutdown)).To(Equal([]string{"critical"}))
		Expect(b.said(proxy.EventSignal)).To(BeEmpty(), "the policy is ignore")
		Expect(b.offByItself()).To(BeTrue())
	})

	It("signals by its policy", func() {
		b := powered(topology.Drain, func(s *topology.Sensor) { s.Critical, s.Shutdown = 160, 1000 }) // after 1.35 s, and long after
		check, drain, leave := b.heard()
		Expect([]string{check, drain, leave}).To(Equal([]string{"up ready\n", "0\n", "0\n"}))
		b.do(fansDown)
		check, drain, leave = b.heard()
		Expect([]string{check, drain, leave}).To(Equal([]string{"drain\n", "1\n", "0\n"}))
		Eventually(func() []string { return b.said(proxy.EventSignal) }).Should(ContainElement("leave"))
		b.do(func(c *chassis.Chassis) []chassis.Change { return c.RepairFans(proxy.Monotonic()) })
		Eventually(func() []string { return b.said(proxy.EventSignal) }).Should(HaveExactElements("drain", "leave", "drain", "ready"))
		check, drain, leave = b.heard()
		Expect([]string{check, drain, leave}).To(Equal([]string{"up ready\n", "0\n", "0\n"}))
	})

	It("reports a decision that failed", func() {
		b := powered(topology.Drain)
		file := filepath.Join(b.dir, "file")
		Expect(os.WriteFile(file, nil, 0o600)).To(Succeed())
		b.cfg.Drain = filepath.Join(file, "drain") // fails: file is not a directory
		b.do(fansDown)
		Expect(b.failures()).To(ConsistOf(HavePrefix("cannot write its signal files: ")))

		h := newHost(context.Background(), Options{Log: io.Discard}, b.report)
		h.machine = powered(topology.Ignore).machine
		h.links = &links{all: []netlink.Link{&netlink.Dummy{LinkAttrs: netlink.LinkAttrs{Name: "gone", Index: 1 << 30}}}}
		h.machine.do(func(c *chassis.Chassis) []chassis.Change { out, _ := c.FailPSU(proxy.Monotonic(), "psu-1"); return out })
		Expect(h.machine.offByItself()).To(BeTrue())
		h.trip(proxy.Monotonic(), "too few supplies")
		Expect(b.failures()[1:]).To(ConsistOf(HavePrefix("too few supplies, but the node still runs: link gone down: ")))
		Expect(b.said(proxy.EventServiceExit)).To(BeEmpty(), "the chassis is not a service")
	})

	It("can be read by its report function", func() {
		b := powered(topology.Ignore)
		b.machine.report = func(proxy.Event) { b.view() }
		done := make(chan struct{})
		go func() { b.do(fansDown); close(done) }()
		Eventually(done).Should(BeClosed())
	})

	It("turns on as soon as it is no longer critical", func() {
		b := powered(topology.Ignore)
		b.do(fansDown)
		Eventually(b.tripped).Should(Receive())
		b.do(func(c *chassis.Chassis) []chassis.Change { return c.RepairFans(proxy.Monotonic()) })
		Expect(b.powerOn(context.Background())).To(Succeed())
		temperature := b.view().Sensors[0].Reading
		Expect(temperature).To(BeNumerically("<=", 60))
		Expect(b.offByItself()).To(BeFalse())
	})

	It("stays off without power", func() {
		b := powered(topology.Ignore)
		b.do(func(c *chassis.Chassis) []chassis.Change { out, _ := c.FailPSU(proxy.Monotonic(), "psu-1"); return out })
		Expect(b.powerOn(context.Background())).To(MatchError("0 of 1 PSUs give power, 1 needed"))
	})

	It("closes a connection whose request does not arrive", func() {
		b := powered(topology.Ignore)
		c, err := net.Dial("tcp", b.listen[1].Addr().String())
		Expect(err).NotTo(HaveOccurred())
		defer c.Close()
		_, err = io.WriteString(c, "POST /redfish/v1/EventService/Subscriptions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
		Expect(err).NotTo(HaveOccurred())
		Expect(c.SetReadDeadline(time.Now().Add(3 * redfishWithin))).To(Succeed())
		_, err = io.Copy(io.Discard, c)
		Expect(err).NotTo(HaveOccurred(), "it is closed after redfishWithin")
	})

	It("answers Redfish", func() {
		b := powered(topology.Ignore)
		b.do(fansDown)
		response, err := http.Get("http://" + b.listen[1].Addr().String() + "/redfish/v1/Chassis/proxy-a")
		Expect(err).NotTo(HaveOccurred())
		defer response.Body.Close()
		var c struct{ Status struct{ Health string } }
		Expect(json.NewDecoder(response.Body).Decode(&c)).To(Succeed())
		Expect(c.Status.Health).NotTo(Equal("OK"))
	})
})
