package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/topology"
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
			return showFile(cmd, args[0])
		},
	}
	cmd.Flags().StringVar(&plan, "plan", "", "the design to compile the scenario on")
	cmd.Flags().IntVarP(&f.trials, "trials", "n", 1, "trials of the plan")
	cmd.Flags().Uint64Var(&f.seed, "seed", 0, "seed of the plan (default: from the clock)")
	cmd.Flags().StringVar(&f.format, "format", "text", "text or json")
	return cmd
}

func showPlan(cmd *cobra.Command, args []string, f runFlags) error {
	f.jobs = 1
	if err := f.check(cmd.Flags().Changed("seed"), time.Now()); err != nil {
		return err
	}
	plans, err := f.plans(args)
	if err != nil {
		return err
	}
	text := []byte(scenarios.PlanText(&plans[0]))
	if f.format == "json" {
		if text, err = plans[0].JSON(); err != nil {
			return err
		}
		text = append(text, '\n')
	}
	_, err = cmd.OutOrStdout().Write(text)
	return err
}

// showFile prints a design or a scenario: what it is, then the file's text.
func showFile(cmd *cobra.Command, name string) error {
	out := cmd.OutOrStdout()
	t, errTopology := topology.Load(name)
	if errTopology == nil {
		fmt.Fprintln(out, t.Outline())
		return nil
	}
	if text, err := scenarios.Source(name); err == nil {
		_, err := out.Write(text)
		return err
	}
	s, errScenario := scenarios.Open(name)
	if errScenario == nil {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(s)
	}
	if errors.Is(errScenario, fs.ErrNotExist) {
		return usageError{fmt.Errorf("%q is neither a design (%v) nor a scenario (%v) nor a file", name, topology.Designs(), scenarios.Library())}
	}
	return invalid(errors.Join(errTopology, errScenario))
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
