package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/deployment/audit"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/topology"
)

// configuration tells whether an argument of spof validate is a configuration file or a directory, not a design or a scenario.
func configuration(arg string) bool {
	_, noDesign := topology.Source(arg)
	_, noScenario := scenarios.Source(arg)
	return noDesign != nil && noScenario != nil && deployment.IsConfiguration(arg)
}

// audited checks the configuration files of one deployment.
func audited(cmd *cobra.Command, args []string, flags hintFlags, format string, strict, designs bool) error {
	for _, arg := range args {
		if !configuration(arg) || designs {
			return refusef("mixed-files", "%s: configuration files are checked by themselves; give designs, scenarios and -t to another spof validate", arg)
		}
	}
	if format != "text" && format != "json" && format != "sarif" {
		return refusef("flag-value", "--format %q: valid are text, json, sarif", format)
	}
	hints, err := flags.hints()
	if err != nil {
		return err
	}
	found, err := deployment.Open(args, hints)
	if err != nil {
		return invalid(err)
	}
	sys, err := deployment.Load(&found.Deployment)
	if err != nil {
		return invalid(err)
	}
	all := findings(audit.Check(sys))
	if err := printFindings(cmd.OutOrStdout(), format, sys, all); err != nil {
		return err
	}
	if strict && len(all) > 0 {
		return refusef("strict-warnings", "%d warning(s); --strict makes a warning an error", len(all))
	}
	return nil
}

func findings(list []audit.Finding) (all []reports.Finding) {
	for _, f := range list {
		all = append(all, reports.Finding{Code: f.Code, File: f.At.File, Line: f.At.Line, Col: f.At.Col, What: f.What, Why: f.Why, Cure: f.Cure})
	}
	return all
}

func printFindings(out io.Writer, format string, sys *deployment.System, all []reports.Finding) error {
	switch format {
	case "json":
		return indented(out).Encode(struct {
			Schema     string            `json:"schema"`
			Deployment string            `json:"deployment"`
			Findings   []reports.Finding `json:"findings"`
		}{"spof/findings/v1", sys.Name, append([]reports.Finding{}, all...)})
	case "sarif":
		return reports.FindingsSARIF(out, version, all)
	}
	for _, f := range all {
		fmt.Fprintf(out, "%s:%d:%d: %s\n", f.File, f.Line, f.Col, reason.Line("warning: "+f.Text(), f.Code))
	}
	_, err := fmt.Fprintf(out, "%s: valid configuration of %s, %s\n", sys.Name, counted(len(sys.Nodes), "node", "nodes"), counted(len(all), "warning", "warnings"))
	return err
}
