package pac

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"
	"golang.org/x/sys/unix"
)

const maxStack = 500 // calls

// script is a loaded script, in its own process.
type script struct {
	file string
	vm   *goja.Runtime
	find goja.Callable
	text goja.Callable // JavaScript's String: it calls toString of the script, under the deadline
	used func() time.Duration
	lost bool // no interrupt stopped it; it gets no more requests
}

// load reads a script and runs it once, which defines its functions. Errors are *Error.
func load(file, source string, env Environment) (*script, error) {
	s := &script{file: file, vm: goja.New(), used: processorTime}
	s.vm.SetMaxCallStackSize(maxStack)
	if err := helpers(s.vm, env); err != nil {
		return nil, &Error{File: file, Reason: err.Error()}
	}
	s.text, _ = goja.AssertFunction(s.vm.Get("String"))
	if err := s.within(func() error { return s.run(source) }); err != nil {
		return nil, err
	}
	return s, nil
}

// run parses, compiles and runs the script.
func (s *script) run(source string) error {
	tree, err := parser.ParseFile(nil, s.file, source, 0, parser.WithDisableSourceMaps) // source maps would read files
	if err != nil {
		return s.failed(err)
	}
	program, err := goja.CompileAST(tree, false)
	if err != nil {
		return s.failed(err)
	}
	if _, err := s.vm.RunProgram(program); err != nil {
		return s.failed(err)
	}
	find, err := s.vm.RunScript("", "this.FindProxyForURL") // it may be a getter, which runs code
	if err != nil {
		return s.failed(err)
	}
	var ok bool
	if s.find, ok = goja.AssertFunction(find); !ok {
		return &Error{File: s.file, Reason: "the script defines no function FindProxyForURL(url, host)"}
	}
	return nil
}

// hops asks the script for the hops of a request. Errors are *Error.
func (s *script) hops(url, host string) ([]Hop, error) {
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

// grace is the processor time in which an interrupted script must stop.
const grace = 100 * time.Millisecond

// within runs a part of the script and interrupts it at the deadline. Code that no interrupt stops, such as a regular expression with
// catastrophic backtracking, keeps running, and the script is lost.
func (s *script) within(run func() error) error {
	tooLong := &Error{File: s.file, Reason: ErrDeadline.Error(), Err: ErrDeadline}
	if s.lost {
		return tooLong
	}
	done := make(chan error, 1)
	go func() { done <- s.guarded(run) }()
	if err, ended := s.await(done, Deadline); ended {
		return err
	}
	s.vm.Interrupt(ErrDeadline)
	if err, ended := s.await(done, grace); ended {
		s.vm.ClearInterrupt()
		return err
	}
	s.lost = true
	return tooLong
}

// await gives the result of an evaluation; false if the evaluation first uses the given processor time. The time of other programs does
// not count.
func (s *script) await(done <-chan error, most time.Duration) (err error, ended bool) {
	until := s.used() + most
	timer := time.NewTimer(most)
	defer timer.Stop()
	for {
		select {
		case err := <-done:
			return err, true
		case <-timer.C:
		}
		left := until - s.used()
		if left <= 0 {
			return nil, false
		}
		timer.Reset(max(left, time.Millisecond))
	}
}

// guarded turns a panic in the JavaScript engine into an error, which ends the script.
func (s *script) guarded(run func() error) (err error) {
	defer func() {
		if why := recover(); why != nil {
			err = &Error{File: s.file, Reason: oneLine(fmt.Sprintf("it breaks the JavaScript engine: %v", why)), Err: ErrDied}
		}
	}()
	return run()
}

// processorTime gives the processor time of this process so far.
func processorTime() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// failed turns an error of the JavaScript engine into an Error with its position.
func (s *script) failed(err error) error {
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
		e.Reason = fmt.Sprintf("calls are nested more than %d deep", maxStack)
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

// say gives the text of a value. The script may define its toString.
func (s *script) say(v goja.Value) string {
	text, err := s.text(goja.Undefined(), v)
	if err != nil {
		return "a value without text"
	}
	return oneLine(text.String())
}

// oneLine makes text of a script safe for a message: printable, in one line, and short.
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

// place sets the position of the innermost frame of the script.
func (e *Error) place(stack []goja.StackFrame) {
	for _, f := range stack {
		if p := f.Position(); p.Line > 0 && f.SrcName() == e.File {
			e.Line, e.Col = p.Line, p.Column
			return
		}
	}
}
