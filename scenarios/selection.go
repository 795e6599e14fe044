package scenarios

import (
	"maps"
	"slices"

	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Selection says on which designs a run of everything with everything takes a scenario. It does not bind a run that names
// scenario and design.
type Selection struct {
	// Needs are the properties that a design must have, by their words in design.Properties.
	Needs []string `json:"needs,omitempty"`
	// Alike is what makes designs one to the scenario, so that the plainest of them stands for all, by its word in
	// design.Similarities. Empty: every design is its own, but for how its stores write where the scenario has no use for them.
	Alike string `json:"alike,omitempty"`
}

func readSelection(list, alike yamlfile.Value) Selection {
	var s Selection
	for _, v := range list.List() {
		if name := v.OneOf("", slices.Sorted(maps.Keys(design.Properties))...); name != "" {
			s.Needs = append(s.Needs, name)
		}
	}
	if alike.Present() {
		s.Alike = alike.OneOf("", slices.Sorted(maps.Keys(design.Similarities))...)
	}
	return s
}
