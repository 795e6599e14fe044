package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// graphFlags are those of spof graph.
type graphFlags struct {
	dot                bool
	format, components string
}

func newGraph() *cobra.Command {
	var f graphFlags
	cmd := &cobra.Command{
		Use:   "graph TOPOLOGY",
		Short: "show the paths through a design, and what its single points of failure cost",
		Long: `Show the paths through a design and its single points of failure, the one whose loss costs most first: hours a year for which an average
user is not served, because this component is lost. The hours are of the bundled component table, whose values have sources, many of
them assumed (docs/components.md); --components puts your own values in their place.`,
		Example: `  spof graph active-passive
  spof graph active-passive --dot | dot -Tsvg
  spof graph office.yaml --components own.yaml --format json`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			t, err := topology.Load(args[0])
			if err != nil {
				return invalid(err)
			}
			return f.write(cmd.OutOrStdout(), t)
		},
	}
	cmd.Flags().BoolVar(&f.dot, "dot", false, "print Graphviz instead of text")
	cmd.Flags().StringVar(&f.format, "format", "text", "text or json")
	cmd.Flags().StringVar(&f.components, "components", "", "file with values of your components")
	return cmd
}

func (f graphFlags) check() error {
	if f.dot && f.format == "json" {
		return refusef("flag-value", "--dot and --format json: choose one")
	}
	return checkFormat(f.format)
}

// system joins the design and the table of the flags.
func (f graphFlags) system(t *topology.Topology) (*system.System, error) {
	table := component.Library()
	if f.components != "" {
		text, err := plainfile.Read(f.components, yamlfile.MaxBytes)
		if err != nil {
			return nil, invalid(fmt.Errorf("components file: %w", err))
		}
		if table, err = table.Override(f.components, text); err != nil {
			return nil, invalid(err)
		}
	}
	s, err := system.New(t, table)
	return s, invalid(err)
}

// graph is what spof graph prints with the format json.
type graph struct {
	Schema       string                 `json:"schema"`
	Topology     string                 `json:"topology"`
	Paths        map[string][][]string  `json:"paths"` // by group
	HoursPerYear float64                `json:"hours_per_year"`
	SinglePoints []topology.SinglePoint `json:"single_points"`
	Assumptions  []component.Assumption `json:"assumptions"`
}

func (f graphFlags) write(out io.Writer, t *topology.Topology) error {
	if err := t.CheckFormula(); err != nil && !f.dot && f.format == "text" {
		_, err = fmt.Fprintf(out, "%s\nNo costs: %s\n", t.Outline(), reason.Text(err))
		return err
	}
	s, err := f.system(t)
	if err != nil {
		return err
	}
	points := s.Singles()
	switch {
	case f.dot:
		_, err = fmt.Fprint(out, t.DOTOf(points))
	case f.format == "json":
		err = indented(out).Encode(graphOf(s, points))
	default:
		_, err = fmt.Fprint(out, t.OutlineOf(points)+guesses(s.Assumptions()))
	}
	return err
}

func graphOf(s *system.System, points []topology.SinglePoint) graph {
	g := graph{Schema: "spof/graph/v1", Topology: s.Topology.Name, Paths: map[string][][]string{}, HoursPerYear: dist.Year * s.UserUnavailability(),
		SinglePoints: append([]topology.SinglePoint{}, points...), Assumptions: s.Assumptions()}
	for _, group := range s.Topology.Users {
		g.Paths[group.Name] = s.Topology.Paths(group.Name)
	}
	return g
}

// guesses says how sure the hours are.
func guesses(all []component.Assumption) string {
	all = slices.DeleteFunc(all, func(a component.Assumption) bool { return a.Value == "buy" || a.Value == "run" })
	n := 0
	for _, a := range all {
		if a.Certainty == component.Assumed {
			n++
		}
	}
	return fmt.Sprintf("\nHours a year for an average user, of %d values of components, %d of them assumed (docs/components.md; --components has yours).\n", len(all), n)
}
