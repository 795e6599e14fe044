package spoftest

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// RunOption changes how Run runs a scenario.
type RunOption func(*runOptions)

type runOptions struct {
	trials, retries int
	seed            uint64
	want            []Condition
}

// Trials is the number of trials, 1 to 10000; each has its own random phase of the fault. Without it, one.
func Trials(n int) RunOption { return func(o *runOptions) { o.trials = n } }

// Seed makes the phases and choices those of an earlier run. Without it they come from the clock; the log has them.
func Seed(seed uint64) RunOption { return func(o *runOptions) { o.seed = seed } }

// Retries is how often an inconclusive trial is run again, 0 to 10. Without it, once.
func Retries(n int) RunOption { return func(o *runOptions) { o.retries = n } }

// Want names the conditions that the test checks afterwards, so that a trial that cannot decide one of them is run again. Without it, only
// what the scenario itself expects counts.
func Want(conditions ...Condition) RunOption {
	return func(o *runOptions) { o.want = append(o.want, conditions...) }
}

// Run runs a scenario in the lab, with spof's own users inside it: a bundled scenario by its name, or a file by its path. It judges nothing:
// see Result.Check. It ends the test if the scenario does not fit the design, or if the run broke off.
func (l *Lab) Run(scenario string, opts ...RunOption) *Result {
	l.t.Helper()
	s, err := scenarios.Open(scenario, analyze.Expectable())
	if err != nil {
		l.t.Fatalf("run: %s", reason.Text(err))
	}
	return l.RunScenario(s, opts...)
}

// RunScenario is Run of a scenario that the test has read, for example by scenarios.Read.
func (l *Lab) RunScenario(s *scenarios.Scenario, opts ...RunOption) *Result {
	l.t.Helper()
	l.open()
	o := runOptions{trials: 1, retries: 1, seed: uint64(time.Now().UnixNano()) % 1_000_000}
	for i, set := range opts {
		if set == nil {
			l.t.Fatalf("run %s: option %d is nil; leave it out [nil-option]", s.Name, i+1)
		}
		set(&o)
	}
	if o.retries < 0 || o.retries > plan.MaxRetries {
		l.t.Fatalf("run %s: Retries(%d): want 0 to %d [flag-value]", s.Name, o.retries, plan.MaxRetries)
	}
	for _, c := range o.want {
		if err := c.check(); err != nil {
			l.t.Fatalf("run %s: Want: %s: %s", s.Name, c, reason.Text(err))
		}
	}
	p, err := plan.Compile(l.design, s, o.seed, o.trials)
	if err != nil {
		l.t.Fatalf("run: %s", reason.Text(err))
	}
	res, err := l.run(p, o)
	if err != nil {
		l.t.Fatalf("run %s on %s: %s", s.Name, l.design.Name, reason.Text(err))
	}
	l.t.Logf("%s on %s, seed %d: %s: %s", s.Name, l.design.Name, o.seed, res.Cell.Verdict, res.Cell.Sentence)
	return res
}

// run runs a compiled plan.
func (l *Lab) run(p *plan.Plan, o runOptions) (*Result, error) {
	dir, err := l.traceDir(p.Scenario.Name)
	if err != nil {
		return nil, reason.Errorf("no-trace-directory", "directory of the traces: %w", err)
	}
	var root *os.Root
	if dir != "" {
		if root, err = os.OpenRoot(dir); err != nil {
			return nil, reason.Errorf("no-trace-directory", "directory of the traces: %w", err)
		}
		defer root.Close()
	}
	var all analyze.Attempts
	res := &Result{files: map[[2]int]string{}}
	if dir == "" {
		res.untraced = l.untraced()
	}
	err = l.session.Run(l.t.Context(), *p, root, func(t *trace.Trace) string {
		l.mu.Lock()
		l.traces = append(l.traces, t)
		l.mu.Unlock()
		trial := all.Add(t)
		if dir != "" {
			res.files[[2]int{trial.Trial, trial.Attempt}] = filepath.Join(dir, sim.TraceName(t.Header))
		}
		return o.again(&trial)
	})
	res.Cell = all.Cell()
	return res, err
}

// again says why a trial is run again; empty: it stands.
func (o runOptions) again(t *analyze.Trial) string {
	if t.Attempt >= o.retries {
		return ""
	}
	if why := t.Again(); why != "" {
		return why
	}
	for _, c := range o.want {
		if f := c.of(t); f.verdict == analyze.Inconclusive && f.code != notMeasured {
			return fmt.Sprintf("inconclusive: %s: %s", c, f.why)
		}
	}
	return ""
}

// Result is a scenario that was run on a design.
type Result struct {
	// Cell has the verdict on what the scenario expects, the reasons, and the trials with their measures.
	Cell     analyze.Cell
	files    map[[2]int]string // the trace file of an attempt
	untraced string            // how traces are kept; empty: these are
}

// Verdict is pass, fail or inconclusive: whether the trials meet what the scenario expects.
func (r *Result) Verdict() analyze.Verdict { return r.Cell.Verdict }

// Figures gives a measure of every trial, by its name such as failover, or its key in report.json such as failover_ms, in the measure's unit.
// Trials without a value are left out. gmeasure's Experiment.RecordValue takes them. The error (unknown-measure) lists the valid names.
func (r *Result) Figures(measure string) (figures []float64, err error) {
	if r == nil {
		return nil, reason.Errorf("no-result", "the result is nil; want that of Lab.Run")
	}
	m := analyze.MeasureAt(measure)
	if m == nil {
		m = analyze.MeasureNamed(measure)
	}
	if m == nil {
		return nil, analyze.Expectable().Check(scenarios.Expectation{Measure: measure})
	}
	for i := range r.Cell.Trials {
		if v, ok := m.Of(&r.Cell.Trials[i]); ok {
			figures = append(figures, v)
		}
	}
	return figures, nil
}

// Check fails the test by Errorf for each condition that a trial does not meet, or cannot decide. It reports whether all are met. Without a
// condition it checks MeetExpectations.
func (r *Result) Check(t interface {
	Helper()
	Errorf(format string, args ...any)
}, conditions ...Condition) bool {
	t.Helper()
	if len(conditions) == 0 {
		conditions = []Condition{MeetExpectations()}
	}
	met := true
	for _, c := range conditions {
		if verdict, text := c.Judge(r); verdict != analyze.Pass {
			met = false
			t.Errorf("%s", text)
		}
	}
	return met
}
