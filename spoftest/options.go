package spoftest

import "io"

// Option changes how Start makes a lab.
type Option func(*options)

type options struct {
	runtime    string // auto, docker or local
	builtin    bool
	withoutBy  absence
	binary     string
	keepReaper bool
	events     io.Writer
	traces     string
}

// absence is what happens where no container engine can run the lab.
type absence int

const (
	loopback absence = iota
	skip
	fail
)

// OnDocker runs the lab in containers, and fails where that is not possible.
func OnDocker() Option { return func(o *options) { o.runtime, o.withoutBy = "docker", fail } }

// OnLoopback runs the lab with spof's own engines on loopback. It needs no container engine, and starts faster.
func OnLoopback() Option { return func(o *options) { o.runtime = "local" } }

// SkipWithoutEngine skips the test where no container engine can run the lab. Without this option and OnDocker, the lab then runs
// with spof's own engines on loopback.
func SkipWithoutEngine() Option { return func(o *options) { o.runtime, o.withoutBy = "docker", skip } }

// Builtin uses spof's own engines in place of Squid, HAProxy, nginx and keepalived, also in containers. No Debian image is needed then.
func Builtin() Option { return func(o *options) { o.builtin = true } }

// NodeBinary is the static spof program for the nodes. Without it the program is built by the go command and kept in a cache.
func NodeBinary(path string) Option { return func(o *options) { o.binary = path } }

// KeepReaper leaves the settings of testcontainers-go as they are. Without it, the first lab in containers turns the reaper of
// testcontainers-go off for the process: a lab needs none, and its image may not be available.
func KeepReaper() Option { return func(o *options) { o.keepReaper = true } }

// TraceDir keeps the traces of Lab.Run below a directory, which is made. Without it go test -artifacts keeps them in the ArtifactDir of a
// *testing.T or *testing.B, and else they are in memory only: see Lab.Traces.
func TraceDir(path string) Option { return func(o *options) { o.traces = path } }

// Verbose writes every event of faults and mechanisms to w.
func Verbose(w io.Writer) Option { return func(o *options) { o.events = w } }

func optionsOf(list []Option) options {
	o := options{runtime: "auto"}
	for _, set := range list {
		set(&o)
	}
	return o
}
