package main

import (
	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/sim/doctor"
)

func newDoctor() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "show what this machine can run: engine, images, kernel, timers, runtime",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := docker.Configure(); err != nil {
				return err
			}
			found := doctor.Examine(cmd.Context())
			found.Auto, found.AutoLacks = auto(cmd.Context())
			return found.Write(cmd.OutOrStdout())
		},
	}
}
