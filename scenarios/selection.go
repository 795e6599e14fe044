package scenarios

import (
	"maps"
	"slices"

	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Selection limits the designs on which `spof run --all` runs a scenario. A run that names scenario and design ignores it.
type Selection struct {
	// Needs are the properties that a design must have: keys of design.Properties.
	Needs []string `json:"needs,omitempty"`
	// Alike is a key of design.Similarities. Of designs with the same description only the plainest is run. Empty: every design is
	// run, except those that differ from another only in details that the scenario does not use (see package campaign).
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
