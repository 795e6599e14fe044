package spoftest_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/spoftest"
)

func TestSpoftest(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "spoftest")
}

// test is a T that keeps what it is told.
type test struct {
	ctx      context.Context
	mu       sync.Mutex
	logged   []string
	failure  string // of Fatalf
	errors   []string
	skip     string
	cleanups []func()
}

func (*test) Name() string               { return "test" }
func (*test) Helper()                    {}
func (t *test) Context() context.Context { return t.ctx }
func (t *test) Cleanup(f func())         { t.cleanups = append(t.cleanups, f) }
func (t *test) Errorf(format string, a ...any) {
	t.errors = append(t.errors, fmt.Sprintf(format, a...))
}
func (t *test) Fatalf(format string, a ...any) {
	t.failure = fmt.Sprintf(format, a...)
	runtime.Goexit()
}
func (t *test) Skipf(format string, a ...any) { t.skip = fmt.Sprintf(format, a...); runtime.Goexit() }
func (t *test) Logf(format string, a ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.logged = append(t.logged, fmt.Sprintf(format, a...))
}

// run runs a body as a test: to its end, to Fatalf or to Skipf, and then its cleanups.
func run(body func(t *test)) *test {
	ctx, cancel := context.WithCancel(context.Background())
	t := &test{ctx: ctx}
	done := make(chan any, 1)
	go func() {
		defer func() {
			broke := recover()
			cancel()
			for _, f := range slices.Backward(t.cleanups) {
				f()
			}
			done <- broke
		}()
		body(t)
	}()
	Expect(<-done).To(BeNil(), "a panic of the test")
	return t
}

// fetch gets a page once, on a connection of its own.
func fetch(lab *spoftest.Lab, patience time.Duration) (string, error) {
	c := http.Client{Timeout: patience, Transport: &http.Transport{Proxy: http.ProxyURL(lab.ProxyURL()), DisableKeepAlives: true}}
	r, err := c.Get(lab.OriginURL())
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	return r.Status, nil
}

// lines joins lines for a message.
func lines(l []string) string { return strings.Join(l, "\n") }
