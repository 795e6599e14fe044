// Command spof finds the single point of failure in a proxy service before its users do.
//
// This package is the command line: it reads arguments, chooses the runtime, shows progress, and is the only place that
// maps errors to exit codes. All else is in the packages beside it.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"

	"github.com/seed-ab8b6914/spof/reports/terminal"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

func main() {
	pac.Child()
	os.Exit(mainWithCode())
}

// mainWithCode runs the program with the process's own arguments and streams. Signals have their default action: only a
// command that has something to clean up is interruptible.
func mainWithCode() int {
	return execute(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// execute runs one command line and gives its exit code. All that it prints is safe for a terminal.
func execute(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	stdout, stderr = terminal.NewWriter(stdout), terminal.NewWriter(stderr)
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if errors.Is(err, syscall.EPIPE) {
		err = interrupted(err)
	}
	if err != nil {
		explain(stderr, err)
	}
	return exitCode(err)
}
