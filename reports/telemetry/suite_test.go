package telemetry_test

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/telemetry"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

func TestTelemetry(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(30 * time.Second) // for a busy machine
	RunSpecs(t, "telemetry")
}

// compiled is the plan of node-death on active-passive with two trials.
func compiled() plan.Plan {
	GinkgoHelper()
	design, err := topology.Load("active-passive")
	Expect(err).NotTo(HaveOccurred())
	scenario, err := scenarios.Open("node-death", analyze.Expectable())
	Expect(err).NotTo(HaveOccurred())
	p, err := plan.Compile(design, scenario, 7, 2)
	Expect(err).NotTo(HaveOccurred())
	return *p
}

// The instants of a recorded trial. The epoch is not 0, as in a real trace.
const (
	epoch    = int64(77e9)
	master   = 3 * time.Second         // after the effect
	back     = 3200 * time.Millisecond // after the effect
	inAnswer = 2 * time.Millisecond
)

// recorded is a trial in which proxy-b became master 3 s after the effect, and users were served again 0.2 s later.
func recorded(p plan.Plan) *trace.Trace {
	effect := p.FaultAt + p.Trials[0].Phase
	t := &trace.Trace{Header: trace.Header{
		Schema: trace.Schema, Runtime: "docker", Plan: p, PlanHash: p.Hash(), Epoch: epoch, Nodes: []string{"proxy-a", "proxy-b"},
	}}
	add := func(at time.Duration, e trace.Event) {
		e.At = epoch + at.Nanoseconds()
		t.Events = append(t.Events, e)
	}
	fault := func(kind proxy.EventKind, at time.Duration) {
		add(at, trace.Event{Node: "proxy-a", Kind: kind, Fault: p.Faults[0].ID})
	}
	fault(proxy.EventFaultAsked, effect)
	fault(proxy.EventFaultEffect, effect)
	add(effect, trace.Event{Node: "proxy-a", Kind: proxy.EventPower, State: proxy.PowerOff})
	add(effect+master, trace.Event{Node: "proxy-b", Kind: proxy.EventVRRP, Subject: "proxy", State: proxy.VRRPMaster})
	fault(proxy.EventRecoverAsked, p.RecoverAt+p.Trials[0].Phase)
	fault(proxy.EventRecoverEffect, p.RecoverAt+p.Trials[0].Phase)
	every := time.Duration(float64(time.Second) / p.Scenario.Load.Rate)
	for i := 0; time.Duration(i)*every < p.End+p.Trials[0].Phase; i++ {
		due := time.Duration(i) * every
		s := trace.Sample{Scheduled: due.Nanoseconds(), Done: uint32(inAnswer.Microseconds()), User: uint16(i % 50), Node: 1}
		if due >= effect && due < effect+back {
			s.Outcome, s.Done = load.Timeout, uint32(p.Scenario.Load.Timeout.Microseconds())
		}
		t.Samples = append(t.Samples, s)
	}
	return t
}

// followed passes a trace through a lab, as a run does, and returns its judgement.
func followed(lab *telemetry.Lab, t *trace.Trace) analyze.Trial {
	lab.Trial(&t.Header)
	lab.Event(&trace.Event{At: epoch, Kind: proxy.EventPhase, State: "warm-up"})
	lab.Samples(t.Samples)
	judged := analyze.TrialOf(t)
	lab.Ended(t, &judged, false)
	return judged
}

// completed expects the completed form of an address, or without one a refusal with the code.
func completed(got string, err error, want, code string) {
	GinkgoHelper()
	if want == "" {
		Expect(reason.Codes(err)).To(Equal([]string{code}))
		return
	}
	Expect(err).NotTo(HaveOccurred())
	Expect(got).To(Equal(want))
}
