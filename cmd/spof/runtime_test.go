package main

import (
	"context"
	"errors"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/sim/local"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// machine is a runtime on a machine that lacks something.
type machine struct {
	sim.Runtime
	fidelity []trace.Fidelity
	lacks    error
	prepared *[]string // topologies
}

func (m machine) Fidelity() []trace.Fidelity { return m.fidelity }

func (m machine) Prepare(_ context.Context, t topology.Topology, _ func(string)) error {
	*m.prepared = append(*m.prepared, t.Name)
	return m.lacks
}

// checking is a runtime with CanPrepare.
type checking struct {
	sim.Runtime
	lacks error
}

func (f checking) CanPrepare(context.Context) error { return f.lacks }

var _ = Describe("the runtime of --runtime auto", func() {
	noEngine := &docker.Missing{What: docker.ErrNoEngine, Remedy: "apt-get install docker.io", Cause: errors.New("no socket\nat all")}
	noBase := &docker.Missing{What: docker.ErrNoBase, Remedy: "apt-get install mmdebstrap", Cause: errors.New("no registry\nno tool")}
	noLab := &docker.Missing{What: docker.ErrNoLab, Remedy: "ask", Cause: errors.New("no networks\nfor long")}

	var said, prepared []string
	BeforeEach(func() { said, prepared = []string{}, nil })
	// chain gives the candidates of auto on a machine that lacks these.
	chain := func(real, own, loopback error) []candidate {
		loop, err := local.New(local.Options{})
		Expect(err).NotTo(HaveOccurred())
		engine := new(docker.Runtime)
		return []candidate{
			{What: "real", Runtime: machine{engine, engine.Fidelity(), real, &prepared}, Engine: true},
			{What: "own", Runtime: machine{engine, loop.Fidelity(), own, &prepared}, Engine: true, Builtin: true},
			{What: "loopback", Runtime: machine{loop, loop.Fidelity(), loopback, &prepared}},
		}
	}
	plan := func(scenario string, designs ...string) (list []plan.Plan) {
		for _, name := range designs {
			t, err := topology.Load(name)
			Expect(err).NotTo(HaveOccurred())
			s, err := scenarios.Open(scenario, analyze.Expectable())
			Expect(err).NotTo(HaveOccurred())
			p, err := plan.Compile(t, s, 1, 1)
			Expect(err).NotTo(HaveOccurred())
			list = append(list, *p)
		}
		return list
	}
	say := func(text string) { said = append(said, text) }

	DescribeTable("is the one of highest fidelity that the machine can run", func(list func() []candidate, want string, lines ...string) {
		got, err := pick(context.Background(), list(), plan("node-death", "single", "active-active"), false, say)
		Expect(err).NotTo(HaveOccurred())
		Expect(got.What).To(Equal(want))
		Expect(got.plans).To(HaveLen(2))
		Expect(said).To(Equal(lines))
		Expect(prepared[len(prepared)-2:]).To(Equal([]string{"single", "active-active"}), "before any lab starts")
	},
		Entry("nothing is missing", func() []candidate { return chain(nil, nil, nil) }, "real"),
		Entry("no base image", func() []candidate { return chain(noBase, nil, nil) }, "own",
			"missing: the base image of the real engines cannot be made; to change that: apt-get install mmdebstrap [no-base-image]"),
		Entry("no engine; it is asked once", func() []candidate { return chain(noEngine, noEngine, nil) }, "loopback",
			"missing: no container engine answers; to change that: apt-get install docker.io [no-engine]"),
		Entry("an engine that cannot start a lab", func() []candidate { return chain(noLab, noLab, nil) }, "loopback",
			"missing: the container engine cannot bring a lab up: no networks; for long; to change that: ask [no-lab]"),
		Entry("another fault", func() []candidate { return chain(errors.New("odd\nodder"), nil, nil) }, "own", "not possible here: real: odd; odder"),
	)

	It("is foreseen without building anything", func() {
		takes := func(list []candidate) string {
			got, err := pickBy(context.Background(), list, nil, false, (*choice).foresee, say)
			Expect(err).NotTo(HaveOccurred())
			Expect(prepared).To(BeEmpty())
			return got.What
		}
		list := chain(nil, nil, nil)
		Expect(takes(list)).To(Equal("real"))
		list[0].Runtime = checking{list[0].Runtime, noBase}
		Expect(takes(list)).To(Equal("own"))
		Expect(said).To(Equal([]string{"missing: the base image of the real engines cannot be made; to change that: apt-get install mmdebstrap [no-base-image]"}))
		list[0].Runtime = checking{list[0].Runtime, noEngine}
		Expect(takes(list)).To(Equal("loopback"))
	})

	It("is never one that does not support the plan", func() {
		_, err := pick(context.Background(), chain(noBase, nil, nil), plan("disk-full", "disk-cache"), false, say)
		Expect(err).To(MatchError(And(ContainSubstring("own cannot run"), ContainSubstring("disk-cache"))))
		Expect(reason.Codes(err)).To(ContainElement("no-runtime"))
		Expect(exitCode(err)).To(Equal(exitEnvironment))
		Expect(said).To(ConsistOf(ContainSubstring("mmdebstrap")))
	})

	It("skips the plans that the fallback does not support with --all", func() {
		plans := append(plan("node-death", "single"), plan("disk-full", "disk-cache")...)
		got, err := pick(context.Background(), chain(noBase, nil, nil), plans, true, say)
		Expect(err).NotTo(HaveOccurred())
		Expect(got.plans).To(HaveLen(1))
		Expect(got.skipped).To(ConsistOf(HaveField("Topology", "disk-cache")))
	})

	It("is an error of the user if the best runtime does not support the plan", func() {
		plans := plan("node-death", "single")
		plans[0].Faults[0].Kind = "meteor"
		_, err := pick(context.Background(), chain(noEngine, noEngine, nil), plans, false, say)
		Expect(exitCode(err)).To(Equal(exitInvalid))
		Expect(prepared).To(BeEmpty())
	})

	It("is no longer searched after Ctrl-C", func() {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(errInterrupted)
		_, err := pick(ctx, chain(noBase, nil, nil), plan("node-death", "single"), false, say)
		Expect(err).To(MatchError(errInterrupted))
	})
})
