package spoftest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Fault is a fault for Lab.Break. docs/faults.md lists every kind with its roles and parameters.
type Fault struct {
	Kind string // such as power-loss
	// Target is serving, standby, any, all, or the name of a node or link.
	Target string
	Role   string            // of a target that is no name; empty: the first role of the kind
	With   map[string]string // the kind's parameters, as a scenario writes them: {"latency": "200ms"}
}

// In makes the target one of another role: PowerLoss("any").In("balancer").
func (f Fault) In(role string) Fault {
	f.Role = role
	return f
}

// String is the fault in a few words.
func (f Fault) String() string { return strings.TrimSpace(f.Kind + " " + f.Target) }

// PowerLoss is the death of a node: its links go down, then its processes are killed. Nobody is told.
func PowerLoss(target string) Fault { return Fault{Kind: string(fault.PowerLoss), Target: target} }

// Crash kills the processes of a service; the node stays up. Connections end, new ones are refused.
func Crash(target string) Fault { return Fault{Kind: string(fault.Crash), Target: target} }

// Hang freezes the processes of a service: connections are accepted and never answered.
func Hang(target string) Fault { return Fault{Kind: string(fault.Hang), Target: target} }

// WANLoss takes a WAN link away.
func WANLoss(target string) Fault { return Fault{Kind: string(fault.WANLoss), Target: target} }

// head is the scenario of a fault up to the fault, whose fields follow, one a line.
const head = "scenario: break\nload: {rate: 20/s}\nphases: {warm_up: 1s, baseline: 3s, fault: 1h, recovery: 3s}\n" +
	"expect: {corrupted: \"== 0\"}\nfaults:\n  -\n"

// scenario is the text of a scenario with the fault alone, so that a fault of a test is read and checked as any other. fields has the field
// of each line after head.
func (f Fault) scenario() (text string, fields []string) {
	b := new(strings.Builder)
	b.WriteString(head)
	add := func(field, key, value string) {
		fields = append(fields, field)
		fmt.Fprintf(b, "    %s: %s\n", strconv.QuoteToASCII(key), strconv.QuoteToASCII(value))
	}
	add("Kind", "kind", f.Kind)
	add("Target", "target", f.Target)
	if f.Role != "" {
		add("Role", "role", f.Role)
	}
	for _, key := range slices.Sorted(maps.Keys(f.With)) {
		add(fmt.Sprintf("With[%q]", key), key, f.With[key])
	}
	return b.String(), fields
}

// placed names the fields of a fault in an error, in place of positions in its text.
func placed(err error, fields []string) error {
	var misfit *plan.TargetError
	if errors.As(err, &misfit) {
		const field = "Target"
		return fmt.Errorf("%s: %w", field, misfit.Err)
	}
	var found *yamlfile.Problems
	if !errors.As(err, &found) {
		return err
	}
	named := slices.Clone(*found)
	for i, p := range named {
		place, at := "With", p.Line-1-strings.Count(head, "\n")
		if at >= 0 && at < len(fields) && !missing(p, at) {
			place = fields[at]
		}
		named[i] = yamlfile.Problem{File: place, What: p.What, Code: p.Code}
	}
	return &named
}

// missing reports whether a problem is that of the whole fault, whose position is that of its first key.
func missing(p yamlfile.Problem, at int) bool { return at == 0 && p.Col <= len(`    "`) }

// plan resolves the fault in a design.
func (f Fault) plan(l *Lab, seed uint64) (fault.Planned, error) {
	if f.Kind == string(fault.Surge) {
		return fault.Planned{}, reason.Errorf("surge-without-load", "a surge is load of spof's own users, and Break sends none: run a scenario with it")
	}
	for _, key := range []string{"kind", "target", "role", "at", "for"} {
		if _, ok := f.With[key]; ok {
			return fault.Planned{}, reason.Errorf("no-parameter", "With[%q]: no parameter of a fault; Kind, Target, Role, Break and Repair say that", key)
		}
	}
	text, fields := f.scenario()
	s, err := scenarios.Read("Break", []byte(text), analyze.Expectable())
	if err != nil {
		return fault.Planned{}, placed(err, fields)
	}
	p, err := plan.Compile(l.design, s, seed, 1)
	if err != nil {
		return fault.Planned{}, placed(err, fields)
	}
	return p.Faults[0].Planned, nil
}

// Effect is a proven effect of a fault, or of its repair, on one target.
type Effect struct {
	Target      string        // a node, node/service, or a link
	At          time.Time     // when it took effect
	Uncertainty time.Duration // it did at At +- Uncertainty
	Proof       string        // what was observed
}

// String is one line.
func (e Effect) String() string {
	return fmt.Sprintf("%s at %s ± %s: %s", e.Target, e.At.Format("15:04:05.000"), e.Uncertainty.Round(time.Microsecond), e.Proof)
}

// Broken is a fault in force.
type Broken struct {
	Fault   Fault
	Effects []Effect // one for each target
	lab     *Lab
	b       *sim.Break
}

// Break injects a fault, and returns when its effect is proven on every target. It ends the test if the design has no such target, or if the
// effect is not proven. The fault stays in force until Repair, or to the end of the lab.
func (l *Lab) Break(f Fault) *Broken {
	l.t.Helper()
	l.open()
	planned, err := f.plan(l, uint64(time.Now().UnixNano()))
	if err != nil {
		l.t.Fatalf("break %s: %s", f, reason.Text(err))
	}
	b, effects, err := l.session.Break(l.t.Context(), planned)
	if slices.Contains(reason.Codes(err), "no-target") {
		err = fmt.Errorf("%w; an address that still moves after an earlier fault has come to rest when Lab.Steady returns", err)
	}
	if err != nil {
		l.t.Fatalf("break %s: %s", f, reason.Text(err))
	}
	broken := &Broken{Fault: f, Effects: l.effects(effects), lab: l, b: b}
	for _, e := range broken.Effects {
		l.t.Logf("%s: %s", f.Kind, e)
	}
	return broken
}

// Effect is the effect on the first target.
func (b *Broken) Effect() Effect { return b.Effects[0] }

// Repair undoes the fault, and returns when that is proven on every target. The mechanisms may take longer: see Lab.Steady.
func (b *Broken) Repair() []Effect {
	t := b.lab.t
	t.Helper()
	b.lab.open()
	effects, err := b.b.Repair(t.Context())
	if err != nil {
		t.Fatalf("repair %s: %s", b.Fault, reason.Text(err))
	}
	list := b.lab.effects(effects)
	for _, e := range list {
		t.Logf("repair of %s: %s", b.Fault.Kind, e)
	}
	return list
}

// steadyWithin bounds the return to the steady state, as in a run.
const steadyWithin = 40 * time.Second

// Steady waits until every mechanism of the lab is in its normal state, as Start does: after a Repair, for a test that needs it.
func (l *Lab) Steady() {
	l.t.Helper()
	l.open()
	ctx, cancel := context.WithTimeout(l.t.Context(), steadyWithin)
	defer cancel()
	if err := l.session.Steady(ctx); err != nil {
		l.t.Fatalf("%s", reason.Text(err))
	}
}

// effects puts effects on the wall clock.
func (s *shared) effects(list []sim.Effect) []Effect {
	effects := make([]Effect, 0, len(list))
	for _, e := range list {
		effects = append(effects, Effect{Target: e.String(), At: s.wall(e.At), Uncertainty: e.Uncertainty, Proof: e.Proof})
	}
	return effects
}
