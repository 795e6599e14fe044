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
	memory     = 192 << 20 // bytes of address space beyond what the program has when it starts
	collect    = 128 << 20 // bytes from which on Go collects garbage harder
	goStack    = 32 << 20  // bytes of one goroutine's stack: how deep a script nests
	processors = 2 * time.Second
)

// Child is called first by the main function of every program that loads scripts, and by TestMain. In a process that Load has
// started it runs scripts until its standard input ends, and does not return; else it does nothing.
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

// confine limits this process for ever. What does not fit ends it, and the Go runtime says why on standard error.
func confine() error {
	runtime.GOMAXPROCS(1) // there is one script
	debug.SetMemoryLimit(collect)
	debug.SetMaxStack(goStack)
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0) // where memory is short, it is this process that goes
	size, err := addressSpace()
	if err != nil {
		return err
	}
	return errors.Join(limit(unix.RLIMIT_AS, uint64(size+memory)), limit(unix.RLIMIT_CORE, 0))
}

// limit sets one of this process's limits (setrlimit(2)), unless its user has set a lower one.
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

// addressSpace is what this process takes, in bytes (proc(5), statm).
func addressSpace() (size int64, err error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err == nil {
		_, err = fmt.Sscan(string(text), &size)
	}
	return size * int64(os.Getpagesize()), err
}

// serve answers requests until there are no more, or the script is over.
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

// allow has the kernel end this process when it has used more processor time than that from now on, where nothing in it could:
// in whole seconds, so somewhat more.
func allow(most time.Duration) error {
	return limit(unix.RLIMIT_CPU, uint64((processorTime()+most).Seconds())+1)
}
