package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/sim/tempdir"
)

func newClean() *cobra.Command {
	var o docker.CleanOptions
	var force bool
	cmd := &cobra.Command{
		Use:   "clean",
		Short: "remove the containers, networks and directories of labs whose run has ended",
		Long: "Remove the containers, networks and directories of labs whose run has ended, also after a kill.\n" +
			"Labs of current runs are listed and not removed. --lab ends one. --all --force ends all, including those of other users.",
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.All != force {
				return refusef("flag-conflict", "--all also ends the runs of other users: add --force to confirm; --force is only valid with --all")
			}
			return clean(cmd, o)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.Images, "images", false, "remove the images as well")
	f.StringSliceVar(&o.Labs, "lab", nil, "end this lab of a current run too (repeatable)")
	f.BoolVar(&o.All, "all", false, "end every lab of every user; needs --force")
	f.BoolVar(&force, "force", false, "confirm --all")
	return cmd
}

// clean removes the remains of labs and prints what it removes.
func clean(cmd *cobra.Command, o docker.CleanOptions) error {
	if err := docker.Configure(); err != nil {
		return err
	}
	say := func(a ...any) { fmt.Fprintln(cmd.ErrOrStderr(), a...) }
	o.Ending = func(l docker.Lab) { say("ending", l) }
	dirs, errDirs := tempdir.Clean()
	removed, left, errDocker := docker.Clean(cmd.Context(), o)
	for _, what := range append(removed, dirs...) {
		say("removed", what)
	}
	for _, l := range left {
		say("not removed, its run has not ended:", l, "(--lab", l.ID, "ends it)")
	}
	if len(removed)+len(dirs) == 0 {
		say("nothing to remove")
	}
	switch {
	case errors.Is(errDocker, docker.ErrUnavailable):
		say("no container engine answers: containers and networks were not removed")
		errDocker = nil
	case errors.Is(errDocker, docker.ErrUnknownLab):
		errDocker = invalid(errDocker)
	}
	return errors.Join(errDirs, errDocker)
}
