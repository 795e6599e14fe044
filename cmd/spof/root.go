package main

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// version is set by the build (-ldflags -X main.version=...).
var version = "devel"

// newRoot makes the command line. out is its standard output.
func newRoot(out io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "spof",
		Short: "find the single point of failure in a proxy service before its users do",
		Long: `spof starts a redundant proxy service with real proxies in containers and breaks it on purpose. It measures how long
users were without service, and how much the service was degraded.

  spof run node-death -t single,active-passive    kill the serving node under load, compare two designs
  spof list                                       the bundled designs, scenarios and faults
  spof show active-passive                        show a design or a scenario
  spof doctor                                     tell what this machine can run

Exit codes: 0 pass, 1 gate failed, 3 inconclusive, 4 invalid file or usage, 5 environment unavailable, 130 interrupted.
An error ends with its code in brackets: [output-exists].`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          usageArgs(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return notEmpty(cmd.Flags()) },
	}
	root.SetOut(out) // before the completion command, which takes it when it is made
	root.SetFlagErrorFunc(wrongFlag)
	root.AddCommand(newRun(), newReport(), newDiff(), newHistory(), newCapacity(), newGateCheck(), newImport(), newPredict(), newValidate(), newList(), newShow(), newGraph(), newTree(), newPlan(), newInit(), newSchema(), newDoctor(),
		newClean(), newVersion(), newMan(), newNode())
	root.InitDefaultCompletionCmd()
	completing(root)
	knownShell(root)
	return root
}

// wrongFlag is the error of a flag that is unknown or whose value cannot be read.
func wrongFlag(cmd *cobra.Command, err error) error {
	var wrong *pflag.InvalidValueError
	if errors.As(err, &wrong) && wrong.GetFlag().Value.Type() == "duration" {
		return refusef("flag-value", "--%s %q: want a time such as 10m", wrong.GetFlag().Name, wrong.GetValue())
	}
	return refusef("usage", "%w (see %s --help)", err, cmd.CommandPath())
}

// notEmpty refuses a flag with an empty value, as an unset variable in a script gives it: the command would run as without the flag.
func notEmpty(fl *pflag.FlagSet) error {
	var errs []error
	fl.Visit(func(set *pflag.Flag) {
		if v := set.Value.String(); v == "" || v == "[]" {
			errs = append(errs, refusef("flag-value", "--%s: the value is empty; give one, or leave the flag out", set.Name))
		}
	})
	return errors.Join(errs...)
}

// usageArgs makes wrong arguments a usageError that shows the usage line.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return refusef("usage", "%w (usage: %s)", err, cmd.UseLine())
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

// versionText returns the version and the Go release of the build.
func versionText() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return version + " " + info.GoVersion
	}
	return version
}
