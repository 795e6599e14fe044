package pac

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"
)

// Limits of the process of a script.
const (
	memory     = 192 << 20 // bytes of address space in addition to that at the start
	collect    = 128 << 20 // bytes; beyond it Go collects garbage more often
	goStack    = 32 << 20  // bytes of a goroutine's stack: it bounds nesting
	processors = 2 * time.Second
)

// Child must be the first call of main in every program that loads scripts, and of TestMain. In a process that Load has started it
// runs scripts until standard input ends, and does not return. Elsewhere it does nothing.
func Child() {
	if os.Args[0] != childName {
		return
	}
	if err := errors.Join(confine(), serve(os.Stdin, os.Stdout)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// confine limits this process permanently. A violation ends it, and the Go runtime writes the cause to standard error.
func confine() error {
	runtime.GOMAXPROCS(1) // it runs one script
	debug.SetMemoryLimit(collect)
	debug.SetMaxStack(goStack)
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0) // out of memory, the kernel kills this process first
	size, err := addressSpace()
	if err != nil {
		return err
	}
	return errors.Join(limit(unix.RLIMIT_AS, uint64(size+memory)), limit(unix.RLIMIT_CORE, 0))
}

// limit sets a limit of this process (setrlimit(2)), at most the hard limit.
func limit(resource int, most uint64) error {
	var l unix.Rlimit
	if err := unix.Getrlimit(resource, &l); err != nil {
		return fmt.Errorf("limit %d: %w", resource, err)
	}
	l.Cur = min(most, l.Max)
	if err := unix.Setrlimit(resource, &l); err != nil {
		return fmt.Errorf("limit %d: %w", resource, err)
	}
	return nil
}

// addressSpace gives the address space of this process, in bytes (proc(5), statm).
func addressSpace() (size int64, err error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err == nil {
		_, err = fmt.Sscan(string(text), &size)
	}
	return size * int64(os.Getpagesize()), err
}

// serve answers requests until the input ends, or the script has ended.
func serve(in io.Reader, out io.Writer) error {
	requests, answers := json.NewDecoder(bufio.NewReader(in)), json.NewEncoder(out)
	var s *script
	for {
		var q request
		if err := requests.Decode(&q); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if err := allow(processors); err != nil {
			return err
		}
		var a answer
		var failed error
		switch {
		case q.Load != nil:
			s, failed = load(q.Load.File, q.Load.Source, q.Load.Env)
		case s != nil:
			a.Hops, failed = s.hops(q.URL, q.Host)
		}
		var e *Error
		if errors.As(failed, &e) {
			a.Fault = faultOf(e)
		}
		a.Used = processorTime()
		if err := answers.Encode(a); err != nil || Over(failed) {
			return err
		}
	}
}

// allow has the kernel kill this process after so much more processor time, rounded up to seconds: it ends code that no interrupt
// stops.
func allow(most time.Duration) error {
	return limit(unix.RLIMIT_CPU, uint64((processorTime()+most).Seconds())+1)
}
