package analyze

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// ReportSchema is the version of report.json.
const ReportSchema = "spof/report/v1"

// NewReport makes a report of cells, with the worst of their verdicts. The caller fills in Seed, Started, Version and Command.
func NewReport(cells ...Cell) Report {
	r := Report{Schema: ReportSchema, Cells: append([]Cell{}, cells...)}
	var verdicts []Verdict
	for _, c := range cells {
		verdicts = append(verdicts, c.Verdict)
	}
	r.Verdict = Merge(verdicts...)
	return r
}

// Merge returns the worst verdict: fail > inconclusive > pass. An unknown verdict counts as inconclusive. Without verdicts the result is
// inconclusive.
func Merge(verdicts ...Verdict) Verdict {
	rank := map[Verdict]int{Pass: 0, Inconclusive: 1, Fail: 2}
	worst := 0
	for _, v := range verdicts {
		r, known := rank[v]
		if !known {
			r = rank[Inconclusive]
		}
		worst = max(worst, r)
	}
	if len(verdicts) == 0 {
		return Inconclusive
	}
	return []Verdict{Pass, Inconclusive, Fail}[worst]
}

// CellOf measures and judges the trials of one topology under one scenario. One attempt per trial counts. A cell with fewer trials than
// planned, or with trials of different plans, cannot pass.
func CellOf(traces []*trace.Trace) Cell {
	var a Attempts
	for _, t := range traces {
		a.Add(t)
	}
	return a.Cell()
}

// Planned is the cell of a plan without a run: what its timers predict and its scenario expects. It has no trial and no verdict.
func Planned(p *plan.Plan) Cell {
	return Cell{
		Topology: p.Topology.Name, Scenario: p.Scenario.Name, Signals: string(p.Topology.Signals),
		LoadHash: p.LoadHash(), DesignHash: p.DesignHash(), Predictions: predictions(p), Bounds: BoundsOf(p.Scenario.Expect, nil),
	}
}

// Cell judges the traces that were added; see CellOf.
func (a *Attempts) Cell() Cell {
	if len(a.all) == 0 {
		c := Cell{}
		c.judge([]reason{because("no-trial", "", "no trial was recorded")})
		return c
	}
	h := &a.first
	c := Planned(&h.Plan)
	c.Runtime, c.PlanHash, c.SPOF, c.Relays = h.Runtime, h.PlanHash, singlePoints(h), relays(h)
	c.LabUpMS, c.MechanismsMS = ms(h.LabUp), ms(h.MechanismsUp)
	c.Machine = Machine{CPUs: h.CPUs, Processor: h.Processor, Kernel: h.Kernel, Engines: h.Engines}
	for _, f := range h.Fidelity {
		c.Fidelity = append(c.Fidelity, Fidelity(f))
	}
	c.Trials, c.Repeated = selectAttempts(a.all)
	c.RangeCovered = rangeCovered(c.Trials, len(h.Plan.Trials))
	c.Bounds = BoundsOf(h.Plan.Scenario.Expect, c.Trials)
	c.Summary = Summaries(c.Trials)
	c.Waits = c.waits()
	c.judge(a.problems())
	return c
}

// rangeCovered is the expected share of the range of phases between the least and the greatest phase of the trials that are not void. Each of n
// planned trials has its phase in a stratum of its own, the strata of m of them count: m of n strata, drawn without replacement, span
// (n+1)(m-1)/(m+1) strata in expectation. That is (n-1)/n if none is void.
func rangeCovered(trials []Trial, planned int) float64 {
	m, n := 0.0, float64(max(planned, len(trials)))
	for i := range trials {
		if !trials[i].Void {
			m++
		}
	}
	if m == 0 {
		return 0
	}
	return (n + 1) / n * (m - 1) / (m + 1)
}

// singlePoints describes the single points of failure of the design.
func singlePoints(h *trace.Header) []string {
	points := []string{}
	for _, p := range h.Plan.Topology.SinglePoints() {
		text := p.String()
		if p.Detour {
			text += " (another path exists, but no mechanism switches to it)"
		}
		points = append(points, text)
	}
	return points
}

// judge sets verdict, reasons and sentence.
func (c *Cell) judge(why []reason) {
	var verdicts []Verdict
	for _, t := range c.Trials {
		verdicts = append(verdicts, t.Verdict)
	}
	if len(why) > 0 {
		verdicts = append(verdicts, Inconclusive)
	}
	c.Verdict = Merge(verdicts...)
	c.Reasons, c.Codes = gather(c.Trials)
	for _, r := range why {
		c.Reasons, c.Codes = append(c.Reasons, r.text), append(c.Codes, r.code)
	}
	c.Sentence = c.sentence()
}

// gather lists the reasons of the trials, with their codes: first those of the failed trials. Each reason is listed once, with the trials that
// have it.
func gather(trials []Trial) (texts, codes []string) {
	type finding struct {
		reason
		trials []int
	}
	type key struct{ code, about string }
	var order []*finding
	found := map[key]*finding{}
	for _, verdict := range []Verdict{Fail, Inconclusive} {
		for _, t := range trials {
			for _, r := range t.reasons {
				if t.Verdict != verdict {
					continue
				}
				f := found[key{r.code, r.about}]
				if f == nil {
					f = &finding{reason: r}
					found[key{r.code, r.about}] = f
					order = append(order, f)
				}
				f.trials = append(f.trials, t.Trial)
			}
		}
	}
	texts, codes = []string{}, []string{}
	for _, f := range order {
		text := f.text
		switch {
		case len(trials) == 1:
		case len(f.trials) == 1:
			text += fmt.Sprintf(" (trial %d)", f.trials[0])
		default:
			text += fmt.Sprintf(" (trial %d; %d of %d trials: %s)", f.trials[0], len(f.trials), len(trials), ranges(f.trials))
		}
		texts, codes = append(texts, text), append(codes, f.code)
	}
	return texts, codes
}

// ranges formats rising numbers as ranges: 0-3, 7.
func ranges(n []int) string {
	var out []string
	for i := 0; i < len(n); {
		j := i
		for j+1 < len(n) && n[j+1] == n[j]+1 {
			j++
		}
		if j > i {
			out = append(out, strconv.Itoa(n[i])+"-"+strconv.Itoa(n[j]))
		} else {
			out = append(out, strconv.Itoa(n[i]))
		}
		i = j + 1
	}
	return strings.Join(out, ", ")
}
