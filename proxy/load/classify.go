package load

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// failure is an outcome that no errno tells: the error of an answer that came but is not what was asked for.
type failure Outcome

func (f failure) Error() string { return "request failed: " + Outcome(f).String() }

// statusFailure is the failure that an HTTP status means where 200 was expected.
func statusFailure(status int) error {
	switch status / 100 {
	case 4:
		return failure(Status4xx)
	case 5:
		return failure(Status5xx)
	}
	return failure(Malformed)
}

// outcomes says what an errno means. What is not listed ended the connection: Reset.
var outcomes = []struct {
	outcome Outcome
	errs    []error
}{
	{Refused, []error{syscall.ECONNREFUSED}},
	{Unreachable, []error{syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.ENETDOWN, syscall.EHOSTDOWN}},
	// ETIMEDOUT is the kernel's own patience, which ended before ours.
	{Timeout, []error{os.ErrDeadlineExceeded, context.DeadlineExceeded, syscall.ETIMEDOUT}},
	// This machine had no socket, port or memory left, or forbade the call.
	{NotSent, []error{
		syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EADDRNOTAVAIL, syscall.EADDRINUSE,
		syscall.EAGAIN, syscall.EPERM, syscall.EACCES, syscall.EINVAL,
	}},
	{Reset, []error{syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, os.ErrClosed}},
}

// classify gives the outcome of a request that ended with err; OK for nil.
func classify(err error) Outcome {
	if err == nil {
		return OK
	}
	if outcome, known := known(err); known {
		return outcome
	}
	return Reset
}

// classifyTLS does the same for errors of a TLS connection: what is not the network's doing is TLS's own.
func classifyTLS(err error) error {
	if err == nil {
		return nil
	}
	if _, known := known(err); known {
		return err
	}
	return failure(TLSFailed)
}

func known(err error) (Outcome, bool) {
	var f failure
	if errors.As(err, &f) {
		return Outcome(f), true
	}
	if isTimeout(err) {
		return Timeout, true
	}
	for _, row := range outcomes {
		for _, target := range row.errs {
			if errors.Is(err, target) {
				return row.outcome, true
			}
		}
	}
	return Reset, false
}

// isTimeout tells errors of a deadline, also those of package net that wrap none.
func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}
