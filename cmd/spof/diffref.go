package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/sim/tempdir"
	"github.com/seed-ab8b6914/spof/topology"
)

// diffRef measures the files at a Git ref and those of the work tree in turns, or with --static only predicts for both, and compares them.
func diffRef(cmd *cobra.Command, ref string, args []string, d diffFlags, f runFlags) (err error) {
	stderr, started := cmd.ErrOrStderr(), time.Now()
	o, err := d.options()
	if err != nil {
		return err
	}
	if d.static {
		if err := unused(cmd.Flags(), "with --static no lab runs", "topology", "seed"); err != nil {
			return err
		}
	}
	f.format = "text" // that of spof run
	if err := f.check(cmd.Flags().Changed("seed"), started); err != nil {
		return err
	}
	ctx, release := interruptible(cmd.Context(), stderr)
	defer settle(ctx, release, &err)
	args = f.scenarios(args)
	if len(f.topologies) == 0 {
		f.topologies = topology.Designs()
	}
	dir, err := tempdir.Make("ref")
	if err != nil {
		return err
	}
	defer dir.Remove()
	copies := &atRef{ref: ref, dir: dir.Path}
	flags, scenarios, places, err := copies.baseOf(ctx, f, args)
	if err != nil {
		return err
	}
	if alike(append(flags.topologies, scenarios...), append(f.topologies, args...)) {
		fmt.Fprintf(stderr, "note: the files are the same at %s: both sides are the same\n", ref)
	}
	base := &side{name: "base", about: ref, args: scenarios, flags: flags, place: places}
	new := &side{name: "new", about: "work tree", args: args, flags: f}
	command := f.reproduceDiff(ref, args, d.static)
	if d.static {
		err = predict(command, started, base, new)
	} else {
		err = alternate(ctx, stderr, f.into(started), command, started, o, base, new)
	}
	if err != nil {
		return err
	}
	return d.tell(cmd.OutOrStdout(), base.report(), new.report(), o)
}

// into is the directory for the reports of several sides.
func (f runFlags) into(started time.Time) string {
	if f.out != "" {
		return f.out
	}
	return filepath.Join("out", started.Format("20060102-150405"))
}

// reproduceDiff is the command line that repeats the comparison.
func (f runFlags) reproduceDiff(ref string, args []string, static bool) string {
	run, options := strings.TrimPrefix(f.command(args, f.runtime, false), "spof run"), ""
	if static {
		run, _, _ = strings.Cut(run, " -n ")
		options = fmt.Sprintf(" --static --seed %d", f.seed)
	}
	return "spof diff --base-ref " + quoted(ref) + run + options
}

// alike reports whether the files of two lists have the same content, one by one. A name that is no file equals itself.
func alike(a, b []string) bool {
	for i := range a {
		if a[i] == b[i] {
			continue
		}
		file := func(arg string) []byte {
			if design, _, variant := topology.Variant(arg); variant {
				arg = design
			}
			data, _ := os.ReadFile(arg)
			return data
		}
		if !bytes.Equal(file(a[i]), file(b[i])) {
			return false
		}
	}
	return true
}
