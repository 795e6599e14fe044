// Command spof finds the single point of failure in a proxy service before its users do.
//
// This package is the command line: it reads arguments, chooses the runtime, shows progress, and is the only place that
// maps errors to exit codes. All else is in the packages beside it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	os.Exit(mainWithCode())
}

// mainWithCode runs the program with the process's own arguments and streams. The first Ctrl-C cancels the run, which
// then cleans up behind itself; the second one ends it at once. A terminal that closes and a reader that goes away
// (spof run 2>&1 | head) cancel it as well: dying of them would leave the lab.
func mainWithCode() int {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, interrupts(os.Args)...)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // else it would end the process; whoever writes gets an error
	if !signal.Ignored(syscall.SIGHUP) {                    // nohup
		signal.Notify(signals, syscall.SIGHUP)
	}
	go attend(signals, func(first os.Signal) {
		cancel(errInterrupted)
		if first != syscall.SIGPIPE {
			fmt.Fprintln(os.Stderr, "\nstopping and cleaning up; once more to leave at once (spof clean then removes what is left)")
		}
	}, func() {
		signal.Reset(os.Interrupt) // and die of it, as a shell expects
		_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
	})
	return execute(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// oneAct is how close signals are that nobody means twice: timeout(1) sends one to the process and one to its group.
const oneAct = 200 * time.Millisecond

// attend has the first signal stop the command, and a second one leave.
func attend(signals <-chan os.Signal, stop func(first os.Signal), leave func()) {
	first := <-signals
	began := time.Now()
	stop(first)
	for again := range signals {
		if again != syscall.SIGPIPE && time.Since(began) >= oneAct { // a pipe's are of the same reader
			leave()
		}
	}
}

// interrupts are the signals that cancel a command. Programs on nodes write to peers, any of which may be gone; once it is
// asked for, the signal of that comes from sockets too, and must not cancel them.
func interrupts(args []string) []os.Signal {
	list := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if len(args) > 1 && args[1] == "node" {
		return list
	}
	return append(list, syscall.SIGPIPE)
}

// execute runs one command line and gives its exit code.
func execute(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if context.Cause(ctx) == errInterrupted || errors.Is(err, syscall.EPIPE) {
		err = interrupted(err)
	}
	if err != nil {
		explain(stderr, err)
	}
	return exitCode(err)
}
