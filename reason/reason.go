// Package reason gives the messages that users read a stable code, such as no-spare-exit. The words of a message may change; its
// code does not, so that tests, scripts and searches name the code.
package reason

import (
	"fmt"
	"slices"
)

// Error is an error with a code. Its text does not repeat the code: who prints it shows the code at the end of the line, see Text.
type Error struct {
	Code string // lower-case words with hyphens
	err  error
}

// Errorf is fmt.Errorf with a code.
func Errorf(code, format string, args ...any) error {
	return &Error{code, fmt.Errorf(format, args...)}
}

// Error gives the message without its code.
func (e *Error) Error() string { return e.err.Error() }

// Unwrap gives what the message wraps.
func (e *Error) Unwrap() error { return e.err }

// ReasonCode gives the code.
func (e *Error) ReasonCode() string { return e.Code }

// Coded is an error that has a code.
type Coded interface {
	error
	ReasonCode() string
}

// Codes gives the codes in an error's tree, each once, from the outside to the inside.
func Codes(err error) (codes []string) {
	if err == nil {
		return nil
	}
	if c, ok := err.(Coded); ok {
		codes = append(codes, c.ReasonCode())
	}
	for _, inner := range wrapped(err) {
		for _, code := range Codes(inner) {
			if !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
	}
	return codes
}

// Is reports whether an error's tree has a code.
func Is(err error, code string) bool { return slices.Contains(Codes(err), code) }

// Text gives the message of one error with the code that says the most, the outermost: message [code].
func Text(err error) string {
	codes := Codes(err)
	if len(codes) == 0 {
		return err.Error()
	}
	return err.Error() + " [" + codes[0] + "]"
}

func wrapped(err error) []error {
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		return e.Unwrap()
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return []error{inner}
		}
	}
	return nil
}
