package main

import (
	"encoding/json"
	"maps"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/planner"
	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/topology"
)

// draft is the version of JSON Schema.
const draft = "https://json-schema.org/draft/2020-12/schema"

// schemas are the schemas by the file that they describe.
var schemas = map[string]func() map[string]any{
	"topology":   topology.Schema,
	"scenario":   func() map[string]any { return scenarios.Schema(analyze.Expectable()) },
	"report":     reports.Schema,
	"plan":       planner.FileSchema,
	"answer":     reports.PlanSchema,
	"capacity":   reports.CapacitySchema,
	"tree":       reports.TreeSchema,
	"components": component.Schema,
	"deployment": deployment.Schema,
}

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema topology|scenario|deployment|report|plan|answer|capacity|tree|components",
		Short: "print the JSON Schema of a file, with which an editor completes and checks while you type",
		Long: `Print the JSON Schema (draft 2020-12) of topology files, scenario files, deployment files, plan files, tables of
components, report.json, plan.json (answer), or the output of spof capacity and spof tree with --format json. An editor with a language server for YAML
checks a file whose first line is
  # yaml-language-server: $schema=topology.schema.json
The schema knows the keys, their values and their units. spof validate also checks what depends on several values.`,
		Example: `  spof schema topology > topology.schema.json
  spof schema scenario > scenario.schema.json`,
		Args:      usageArgs(cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs)),
		ValidArgs: []string{"topology", "scenario", "deployment", "report", "plan", "answer", "capacity", "tree", "components"},
		RunE: func(cmd *cobra.Command, args []string) error {
			whole := map[string]any{"$schema": draft, "title": "spof " + args[0] + ", " + version}
			maps.Copy(whole, schemas[args[0]]())
			enc := json.NewEncoder(cmd.OutOrStdout())
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			return enc.Encode(whole)
		},
	}
}
