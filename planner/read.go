package planner

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"

	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// The most that one file may have.
const (
	maxDesigns      = 12
	maxAlternatives = 64
	maxMoney        = 1e12
	maxUsers        = 1_000_000
	minYears        = 0.1 // over which costs count
	maxYears        = 10_000_000
)

// Read parses and validates a plan file; file is its path, to which the paths in it are relative. The error holds every problem of the
// file at once, also those of its patches, and is a *yamlfile.Problems; that of another file is joined to it.
//
// It reads the reports that designs and alternatives name by reports.
func Read(file string, data []byte, reports Reports) (*Plan, error) {
	return read(file, data, &decoder{dir: filepath.Dir(file), reports: reports, open: ordinary})
}

func read(file string, data []byte, d *decoder) (*Plan, error) {
	r, root := yamlfile.Read(file, data)
	d.read(root)
	if err := errors.Join(append(d.errs, r.Err())...); err != nil {
		return nil, err
	}
	return &d.p, nil
}

// decoder is a plan while Read reads it. errs are the problems of other files.
type decoder struct {
	p       Plan
	dir     string
	errs    []error
	reports Reports
	open    func(file string) ([]byte, error)
}

func (d *decoder) read(root yamlfile.Value) {
	o := root.Object("plan", "title", "about", "designs", "alternatives", "budget", "target", "currency", "years", "users", "demand",
		"downtime_cost", "components", "crews", "spares", "maintenance", "seed")
	d.p.Name = o.Require("plan").Name()
	d.p.Title, d.p.About = line(o.Get("title")), line(o.Get("about"))
	if d.p.Title == "" {
		d.p.Title = d.p.Name
	}
	d.money(o)
	d.people(o)
	d.p.Seed = uint64(o.Get("seed").Int(1, 0, 1<<31-1))
	d.components(o.Get("components"))
	d.care(o)
	d.designs(o.Require("designs"))
	d.alternatives(o.Get("alternatives"))
}

// line reads text as one line.
func line(v yamlfile.Value) string { return strings.Join(strings.Fields(v.String()), " ") }

func (d *decoder) money(o yamlfile.Object) {
	d.p.Currency = o.Get("currency").String()
	d.p.Years = o.Get("years").Number(5, minYears, 100)
	d.p.DowntimeCost = o.Get("downtime_cost").Number(0, 0, maxMoney)
	if v := o.Get("budget"); v.Present() {
		budget := v.Number(0, 0, maxMoney)
		d.p.Budget, d.p.at = &budget, v.Position()
	}
	if v := o.Get("target"); v.Present() {
		hours := target(v)
		d.p.TargetHours, d.p.at = &hours, v.Position()
	}
}

// target reads the outage that is allowed, in hours a year.
func target(v yamlfile.Value) float64 {
	t := v.Object("availability", "hours")
	there := t.Among("availability", "hours")
	if len(there) != 1 {
		v.Refuse("target-form", "a target has one of availability (such as 99.99%%) and hours (a year, such as 1)")
		return dist.Year
	}
	if there[0] == "hours" {
		return t.Get("hours").Number(dist.Year, 0, dist.Year)
	}
	return (1 - t.Get("availability").Ratio(0)) * dist.Year
}

func (d *decoder) people(o yamlfile.Object) {
	d.p.Users = o.Get("users").Int(0, 1, maxUsers)
	d.p.Demand = demand(o.Get("demand"))
}

func (d *decoder) designs(v yamlfile.Value) {
	entries := v.Entries()
	v.Holds(1, maxDesigns)
	if v.IsMapping() && len(entries) == 0 {
		v.Refuse("too-few", "0 designs; want 1 to %d", maxDesigns)
	}
	if len(entries) > maxDesigns {
		v.Refuse("too-many", "%d designs; want 1 to %d", len(entries), maxDesigns)
	}
	for _, e := range entries {
		d.design(e)
	}
}

// design reads a design. A file that cannot be read is a problem of the plan; what is wrong in it is not.
func (d *decoder) design(e yamlfile.Entry) {
	o := e.Value.Object(append([]string{"topology", "about", "cost"}, evidenceKeys...)...)
	n := referencesOf(o)
	var t *topology.Topology
	c := Candidate{Name: e.Name, About: line(o.Get("about")), Costs: costs(o.Get("cost"))}
	at := o.Require("topology")
	s, err := d.source(at.Reference())
	if err == nil {
		t, err = topology.Read(s.file, s.data)
	}
	var inside *yamlfile.Problems
	switch {
	case errors.As(err, &inside):
		d.errs = append(d.errs, err)
	case err != nil:
		at.Refuse("no-design", "%v", err)
	default:
		c.Evidence = d.evidence(t, n)
	}
	c.from = s
	d.p.Designs = append(d.p.Designs, c)
}

// library is the bundled table of components, which is read once.
var library = sync.OnceValue(component.Library)

// components reads the plan's own table of components, a file of its own.
func (d *decoder) components(v yamlfile.Value) {
	d.p.Table = library()
	path := v.String()
	if path == "" {
		return
	}
	data, err := d.open(d.path(path))
	if err != nil {
		v.Refuse("no-components", "%v", err)
		return
	}
	var wrong error
	if d.p.Table, wrong = d.p.Table.Override(d.path(path), data); wrong != nil {
		d.errs = append(d.errs, wrong)
	}
}

// source is the text of a design, and its file for messages.
type source struct {
	file string
	data []byte
}

// source finds a design: a bundled one by its name, or a file relative to the plan.
func (d *decoder) source(arg string) (source, error) {
	if data, err := topology.Source(arg); err == nil {
		return source{arg + ".yaml", data}, nil
	}
	file := d.path(arg)
	data, err := d.open(file)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%q is neither a bundled design (%s) nor a file", arg, strings.Join(topology.Designs(), ", "))
	}
	return source{file, data}, err
}

// path gives a path of the plan from where the command runs.
func (d *decoder) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(d.dir, p)
}

// costs reads what something costs; nil: nothing is said.
func costs(v yamlfile.Value) *Costs {
	if !v.Present() {
		return nil
	}
	o := v.Object("buy", "yearly")
	return &Costs{o.Get("buy").Number(0, 0, maxMoney), o.Get("yearly").Number(0, 0, maxMoney)}
}
