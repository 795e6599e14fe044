// Package runtimes lists the ways to run labs on this machine, the one of highest fidelity first, and says what a way lacks. Begin
// at List. It chooses nothing: its callers take the first way for which the machine has everything.
package runtimes

import (
	"errors"
	"fmt"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/sim/local"
)

// Candidate is a way to run labs: a runtime with its engines.
type Candidate struct {
	What    string // for people
	Runtime sim.Runtime
	Engine  bool // it needs a container engine
	Builtin bool // spof's own engines run in place of the real ones; false where the runtime has no real ones
}

// ErrUnknown is in the error of a name that is no runtime.
var ErrUnknown = errors.New("valid are auto, docker, local")

// List gives the candidates that a name allows: auto, docker or local. builtin leaves out those with real engines. The error joins
// why no candidate could be made.
func List(name string, builtin bool, o docker.Options) ([]Candidate, error) {
	containers := func(builtin bool, what string) func() (Candidate, error) {
		o := o
		o.Builtin = builtin
		return func() (Candidate, error) {
			rt, err := docker.New(o)
			return Candidate{what, rt, true, builtin}, err
		}
	}
	loopback := func() (Candidate, error) {
		rt, err := local.New(local.Options{Binary: o.Binary})
		return Candidate{"spof's own engines on loopback", rt, false, false}, err
	}
	makers := map[string][]func() (Candidate, error){
		"docker": {containers(builtin, "containers, as requested")},
		"local":  {loopback},
		"auto": {
			containers(false, "real engines in containers"),
			containers(true, "spof's own engines in containers"),
			loopback,
		},
	}[name]
	if len(makers) == 0 {
		return nil, fmt.Errorf("%q: %w", name, ErrUnknown)
	}
	if name == "auto" && builtin {
		makers = makers[1:]
	}
	var list []Candidate
	var errs []error
	for _, make := range makers {
		c, err := make()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, errors.Join(errs...)
	}
	return list, nil
}

// Lacking is the line that tells why a candidate is not taken.
func (c Candidate) Lacking(err error) string {
	code := append(reason.Codes(err), "")[0]
	var m *docker.Missing
	switch missing := errors.As(err, &m); {
	case missing && errors.Is(m.What, docker.ErrNoLab): // the remedy depends on what the engine said
		return reason.Line(fmt.Sprintf("missing: %v: %s; to change that: %s", m.What, oneLine(m.Cause), m.Remedy), code)
	case missing:
		return reason.Line(fmt.Sprintf("missing: %v; to change that: %s", m.What, m.Remedy), code)
	}
	return reason.Line(fmt.Sprintf("not possible here: %s: %s", c.What, oneLine(err)), code)
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
