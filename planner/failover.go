package planner

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/topology"
)

// failoverScenario is the scenario whose failover a plan takes.
const failoverScenario = "node-death"

// nodeDeath is that scenario, which is read once.
var nodeDeath = sync.OnceValues(func() (*scenarios.Scenario, error) { return scenarios.Open(failoverScenario, analyze.Expectable()) })

// Failover is how long the users of a design wait for a failover, and how often it works.
type Failover struct {
	From Source  `json:"from"` // empty: the design has no failover
	File string  `json:"file,omitempty"`
	Mean float64 `json:"mean_s"`
	// MeanCI is the interval of the mean at 95 %, by the bootstrap; null: not measured.
	MeanCI *[2]float64 `json:"mean_ci_s"`
	Lo     float64     `json:"lo_s"`
	Hi     float64     `json:"hi_s"`
	// In Worked of Trials a mechanism ended the outage; trials that show nothing do not count.
	Trials int `json:"trials"`
	Worked int `json:"worked"`
	// Coverage is the share of failovers that work: the mean of the posterior of Worked of Trials with Jeffreys' prior, (Worked+1/2) /
	// (Trials+1). CoverageCI is the middle 95 % of that posterior. null: the library's figure counts.
	Coverage   *float64    `json:"coverage"`
	CoverageCI *[2]float64 `json:"coverage_ci"`
	Alone      bool        `json:"no_partner,omitempty"` // nothing can take over from the node that the scenario takes away
	Text       string      `json:"text"`                 // where it is from

	times []float64 // every measured one, s
}

// measured takes the failover of a design from a report: all values of all trials that show something, with the tail.
func measured(t *topology.Topology, path string, rep *analyze.Report) (*Failover, error) {
	cell, err := cellOf(t, rep)
	if err != nil {
		return nil, err
	}
	f := &Failover{From: Measured, File: path}
	for i := range cell.Trials {
		f.count(&cell.Trials[i])
	}
	if f.Trials == 0 {
		return nil, reason.Errorf("nothing-measured", "no trial of %s under %s shows anything; run it again", cell.Topology, cell.Scenario)
	}
	f.sumUp()
	return f, nil
}

// count adds a trial. One whose outage the repair ended, or nothing, is a failover that did not work.
func (f *Failover) count(t *analyze.Trial) {
	if t.Void {
		return
	}
	f.Trials++
	if t.FailoverMS != nil && t.EndedBy != analyze.EndedByRepair {
		f.Worked++
		f.times = append(f.times, *t.FailoverMS/1000)
	}
}

func (f *Failover) sumUp() {
	f.Text = fmt.Sprintf("%d of %d trials ended by a mechanism", f.Worked, f.Trials)
	share, ci := f.posterior().mean(), f.posterior().interval()
	f.Coverage, f.CoverageCI = &share, &ci
	if f.Worked > 0 {
		f.Lo, f.Hi, f.Mean = slices.Min(f.times), slices.Max(f.times), mean(f.times)
		f.MeanCI = f.bootstrap()
	}
}

// posterior is what the trials say of the coverage.
func (f *Failover) posterior() posterior { return jeffreys(f.Worked, f.Trials) }

func mean(of []float64) (sum float64) {
	for _, v := range of {
		sum += v / float64(len(of))
	}
	return sum
}

// resampled is the mean of as many measured times, drawn with replacement: a draw of the mean failover, which the tail moves as often as
// the trials met it.
func (f *Failover) resampled(rng *rand.Rand) (sum float64) {
	for range f.times {
		sum += f.times[rng.IntN(len(f.times))] / float64(len(f.times))
	}
	return sum
}

// bootstrap is the interval of the mean at 95 %: the percentiles of resampled means (Efron & Tibshirani, An Introduction to the Bootstrap,
// 1993, chapter 13). It is too narrow for a handful of trials.
func (f *Failover) bootstrap() *[2]float64 {
	const times = 2000
	rng := rand.New(rand.NewPCG(1, 0))
	means := make([]float64, times)
	for i := range means {
		means[i] = f.resampled(rng)
	}
	slices.Sort(means)
	return &[2]float64{means[times/40], means[times-1-times/40]}
}

// cellOf finds the cell of a design in a report. The design is told by its content, as a name may have been used for another one.
func cellOf(t *topology.Topology, rep *analyze.Report) (*analyze.Cell, error) {
	var there []string
	hash := (&plan.Plan{Topology: *t}).DesignHash()
	for i := range rep.Cells {
		c := &rep.Cells[i]
		there = append(there, fmt.Sprintf("%s under %s", c.Topology, c.Scenario))
		switch {
		case c.Topology != t.Name || c.Scenario != failoverScenario:
		case c.DesignHash != hash:
			return nil, reason.Errorf("measured-other-design", "the report measured another design of the name %s (%q, this one is %q); run it again", t.Name, c.DesignHash, hash)
		default:
			return c, nil
		}
	}
	return nil, reason.Errorf("measured-other-topology", "the report has no %s under %s; it has %s", t.Name, failoverScenario, strings.Join(there, ", "))
}

// largest is the group of most users. The failover of a design is that of its entry.
func largest(t *topology.Topology) topology.Group {
	return slices.MaxFunc(t.Users, func(a, b topology.Group) int { return cmp.Compare(a.Count, b.Count) })
}

// predicted takes the failover of a design, for the entry of a group, from its timers: any time of the interval is as likely as another.
// Without a failover it has no source.
func predicted(t *topology.Topology, g topology.Group) (*Failover, error) {
	alone := *t
	alone.Users = []topology.Group{g}
	s, err := nodeDeath()
	if err != nil {
		return nil, err
	}
	p, err := plan.Compile(&alone, s, 0, 1)
	if err != nil { // the scenario does not fit the design
		return &Failover{Text: err.Error()}, nil
	}
	f := &Failover{Text: p.Faults[0].Unpredicted}
	if by := p.Faults[0].Predicted; by != nil && by.Never {
		f.Text = by.Text
	} else if by != nil {
		lo, hi := by.Lo.Seconds(), by.Hi.Seconds()
		f = &Failover{From: Predicted, Lo: lo, Hi: hi, Mean: (lo + hi) / 2, Text: by.Text}
	}
	f.Alone = len(t.Flows(g.Name, topology.Component{Kind: topology.KindNode, Name: p.Faults[0].Candidates[0].Node})) == 0
	return f, nil
}

// sameTimers reports whether the timers predict the same for two designs.
func (f *Failover) sameTimers(o *Failover) bool {
	return f.From == Predicted && o.From == Predicted && f.Lo == o.Lo && f.Hi == o.Hi
}

// Range is the mean with its least and its greatest value.
func (f *Failover) Range() string {
	return fmt.Sprintf("mean %.3g s, %.3g to %.3g s", f.Mean, f.Lo, f.Hi)
}

// origin says where the failover is from.
func (f *Failover) origin() string {
	if f.From == Measured {
		return f.File + ": " + f.Text
	}
	return f.Text
}
