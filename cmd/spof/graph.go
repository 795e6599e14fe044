package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/reliability/mef"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// graphFlags are those of spof graph.
type graphFlags struct {
	dot                bool
	format, components string
	group              string
	coherent           bool
}

func newGraph() *cobra.Command {
	var f graphFlags
	cmd := &cobra.Command{
		Use:   "graph TOPOLOGY",
		Short: "show the paths through a design, and what its single points of failure cost",
		Long: `Show the paths through a design and its single points of failure, the one whose loss costs most first: hours a year for which an average
user is not served, because this component is lost. The hours are of the bundled component table, whose values have sources, many of
them assumed (docs/components.md); --components puts your own values in their place.

With --format open-psa the fault tree of the design is written in the Open-PSA Model Exchange Format, for spof tree and other programs:
its top is true while a group of users, or with --group this one, is not served. In some designs a loss can restore service; such a tree
has no minimal cut sets. With --coherent that is left out, for an upper bound that has them.`,
		Example: `  spof graph active-passive
  spof graph active-passive --dot | dot -Tsvg
  spof graph office.yaml --components own.yaml --format json
  spof graph active-passive --format open-psa > model.xml`,
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
	cmd.Flags().StringVar(&f.format, "format", "text", "text, json or open-psa")
	cmd.Flags().StringVar(&f.group, "group", "", "group of users whose fault tree is written, with --format open-psa")
	cmd.Flags().BoolVar(&f.coherent, "coherent", false, "leave out that a loss can restore service, with --format open-psa")
	cmd.Flags().StringVar(&f.components, "components", "", "file with values of your components")
	return cmd
}

func (f graphFlags) check() error {
	switch {
	case f.dot && f.format != "text":
		return refusef("flag-value", "--dot and --format %s: choose one", f.format)
	case (f.group != "" || f.coherent) && f.format != "open-psa":
		return refusef("flag-value", "--group and --coherent go with --format open-psa")
	case !slices.Contains([]string{"text", "json", "open-psa"}, f.format):
		return refusef("flag-value", "--format %q: valid are text, json, open-psa", f.format)
	}
	return nil
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
	if f.format == "open-psa" {
		return f.writeTree(out, s)
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

// writeTree writes the fault tree of the design.
func (f graphFlags) writeTree(out io.Writer, s *system.System) error {
	name, down := s.Topology.Name, s.AnyDown
	if f.group != "" {
		i := slices.IndexFunc(s.Groups, func(g system.Group) bool { return g.Name == f.group })
		if i < 0 {
			return refusef("unknown-group", "--group %s: the design has no such group of users; valid: %s", quoted(f.group), strings.Join(groupNames(s), ", "))
		}
		name, down = name+" "+f.group, s.Groups[i].Down
	}
	if f.coherent {
		down = s.Pessimistic(down)
	}
	text, err := mef.Write(s.Tree(name, down))
	if err != nil {
		return invalid(err)
	}
	_, err = out.Write(text)
	return err
}

func groupNames(s *system.System) (names []string) {
	for _, g := range s.Groups {
		names = append(names, g.Name)
	}
	return names
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
