// Package campaign is for a run of everything with everything: on which designs a scenario tells something of its own, which
// design stands for others, and how long a trial has to be. It binds no run that names scenario and design.
package campaign

import (
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

// similarity is what makes designs one to the scenario, by its own word; without one they are where they differ in nothing
// but how their stores write, and nothing is asked for that could be stored, and in who answers for a name, and no DNS server is struck.
func similarity(s *scenarios.Scenario) (design.Similarity, bool) {
	l, ok := design.Similarities[s.Alike]
	switch {
	case s.Alike != "" || s.Load.Objects != nil:
		return l, ok
	case slices.ContainsFunc(s.Faults, func(f fault.Fault) bool { return f.Target.Role == target.RoleDNS }):
		return design.ButForStores, true
	}
	return design.ButForStoresAndNames, true
}

// Skip says why a scenario tells nothing of its own on a design; empty: it does.
func Skip(s *scenarios.Scenario, t *topology.Topology) string {
	d := design.Of(t)
	var lacks []string
	if strings.Contains(t.Name, "@") && !warns(s) {
		lacks = append(lacks, "no chassis gives notice of it, so that the policy of signals does not matter")
	}
	for _, name := range s.Needs {
		if n := design.Properties[name]; !n.Has(d) {
			lacks = append(lacks, n.Lack)
		}
	}
	return strings.Join(lacks, "; ")
}

// warns reports whether a chassis gives notice of any of the faults.
func warns(s *scenarios.Scenario) bool {
	return slices.ContainsFunc(s.Faults, func(f fault.Fault) bool {
		kind, _ := fault.Of(f.Kind)
		return kind.Warns
	})
}

// StandsFor finds the designs that are alike to the scenario, and for each that is not the plainest of its kind why it
// can be left out, by name: the plainest has the fewest components, then the shortest description, then comes first.
func StandsFor(s *scenarios.Scenario, designs []*topology.Topology) map[string]string {
	kind, ok := similarity(s)
	if !ok {
		return nil
	}
	plainest := map[string]*topology.Topology{}
	for _, t := range designs {
		like := kind.Of(design.Of(t))
		if best := plainest[like]; best == nil || design.Plainer(t, best) {
			plainest[like] = t
		}
	}
	left := map[string]string{}
	for _, t := range designs {
		like := kind.Of(design.Of(t))
		if best := plainest[like]; like != "" && best != t {
			left[t.Name] = kind.Says + " " + best.Name
		}
	}
	return left
}
