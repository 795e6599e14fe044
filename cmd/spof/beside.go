package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/compare"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim"
)

// side is one of several runs whose trials alternate on this machine: ABAB. What disturbs the machine then disturbs all sides alike.
type side struct {
	name  string   // begins its lines, and is its directory below that of the comparison
	about string   // names it in the comparison
	args  []string // scenarios
	flags runFlags
	place *strings.Replacer // of the positions of settings; nil: none

	plans   []plan.Plan
	skipped []analyze.Skipped
	out     *output
	session *session
	rep     *analyze.Report
	lost    error
}

// alternating is the size of a room in which any trial takes all of it: trials of the sides run one at a time. The room is FIFO, so the
// sides take turns.
const alternating = 1

// alternate runs the sides and leaves their reports in directories below into. It says before how long that takes, and what the trials
// can find.
func alternate(ctx context.Context, stderr io.Writer, into, command string, started time.Time, o compare.Options, sides ...*side) error {
	if err := refuseReport(into); err != nil {
		return err
	}
	took, err := oneRuntime(ctx, stderr, sides)
	if err != nil {
		return err
	}
	if err := inCommon(sides); err != nil {
		return err
	}
	sayFinds(stderr, o, sides[len(sides)-1].plans, sides[0].flags.trials)
	room := sim.NewCapacity(alternating)
	defer room.Clear()
	defer func() {
		for _, s := range sides {
			if s.out != nil {
				s.out.close()
			}
		}
	}()
	var length time.Duration
	lines := new(sync.Mutex)
	for _, s := range sides {
		if err := s.prepare(took, filepath.Join(into, s.name), command, started); err != nil {
			forget(sides)
			return err
		}
		s.session = newSession(s.flags, prefixed{stderr, s.name, lines}, s.choiceOf(took), s.manifest(command, started), s.out.traces)
		s.session.capacity, s.session.beside = room, true
		length += s.session.length
	}
	fmt.Fprintf(stderr, "%d sides of %d cell(s) with %d trial(s) each, alternating, on %s (%s); seed %d; about %s without repeated trials; reports in %s\n",
		len(sides), len(sides[0].plans), sides[0].flags.trials, took.Runtime.Name(), took.why, sides[0].flags.seed, roughly(length), into)
	return measure(ctx, sides)
}

// refuseReport refuses the directory of a run as that of several sides: it would hold reports of different runs.
func refuseReport(into string) error {
	old, err := readEarlier(into)
	switch {
	case err != nil:
		return outputError(err)
	case old.run != nil:
		return refusef("output-exists", "%s holds the report of a run; each side gets a directory in it; choose another directory with -o", into)
	}
	return nil
}

// oneRuntime chooses one runtime for the plans of all sides.
func oneRuntime(ctx context.Context, stderr io.Writer, sides []*side) (*choice, error) {
	var all []plan.Plan
	for _, s := range sides {
		if err := s.compile(); err != nil {
			return nil, err
		}
		all = append(all, s.plans...)
	}
	return sides[0].flags.choose(ctx, all, func(text string) { fmt.Fprintln(stderr, text) })
}

// inCommon refuses sides of which two have no cell in common, for example because a design was renamed: before labs run.
func inCommon(sides []*side) error {
	base := sides[0]
	for _, s := range sides[1:] {
		if !slices.ContainsFunc(s.plans, base.has) {
			return refusef("no-common-cell", "%s and %s have no cell in common: %s under %s there, %s under %s here; a design or scenario that was renamed compares with nothing",
				base.about, s.about, base.plans[0].Topology.Name, base.plans[0].Scenario.Name, s.plans[0].Topology.Name, s.plans[0].Scenario.Name)
		}
	}
	return nil
}

// has reports whether the side has the cell of a plan.
func (s *side) has(p plan.Plan) bool {
	return slices.ContainsFunc(s.plans, func(q plan.Plan) bool {
		return q.Topology.Name == p.Topology.Name && q.Scenario.Name == p.Scenario.Name
	})
}

// placedError is an error about copies of files, with the places of the originals. Its lines have one code.
type placedError struct {
	error
	text string
}

func (e placedError) Error() string      { return e.text }
func (e placedError) Unwrap() error      { return e.error }
func (e placedError) ReasonCode() string { return firstCode(e.error) }

// placed gives an error of the side the places of its originals.
func (s *side) placed(err error) error {
	if s.place == nil {
		return err
	}
	return placedError{err, s.place.Replace(err.Error())}
}

// choiceOf is the choice for the side's own plans.
func (s *side) choiceOf(took *choice) *choice {
	return &choice{candidate: took.candidate, why: took.why, plans: s.plans}
}

// prepare opens the directory of a side and writes its manifest.
func (s *side) prepare(took *choice, dir, command string, started time.Time) (err error) {
	s.flags.builtin, s.flags.out = s.flags.builtin || took.Builtin, dir
	if s.out, err = openOutput(dir, s.flags.overwrite); err != nil {
		return err
	}
	return s.manifest(command, started).write(s.out.traces)
}

func (s *side) manifest(command string, started time.Time) manifest {
	m := newManifest(s.plans, command, s.flags.seed, started)
	m.Skipped, m.Designs = s.skipped, settingsOf(s.plans, s.flags.topologies)
	if s.place == nil {
		return m
	}
	for _, d := range m.Designs {
		for i := range d.Settings {
			d.Settings[i].Where = s.place.Replace(d.Settings[i].Where)
		}
	}
	return m
}

// forget removes what the sides have created.
func forget(sides []*side) {
	for _, s := range sides {
		if s.out != nil {
			s.out.forget()
		}
	}
}

// measure runs the sessions of all sides at once. A side that fails cancels the others. Each side with a trial gets its report.
func measure(ctx context.Context, sides []*side) error {
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	errs := make([]error, len(sides))
	var all sync.WaitGroup
	for i, s := range sides {
		all.Go(func() {
			broke, err := s.session.execute(within)
			if err != nil {
				cancel(err)
			}
			errs[i] = err
			if s.session.cells.trials() == 0 {
				s.out.forget()
				return
			}
			s.session.cells.brokeOff(s.plans, broke)
			rep, timelines := s.session.cells.report()
			s.rep = rep
			s.lost = errors.Join(s.session.cells.of.write(s.out.traces), reports.Write(s.out.root, rep, timelines))
		})
	}
	all.Wait()
	for _, s := range sides {
		if s.lost != nil {
			return newLoss(s.rep.Verdict, s.flags.out, s.lost)
		}
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return errors.Join(errs...)
}

// predict compiles the plans of the sides, and gives each side the report of what they predict. No lab runs.
func predict(command string, started time.Time, sides ...*side) error {
	for _, s := range sides {
		if err := s.compile(); err != nil {
			return err
		}
		m := s.manifest(command, started)
		var cells []analyze.Cell
		for i := range s.plans {
			c := analyze.Planned(&s.plans[i])
			m.Cells[i].describe(&c)
			cells = append(cells, c)
		}
		s.rep = m.report(cells)
	}
	return nil
}

// compile compiles the plans of the side.
func (s *side) compile() (err error) {
	if s.plans, s.skipped, err = s.flags.runnable(s.args); err != nil {
		return s.placed(err)
	}
	return nil
}

// report is the side as a comparison takes it.
func (s *side) report() compare.Named { return compare.Named{Name: s.about, Report: s.rep} }

// prefixed begins every line with the name of a side.
type prefixed struct {
	w    io.Writer
	name string
	mu   *sync.Mutex // of all sides: one line at a time
}

func (p prefixed) Write(data []byte) (int, error) {
	var b bytes.Buffer
	for line := range bytes.Lines(data) {
		fmt.Fprintf(&b, "%-4s | %s", p.name, line)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := p.w.Write(b.Bytes()); err != nil {
		return 0, err
	}
	return len(data), nil
}
