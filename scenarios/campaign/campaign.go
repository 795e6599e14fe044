// Package campaign selects the cells of `spof run --all`: which designs a scenario skips (Skip), which design stands for others
// (StandsFor), and how long a trial lasts (Shorten). It runs nothing. A run that names scenario and design does not use it.
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

// similarity says which designs are alike to the scenario: by its key alike; else, if the load has no cacheable objects, designs that
// differ only in how caches write and, if no fault strikes a DNS server, in their DNS servers.
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

// Reason says why a cell is skipped. The zero Reason: it is not.
type Reason struct {
	Code string // names the first reason, see package reason
	Text string // all reasons
}

// Skip says why a scenario is skipped on a design.
func Skip(s *scenarios.Scenario, t *topology.Topology) Reason {
	d := design.Of(t)
	var codes, texts []string
	if strings.Contains(t.Name, "@") && !warns(s) {
		codes, texts = append(codes, "no-signal"), append(texts, "no chassis reports this fault, so signals do not matter")
	}
	for _, name := range s.Needs {
		if n := design.Properties[name]; !n.Has(d) {
			codes, texts = append(codes, n.Code), append(texts, n.Lack)
		}
	}
	if len(codes) == 0 {
		return Reason{}
	}
	return Reason{codes[0], strings.Join(texts, "; ")}
}

// warns reports whether a chassis reports any of the faults.
func warns(s *scenarios.Scenario) bool {
	return slices.ContainsFunc(s.Faults, func(f fault.Fault) bool {
		kind, _ := fault.Of(f.Kind)
		return kind.Warns
	})
}

// StandsFor gives, by name, the designs that can be skipped because a plainer one is alike to the scenario. The plainest has the
// fewest components, then the shortest description, then comes first.
func StandsFor(s *scenarios.Scenario, designs []*topology.Topology) map[string]Reason {
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
	left := map[string]Reason{}
	for _, t := range designs {
		like := kind.Of(design.Of(t))
		if best := plainest[like]; like != "" && best != t {
			left[t.Name] = Reason{"like-another-design", kind.Says + " " + best.Name}
		}
	}
	return left
}
