// Command spof finds the single point of failure in a proxy service before its users do.
//
// This package is the command line. It reads arguments, chooses the runtime and shows progress. Only this package maps errors to exit
// codes. All other work is in the packages of the module.
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

// mainWithCode runs the program with the arguments and streams of the process. Signals have their default action, except in commands that must
// clean up; see interruptible.
func mainWithCode() int {
	return execute(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// execute runs one command line and returns its exit code. Its output is safe for a terminal.
func execute(ctx context.Context, args []string, stdin io.Reader, out, stderr io.Writer) int {
	printed := &stdout{Writer: out}
	stderr = terminal.NewWriter(stderr)
	root := newRoot(terminal.NewWriter(printed))
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = printed.err
	}
	if errors.Is(err, syscall.EPIPE) {
		err = interrupted(err)
	}
	if err != nil {
		explain(stderr, err)
	}
	return exitCode(err)
}
