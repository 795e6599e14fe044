package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/faulttree"
	"github.com/seed-ab8b6914/spof/reliability/mef"
	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
)

// treeFlags are those of spof tree.
type treeFlags struct {
	format, top  string
	order, limit int
}

func newTree() *cobra.Command {
	var f treeFlags
	cmd := &cobra.Command{
		Use:   "tree MODEL.xml",
		Short: "compute a fault tree of an Open-PSA file: unavailability, cut sets, importances",
		Long: `Compute a fault tree that is written in the Open-PSA Model Exchange Format, by spof graph --format open-psa or by another program: the exact
unavailability, how often the system fails if the events have frequencies, the minimal cut sets, and the importance of each event
(docs/fault-trees.md). A tree that is too entangled is refused, with bounds of its unavailability.`,
		Example: `  spof graph active-passive --format open-psa > model.xml
  spof tree model.xml
  spof tree model.xml --order 2 --limit 0 --format json`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			r, err := f.compute(args[0])
			if err != nil {
				return invalid(err)
			}
			print := map[string]func(io.Writer, *reports.Tree) error{"text": reports.TreeText, "json": reports.TreeJSON}[f.format]
			return print(cmd.OutOrStdout(), r)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.format, "format", "text", "text or json")
	fl.StringVar(&f.top, "top", "", "gate or event that is the failure of the system; needed if the file has several")
	fl.IntVar(&f.order, "order", 4, "most events of a minimal cut set, 1 to 50")
	fl.IntVar(&f.limit, "limit", 20, "most cut sets and importances to print; 0: all")
	return cmd
}

func (f treeFlags) check() error {
	switch {
	case f.order < 1 || f.order > 50:
		return refusef("flag-value", "--order %d: want 1 to 50", f.order)
	case f.limit < 0:
		return refusef("flag-value", "--limit %d: want 0 or more", f.limit)
	}
	return checkFormat(f.format)
}

// compute reads and computes a tree.
func (f treeFlags) compute(file string) (*reports.Tree, error) {
	data, err := plainfile.Read(file, mef.MostBytes)
	if err != nil {
		return nil, err
	}
	t, err := mef.Read(file, data)
	if err != nil {
		return nil, err
	}
	if f.top != "" {
		t.Top = f.top
	}
	if t.Top == "" {
		return nil, severalTops(file, t)
	}
	r, err := reports.TreeOf(t, f.order, f.limit)
	if slices.Contains(reason.Codes(err), "too-many-nodes") {
		if low, high, wrong := t.Bounds(); wrong == nil {
			err = fmt.Errorf("%w; it lies between %.3g and %.3g", err, low, high)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}

// severalTops says which gates may be the top of a tree: those that no other gate uses.
func severalTops(file string, t faulttree.Tree) error {
	var tops []string
	for _, g := range t.Gates {
		if !slices.ContainsFunc(t.Gates, func(o faulttree.Gate) bool { return slices.Contains(o.Inputs, g.Name) }) {
			tops = append(tops, g.Name)
		}
	}
	return reason.Errorf("several-tops", "%s: the tree has %d gates that no other one uses: %s; choose one with --top", file, len(tops), strings.Join(tops, ", "))
}
