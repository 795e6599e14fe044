package planner

import (
	"cmp"
	"fmt"
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

// ReadReport reads the report at a path.
type ReadReport func(path string) (*analyze.Report, error)

// Failover is how long the users of a design wait for a failover, and how often it works.
type Failover struct {
	From   Source  `json:"from"` // empty: the design has no failover
	File   string  `json:"file,omitempty"`
	Trials int     `json:"trials,omitempty"`
	Mean   float64 `json:"mean_s"`
	Lo     float64 `json:"lo_s"`
	Hi     float64 `json:"hi_s"`
	// Worked is the share of the trials in which a mechanism ended the outage, with its interval at 95 %; null: not measured.
	Worked   *float64    `json:"worked"`
	WorkedCI *[2]float64 `json:"worked_ci"`
	Text     string      `json:"text"` // where it is from

	times []float64 // every measured one, s
}

// measured takes the failover of a design from the report at a path: all values of all trials that show something, with the tail.
func measured(t *topology.Topology, path string, read ReadReport) (*Failover, error) {
	rep, err := read(path)
	if err != nil {
		return nil, err
	}
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
		f.times = append(f.times, *t.FailoverMS/1000)
	}
}

func (f *Failover) sumUp() {
	worked := float64(len(f.times)) / float64(f.Trials)
	ci := binomialInterval(len(f.times), f.Trials)
	f.Worked, f.WorkedCI = &worked, &ci
	f.Text = fmt.Sprintf("%d of %d trials ended by a mechanism", len(f.times), f.Trials)
	if len(f.times) > 0 {
		f.Lo, f.Hi = slices.Min(f.times), slices.Max(f.times)
		for _, s := range f.times {
			f.Mean += s / float64(len(f.times))
		}
	}
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
	return f, nil
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

// failoverOf gives the failover of a design with patches. If the timers predict for it what they predict for the design without them,
// what was measured there holds; else the prediction does.
func (p *Plan) failoverOf(design int, t *topology.Topology) (*Failover, error) {
	base := &p.Designs[design]
	now, err := predicted(t, largest(t))
	if err != nil || base.Failover.From != Measured {
		return now, err
	}
	before, err := predicted(base.Topology, largest(base.Topology))
	if err == nil && before.From == now.From && before.Lo == now.Lo && before.Hi == now.Hi {
		return base.Failover, nil
	}
	return now, err
}

// turns says whether the measurements changed the order of the designs, against their predictions and the coverage of the table.
func (p *Plan) turns(studies []*study) (turns []string, err error) {
	guessed := make([]*study, len(studies))
	for i, s := range studies {
		f, err := predicted(s.Topology, largest(s.Topology))
		if err != nil {
			return nil, err
		}
		if guessed[i], err = newStudy(s.name, s.Topology, f, p.Table); err != nil {
			return nil, err
		}
		if guessed[i], err = p.cared(guessed[i]); err != nil {
			return nil, err
		}
		guessed[i].costs = s.costs
	}
	before, after := p.losses(guessed, nil, nil), p.losses(studies, nil, nil)
	for i := range studies {
		for k := range i {
			if (before[i] < before[k]) != (after[i] < after[k]) {
				first, second := k, i
				if after[i] < after[k] {
					first, second = i, k
				}
				turns = append(turns, fmt.Sprintf("by prediction and library %s comes before %s; as measured %s comes before %s",
					studies[second].name, studies[first].name, studies[first].name, studies[second].name))
			}
		}
	}
	return turns, nil
}
