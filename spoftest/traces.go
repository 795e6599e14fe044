package spoftest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/seed-ab8b6914/spof/sim/trace"
)

// Traces are the traces of all trials of Run so far.
func (l *Lab) Traces() []*trace.Trace {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.traces)
}

// artifacts is the test if go test keeps its files. Nobody removes the directory of Ginkgo's T.
func (l *Lab) artifacts() (t interface{ ArtifactDir() string }, ok bool) {
	switch t := l.t.(type) {
	case *testing.T:
		return t, true
	case *testing.B:
		return t, true
	}
	return nil, false
}

// keepsArtifacts reports whether go test keeps the files of a test beyond its end.
func keepsArtifacts() bool {
	f := flag.Lookup("test.artifacts")
	return f != nil && f.Value.String() == "true"
}

// untraced says how the traces of a run are kept.
func (l *Lab) untraced() string {
	if _, ok := l.artifacts(); ok {
		return "go test -artifacts keeps the traces, or the option TraceDir"
	}
	return "the option TraceDir keeps the traces"
}

// traceDir makes the directory for the traces of one run; empty: nowhere.
func (l *Lab) traceDir(scenario string) (string, error) {
	base := l.o.traces
	if t, ok := l.artifacts(); ok && base == "" && keepsArtifacts() {
		base = t.ArtifactDir()
	}
	if base == "" {
		return "", nil
	}
	l.mu.Lock()
	l.runs++
	dir := filepath.Join(base, fmt.Sprintf("%s-%d", scenario, l.runs))
	l.mu.Unlock()
	return dir, os.MkdirAll(dir, 0o755)
}
