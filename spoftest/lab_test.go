package spoftest_test

import (
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/spoftest"
	"github.com/seed-ab8b6914/spof/topology"
)

// patience is how long a spec waits on a busy machine before it fails.
const patience = 30 * time.Second

// options are those of the labs of these specs.
func options() []spoftest.Option { return append(program(), spoftest.OnLoopback()) }

// program has the option for the program that make test has built.
func program() []spoftest.Option {
	if built := os.Getenv("SPOF_BINARY"); built != "" {
		return []spoftest.Option{spoftest.NodeBinary(built)}
	}
	return nil
}

var _ = Describe("a lab of a test", func() {
	It("serves the test's own client, breaks when told, and is repaired", func() {
		var lab *spoftest.Lab
		t := run(func(t *test) {
			lab = spoftest.Start(t, "single", options()...)
			Expect(fetch(lab, patience)).To(Equal("200 OK"))
			before := time.Now()
			fault := lab.Break(spoftest.Crash("serving"))
			Expect(fault.Effect().Proof).NotTo(BeEmpty())
			Expect(fault.Effect().At).To(BeTemporally(">=", before.Add(-fault.Effect().Uncertainty)))
			_, err := fetch(lab, patience)
			Expect(err).To(MatchError(ContainSubstring("refused")))
			Expect(fault.Repair()).To(HaveLen(1))
			lab.Steady()
			Expect(fetch(lab, patience)).To(Equal("200 OK"))
			fault.Repair()
		})
		Expect(t.failure).To(ContainSubstring("[already-repaired]"), lines(t.logged))
		kinds := []string{}
		for _, e := range lab.Events() {
			kinds = append(kinds, e.Kind)
		}
		Expect(kinds).To(ContainElements("fault-asked", "fault-effect", "recover-asked", "recover-effect"))
	})

	It("runs a scenario on a design made in Go, and keeps the traces", func() {
		dir := GinkgoT().TempDir()
		t := run(func(t *test) {
			design, err := topology.Load("single")
			Expect(err).NotTo(HaveOccurred())
			design.Name = "ours"
			lab := spoftest.StartTopology(t, design, append(options(), spoftest.TraceDir(dir))...)
			res := lab.Run("service-crash", spoftest.Seed(1), spoftest.Retries(0))
			Expect(res.Cell.Topology).To(Equal("ours"))
			Expect(res.Cell.Trials).To(HaveLen(1))
			Expect(lab.Traces()).To(HaveLen(1))
			res.Check(t, spoftest.BreakNoStream())
		})
		Expect(t.failure).To(BeEmpty())
		Expect(t.errors).To(ConsistOf(And(ContainSubstring("BreakNoStream()"), ContainSubstring("inconclusive"))), "not measured, or void on a busy machine")
		files, err := os.ReadDir(filepath.Join(dir, "service-crash-1"))
		Expect(err).NotTo(HaveOccurred())
		Expect(files).To(HaveLen(1))
		Expect(t.errors[0]).To(ContainSubstring(filepath.Join(dir, "service-crash-1", files[0].Name())))
	})

	It("breaks two services of one node at once, and repairs them in any order", func() {
		t := run(func(t *test) {
			lab := spoftest.StartTopology(t, stacked(), options()...)
			Expect(fetch(lab, patience)).To(Equal("200 OK"))
			balancer, proxy := spoftest.Hang("box").In("balancer"), spoftest.Crash("box").In("proxy")
			first, second := lab.Break(balancer), lab.Break(proxy)
			Expect(first.Effect().Target).To(Equal("box/balancer"))
			Expect(second.Effect().Target).To(Equal("box/squid"))
			first.Repair()
			_, err := fetch(lab, patience)
			Expect(err).To(MatchError(ContainSubstring("refused")), "the proxy is still dead")
			again := lab.Break(balancer)
			second.Repair()
			again.Repair()
			lab.Steady()
			Expect(fetch(lab, patience)).To(Equal("200 OK"))
			lab.Break(proxy)
			lab.Break(spoftest.PowerLoss("box"))
		})
		Expect(t.failure).To(ContainSubstring("fault power-loss on box: the fault crash is in force on box/squid; repair it first"), lines(t.logged))
		Expect(t.failure).To(HaveSuffix("[fault-in-force]"))
	})

	DescribeTable("ends the test with a clear line", func(body func(*test), line string) {
		Expect(run(body).failure).To(ContainSubstring(line))
	},
		Entry("no such design", func(t *test) { spoftest.Start(t, "nowhere", options()...) }, "[unknown-topology]"),
		Entry("no such target", func(t *test) { spoftest.Start(t, "single", options()...).Break(spoftest.PowerLoss("nobody")) }, "nobody"),
		Entry("no such kind", func(t *test) {
			spoftest.Start(t, "single", options()...).Break(spoftest.Fault{Kind: "meteor", Target: "any"})
		}, "meteor"),
		Entry("a surge without load", func(t *test) {
			spoftest.Start(t, "single", options()...).Break(spoftest.Fault{Kind: "surge", Target: "all"})
		},
			"[surge-without-load]"),
		Entry("a run while a fault is in force", func(t *test) {
			lab := spoftest.Start(t, "single", options()...)
			lab.Break(spoftest.Hang("serving"))
			lab.Run("service-crash")
		}, "[fault-in-force]"),
		Entry("a scenario that does not fit", func(t *test) { spoftest.Start(t, "single", options()...).Run("partition") }, "run: "),
		Entry("a container on loopback", func(t *test) { spoftest.Start(t, "single", options()...).Network() }, "[no-lab-network]"),
		Entry("a closed lab", func(t *test) {
			lab := spoftest.Start(t, "single", options()...)
			lab.Close()
			lab.Break(spoftest.Crash("serving"))
		}, "Close has ended it [no-lab-up]"),
		Entry("a nil option", func(t *test) { spoftest.Start(t, "single", nil) }, "option 1 is nil; leave it out [nil-option]"),
		Entry("no design", func(t *test) { spoftest.StartTopology(t, nil, options()...) }, "[no-topology]"),
		Entry("a second fault on a service", func(t *test) {
			lab := spoftest.Start(t, "single", options()...)
			lab.Break(spoftest.Crash("serving"))
			lab.Break(spoftest.Hang("serving"))
		}, "[fault-in-force]"),
		Entry("an address that no node holds", func(t *test) {
			lab := spoftest.Start(t, "active-passive", options()...)
			lab.Break(spoftest.Crash("proxy-a"))
			lab.Break(spoftest.Crash("proxy-b"))
			lab.Break(spoftest.Hang("serving"))
		}, "Lab.Steady returns [no-target]"),
		Entry("a condition with a wrong value", func(t *test) {
			spoftest.Start(t, "single", options()...).Run("service-crash", spoftest.Want(spoftest.LoseAtMost(5)))
		}, "[wrong-bound]"),
		Entry("two options that exclude each other", func(t *test) {
			spoftest.Start(t, "single", spoftest.OnLoopback(), spoftest.OnDocker())
		}, "[options-exclude]"),
		Entry("another two", func(t *test) {
			spoftest.Start(t, "single", spoftest.SkipWithoutEngine(), spoftest.OnLoopback())
		}, "[options-exclude]"),
		Entry("no path of the program", func(t *test) {
			spoftest.Start(t, "single", spoftest.OnLoopback(), spoftest.NodeBinary(""))
		}, "[no-program]"),
		Entry("a page of another scheme", func(t *test) { spoftest.Start(t, "single", options()...).Page("gopher", 1, "x") }, "[no-page]"),
		Entry("a page of a negative size", func(t *test) { spoftest.Start(t, "single", options()...).Page("http", -1, "x") }, "[no-page]"),
		Entry("a page with a blank", func(t *test) { spoftest.Start(t, "single", options()...).Page("http", 1, "x y") }, "[no-page]"),
		Entry("the lab of a test that has ended", func(t *test) {
			var lab *spoftest.Lab
			run(func(earlier *test) { lab = spoftest.Start(earlier, "single", options()...) })
			lab.With(t).ProxyURL()
		}, "a lab of several tests begins in Main"),
		Entry("a wrong design made in Go", func(t *test) {
			spoftest.StartTopology(t, &topology.Topology{Name: "ours"}, options()...)
		}, "[missing-key]"),
		Entry("no such program for the nodes", func(t *test) {
			spoftest.Start(t, "single", spoftest.OnLoopback(), spoftest.NodeBinary("/nowhere/spof"))
		}, "[no-program]"),
	)

	It("skips the test where no engine answers, if that is wanted", func() {
		GinkgoT().Setenv("DOCKER_HOST", "unix:///nonexistent")
		t := run(func(t *test) { spoftest.Start(t, "single", append(program(), spoftest.SkipWithoutEngine())...) })
		Expect(t.skip).To(ContainSubstring("[no-engine]"))
		Expect(t.skip).NotTo(ContainSubstring("\n"))
		t = run(func(t *test) { spoftest.Start(t, "single", append(program(), spoftest.OnDocker())...) })
		Expect(t.failure).To(ContainSubstring("[no-engine]"))
	})
})

// stacked is a design with a balancer and a proxy on one node.
func stacked() *topology.Topology {
	GinkgoHelper()
	design, err := topology.Read("stacked.yaml", []byte(`topology: stacked
nodes:
  box:
    services:
      balancer: {engine: haproxy, port: 3128, balance: {servers: [far], connect_timeout: 1s, check: {kind: http, interval: 1s, timeout: 500ms, fall: 2, rise: 2}}}
      squid: {engine: squid, port: 3129}
  far: {services: {squid: {engine: squid, port: 3128}}}
wan: {isp: {}}
origins: {web: {}}
users:
  office: {count: 1, proxy: "box:3129"}
  lab: {count: 1, proxy: "box:3128"}
`))
	Expect(err).NotTo(HaveOccurred())
	return design
}

var _ = Describe("a TestMain", func() {
	It("shares a lab, and closes it after the tests", func() {
		var closed []string
		code := spoftest.Main(tests(func() int { closed = append(closed, "ran"); return 3 }), func(t spoftest.T) {
			t.Cleanup(func() { closed = append(closed, "closed") })
		})
		Expect(code).To(Equal(3))
		Expect(closed).To(Equal([]string{"ran", "closed"}))
	})

	It("tells a test that forgot With", func() {
		var suite spoftest.T
		misuse := tests(func() int { suite.Fatalf("break: %s", "no"); return 0 })
		Expect(func() { spoftest.Main(misuse, func(t spoftest.T) { suite = t }) }).To(PanicWith(ContainSubstring("break: no; this lab is that of TestMain: a test uses it by Lab.With(t)")))
	})

	It("does not run the tests if its setup fails or skips", func() {
		never := tests(func() int { panic("ran") })
		Expect(spoftest.Main(never, func(t spoftest.T) { t.Fatalf("no") })).To(Equal(1))
		Expect(spoftest.Main(never, func(t spoftest.T) { t.Skipf("no") })).To(Equal(0))
		Expect(spoftest.Main(never, func(spoftest.T) { panic("no") })).To(Equal(2))
	})
})

// tests is the M of a TestMain.
type tests func() int

func (f tests) Run() int { return f() }
