package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/proxy/lint"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

func newValidate() *cobra.Command {
	var strict bool
	var designs []string
	var hints hintFlags
	var format string
	cmd := &cobra.Command{
		Use:   "validate FILE...",
		Short: "check topology, scenario and configuration files; report every problem at once",
		Long: `Check topology and scenario files, or bundled ones by name. Every problem is reported at once, with its place in the file.
A warning names a danger in a valid design with the timers that cause it, or a limit of what a scenario can prove. With
--strict a warning is an error. With -t every scenario is compiled on these designs, else on the designs among the files:
the predictions and promises of each plan are printed.

Configuration files of HAProxy, nginx, keepalived and Squid, PAC files, compose files and directories of them are read as they are
(see spof import), and checked one by one and together: checks that race or cannot see a hang, weights that change no election,
timers without effect. Each finding is a warning with its place, the reason and the cure.`,
		Example: `  spof validate topology.yaml scenario.yaml
  spof validate scenario.yaml -t topology.yaml,active-passive
  spof validate ./proxies --format sarif > spof.sarif`,
		Args: usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if slices.ContainsFunc(args, configuration) {
				return audited(cmd, args, hints, format, strict, len(designs) > 0)
			}
			if format != "text" {
				return refusef("flag-value", "--format %q: topologies and scenarios are reported as text; the format is for configuration files", format)
			}
			return validate(cmd.ErrOrStderr(), args, designs, strict)
		},
	}
	cmd.Flags().StringSliceVarP(&designs, "topology", "t", nil, "designs to compile the scenarios on, comma-separated: bundled names or files")
	cmd.Flags().BoolVar(&strict, "strict", false, "a warning is an error")
	hints.register(cmd.Flags())
	cmd.Flags().StringVar(&format, "format", "text", "standard output for configuration files: text, json or sarif")
	return cmd
}

// validate checks files and compiles the scenarios among them on designs. Without designs it takes those among the files; these need not
// fit every scenario.
func validate(w io.Writer, args, designs []string, strict bool) error {
	var errs []error
	var valid []string
	warned := 0
	for _, file := range args {
		kind, warnings, err := validateFile(file, len(designs) == 0)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		valid = append(valid, file)
		fmt.Fprintf(w, "%s: valid %s\n", file, kind)
		for _, warning := range warnings {
			fmt.Fprintln(w, warning)
		}
		warned += len(warnings)
	}
	switch among := designsAmong(valid); {
	case len(designs) > 0:
		plans, err := validatePlans(args, designs)
		errs = append(errs, err)
		warned += printPredictions(w, args, plans)
	case len(among) > 0:
		plans, err := validatePlans(args, among)
		if err != nil {
			fmt.Fprintf(w, "note: not every scenario fits every design: %s\n", reason.Text(err))
		}
		warned += printPredictions(w, args, plans)
	}
	if strict && warned > 0 {
		errs = append(errs, refusef("strict-warnings", "%d warning(s); --strict makes a warning an error", warned))
	}
	return errors.Join(errs...)
}

// validateFile checks a file. It returns the kind (topology or scenario) and a line for each warning. alone says that no plan is compiled
// from a scenario: then the warnings include those of the scenario that a plan would repeat.
func validateFile(name string, alone bool) (kind string, warnings []string, err error) {
	design, policy, variant := topology.Variant(name)
	if !variant {
		design = name
	}
	file, data, err := source(design)
	if err != nil {
		return "", nil, err
	}
	t, s, err := parse(file, data)
	switch {
	case s != nil && variant:
		return "", nil, refusef("not-a-design", "%s: %s is a scenario; only a design can have a reaction to signals (@%s)", name, design, policy)
	case s != nil && alone:
		for _, w := range s.Warnings() {
			warnings = append(warnings, warned{Warning: w, where: place([]string{name}, s.Name, w)}.line())
		}
		return "scenario", warnings, nil
	case t == nil:
		return "scenario", nil, err
	}
	if variant && err == nil {
		if t, err = t.WithSignals(policy); err != nil {
			return "", nil, invalid(err)
		}
	}
	for _, w := range lint.Check(t) {
		warnings = append(warnings, reason.Line(fmt.Sprintf("%s: warning: %s", yamlfile.Locate(file, data, w.At...), w.What), w.Code))
	}
	return "topology", warnings, err
}

// parse reads a design or a scenario; the keys tell which.
func parse(file string, data []byte) (*topology.Topology, *scenarios.Scenario, error) {
	reader, root := yamlfile.Read(file, data)
	for _, e := range root.Entries() {
		switch e.Name {
		case "topology":
			t, err := topology.Read(file, data)
			return t, nil, err
		case "scenario":
			s, err := scenarios.Read(file, data, analyze.Expectable())
			return nil, s, err
		case "plan":
			return nil, nil, refusef("plan-file", "%s: this is a plan; spof plan %s checks and answers it", e.Key.Position(), file)
		}
	}
	if err := reader.Err(); err != nil {
		return nil, nil, err
	}
	return nil, nil, refusef("unknown-kind", "%s:1:1: neither a topology nor a scenario: begin with `topology: NAME` or `scenario: NAME`", file)
}
