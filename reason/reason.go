// Package reason gives the messages that users read a stable code, such as no-spare-exit. The words of a message may change; its
// code does not, so that tests, scripts and searches name the code. Begin at Errorf, which makes an error with a code, and Codes,
// which gives the codes of an error. Errors that no user reads need no code.
package reason

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Error is an error with a code. Its message does not contain the code; Text adds it.
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
	if code := own(err); code != "" {
		codes = append(codes, code)
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

// Line gives a line of text with a code at its end: text [code]. Without a code it is the text.
func Line(text, code string) string {
	if code == "" {
		return text
	}
	return text + " [" + code + "]"
}

// Text gives an error's message with a code at the end of each line. The code of a message of one line is the outermost. In a message of
// several lines, each line of an inner error keeps its own code; the other lines have the code of the outer error.
func Text(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i, code := range lineCodes(err) {
		lines[i] = Line(lines[i], code)
	}
	return strings.Join(lines, "\n")
}

// lineCodes gives the code of each line of an error's message; empty: none.
func lineCodes(err error) []string {
	text := err.Error()
	codes := make([]string, 1+strings.Count(text, "\n"))
	if len(codes) == 1 {
		return append(Codes(err), "")[:1]
	}
	end := 0 // of the inner messages so far
	for _, inner := range wrapped(err) {
		message := inner.Error()
		at := strings.Index(text[end:], message)
		if at < 0 {
			continue
		}
		line := strings.Count(text[:end+at], "\n")
		for i, code := range lineCodes(inner) {
			codes[line+i] = cmp.Or(codes[line+i], code)
		}
		end += at + len(message)
	}
	for i := range codes {
		codes[i] = cmp.Or(codes[i], own(err))
	}
	return codes
}

// own gives the code of an error itself; empty: it has none.
func own(err error) string {
	if c, ok := err.(Coded); ok {
		return c.ReasonCode()
	}
	return ""
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
