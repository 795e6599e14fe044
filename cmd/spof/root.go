package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the build (-ldflags -X main.version=...).
var version = "devel"

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "spof",
		Short: "find the single point of failure in a proxy service before its users do",
		Long: `spof brings a design of a redundant proxy service up with real proxies in containers, breaks it on purpose, and
measures how long its users were without service and how badly it was degraded.

  spof run node-death -t single,active-passive    kill the serving node under load, compare two designs
  spof list                                       the bundled designs, scenarios and faults
  spof show active-passive                        what a design or a scenario is
  spof doctor                                     what this machine can run

Exit codes: 0 pass, 1 gate failed, 3 inconclusive, 4 invalid file or usage, 5 environment unavailable, 130 interrupted.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          usageArgs(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w (see %s --help)", err, cmd.CommandPath())}
	})
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(newRun(), newReport(), newValidate(), newList(), newShow(), newGraph(), newInit(), newDoctor(), newClean(),
		newVersion(), newNode())
	return root
}

// usageArgs makes a wrong number of arguments a usage error, with the usage line in it.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{fmt.Errorf("%w (usage: %s)", err, cmd.UseLine())}
		}
		return nil
	}
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "spof", versionText())
			return err
		},
	}
}

// versionText is the version with the Go release it was built by.
func versionText() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return version + " " + info.GoVersion
	}
	return version
}
