package planner

import (
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/capacity"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Reports reads what plan files name: the report of a run, and the result of spof capacity. An error has a code.
type Reports interface {
	Run(path string) (*analyze.Report, error)
	Capacity(path string) (*capacity.Report, error)
}

// Evidence is what labs say of a design, and else its timers.
type Evidence struct {
	Topology *topology.Topology
	Failover *Failover
	Capacity *Capacity // nil: not measured

	guess *Failover // from the timers, whatever was measured
}

// guessed leaves out what was measured.
func (e Evidence) guessed() Evidence { return Evidence{e.Topology, e.guess, nil, e.guess} }

// evidenceKeys are the keys of a design, or of an alternative, that name reports.
var evidenceKeys = []string{"measured", "coverage", "capacity"}

// references are the reports that a design, or an alternative, names. library: the coverage of the library counts beside what was measured.
type references struct {
	run, capacity reference
	library       bool
}

// reference is the path of a report, and its place in the plan.
type reference struct {
	yamlfile.Value
	path string
}

func referenceAt(v yamlfile.Value) reference { return reference{v, v.Reference()} }

func referencesOf(o yamlfile.Object) references {
	n := references{run: referenceAt(o.Get("measured")), capacity: referenceAt(o.Get("capacity"))}
	at := o.Get("coverage")
	n.library = at.OneOf("measured", "measured", "library") == "library"
	if at.Present() && !n.run.Present() {
		at.Refuse("coverage-not-measured", "a coverage is of a measured failover; name its report (measured: out), or leave this out")
	}
	return n
}

// any reports whether there is any.
func (n references) any() bool { return n.run.Present() || n.capacity.Present() }

// evidence reads what is named of a design. The coverage of the library counts also where the node that the lab takes away has no partner:
// no mechanism was asked.
func (d *decoder) evidence(t *topology.Topology, n references) Evidence {
	e := Evidence{Topology: t}
	var err error
	if e.guess, err = predicted(t, largest(t)); err != nil {
		d.errs = append(d.errs, err)
		e.guess = &Failover{Text: err.Error()}
	}
	e.Failover = e.guess
	if n.run.Present() {
		e.Failover = d.measured(e, n.run)
	}
	e.Failover.Alone = e.guess.Alone
	if n.library || e.guess.Alone {
		e.Failover.Coverage, e.Failover.CoverageCI = nil, nil
	}
	if n.capacity.Present() {
		e.Capacity = d.capacity(t, n.capacity)
	}
	return e
}

// measured reads the failover of a design from the report that the plan names.
func (d *decoder) measured(e Evidence, at reference) *Failover {
	path := d.path(at.path)
	rep, err := d.reports.Run(path)
	if err == nil {
		var f *Failover
		if f, err = measured(e.Topology, path, rep); err == nil {
			return f
		}
	}
	d.refuse(at.Value, err)
	return e.guess
}

// capacity reads the capacity of a design from the result that the plan names.
func (d *decoder) capacity(t *topology.Topology, at reference) *Capacity {
	path := d.path(at.path)
	rep, err := d.reports.Capacity(path)
	if err == nil {
		var c *Capacity
		if c, err = capacityOf(t, path, rep); err == nil {
			return c
		}
	}
	d.refuse(at.Value, err)
	return nil
}

// refuse says at the name of a report what is wrong with the report.
func (d *decoder) refuse(at yamlfile.Value, err error) {
	if codes := reason.Codes(err); len(codes) > 0 {
		at.Refuse(codes[0], "%v", err) // says: the message of a report
		return
	}
	d.errs = append(d.errs, err)
}

// evidenceOf gives what is known of a design with alternatives. What was measured on the design or on an alternative for it holds for this
// very topology. The failover holds also where the timers predict the same, the capacity where the same nodes and links serve.
func (p *Plan) evidenceOf(design int, t *topology.Topology) (Evidence, error) {
	guess, err := predicted(t, largest(t))
	now := Evidence{t, guess, nil, guess}
	for _, e := range p.measuredOn(design) {
		same := designHash(e.Topology) == designHash(t)
		if e.Failover.From == Measured && (same || now.Failover == guess && e.guess.sameTimers(guess)) {
			now.Failover = e.Failover
		}
		if e.Capacity != nil && (same || now.Capacity == nil && sameServers(e.Topology, t)) {
			now.Capacity = e.Capacity
		}
	}
	return now, err
}

// measuredOn lists a design and the alternatives for it of which something was measured.
func (p *Plan) measuredOn(design int) []Evidence {
	all := []Evidence{p.Designs[design].Evidence}
	for _, a := range p.Alternatives {
		if a.Evidence.Topology != nil && a.For[0] == design {
			all = append(all, a.Evidence)
		}
	}
	return all
}
