package docker

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/client"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
	"github.com/onsi/gomega/types"

	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/sim"
)

// containersWith and networksWith count the containers and networks with a label.
func containersWith(r *Runtime, label, value string) int {
	GinkgoHelper()
	cs, err := r.engine.api.ContainerList(context.Background(), client.ContainerListOptions{
		All: true, Filters: client.Filters{}.Add("label", label+"="+value),
	})
	Expect(err).NotTo(HaveOccurred())
	return len(cs.Items)
}

func networksWith(r *Runtime, label, value string) int {
	GinkgoHelper()
	ns, err := r.engine.api.NetworkList(context.Background(), client.NetworkListOptions{
		Filters: client.Filters{}.Add("label", label+"="+value),
	})
	Expect(err).NotTo(HaveOccurred())
	return len(ns.Items)
}

// expectNothingOfOurs checks that the engine has no container and no network of this process.
func expectNothingOfOurs(r *Runtime, when string) {
	GinkgoHelper()
	pid := strconv.Itoa(os.Getpid())
	Expect(containersWith(r, LabelPID, pid)).To(BeZero(), when)
	Expect(networksWith(r, LabelPID, pid)).To(BeZero(), when)
}

var _ = Describe("a lab", Label("docker"), func() {
	It("has an agent, an address and a clock for every node, and leaves nothing behind", func(ctx SpecContext) {
		r := onEngine(Options{Builtin: true})
		l, err := r.Deploy(ctx, pair(), say)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(l.Close)

		for _, node := range []string{"a", "b", "isp", "web", "office"} {
			Expect(l.Node(node)).NotTo(BeNil(), node)
			Expect(l.Node(node).Hello().PID).To(Equal(1), node)
		}
		Expect(l.Node("nobody")).To(BeNil())
		site := l.Site()
		Expect(site.LAN).To(And(HaveLen(4), HaveKey("a"), HaveKey("b"), HaveKey("isp"), HaveKey("office")))
		Expect(site.WAN).To(And(HaveLen(2), HaveKey("isp"), HaveKey("web")))
		Expect(site.VIP).To(HaveKey("vip"))
		Expect(site.LAN).NotTo(ContainElement(site.VIP["vip"]))
		Expect(l.Node("a").Hello().Prefixes).To(ContainElement(HavePrefix(site.LAN["a"].String() + "/")))

		before, at, after, err := l.(*lab).link("b").Now(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(at).To(And(BeNumerically(">=", before-int64(l.Uncertainty())), BeNumerically("<=", after+int64(l.Uncertainty()))))

		Expect(containersWith(r, LabelLab, l.ID())).To(Equal(5))
		Expect(networksWith(r, LabelLab, l.ID())).To(Equal(2))
		Expect(l.Close(ctx)).To(Succeed())
		expectNothingOfOurs(r, "after Close")
		Expect(l.Close(ctx)).To(Succeed(), "Close again")
	}, NodeTimeout(2*time.Minute))

	It("has internal networks, and nodes with the least privileges", func(ctx SpecContext) {
		r := onEngine(Options{Builtin: true})
		l, err := r.Deploy(ctx, pair(), say)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(l.Close)
		ours := labelled(l.ID())
		ns, err := r.engine.api.NetworkList(ctx, client.NetworkListOptions{Filters: ours})
		Expect(err).NotTo(HaveOccurred())
		for _, n := range ns.Items {
			Expect(n.Internal).To(BeTrue(), n.Name)
		}
		cs, err := r.engine.api.ContainerList(ctx, client.ContainerListOptions{Filters: ours})
		Expect(err).NotTo(HaveOccurred())
		for _, c := range cs.Items {
			i, err := r.engine.api.ContainerInspect(ctx, c.ID, client.ContainerInspectOptions{})
			Expect(err).NotTo(HaveOccurred())
			h := i.Container.HostConfig
			Expect(h.Privileged).To(BeFalse())
			Expect(h.CapDrop).To(ConsistOf("ALL"))
			Expect(h.CapAdd).To(HaveEach(MatchRegexp("^(CAP_)?(NET_ADMIN|NET_RAW|SYS_NICE)$")))
			Expect(h.SecurityOpt).To(ContainElement("no-new-privileges"))
			Expect(append(h.Binds, h.VolumesFrom...)).To(BeEmpty(), "no file of the host, such as the engine's socket")
			Expect(h.Mounts).To(BeEmpty())
			Expect(h.PortBindings).To(BeEmpty())
			Expect(h.PublishAllPorts).To(BeFalse())
			Expect(h.AutoRemove).To(BeTrue())
		}
	}, NodeTimeout(2*time.Minute))

	It("is separate from a lab beside it", func(ctx SpecContext) {
		r := onEngine(Options{Builtin: true})
		one, err := r.Deploy(ctx, pair(), say)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(one.Close)
		two, err := r.Deploy(ctx, pair(), say)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(two.Close)

		Expect(two.ID()).NotTo(Equal(one.ID()))
		Expect(two.Site().VIP["vip"]).NotTo(Equal(one.Site().VIP["vip"]))
		Expect(one.Close(ctx)).To(Succeed())
		_, _, _, err = two.(*lab).link("a").Now(ctx)
		Expect(err).NotTo(HaveOccurred())
		_, _, _, err = one.(*lab).link("a").Now(ctx)
		Expect(err).To(MatchError(agent.ErrGone))
	}, NodeTimeout(2*time.Minute))

	It("is ended by Clean only if Clean is given its ID, and its error says so", func(ctx SpecContext) {
		r := onEngine(Options{Builtin: true})
		var labs []sim.Lab
		for range 2 {
			l, err := r.Deploy(ctx, pair(), say)
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(l.Close)
			labs = append(labs, l)
		}
		alive := func(l sim.Lab) error {
			_, _, _, err := l.(*lab).link("a").Now(ctx)
			return err
		}
		of := func(l sim.Lab) types.GomegaMatcher {
			return And(HaveField("ID", l.ID()), HaveField("PID", strconv.Itoa(os.Getpid())), HaveField("Command", Not(BeEmpty())),
				HaveField("User", Not(BeEmpty())))
		}

		_, left, err := Clean(ctx, CleanOptions{})
		Expect(err).NotTo(HaveOccurred())
		Expect(left).To(ContainElements(of(labs[0]), of(labs[1])))
		Expect(alive(labs[0])).To(Succeed())

		_, _, err = Clean(ctx, CleanOptions{Labs: []string{labs[0].ID(), "nobody"}})
		Expect(reason.Codes(err)).To(Equal([]string{"unknown-lab"}))
		Expect(err).To(MatchError(ErrUnknownLab))
		Expect(alive(labs[0])).To(Succeed(), "Clean did nothing")

		var ended []Lab
		removed, left, err := Clean(ctx, CleanOptions{Labs: []string{labs[0].ID()}, Ending: func(l Lab) { ended = append(ended, l) }})
		Expect(err).NotTo(HaveOccurred())
		Expect(removed).To(ContainElement(ContainSubstring(labs[0].ID())))
		Expect(ended).To(HaveExactElements(of(labs[0])))
		Expect(left).To(ContainElement(of(labs[1])))
		Eventually(labs[0].(*lab).link("a").Done()).WithTimeout(10 * time.Second).Should(BeClosed())
		Expect(alive(labs[0])).To(MatchError(agent.ErrGone))
		Expect(reason.Codes(alive(labs[0]))).To(ContainElement("node-killed"), "the user learns why")
		Expect(alive(labs[1])).To(Succeed())
	}, NodeTimeout(2*time.Minute))

	It("leaves nothing behind if its start is interrupted at any time", func(ctx SpecContext) {
		r := onEngine(Options{Builtin: true})
		Expect(r.Prepare(ctx, pair(), say)).To(Succeed())
		for range 6 {
			after := time.Duration(rand.Int64N(int64(900 * time.Millisecond)))
			dctx, cancel := context.WithTimeout(ctx, after)
			l, err := r.Deploy(dctx, pair(), say)
			cancel()
			if err == nil {
				Expect(l.Close(ctx)).To(Succeed())
			} else {
				Expect(err).To(MatchError(context.DeadlineExceeded), "after %s", after)
			}
			expectNothingOfOurs(r, "after "+after.String())
		}
	}, NodeTimeout(2*time.Minute))

	It("leaves nothing behind if the agent of a node does not answer", func(ctx SpecContext) {
		r := onEngine(Options{Builtin: true})
		silence := errors.New("silence")
		r.dial = func(ctx context.Context, node string, rw io.ReadWriteCloser) (*agent.Link, error) {
			if node == "b" {
				return nil, errors.Join(silence, rw.Close())
			}
			return agent.Dial(ctx, node, rw)
		}
		_, err := r.Deploy(ctx, pair(), say)
		Expect(reason.Codes(err)).To(Equal([]string{"node-not-started"}))
		Expect(err).To(And(MatchError(silence), MatchError(ContainSubstring("node b: "))))
		expectNothingOfOurs(r, "after the failure")
	}, NodeTimeout(2*time.Minute))

	It("ends by itself when its controller is killed", func(ctx SpecContext) {
		r := onEngine(Options{Builtin: true})
		controller := exec.Command(os.Args[0])
		controller.Env = append(os.Environ(), roleVariable+"="+roleHold, "SPOF_BINARY="+r.program.path)
		s, err := gexec.Start(controller, GinkgoWriter, GinkgoWriter)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() { s.Kill().Wait() })
		Eventually(ctx, s).Should(gbytes.Say(`[0-9a-f]{8}\n`))
		id := strings.TrimSpace(string(s.Out.Contents()))
		DeferCleanup(func(ctx SpecContext) { // the next run, or spof clean, removes the networks
			_, err := remove(ctx, r.engine, id)
			Expect(err).NotTo(HaveOccurred())
		})
		Expect(containersWith(r, LabelLab, id)).To(Equal(5))

		killed := time.Now()
		s.Kill()
		Eventually(ctx, func() int { return containersWith(r, LabelLab, id) }).WithPolling(20 * time.Millisecond).Should(BeZero())
		AddReportEntry("containers gone after", time.Since(killed).Round(time.Millisecond))
	}, NodeTimeout(2*time.Minute))
})
