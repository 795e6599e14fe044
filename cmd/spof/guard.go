package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/sim/tempdir"
)

// guardWithin bounds the cleaning after a killed test: its nodes end within seconds.
const guardWithin = time.Minute

// newGuard is the hidden command that package spoftest runs beside a test: it cleans up when the test process has ended.
func newGuard() *cobra.Command {
	return &cobra.Command{
		Use:  "guard",
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, _ = io.Copy(io.Discard, cmd.InOrStdin()) // to the end of the test process
			ctx, cancel := context.WithTimeout(cmd.Context(), guardWithin)
			defer cancel()
			return cleanAfter(ctx)
		},
	}
}

// cleanAfter removes dead labs and the directories of dead processes.
func cleanAfter(ctx context.Context) error {
	_, errDirs := tempdir.Clean()
	if err := docker.Configure(); err != nil {
		return err
	}
	_, _, err := docker.Clean(ctx, docker.CleanOptions{})
	if errors.Is(err, docker.ErrUnavailable) {
		err = nil
	}
	return errors.Join(errDirs, err)
}
