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

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

func newShow() *cobra.Command {
	var plan string
	var files bool
	var f runFlags
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "show a design, a scenario, or with --plan a scenario compiled on a design",
		Example: `  spof show active-passive
  spof show node-death
  spof show node-death --plan active-passive -n 10 --seed 7
  spof show crash:lb1/haproxy --plan ./proxies
  spof show --files ./proxies`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if files {
				return showFiles(cmd, args[0], &f)
			}
			if plan != "" {
				f.topologies = []string{plan}
				return showPlan(cmd, args, f)
			}
			return showFile(cmd, args[0], f.format)
		},
	}
	cmd.Flags().StringVar(&plan, "plan", "", "compile the scenario on this design and show the plan")
	cmd.Flags().BoolVar(&files, "files", false, "NAME is a directory of own files: show where each is in the lab, and what stands in the place of things that a lab cannot have")
	f.own.register(cmd.Flags())
	cmd.Flags().IntVarP(&f.trials, "trials", "n", 1, "number of trials in the plan")
	cmd.Flags().Uint64Var(&f.seed, "seed", 0, "seed of the plan (default: from the clock)")
	cmd.Flags().StringVar(&f.format, "format", "text", "text or json")
	return cmd
}

// showFiles shows the lab of own files.
func showFiles(cmd *cobra.Command, path string, f *runFlags) error {
	if err := errors.Join(checkFormat(f.format), f.own.check()); err != nil {
		return err
	}
	o, err := f.own.open(path)
	if err != nil {
		return invalid(err)
	}
	if f.format == "json" {
		return indented(cmd.OutOrStdout()).Encode(o.t.Deployed)
	}
	return printFiles(cmd.OutOrStdout(), o.t)
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
	for _, w := range known(&plans[0])[len(plans[0].Warnings()):] { // the text has the warnings of the plan
		text = append(text, "\n"+reason.Line("warning: "+w.Key()+": "+w.What, w.Code)+"\n"...)
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

// showFile prints the drawing of a design, or the text of a scenario file; with the format json their data.
func showFile(cmd *cobra.Command, name, format string) error {
	if err := checkFormat(format); err != nil {
		return err
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

// source returns the text of a bundled design, a bundled scenario or a file. file is its name in messages.
func source(name string) (file string, text []byte, err error) {
	if text, err = topology.Source(name); err == nil {
		return name + ".yaml", text, nil
	}
	if text, err = scenarios.Source(name); err == nil {
		return name + ".yaml", text, nil
	}
	text, err = plainfile.Read(name, yamlfile.MaxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		err = reason.Errorf("unknown-file", "%q is not a bundled design (%s), not a bundled scenario (%s), and not a file",
			name, strings.Join(topology.Designs(), ", "), strings.Join(scenarios.Library(), ", "))
	}
	return name, text, invalid(err)
}

func indented(w io.Writer) *json.Encoder {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false) // "<= 5s" stays readable, as in reports
	return enc
}
