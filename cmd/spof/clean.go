package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/sim/local"
)

func newClean() *cobra.Command {
	var images bool
	cmd := &cobra.Command{
		Use:   "clean",
		Short: "remove every container, network and directory of a lab that is left, also of runs still under way",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := docker.Configure(); err != nil {
				return err
			}
			dirs, errLocal := local.Clean()
			removed, errDocker := docker.Clean(cmd.Context(), docker.CleanOptions{Images: images})
			for _, what := range append(removed, dirs...) {
				fmt.Fprintln(cmd.ErrOrStderr(), "removed", what)
			}
			if len(removed)+len(dirs) == 0 {
				fmt.Fprintln(cmd.ErrOrStderr(), "nothing to remove")
			}
			if errors.Is(errDocker, docker.ErrUnavailable) {
				fmt.Fprintln(cmd.ErrOrStderr(), "no engine answers: containers could not be looked for")
				errDocker = nil
			}
			return errors.Join(errLocal, errDocker)
		},
	}
	cmd.Flags().BoolVar(&images, "images", false, "remove the images as well")
	return cmd
}
