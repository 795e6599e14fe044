package spoftest

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
)

// T is a test: *testing.T, *testing.B, or the value of GinkgoT().
type T interface {
	Name() string
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
	Cleanup(func())
	Context() context.Context
}

// Main is for a TestMain whose tests share labs:
//
//	func TestMain(m *testing.M) {
//		os.Exit(spoftest.Main(m, func(t spoftest.T) { lab = spoftest.Start(t, "active-passive") }))
//	}
//
// It calls setup, runs the tests, and closes the labs that setup started. A test reports by Lab.With. The exit code is 1 without running a
// test if setup fails, and 0 if it skips.
func Main(m interface{ Run() int }, setup func(T)) (code int) {
	return mainTo(os.Stderr, m, setup)
}

func mainTo(out io.Writer, m interface{ Run() int }, setup func(T)) int {
	ctx, cancel := context.WithCancel(context.Background())
	t := &suite{out: out, ctx: ctx}
	defer t.end()
	defer cancel()
	done := make(chan string, 1)
	go func() { // Fatalf and Skipf end this goroutine
		defer func() {
			broke := ""
			if r := recover(); r != nil {
				broke = fmt.Sprintf("%v\n\n%s", r, debug.Stack())
			}
			done <- broke
		}()
		setup(t)
	}()
	if broke := <-done; broke != "" {
		fmt.Fprintf(out, "spoftest.Main: panic: %s\n", broke)
		return 2
	}
	t.ready = true
	switch {
	case t.failed:
		return 1
	case t.skipped:
		return 0
	}
	return m.Run()
}

// suite is the T of a TestMain.
type suite struct {
	out             io.Writer
	ctx             context.Context
	failed, skipped bool
	ready           bool // setup has returned: tests run

	mu       sync.Mutex
	cleanups []func()
}

func (*suite) Name() string               { return "TestMain" }
func (*suite) Helper()                    {}
func (s *suite) Context() context.Context { return s.ctx }

func (s *suite) Logf(format string, args ...any) {
	fmt.Fprintf(s.out, "spoftest: "+format+"\n", args...)
}

func (s *suite) Errorf(format string, args ...any) {
	s.failed = true
	s.Logf(format, args...)
}

// Fatalf ends the setup. A test that calls it has forgotten Lab.With: the suite cannot fail that test, and says so.
func (s *suite) Fatalf(format string, args ...any) {
	if s.ready {
		panic(fmt.Sprintf(format, args...) + "; this lab is that of TestMain: a test uses it by Lab.With(t)")
	}
	s.Errorf(format, args...)
	runtime.Goexit()
}

func (s *suite) Skipf(format string, args ...any) {
	s.skipped = true
	s.Logf("skipped: "+format, args...)
	runtime.Goexit()
}

func (s *suite) Cleanup(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cleanups = append(s.cleanups, f)
}

// end calls the cleanups, the last first.
func (s *suite) end() {
	for _, f := range slices.Backward(s.cleanups) {
		f()
	}
}
