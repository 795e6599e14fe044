package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/deployment/design"
	"github.com/seed-ab8b6914/spof/deployment/promise"
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	formulas "github.com/seed-ab8b6914/spof/scenarios/predict"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

// ownFlags are the flags for a team's own files.
type ownFlags struct {
	hints   hintFlags
	design  design.Options
	rate    float64
	lasting time.Duration
}

func (o *ownFlags) register(fl *pflag.FlagSet) {
	o.hints.register(fl)
	fl.StringArrayVar(&o.design.Origins, "origin", nil, "own files: `HOST` that the users ask for (default "+design.DefaultOrigin+")")
	fl.StringVar(&o.design.Account, "account", "", "own files: `USER:PASSWORD` of the users; it stands in no report")
	fl.BoolVar(&o.design.TLS, "https", false, "own files: a part of the requests goes by CONNECT to port 443")
	fl.Float64Var(&o.rate, "rate", 40, "own files: new connections of all users, per second")
	fl.DurationVar(&o.lasting, "for", 0, "own files: how long the fault lasts (default: as the prediction needs, 30s where it is never)")
}

// owned is a design of a team's own files.
type owned struct {
	flags *ownFlags
	sys   *deployment.System
	t     *topology.Topology
}

// isOwn tells whether an argument of -t means a team's own files and not a design.
func isOwn(arg string) bool {
	return !slices.Contains(topology.Designs(), arg) && deployment.IsConfiguration(arg)
}

// open reads own files and makes their design.
func (o *ownFlags) open(path string) (*owned, error) {
	hints, err := o.hints.hints()
	if err != nil {
		return nil, err
	}
	found, err := deployment.Open([]string{path}, hints)
	if err != nil {
		return nil, err
	}
	sys, err := deployment.Load(&found.Deployment)
	if err != nil {
		return nil, err
	}
	t, err := design.Make(sys, o.design)
	return &owned{o, sys, t}, err
}

// isFault tells whether an argument is a fault of own files, such as crash:lb1/haproxy, and not a scenario.
func isFault(arg string) bool {
	kind, _, named := strings.Cut(arg, ":")
	return named && slices.Contains(promise.Kinds, kind)
}

// Lengths of the phases of a fault of own files.
const (
	ownWarmUp   = 3 * time.Second
	ownBaseline = 5 * time.Second
	ownNever    = 30 * time.Second // a fault of which nothing is predicted, or that is never survived
	ownMargin   = 4 * time.Second
	ownRecovery = 12 * time.Second
	// ownPatience is how long a user waits for an answer that counts as served: 0.1 s for the connection, and the answer.
	ownPatience = 500 * time.Millisecond
	ownTimeout  = 10 * time.Second
	// ownSlack is what a lab adds to a prediction: the start of an engine, an answer.
	ownSlack = 200 * time.Millisecond
)

// compile makes the plan of a fault: a scenario as long as the prediction needs, with the prediction of the files.
func (o *owned) compile(arg string, seed uint64, trials int) (*plan.Plan, error) {
	faults, err := promise.ParseFaults(o.sys, []string{arg})
	if err != nil {
		return nil, err
	}
	f := faults[0]
	answers := promise.Predict(o.sys, faults, promise.Assumptions{Rate: o.flags.rate})
	s := o.scenario(arg, f, answers)
	p, err := plan.Compile(o.t, s, seed, trials)
	if err != nil {
		return nil, err
	}
	for i := range p.Faults {
		p.Faults[i].Predicted, p.Faults[i].Unpredicted = ownPrediction(answers)
	}
	return p, nil
}

// scenario is the scenario of a fault.
func (o *owned) scenario(arg string, f promise.Fault, answers []promise.Answer) *scenarios.Scenario {
	s := &scenarios.Scenario{
		Name: strings.NewReplacer(":", "-", "/", "-", ",", "-").Replace(arg), About: f.String(),
		Load:    scenarios.Load{Rate: o.flags.rate, NewShare: 1, Body: 1 << 10, Retry: true, Timeout: ownTimeout, Patience: ownPatience},
		Phases:  scenarios.Phases{WarmUp: ownWarmUp, Baseline: ownBaseline, Fault: ownNever, Recovery: ownRecovery},
		Measure: scenarios.Measure{Theta: 0.99, Window: time.Second, LatencyFactor: 3, LatencyFloor: 100 * time.Millisecond},
	}
	if o.flags.design.TLS {
		s.Load.TLSShare = 0.2
	}
	worst := worstOf(answers)
	switch {
	case o.flags.lasting > 0:
		s.Phases.Fault = o.flags.lasting
	case worst != nil && worst.Failover.Known && !worst.Failover.Never:
		s.Phases.Fault = worst.Failover.Hi + worst.Failover.Hi/4 + ownMargin
	}
	if worst != nil && worst.Failover.Known {
		e := scenarios.Expectation{Measure: "failover", Op: "<=", Value: float64((worst.Failover.Hi + ownSlack).Milliseconds())}
		e.Text = fmt.Sprintf("<= %dms", (worst.Failover.Hi + ownSlack).Milliseconds())
		if !worst.Failover.Never {
			s.Expect = append(s.Expect, e)
		}
	}
	for _, t := range f.Targets {
		s.Faults = append(s.Faults, fault.Fault{Kind: proxy.FaultKind(f.Kind), Target: target.Target{Pick: plainTarget(o, t.Node), Of: t.Of, Role: target.RoleEntry}})
	}
	return s
}

func plainTarget(o *owned, node string) string {
	if h, ok := o.sys.Find(node); ok {
		return design.Name(h)
	}
	return node
}

// worstOf is the answer of those users who wait longest; nil: nobody notices the fault.
func worstOf(answers []promise.Answer) (worst *promise.Answer) {
	for i := range answers {
		a := &answers[i]
		if worst == nil || a.Failover.Never || !worst.Failover.Never && a.Failover.Hi > worst.Failover.Hi {
			worst = a
		}
	}
	return worst
}

// ownPrediction gives the prediction of the files in the words of a plan; nil: there is none, and why says the reason.
func ownPrediction(answers []promise.Answer) (p *formulas.Prediction, why string) {
	a := worstOf(answers)
	switch {
	case a == nil:
		return nil, "no users notice the fault, as far as the files say"
	case !a.Failover.Known:
		return nil, a.Why
	}
	p = &formulas.Prediction{Lo: a.Failover.Lo, Hi: a.Failover.Hi, Never: a.Failover.Never, Text: formula(a)}
	return p, ""
}

// formula writes an answer's formula with the lines that its timers come from.
func formula(a *promise.Answer) string {
	var parts []string
	for _, t := range a.Terms {
		text := t.Text
		if t.At.Line > 0 {
			text += " (" + t.At.String() + ")"
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return a.Why
	}
	return strings.Join(parts, " + ")
}

// refuseFaults refuses faults of own files where no own files are given.
func refuseFaults(faults []string, any bool) error {
	if len(faults) > 0 && !any {
		return reason.Errorf("fault-of-files", "%s is a fault of a team's own files; give them with -t DIR, or name a scenario (spof list)", faults[0])
	}
	return nil
}
