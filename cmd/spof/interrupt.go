package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// interruptible is for a command with something to clean up. The first Ctrl-C or SIGTERM cancels the context with the
// cause errInterrupted; the second one ends the process at once. A terminal that closes and a reader that goes away
// (spof run 2>&1 | head) cancel it as well: dying of them would leave the lab. release gives the signals their default
// action back; once the command is interrupted it does nothing.
func interruptible(parent context.Context, stderr io.Writer) (ctx context.Context, release func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, interrupts()...)
	go attend(signals, func(first os.Signal) {
		cancel(errInterrupted)
		if first != syscall.SIGPIPE {
			fmt.Fprintln(stderr, "\nstopping and cleaning up; once more to leave at once (spof clean then removes what is left)")
		}
	}, func() {
		signal.Reset(os.Interrupt) // and die of it, as a shell expects
		_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
	})
	return ctx, func() {
		if ctx.Err() == nil {
			signal.Stop(signals)
		}
	}
}

// interrupts are the signals that interrupt a command: under nohup a terminal that closes is none.
func interrupts() []os.Signal {
	list := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE}
	if !signal.Ignored(syscall.SIGHUP) {
		list = append(list, syscall.SIGHUP)
	}
	return list
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
