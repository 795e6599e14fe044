// Package pac evaluates proxy auto-configuration files as browsers do: JavaScript with the helper functions that
// Netscape defined and MDN describes ("Proxy Auto-Configuration (PAC) file"). The engine is goja. It knows no topology:
// names are resolved and the time is told by whom it serves. It imports nothing of this module.
package pac

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"
)

// Deadline bounds one evaluation, and the first run of a script.
const Deadline = 500 * time.Millisecond

// MaxSource is the longest script, in bytes; Chrome takes as much.
const MaxSource = 1 << 20

const maxStack = 500 // calls

// ErrDeadline marks a script that was stopped.
var ErrDeadline = fmt.Errorf("the script ran for longer than %s and was stopped", Deadline)

// Environment is what a script can learn of its machine. Nil functions: no time but the epoch, no names, no listener.
type Environment struct {
	Now     func() time.Time
	Resolve func(host string) (netip.Addr, bool)
	Own     netip.Addr // myIpAddress
	Alert   func(string)
}

// Error is a script's failure with its place.
type Error struct {
	File      string
	Line, Col int // 0: not known
	Reason    string
	Err       error // ErrDeadline, or nil
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Reason)
}

func (e *Error) Unwrap() error { return e.Err }

// Script is a loaded script. It may be used by several goroutines; they take turns.
type Script struct {
	file string
	mu   sync.Mutex
	vm   *goja.Runtime
	find goja.Callable
	text goja.Callable // JavaScript's own String: what the script has made of toString runs under the deadline too
	lost bool          // no interrupt has stopped it: it is not asked again
}

// Load reads a script and runs it once, which defines its functions. Errors are *Error.
func Load(file, source string, env Environment) (*Script, error) {
	if len(source) > MaxSource {
		return nil, &Error{File: file, Reason: fmt.Sprintf("%d bytes are more than %d", len(source), MaxSource)}
	}
	s := &Script{file: file, vm: goja.New()}
	tree, err := parser.ParseFile(nil, file, source, 0, parser.WithDisableSourceMaps) // it would read files
	if err != nil {
		return nil, s.failed(err)
	}
	program, err := goja.CompileAST(tree, false)
	if err != nil {
		return nil, s.failed(err)
	}
	s.vm.SetMaxCallStackSize(maxStack)
	if err := helpers(s.vm, env); err != nil {
		return nil, &Error{File: file, Reason: err.Error()}
	}
	s.text, _ = goja.AssertFunction(s.vm.Get("String"))
	err = s.within(func() error {
		_, err := s.vm.RunProgram(program)
		if err != nil {
			return s.failed(err)
		}
		find, ok := goja.AssertFunction(s.vm.Get("FindProxyForURL"))
		if !ok {
			return &Error{File: file, Reason: "it defines no function FindProxyForURL(url, host)"}
		}
		s.find = find
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Find asks the script for the hops of a request. As browsers do, it hides what follows the host of an https URL. Errors
// are *Error.
func (s *Script) Find(url, host string) ([]Hop, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var result string
	err := s.within(func() error {
		value, err := s.find(goja.Undefined(), s.vm.ToValue(url), s.vm.ToValue(host))
		if err != nil {
			return s.failed(err)
		}
		text, ok := value.(goja.String)
		if !ok {
			return &Error{File: s.file, Reason: fmt.Sprintf("FindProxyForURL(%q, %q) returned %s, not a string: %v", url, host, s.say(value), ErrResult), Err: ErrResult}
		}
		result = text.String()
		return nil
	})
	if err != nil {
		return nil, err
	}
	hops, err := ParseResult(result)
	if err != nil {
		return nil, &Error{File: s.file, Reason: fmt.Sprintf("FindProxyForURL(%q, %q): %v", url, host, err), Err: ErrResult}
	}
	return hops, nil
}

// within runs part of the script and stops it at the deadline. What no interrupt reaches, such as a regular expression
// that tries everything, is left behind after as long again.
func (s *Script) within(run func() error) error {
	tooLong := &Error{File: s.file, Reason: ErrDeadline.Error(), Err: ErrDeadline}
	if s.lost {
		return tooLong
	}
	done := make(chan error, 1)
	go func() { done <- run() }()
	timer := time.NewTimer(Deadline)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
	}
	s.vm.Interrupt(ErrDeadline)
	timer.Reset(Deadline)
	select {
	case err := <-done:
		s.vm.ClearInterrupt()
		return err
	case <-timer.C:
		s.lost = true
		return tooLong
	}
}

// failed gives an engine's error its place.
func (s *Script) failed(err error) error {
	e := &Error{File: s.file}
	var syntax parser.ErrorList
	var compile *goja.CompilerSyntaxError
	var thrown *goja.Exception
	var stopped *goja.InterruptedError
	var deep *goja.StackOverflowError
	switch {
	case errors.As(err, &syntax) && len(syntax) > 0:
		e.Reason, e.Line, e.Col = syntax[0].Message, syntax[0].Position.Line, syntax[0].Position.Column
	case errors.As(err, &compile):
		e.Reason = compile.Message
		if compile.File != nil {
			p := compile.File.Position(compile.Offset)
			e.Line, e.Col = p.Line, p.Column
		}
	case errors.As(err, &stopped):
		e.Reason, e.Err = ErrDeadline.Error(), ErrDeadline
		e.place(stopped.Stack())
	case errors.As(err, &deep):
		e.Reason = fmt.Sprintf("it calls itself too often: more than %d calls deep", maxStack)
		e.place(deep.Stack())
	case errors.As(err, &thrown):
		e.Reason = s.say(thrown.Value())
		e.place(thrown.Stack())
	default:
		e.Reason = err.Error()
	}
	e.Reason = oneLine(e.Reason)
	return e
}

// say writes a value of the script, which may have its own idea of how it is written.
func (s *Script) say(v goja.Value) string {
	text, err := s.text(goja.Undefined(), v)
	if err != nil {
		return "what cannot be written"
	}
	return oneLine(text.String())
}

// oneLine is a script's text for a message: nothing that moves a cursor, and no more than anybody reads.
func oneLine(text string) string {
	const most = 200
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "..."
	}
	return text
}

// place takes the innermost frame that is the script's own.
func (e *Error) place(stack []goja.StackFrame) {
	for _, f := range stack {
		if p := f.Position(); p.Line > 0 && f.SrcName() == e.File {
			e.Line, e.Col = p.Line, p.Column
			return
		}
	}
}
