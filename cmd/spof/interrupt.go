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

// interruptible is for a command that must clean up; the command defers settle. The first Ctrl-C or SIGTERM cancels the context with the cause errInterrupted. The second
// one ends the process at once. A closed terminal and a closed pipe (spof run 2>&1 | head) also cancel the context: their default action would
// leave the lab behind. release restores the default actions; after an interrupt it does nothing.
func interruptible(parent context.Context, stderr io.Writer) (ctx context.Context, release func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, interrupts()...)
	go attend(signals, func(first os.Signal) {
		cancel(errInterrupted)
		if first != syscall.SIGPIPE {
			fmt.Fprintln(stderr, "\nstopping and cleaning up; press Ctrl-C again to end at once (then remove the rest with spof clean)")
		}
	}, func() {
		signal.Reset(os.Interrupt) // a shell expects that the signal ends the process
		_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
	})
	return ctx, func() {
		if ctx.Err() == nil {
			signal.Stop(signals)
		}
	}
}

// settle is deferred by an interruptible command: it calls release, and an interrupt decides the command's error.
func settle(ctx context.Context, release func(), err *error) {
	release()
	if context.Cause(ctx) == errInterrupted {
		*err = interrupted(*err)
	}
}

// interrupts returns the signals that interrupt a command. Under nohup, SIGHUP is not among them.
func interrupts() []os.Signal {
	list := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE}
	if !signal.Ignored(syscall.SIGHUP) {
		list = append(list, syscall.SIGHUP)
	}
	return list
}

// sameSignal is the time within which several signals count as one: timeout(1) signals the process and its group.
const sameSignal = 200 * time.Millisecond

// attend calls stop at the first signal, and leave at a later one.
func attend(signals <-chan os.Signal, stop func(first os.Signal), leave func()) {
	first := <-signals
	began := time.Now()
	stop(first)
	for again := range signals {
		if again != syscall.SIGPIPE && time.Since(began) >= sameSignal { // the closed pipe sends many
			leave()
		}
	}
}
