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

// guardAgain is the time after which the guard looks again for what was still in use.
const guardAgain = 100 * time.Millisecond

// directoriesWithin bounds the removal of directories, so that time is left for the rest.
const directoriesWithin = 20 * time.Second

// newGuard is the hidden command that package spoftest runs beside a test: it cleans up when the test process has ended.
func newGuard() *cobra.Command {
	var process int
	cmd := &cobra.Command{
		Use:  "guard",
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, _ = io.Copy(io.Discard, cmd.InOrStdin()) // to the end of the test process
			ctx, cancel := context.WithTimeout(cmd.Context(), guardWithin)
			defer cancel()
			return cleanAfter(ctx, process)
		},
	}
	cmd.Flags().IntVar(&process, "process", 0, "the ID of the test process")
	return cmd
}

// cleanAfter removes dead labs and the directories of dead processes, when a process has ended. It closes its files a moment before that.
func cleanAfter(ctx context.Context, process int) error {
	within, cancel := context.WithTimeout(ctx, directoriesWithin)
	defer cancel()
	errDirs := repeat(within, func() (bool, error) {
		if process > 0 && !tempdir.Ended(process) {
			return false, nil
		}
		_, err := tempdir.Clean() // a node that still ends may be writing, and holds the lock of its directory
		return err == nil && !tempdir.Of(process), err
	})
	if err := docker.Configure(); err != nil {
		return err
	}
	_, _, err := docker.Clean(ctx, docker.CleanOptions{})
	if errors.Is(err, docker.ErrUnavailable) {
		err = nil
	}
	return errors.Join(errDirs, err)
}

// repeat calls do until it is done or the context ends; it returns the last error.
func repeat(ctx context.Context, do func() (done bool, err error)) error {
	for {
		done, err := do()
		if done {
			return nil
		}
		select {
		case <-time.After(guardAgain):
		case <-ctx.Done():
			return errors.Join(err, context.Cause(ctx))
		}
	}
}
