package main

import (
	"math"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/capacity"
	"github.com/seed-ab8b6914/spof/reports/terminal"
)

// measurements reads the results that a plan names.
type measurements struct{}

func (measurements) Run(path string) (*analyze.Report, error) { return readReport(path) }

// Capacity reads the result of spof capacity --format json.
func (measurements) Capacity(path string) (*capacity.Report, error) {
	rep := new(capacity.Report)
	if _, err := readResult(path, "the output of spof capacity --format json", capacity.Schema, rep); err != nil {
		return nil, err
	}
	if n := len(rep.States); n == 0 || n > maxCells {
		return nil, refusef("bad-report", "%s has %d states; want 1 to %d", path, n, maxCells)
	}
	for _, s := range rep.States {
		for _, name := range append([]string{s.State, s.First, s.Users.Why}, s.Lost...) {
			if terminal.Line(name) != name {
				return nil, refusef("bad-report", "%s: text %.80q; want printable characters in one line", path, name)
			}
		}
		if !(s.Users.Lo >= 0 && s.Users.Lo <= maxFigure && s.Users.Hi >= s.Users.Lo) || s.Users.Hi > maxFigure && !math.IsInf(s.Users.Hi, 1) {
			return nil, refusef("bad-report", "%s: %g to %g users of %s; want 0 to %g", path, s.Users.Lo, s.Users.Hi, s.State, maxFigure)
		}
	}
	return rep, nil
}
