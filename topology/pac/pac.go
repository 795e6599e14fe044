// Package pac evaluates proxy auto-configuration files as browsers do: JavaScript with the helper functions that
// Netscape defined and MDN describes ("Proxy Auto-Configuration (PAC) file"). The engine is goja. It knows no topology:
// names are resolved and the time is told by whom it serves. It imports nothing of this module.
package pac

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

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
}

// Load reads a script and runs it once, which defines its functions. Errors are *Error.
func Load(file, source string, env Environment) (*Script, error) {
	if len(source) > MaxSource {
		return nil, &Error{File: file, Reason: fmt.Sprintf("%d bytes are more than %d", len(source), MaxSource)}
	}
	tree, err := parser.ParseFile(nil, file, source, 0, parser.WithDisableSourceMaps) // it would read files
	if err != nil {
		return nil, failed(file, err)
	}
	program, err := goja.CompileAST(tree, false)
	if err != nil {
		return nil, failed(file, err)
	}
	s := &Script{file: file, vm: goja.New()}
	s.vm.SetMaxCallStackSize(maxStack)
	if err := helpers(s.vm, env); err != nil {
		return nil, &Error{File: file, Reason: err.Error()}
	}
	if err := s.within(func() error { _, err := s.vm.RunProgram(program); return err }); err != nil {
		return nil, failed(file, err)
	}
	find, ok := goja.AssertFunction(s.vm.Get("FindProxyForURL"))
	if !ok {
		return nil, &Error{File: file, Reason: "it defines no function FindProxyForURL(url, host)"}
	}
	s.find = find
	return s, nil
}

// Find asks the script for the hops of a request. As browsers do, it hides what follows the host of an https URL.
func (s *Script) Find(url, host string) ([]Hop, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var value goja.Value
	err := s.within(func() (err error) {
		value, err = s.find(goja.Undefined(), s.vm.ToValue(url), s.vm.ToValue(host))
		return err
	})
	if err != nil {
		return nil, failed(s.file, err)
	}
	text, ok := value.Export().(string)
	if !ok {
		return nil, &Error{File: s.file, Reason: fmt.Sprintf("FindProxyForURL(%q, %q) returned %v, not a string: %v", url, host, value, ErrResult), Err: ErrResult}
	}
	hops, err := ParseResult(text)
	if err != nil {
		return nil, &Error{File: s.file, Reason: fmt.Sprintf("FindProxyForURL(%q, %q): %v", url, host, err), Err: ErrResult}
	}
	return hops, nil
}

// within runs part of the script and stops it at the deadline.
func (s *Script) within(run func() error) error {
	timer := time.AfterFunc(Deadline, func() { s.vm.Interrupt(ErrDeadline) })
	defer s.vm.ClearInterrupt()
	defer timer.Stop()
	return run()
}

// failed gives an engine's error its place.
func failed(file string, err error) error {
	e := &Error{File: file, Reason: err.Error()}
	var syntax parser.ErrorList
	var compile *goja.CompilerSyntaxError
	var thrown *goja.Exception
	var stopped *goja.InterruptedError
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
	case errors.As(err, &thrown):
		e.Reason = thrown.Value().String()
		e.place(thrown.Stack())
	}
	return e
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
