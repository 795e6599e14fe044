package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/wholefile"
)

// The files that spof init writes.
const (
	startTopology = "topology.yaml"
	startScenario = "scenario.yaml"
)

func newInit() *cobra.Command {
	var design, scenario, ci string
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "write a topology and a scenario file to start from, and a CI pipeline that runs them",
		Long: `Write topology.yaml and scenario.yaml to start from. No file is overwritten.
With --ci the pipeline of a CI system is written too, into the root of the Git repository: it runs DIR/scenario.yaml on
DIR/topology.yaml as a gate, and keeps the report. Files that DIR has already are kept.`,
		Example: `  spof init mine
  spof init mine --ci github`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			files, err := starts(design, scenario)
			if err != nil {
				return invalid(err)
			}
			if ci != "" {
				return writePipeline(cmd, dir, ci, files)
			}
			return writeStart(cmd, dir, files)
		},
	}
	cmd.Flags().StringVar(&design, "design", "active-passive", "the bundled design to start from")
	cmd.Flags().StringVar(&scenario, "scenario", "node-death", "the bundled scenario to start from")
	cmd.Flags().StringVar(&ci, "ci", "", "also write a pipeline: "+strings.Join(ciSystems(), ", "))
	return cmd
}

// starts gives the files to start from, by name.
func starts(design, scenario string) (map[string][]byte, error) {
	t, err := topology.Source(design)
	if err != nil {
		return nil, err
	}
	s, err := scenarios.Source(scenario)
	return map[string][]byte{startTopology: t, startScenario: s}, err
}

// writeStart writes the files. It writes none if one of them exists.
func writeStart(cmd *cobra.Command, dir string, files map[string][]byte) error {
	if err := writeNew(dir, files); err != nil {
		return err
	}
	t, s := filepath.Join(dir, startTopology), filepath.Join(dir, startScenario)
	fmt.Fprintf(cmd.ErrOrStderr(), "wrote %s and %s\nnext: spof run %s -t %s\n", t, s, s, t)
	return nil
}

// writeNew writes files into a directory, by their path in it. It writes none if one of them exists.
func writeNew(dir string, files map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, name)
		switch _, err := os.Lstat(path); {
		case err == nil:
			return refusef("file-exists", "%s exists already, and nothing was written; move it away, then repeat the command", path)
		case !errors.Is(err, fs.ErrNotExist): // a parent is no directory
			return reason.Errorf("output-not-writable", "nothing was written: %w", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := writeIn(filepath.Dir(filepath.Join(dir, name)), filepath.Base(name), files[name]); err != nil {
			return reason.Errorf("output-not-writable", "%s: %w", filepath.Join(dir, name), err) // says: ours/spof.yaml: permission denied
		}
	}
	return nil
}

func writeIn(dir, name string, text []byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return wholefile.Write(root, name, text)
}

func there(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
