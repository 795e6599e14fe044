package main

import (
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/topology"
)

// settingsOf gives the settings of each design of the plans, with their positions in the files that args name. A file that is gone since
// it was loaded gives no positions.
func settingsOf(plans []plan.Plan, args []string) (designs []analyze.Design) {
	source := map[string]string{} // argument, by name of the design
	for _, arg := range args {
		if t, err := topology.Load(arg); err == nil {
			source[t.Name] = arg
		}
	}
	done := map[string]bool{}
	for i := range plans {
		t := &plans[i].Topology
		if done[t.Name] {
			continue
		}
		done[t.Name] = true
		d := analyze.Design{Name: t.Name}
		var keys []string
		for _, s := range t.Settings() {
			d.Settings = append(d.Settings, analyze.Setting{Key: s.Key, Value: s.Value})
			keys = append(keys, s.Key)
		}
		if where, err := topology.Places(source[t.Name], keys); err == nil {
			for k := range d.Settings {
				d.Settings[k].Where = where[d.Settings[k].Key]
			}
		}
		if t.Deployed != nil {
			d.Files, d.Substituted = ownFilesOf(t.Deployed)
		}
		designs = append(designs, d)
	}
	return designs
}

// ownFilesOf gives the files of a lab of own files, and what was substituted.
func ownFilesOf(d *topology.Deployed) (files []analyze.OwnFile, substituted []string) {
	for _, p := range d.Placements {
		for _, f := range p.Made {
			files = append(files, analyze.OwnFile{Node: p.Node, Path: f.Path, From: f.From, SHA256: f.SHA256})
		}
	}
	for _, s := range d.Substituted {
		substituted = append(substituted, substitution(s))
	}
	return files, substituted
}
