package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"syscall"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// The exit codes, on which a CI pipeline branches.
const (
	exitPass         = 0
	exitFail         = 1
	exitInconclusive = 3
	exitInvalid      = 4
	exitEnvironment  = 5
	exitInterrupted  = 130
)

// errInterrupted is the cause of the context of a command that Ctrl-C ended.
var errInterrupted = reason.Errorf("interrupted", "interrupted")

// interrupted is the error of an interrupted command. It names the files that could not be written. A closed pipe does not count.
func interrupted(err error) error {
	var loss lossError
	if errors.As(err, &loss) && !errors.Is(loss, syscall.EPIPE) {
		return fmt.Errorf("%w; %w", errInterrupted, loss)
	}
	return errInterrupted
}

// usageError is a mistake of the user: an argument, a flag, a file.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// refusef makes a usageError with a code, see package reason.
func refusef(code, format string, args ...any) error {
	return usageError{reason.Errorf(code, format, args...)}
}

// invalid makes an error a usageError; nil stays nil.
func invalid(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}

// checkFormat refuses an unknown --format.
func checkFormat(format string) error {
	if format != "text" && format != "json" {
		return refusef("flag-value", "--format %q: valid are text, json", format)
	}
	return nil
}

// verdictError is the result of a complete run whose verdict is not pass.
type verdictError struct{ verdict analyze.Verdict }

func (e verdictError) Error() string { return "verdict: " + string(e.verdict) }

// exitCode maps the result of a command to the exit code. An error of no known kind comes from the environment: a disk, an engine, a
// process.
func exitCode(err error) int {
	var verdict verdictError
	var usage usageError
	var loss lossError
	var problems *yamlfile.Problems
	switch {
	case err == nil:
		return exitPass
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	case errors.As(err, &loss):
		return exitEnvironment
	case errors.As(err, &verdict):
		return map[analyze.Verdict]int{analyze.Fail: exitFail, analyze.Inconclusive: exitInconclusive}[verdict.verdict]
	case errors.As(err, &usage), errors.As(err, &problems), errors.Is(err, sim.ErrUnsupported), errors.Is(err, proxy.ErrUnsupported):
		return exitInvalid
	}
	return exitEnvironment
}

// explain prints an error with its codes, and a hint if there is one. It prints no verdict: the table at the end of a run has it.
func explain(w io.Writer, err error) {
	var verdict verdictError
	if errors.As(err, &verdict) {
		return
	}
	fmt.Fprintln(w, "spof:", reason.Text(err))
	var loss lossError
	switch {
	case errors.As(err, &loss):
		fmt.Fprint(w, loss.hint())
	case errors.Is(err, docker.ErrUnavailable):
		fmt.Fprintln(w, "hint: spof doctor shows what this machine can run; --runtime local needs no engine, --builtin needs no Debian image")
	case errors.Is(err, syscall.ENOSPC) && !slices.Contains(reason.Codes(err), stdoutCode): // -o does not move standard output
		fmt.Fprintln(w, "hint: the disk is full; -o DIR writes to another directory")
	}
}
