package main

import (
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// The exit codes of DESIGN: what a CI pipeline branches on.
const (
	exitPass         = 0
	exitFail         = 1
	exitInconclusive = 3
	exitInvalid      = 4
	exitEnvironment  = 5
	exitInterrupted  = 130
)

// errInterrupted is the cause of a run's end by Ctrl-C.
var errInterrupted = errors.New("interrupted")

// interrupted is the error of a command that was interrupted, with what it could not write; a reader that is gone is none of that.
func interrupted(err error) error {
	var loss lossError
	if errors.As(err, &loss) && !errors.Is(loss, syscall.EPIPE) {
		return fmt.Errorf("%w; %w", errInterrupted, loss)
	}
	return errInterrupted
}

// usageError is a wrong argument or flag.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// verdictError is a run that ended in order with a verdict other than pass.
type verdictError struct{ verdict analyze.Verdict }

func (e verdictError) Error() string { return "verdict: " + string(e.verdict) }

// exitCode maps what a command returned to the exit code. What is none of the known kinds is the environment's fault:
// a disk, an engine, a process.
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

// explain prints an error for a person, with a hint where one helps.
func explain(w io.Writer, err error) {
	var verdict verdictError
	if errors.As(err, &verdict) {
		return // the closing table has said it
	}
	fmt.Fprintln(w, "spof:", err)
	var loss lossError
	switch {
	case errors.As(err, &loss):
		fmt.Fprint(w, loss.hint())
	case errors.Is(err, docker.ErrUnavailable):
		fmt.Fprintln(w, "hint: spof doctor says what this machine can do; --runtime local needs no engine, --builtin no image but the program's own")
	case errors.Is(err, syscall.ENOSPC):
		fmt.Fprintln(w, "hint: the disk is full; -o DIR writes elsewhere")
	}
}
