package load

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// failure is an outcome without an errno: an answer came, but it is not the requested one.
type failure Outcome

func (f failure) Error() string { return "request failed: " + Outcome(f).String() }

// statusFailure gives the failure for an HTTP status other than the expected one (200, or 2xx for CONNECT).
func statusFailure(status int) error {
	switch status / 100 {
	case 4:
		return failure(Status4xx)
	case 5:
		return failure(Status5xx)
	}
	return failure(Malformed)
}

// outcomes maps error numbers to outcomes. All others mean that the connection ended: Reset.
var outcomes = []struct {
	outcome Outcome
	errs    []error
}{
	{Refused, []error{syscall.ECONNREFUSED}},
	{Unreachable, []error{syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.ENETDOWN, syscall.EHOSTDOWN}},
	// ETIMEDOUT: the kernel's time limit ended before Spec.Timeout.
	{Timeout, []error{os.ErrDeadlineExceeded, context.DeadlineExceeded, syscall.ETIMEDOUT}},
	// This machine had no free socket, port or memory, or it denied the call.
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

// classifyTLS classifies an error of a TLS connection. It keeps the errors of the network. All others are errors of TLS:
// TLSFailed.
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

// isTimeout reports whether a deadline caused the error. It also finds the errors of package net that do not wrap
// os.ErrDeadlineExceeded.
func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}
