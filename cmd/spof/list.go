package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/sim/local"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// listing is the output of spof list --format json.
type listing struct {
	Topologies []listed      `json:"topologies"`
	Scenarios  []listed      `json:"scenarios"`
	Faults     []listedFault `json:"faults"`
	Measures   []listed      `json:"measures"`
}

type listed struct {
	Name    string `json:"name"`
	About   string `json:"about"`
	Unit    string `json:"unit,omitempty"`
	Summary string `json:"summary,omitempty"` // a measure's name in the summaries of report.json
}

// listedFault is a fault, or a mechanism without roles and parameters, with its support by runtime.
type listedFault struct {
	Name       string                    `json:"name"`
	About      string                    `json:"about,omitempty"`
	Roles      []string                  `json:"roles,omitempty"` // of its target, the default first
	Parameters []listedParameter         `json:"parameters,omitempty"`
	Support    map[string]trace.Fidelity `json:"support"`
}

// listedParameter is a key of a fault in addition to kind, target, role, at and for.
type listedParameter struct {
	Name    string `json:"name"`
	Values  string `json:"values"`
	Default string `json:"default"` // empty: the parameter is required
	About   string `json:"about"`
	Example string `json:"example"`
}

func newList() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:       "list [topologies|scenarios|faults|measures]",
		Short:     "list the bundled designs and scenarios, the faults and their support on each runtime, the measures",
		Args:      usageArgs(cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs)),
		ValidArgs: []string{"topologies", "scenarios", "faults", "measures"},
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := list()
			if err != nil {
				return err
			}
			switch format {
			case "json":
				return indented(cmd.OutOrStdout()).Encode(all)
			case "text":
				return all.write(cmd.OutOrStdout(), args)
			}
			return checkFormat(format)
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
		s, err := scenarios.Open(name, analyze.Expectable())
		if err != nil {
			return l, err
		}
		l.Scenarios = append(l.Scenarios, listed{Name: name, About: s.About})
	}
	for _, m := range analyze.Bounded() {
		l.Measures = append(l.Measures, listed{Name: m.Name, About: m.About, Unit: m.Unit, Summary: m.Key()})
	}
	l.Faults = described(support(map[string][]trace.Fidelity{"docker": (&docker.Runtime{}).Fidelity(), "local": (&local.Runtime{}).Fidelity()}))
	return l, nil
}

// support merges the lists of the runtimes into one row for each fault or mechanism. A row that a runtime does not list is unsupported.
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

// listWidth is the length of a line in characters; names are never broken.
const listWidth = 96

func (l listing) write(w io.Writer, only []string) error {
	var b strings.Builder
	section := func(name string, rows [][]string) {
		if len(only) == 0 || slices.Contains(only, name) {
			b.WriteString(titles[name] + "\n")
			hang(&b, rows, listWidth)
		}
	}
	section("topologies", rowsOf(l.Topologies))
	section("scenarios", rowsOf(l.Scenarios))
	var faults [][]string
	for _, f := range l.Faults {
		for i, rt := range runtimeNames {
			name := f.Name
			if i > 0 {
				name = ""
			}
			faults = append(faults, []string{name, rt, f.Support[rt].Level, f.Support[rt].How})
		}
	}
	section("faults", faults)
	section("measures", rowsOf(l.Measures))
	_, err := io.WriteString(w, b.String())
	return err
}

// titles are the titles of the sections.
var titles = map[string]string{"topologies": "topologies", "scenarios": "scenarios", "faults": "faults and mechanisms", "measures": "measures, with their unit; in the summaries of report.json their names end in _ms, _s or _per_s"}

func rowsOf(list []listed) (rows [][]string) {
	for _, r := range list {
		row := []string{r.Name, r.About}
		if r.Unit != "" {
			row = []string{r.Name, r.Unit, r.About}
		}
		rows = append(rows, row)
	}
	return rows
}

// hang writes rows in columns; the last one is wrapped with a hanging indent.
func hang(b *strings.Builder, rows [][]string, width int) {
	var widths []int
	for _, row := range rows {
		for i, field := range row[:len(row)-1] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(field))
		}
	}
	for _, row := range rows {
		start := 0
		for i, field := range row[:len(row)-1] {
			fmt.Fprintf(b, "  %-*s", widths[i], field)
			start += 2 + widths[i]
		}
		text := reports.Wrap(row[len(row)-1], width-start-2, strings.Repeat(" ", start+2))
		b.WriteString(strings.TrimRight("  "+text, " ") + "\n")
	}
}

// described adds the descriptions of faults. It puts faults first, in the order of their reference, and mechanisms after them.
func described(rows []listedFault) []listedFault {
	var faults []listedFault
	for _, k := range fault.Reference() {
		f := reference(k)
		if i := slices.IndexFunc(rows, func(row listedFault) bool { return row.Name == f.Name }); i >= 0 {
			f.Support = rows[i].Support
			faults, rows = append(faults, f), slices.Delete(rows, i, i+1)
		}
	}
	return append(faults, rows...)
}

// reference describes a kind of fault for a listing, without its support.
func reference(k fault.Kind) listedFault {
	f := listedFault{Name: string(k.Name), About: k.About, Roles: k.Roles}
	for _, p := range k.Parameters {
		f.Parameters = append(f.Parameters, listedParameter(p))
	}
	return f
}
