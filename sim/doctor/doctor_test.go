package doctor

import (
	"context"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/sim/docker"
)

func TestDoctor(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "doctor")
}

var _ = Describe("an examination", func() {
	It("finds facts of this machine, with or without an engine", func(ctx SpecContext) {
		Expect(docker.Configure()).To(Succeed())
		r := Examine(ctx)
		Expect(r.Kernel.Release).NotTo(BeEmpty())
		Expect(r.Kernel.Sysctls).To(HaveKey("net.ipv4.tcp_syn_retries"))
		Expect(r.Timer.Resolution).To(BeNumerically(">", 0))
		Expect(r.Timer.OvershootP99).To(BeNumerically(">=", r.Timer.OvershootP50))
		Expect(r.Limits.FilesHard).To(BeNumerically(">", 0))
		Expect(r.Runtimes).To(HaveLen(2))
	}, NodeTimeout(time.Minute))

	It("ends in time if it is given up", func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		Expect(Examine(ctx).Engine.Error).NotTo(BeEmpty())
	})
})

var _ = DescribeTable("when connecting to a silent host fails",
	func(retries, linear int, want time.Duration) { Expect(synGivesUp(retries, linear)).To(Equal(want)) },
	Entry("before Linux 6.5", 6, 0, 127*time.Second),
	Entry("the defaults since", 6, 4, 131*time.Second),
	Entry("one retry", 1, 0, 3*time.Second),
	Entry("none", 0, 0, time.Second),
	Entry("no longer than two minutes apart", 8, 0, (127+120+120)*time.Second),
)

var _ = Describe("a kernel's configuration", func() {
	It("says how an option is built", func() {
		o := parseConfig(strings.NewReader("# a comment\nCONFIG_VETH=y\nCONFIG_BRIDGE=m\n# CONFIG_NET_SCH_NETEM is not set\n"))
		Expect(o.state("CONFIG_VETH")).To(Equal(Builtin))
		Expect(o.state("CONFIG_BRIDGE")).To(Equal(Module))
		Expect(o.state("CONFIG_NET_SCH_NETEM")).To(Equal(Absent))
	})
	It("may be unknown", func() { Expect(kernelOptions(nil).state("CONFIG_VETH")).To(Equal(Unknown)) })
})

var _ = Describe("what the findings mean", func() {
	const here = "6.1.0"
	healthy := func() Findings {
		return Findings{
			Engine: docker.Facts{Version: "27.0", Kernel: here, Images: []docker.ImageFacts{{Tag: "spof/node:1", Ready: true}}},
			Kernel: Kernel{Release: here, Features: map[string]Feature{}},
			Limits: Limits{FilesHard: 20000},
		}
	}
	DescribeTable("for the docker runtime",
		func(change func(*Findings), ready bool, note string) {
			r := healthy()
			change(&r)
			got := r.docker()
			Expect(got.Ready).To(Equal(ready))
			if note == "" {
				Expect(got.Notes).To(BeEmpty())
			} else {
				Expect(got.Notes).To(ConsistOf(ContainSubstring(note)))
			}
		},
		Entry("all well", func(*Findings) {}, true, ""),
		Entry("no engine", func(r *Findings) { r.Engine.Error = "no answer" }, false, "no answer"),
		Entry("an image to be made", func(r *Findings) { r.Engine.Images[0].Ready = false }, true, "the first run makes spof/node:1"),
		Entry("another kernel", func(r *Findings) { r.Engine.Kernel = "5.4" }, true, "another kernel (5.4)"),
		Entry("no real-time priority", func(r *Findings) { r.Kernel.Features["real-time group scheduling"] = Builtin }, true, "nice -20"),
		Entry("labs there", func(r *Findings) { r.Engine.Left = []string{"a", "b"} }, true, "2 (`spof clean`"),
	)
	It("warns of late timers and few files", func() {
		r := healthy()
		r.Timer.OvershootP99, r.Limits.FilesHard = time.Millisecond, 1024
		Expect(r.local().Notes).To(ContainElements(ContainSubstring(" 1ms (p99)"), ContainSubstring("1024 open files")))
	})
	It("has a text", func() {
		r := healthy()
		r.Engine.Images[0].Ready, r.Engine.Images[0].How = false, "from thin air"
		r.Runtimes = []Runtime{r.docker(), r.local()}
		r.Auto, r.AutoLacks = "local: loopback", []string{"missing: a base"}
		var b strings.Builder
		Expect(r.Write(&b)).To(Succeed())
		Expect(b.String()).To(And(ContainSubstring("missing; made from thin air"), MatchRegexp(`auto +takes local: loopback\n +- missing: a base\n`), MatchRegexp(`docker +ready`)))
		r.Engine = docker.Facts{Error: "no answer"}
		b.Reset()
		Expect(r.Write(&b)).To(Succeed())
		Expect(b.String()).To(ContainSubstring("none answers"))
	})
})
