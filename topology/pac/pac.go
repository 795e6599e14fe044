// Package pac evaluates proxy auto-configuration files as browsers do: JavaScript with the helper functions that Netscape defined and
// MDN describes ("Proxy Auto-Configuration (PAC) file"). The engine is goja. A script is not trusted: a process of its own parses and
// runs it, with limits of time and memory. The package knows no topology: the caller gives the names and the time. It imports nothing
// of this module.
package pac

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"
)

// Deadline bounds the processor time of one evaluation, and of the first run of a script with its parsing.
const Deadline = 500 * time.Millisecond

// MaxSource is the length of the longest script, in bytes; it is that of Chrome.
const MaxSource = 1 << 20

// ErrDeadline marks a script that was stopped.
var ErrDeadline = fmt.Errorf("the script ran for longer than %s and was stopped", Deadline)

// ErrDied marks a script that crashed the JavaScript engine or its process, for example by its use of memory.
var ErrDied = errors.New("the script crashed its process")

// ErrStarved marks a script whose process got almost no processor time from this machine.
var ErrStarved = errors.New("the machine gave the process of the script too little processor time")

// Over reports whether an error ended the script: every later request gives this error.
func Over(err error) bool {
	return errors.Is(err, ErrDeadline) || errors.Is(err, ErrDied) || errors.Is(err, ErrStarved)
}

// Environment is what a script can learn about its machine.
type Environment struct {
	Now   time.Time             `json:"now"`   // in the zone of the machine; zero: the time of each request
	Hosts map[string]netip.Addr `json:"hosts"` // the names that it can resolve
	Own   netip.Addr            `json:"own"`   // myIpAddress; invalid: 127.0.0.1, as in browsers without a network
}

// Error is a failure of a script, with its position.
type Error struct {
	File      string
	Line, Col int // 0: unknown
	Reason    string
	URL       string // the request that ended the script; empty: none
	Err       error  // ErrDeadline, ErrDied, ErrStarved, ErrResult or nil
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Reason)
}

func (e *Error) Unwrap() error { return e.Err }

// ReasonCode gives the code, see package reason.
func (e *Error) ReasonCode() string {
	switch e.Err {
	case ErrDeadline:
		return "pac-deadline" // says: proxy.pac:3:1: the script ran for longer than its limit and was stopped
	case ErrDied:
		return "pac-died" // says: proxy.pac: the script crashed its process
	case ErrStarved:
		return "pac-starved" // says: proxy.pac: the machine gave the process of the script too little processor time
	case ErrResult:
		return "pac-result" // says: proxy.pac: FindProxyForURL(…) returned null
	}
	return "pac-error" // says: proxy.pac:1:28: SyntaxError: Unexpected token {
}

// Script is a loaded script in a process of its own. Several goroutines may use it; their requests are serialized.
type Script struct {
	file  string
	mu    sync.Mutex
	child *child
	over  error // the error that ended it
	used  time.Duration
}

// Load reads a script and runs it once, which defines its functions. The program must call Child first. Errors of the script are
// *Error; other errors mean that its process could not start. Close the script after use.
func Load(file, source string, env Environment) (*Script, error) {
	if len(source) > MaxSource {
		return nil, &Error{File: file, Reason: fmt.Sprintf("want at most %d bytes, got %d", MaxSource, len(source))}
	}
	c, err := start()
	if err != nil {
		return nil, err
	}
	s := &Script{file: file, child: c}
	if err := s.load(source, env); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// load replaces the script.
func (s *Script) load(source string, env Environment) error {
	_, err := s.ask(request{Load: &loading{s.file, source, env}})
	return err
}

// Find asks the script for the hops of a request. Errors of the script are *Error.
func (s *Script) Find(url, host string) ([]Hop, error) {
	return s.ask(request{URL: url, Host: host})
}

func (s *Script) ask(q request) ([]Hop, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != nil {
		return nil, s.over
	}
	a, err := s.child.ask(q)
	if err != nil {
		cause := ErrDied
		if errors.Is(err, ErrStarved) {
			cause = ErrStarved
		}
		s.end(&Error{File: s.file, URL: q.URL, Reason: err.Error(), Err: cause})
		return nil, s.over
	}
	s.used = a.Used
	if a.Fault == nil {
		return a.Hops, nil
	}
	failed := a.Fault.error(s.file)
	if Over(failed) {
		failed.URL = q.URL
		s.end(failed)
	}
	return nil, failed
}

// Used gives the processor time of the script so far, with the start of its process.
func (s *Script) Used() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used
}

// PID gives the number of the script's process.
func (s *Script) PID() int { return s.child.cmd.Process.Pid }

// Close ends the script's process.
func (s *Script) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over == nil {
		s.end(&Error{File: s.file, Reason: "the script was closed", Err: ErrDied})
	}
}

func (s *Script) end(why error) {
	s.over, s.used = why, s.child.end()
}
