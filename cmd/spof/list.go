package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/sim/local"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// listing is what spof list --format json prints.
type listing struct {
	Topologies []listed      `json:"topologies"`
	Scenarios  []listed      `json:"scenarios"`
	Faults     []listedFault `json:"faults"`
	Measures   []listed      `json:"measures"`
}

type listed struct {
	Name  string `json:"name"`
	About string `json:"about"`
	Unit  string `json:"unit,omitempty"`
}

// listedFault is a fault (or a mechanism) with its support by runtime.
type listedFault struct {
	Name    string                    `json:"name"`
	Support map[string]trace.Fidelity `json:"support"`
}

func newList() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:       "list [topologies|scenarios|faults|measures]",
		Short:     "the bundled designs and scenarios, the faults and their support per runtime, the measures",
		Args:      usageArgs(cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs)),
		ValidArgs: []string{"topologies", "scenarios", "faults", "measures"},
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := list()
			if err != nil {
				return err
			}
			switch format {
			case "json":
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(all)
			case "text":
				return all.write(cmd.OutOrStdout(), args)
			}
			return usageError{fmt.Errorf("--format %q: valid are text, json", format)}
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

func list() (listing, error) {
	var l listing
	for _, name := range topology.Designs() {
		t, err := topology.Load(name)
		if err != nil {
			return l, err
		}
		l.Topologies = append(l.Topologies, listed{Name: name, About: t.About})
	}
	for _, name := range scenarios.Library() {
		s, err := scenarios.Open(name)
		if err != nil {
			return l, err
		}
		l.Scenarios = append(l.Scenarios, listed{Name: name, About: s.About})
	}
	for _, name := range scenarios.MeasureNames() {
		m := scenarios.Measures[name]
		l.Measures = append(l.Measures, listed{Name: name, About: m.About, Unit: m.Unit})
	}
	l.Faults = support(map[string][]trace.Fidelity{"docker": (&docker.Runtime{}).Fidelity(), "local": (&local.Runtime{}).Fidelity()})
	return l, nil
}

// support turns the runtimes' own lists into one row per fault or mechanism; what a runtime does not list is unsupported.
func support(byRuntime map[string][]trace.Fidelity) []listedFault {
	rows := map[string]listedFault{}
	var order []string
	for _, rt := range runtimeNames {
		for _, f := range byRuntime[rt] {
			if _, seen := rows[f.What]; !seen {
				order = append(order, f.What)
				rows[f.What] = listedFault{Name: f.What, Support: map[string]trace.Fidelity{}}
			}
			rows[f.What].Support[rt] = f
		}
	}
	var all []listedFault
	for _, what := range order {
		for _, rt := range runtimeNames {
			if _, ok := rows[what].Support[rt]; !ok {
				rows[what].Support[rt] = trace.Fidelity{What: what, Level: trace.Unsupported}
			}
		}
		all = append(all, rows[what])
	}
	return all
}

var runtimeNames = []string{"docker", "local"}

func (l listing) write(w io.Writer, only []string) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	wanted := func(section string) bool { return len(only) == 0 || slices.Contains(only, section) }
	section := func(name string, rows []listed) {
		if !wanted(name) {
			return
		}
		fmt.Fprintln(tw, name)
		for _, r := range rows {
			about := r.About
			if r.Unit != "" {
				about = r.Unit + "\t" + about
			}
			fmt.Fprintf(tw, "  %s\t%s\n", r.Name, about)
		}
	}
	section("topologies", l.Topologies)
	section("scenarios", l.Scenarios)
	if wanted("faults") {
		fmt.Fprintln(tw, "faults and mechanisms")
		for _, f := range l.Faults {
			for i, rt := range runtimeNames {
				name := f.Name
				if i > 0 {
					name = ""
				}
				fmt.Fprintf(tw, "  %s\t%s\t%s\t%s\n", name, rt, f.Support[rt].Level, f.Support[rt].How)
			}
		}
	}
	section("measures", l.Measures)
	return tw.Flush()
}
