package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

func newShow() *cobra.Command {
	var plan string
	var f runFlags
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "show a design, a scenario, or with --plan a scenario compiled on a design",
		Example: `  spof show active-passive
  spof show node-death
  spof show node-death --plan active-passive -n 10 --seed 7`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if plan != "" {
				f.topologies = []string{plan}
				return showPlan(cmd, args, f)
			}
			return showFile(cmd, args[0], f.format)
		},
	}
	cmd.Flags().StringVar(&plan, "plan", "", "the design to compile the scenario on")
	cmd.Flags().IntVarP(&f.trials, "trials", "n", 1, "trials of the plan")
	cmd.Flags().Uint64Var(&f.seed, "seed", 0, "seed of the plan (default: from the clock)")
	cmd.Flags().StringVar(&f.format, "format", "text", "text or json")
	return cmd
}

func showPlan(cmd *cobra.Command, args []string, f runFlags) error {
	if err := f.check(cmd.Flags().Changed("seed"), time.Now()); err != nil {
		return err
	}
	plans, _, err := f.plans(args)
	if err != nil {
		return err
	}
	text := []byte(plan.Text(&plans[0]))
	for _, w := range known(&plans[0])[len(plans[0].Warnings()):] { // the text has the plan's own
		text = append(text, fmt.Sprintf("\nwarning: %s: %s\n", w.Key(), w.What)...)
	}
	if f.format == "json" {
		if text, err = plans[0].JSON(); err != nil {
			return err
		}
		text = append(text, '\n')
	}
	_, err = cmd.OutOrStdout().Write(text)
	return err
}

// showFile prints a design, drawn, or a scenario as its file has it; with the format json either as data.
func showFile(cmd *cobra.Command, name, format string) error {
	if format != "text" && format != "json" {
		return usageError{fmt.Errorf("--format %q: valid are text, json", format)}
	}
	file, text, err := source(name)
	if err != nil {
		return err
	}
	t, s, err := parse(file, text)
	if err != nil {
		return err
	}
	switch out := cmd.OutOrStdout(); {
	case format == "json" && t != nil:
		err = indented(out).Encode(t)
	case format == "json":
		err = indented(out).Encode(s)
	case t != nil:
		_, err = fmt.Fprintln(out, t.Outline())
	default:
		_, err = out.Write(text)
	}
	return err
}

// source gives the text of a bundled design or scenario, or else of a file, and the name that its problems carry.
func source(name string) (file string, text []byte, err error) {
	if text, err = topology.Source(name); err == nil {
		return name + ".yaml", text, nil
	}
	if text, err = scenarios.Source(name); err == nil {
		return name + ".yaml", text, nil
	}
	text, err = plainfile.Read(name, yamlfile.MaxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%q is neither a design (%s) nor a scenario (%s) nor a file",
			name, strings.Join(topology.Designs(), ", "), strings.Join(scenarios.Library(), ", "))
	}
	return name, text, invalid(err)
}

func indented(w io.Writer) *json.Encoder {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc
}

func newGraph() *cobra.Command {
	var dot bool
	cmd := &cobra.Command{
		Use:   "graph TOPOLOGY",
		Short: "the paths through a design and its single points of failure",
		Args:  usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := topology.Load(args[0])
			if err != nil {
				return invalid(err)
			}
			text := t.Outline()
			if dot {
				text = t.DOT()
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), text)
			return err
		},
	}
	cmd.Flags().BoolVar(&dot, "dot", false, "Graphviz instead of text")
	return cmd
}
