package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/proxy/lint"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
	"github.com/seed-ab8b6914/spof/wholefile"
)

func newValidate() *cobra.Command {
	var strict bool
	var designs []string
	cmd := &cobra.Command{
		Use:   "validate FILE...",
		Short: "check topology and scenario files; every problem at once",
		Long: `Check topology and scenario files, or bundled ones by their names: every problem at once, with its place in the file.
Warnings tell what is legal but dangerous, with the timers that cause it, and what a scenario cannot prove; with --strict
they are problems too. With -t every scenario is compiled on these designs, else on those among the files: what each plan predicts
and promises is said, and what it cannot tell.`,
		Example: `  spof validate topology.yaml scenario.yaml
  spof validate scenario.yaml -t topology.yaml,active-passive`,
		Args: usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
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
				fmt.Fprintf(cmd.ErrOrStderr(), "%s: valid %s\n", file, kind)
				for _, w := range warnings {
					fmt.Fprintln(cmd.ErrOrStderr(), w)
				}
				warned += len(warnings)
			}
			switch among := together(valid); {
			case len(designs) > 0:
				plans, err := validatePlans(args, designs)
				errs = append(errs, err)
				warned += foretellPlans(cmd.ErrOrStderr(), args, plans)
			case len(among) > 0: // these files need not all go together
				plans, err := validatePlans(args, among)
				if err != nil {
					fmt.Fprintf(cmd.ErrOrStderr(), "note: no plan where they do not go together: %v\n", err)
				}
				warned += foretellPlans(cmd.ErrOrStderr(), args, plans)
			}
			if strict && warned > 0 {
				errs = append(errs, usageError{fmt.Errorf("%d warning(s), and --strict was given", warned)})
			}
			return errors.Join(errs...)
		},
	}
	cmd.Flags().StringSliceVarP(&designs, "topology", "t", nil, "designs to compile the scenarios on, comma-separated: bundled names or files")
	cmd.Flags().BoolVar(&strict, "strict", false, "warnings are problems too")
	return cmd
}

// validateFile checks a file and says what it is, topology or scenario, and what is dangerous in it, a line each. alone says
// that no plan of a scenario will tell more.
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
		return "", nil, usageError{fmt.Errorf("%s: %s is a scenario; only a design has a policy of signals", name, design)}
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
			return "", nil, usageError{err}
		}
	}
	for _, w := range lint.Check(t) {
		warnings = append(warnings, fmt.Sprintf("%s: warning: %s", yamlfile.Locate(file, data, w.At...), w.What))
	}
	return "topology", warnings, err
}

// parse reads a file as what its first key says it is: on success one of the two is there.
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
		}
	}
	if err := reader.Err(); err != nil {
		return nil, nil, err
	}
	return nil, nil, usageError{fmt.Errorf("%s:1:1: neither a topology nor a scenario: begin with `topology: NAME` or `scenario: NAME`", file)}
}

func newInit() *cobra.Command {
	var design, scenario string
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "write a topology and a scenario file to start from",
		Args:  usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			t, err := topology.Source(design)
			if err != nil {
				return usageError{err}
			}
			s, err := scenarios.Source(scenario)
			if err != nil {
				return usageError{err}
			}
			return writeStart(cmd, dir, map[string][]byte{"topology.yaml": t, "scenario.yaml": s})
		},
	}
	cmd.Flags().StringVar(&design, "design", "active-passive", "the bundled design to start from")
	cmd.Flags().StringVar(&scenario, "scenario", "node-death", "the bundled scenario to start from")
	return cmd
}

// writeStart writes the files, and refuses before the first one if any exists already.
func writeStart(cmd *cobra.Command, dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name := range files {
		path := filepath.Join(dir, name)
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return usageError{fmt.Errorf("%s exists already; nothing was written", path)}
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for name, text := range files {
		if err := wholefile.Write(root, name, text); err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(dir, name), err)
		}
	}
	t, s := filepath.Join(dir, "topology.yaml"), filepath.Join(dir, "scenario.yaml")
	fmt.Fprintf(cmd.ErrOrStderr(), "wrote %s and %s\nnext: spof run %s -t %s\n", t, s, s, t)
	return nil
}
