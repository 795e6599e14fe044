package spoftest

import (
	"errors"
	"io"

	"github.com/seed-ab8b6914/spof/reason"
)

// Option changes how Start makes a lab. At most one of OnDocker, OnLoopback and SkipWithoutEngine says where.
type Option func(*options)

type options struct {
	where      string // the name of the option that says where the lab runs; empty: none
	wrong      error  // options that are wrong or exclude each other
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
func OnDocker() Option { return where("OnDocker", "docker", fail) }

// OnLoopback runs the lab with spof's own engines on loopback. It needs no container engine, and starts faster.
func OnLoopback() Option { return where("OnLoopback", "local", loopback) }

// SkipWithoutEngine skips the test where no container engine can run the lab. Without this option and OnDocker, the lab then runs
// with spof's own engines on loopback.
func SkipWithoutEngine() Option { return where("SkipWithoutEngine", "docker", skip) }

// where is an option that says where the lab runs.
func where(name, runtime string, without absence) Option {
	return func(o *options) {
		if o.where != "" && o.where != name {
			o.refuse(reason.Errorf("options-exclude", "%s and %s exclude each other; use one", o.where, name))
		}
		o.where, o.runtime, o.withoutBy = name, runtime, without
	}
}

func (o *options) refuse(err error) { o.wrong = errors.Join(o.wrong, err) }

// Builtin uses spof's own engines in place of Squid, HAProxy, nginx and keepalived, also in containers. No Debian image is needed then.
func Builtin() Option { return func(o *options) { o.builtin = true } }

// NodeBinary is the static spof program for the nodes. Without it the program is built by the go command and kept in a cache. An empty path
// is refused.
func NodeBinary(path string) Option {
	return func(o *options) {
		o.binary = path
		if path == "" {
			o.refuse(reason.Errorf("no-program", "NodeBinary: the path is empty; leave NodeBinary out to have the program built"))
		}
	}
}

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
	for i, set := range list {
		if set == nil {
			o.refuse(reason.Errorf("nil-option", "option %d is nil; leave it out", i+1))
			continue
		}
		set(&o)
	}
	return o
}
