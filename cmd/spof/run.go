package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/campaign"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// runFlags are the flags of spof run.
type runFlags struct {
	topologies []string
	runtime    string
	builtin    bool
	trials     int
	budget     time.Duration // 0: none
	over       bool          // cells were left out to keep the budget
	retries    int
	seed       uint64
	out        string
	overwrite  bool
	jobs       int
	format     string
	binary     string
	verbose    bool
	all        bool // every scenario on every design that it fits
	exports    exportFlags
	own        ownFlags
}

func newRun() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [SCENARIO...]",
		Short: "run scenarios on designs, measure, and report",
		Long: `Run every scenario on every design: start the design, send the requests of its users, break it, measure, and report.
Scenarios and designs are bundled names (spof list) or files. Without arguments: node-death on every bundled design.
With --all every bundled scenario, or every named one, runs on every design that it fits. The cells that are left out are
listed with the reason. The cells of one design share a lab and run one after another.`,
		Example: `  spof run
  spof run node-death service-hang -t active-passive -n 10
  spof run ./ours.yaml -t ./proxies.yaml -o out/ours --format json
  spof run ./ours.yaml -t ./proxies.yaml --budget 10m
  spof run --all -o out/matrix
  spof run --all node-death overheat -t active-passive,dual-psu`,
		RunE: func(cmd *cobra.Command, args []string) error { return run(cmd, args, f) },
	}
	fl := cmd.Flags()
	f.register(fl, 1)
	fl.DurationVar(&f.budget, "budget", 0, "time for all trials, such as 10m: as many trials of each cell as fit, at most -n if it is given; cells without time for one are left out")
	fl.IntVarP(&f.jobs, "jobs", "j", 0, "labs side by side, 1-16; too many for the cores make the figures uncertain (default 1; with --all as many as the cores carry)")
	fl.StringVar(&f.format, "format", "text", "standard output: text or json")
	fl.BoolVar(&f.all, "all", false, "run every scenario on every design that it fits")
	f.exports.register(fl)
	f.own.register(fl)
	return cmd
}

// register adds the flags of every command that runs labs.
func (f *runFlags) register(fl *pflag.FlagSet, trials int) {
	fl.StringSliceVarP(&f.topologies, "topology", "t", nil, "designs, comma-separated: bundled names or files (default all bundled)")
	fl.StringVar(&f.runtime, "runtime", "auto", "docker, local, or auto: real engines in containers, else spof's own in containers, else spof's own on loopback")
	fl.BoolVar(&f.builtin, "builtin", false, "use spof's own engines in place of Squid, HAProxy, nginx and keepalived (no Debian image needed)")
	fl.IntVarP(&f.trials, "trials", "n", trials, "trials of each cell, 1-1000; each has its own random phase of the fault")
	fl.IntVar(&f.retries, "retries", defaultRetries, "attempts after an inconclusive one, for each trial, 0-10")
	fl.Uint64Var(&f.seed, "seed", 0, "seed of phases and choices (default: from the clock; it is printed)")
	fl.StringVarP(&f.out, "out", "o", "", "directory of the report (default out/DATE-TIME)")
	fl.BoolVar(&f.overwrite, "overwrite", false, "replace the earlier report in the directory; keep other files")
	fl.StringVar(&f.binary, "node-binary", "", "static spof program for the nodes (default: this program)")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "print every event of faults and mechanisms")
}

// run compiles the plans, chooses the runtime, runs the labs and reports.
func run(cmd *cobra.Command, args []string, f runFlags) (err error) {
	stderr := cmd.ErrOrStderr()
	started := time.Now()
	if err := f.check(cmd.Flags().Changed("seed"), started); err != nil {
		return err
	}
	if cmd.Flags().Changed("budget") && f.budget <= 0 {
		return refusef("flag-value", "--budget %s: want a time above 0, such as 10m", yamlfile.Span(f.budget))
	}
	every := len(f.topologies) == 0
	plans, skipped, err := f.runnable(args)
	if err != nil {
		return err
	}
	exported, err := f.exports.open(stderr)
	if err != nil {
		return err
	}
	defer exported.close(stderr)
	ctx, release := interruptible(cmd.Context(), stderr) // before this, nothing needs a cleanup
	defer settle(ctx, release, &err)
	took, err := f.choose(ctx, plans, func(text string) { fmt.Fprintln(stderr, text) })
	if err != nil {
		return err
	}
	took.fit(&f, cmd.Flags().Changed("trials"))
	skipped = append(skipped, took.skipped...)
	if len(took.plans) == 0 {
		return nothingToRun(skipped)
	}
	f.builtin = f.builtin || took.Builtin
	out, err := f.open(started)
	if err != nil {
		return err
	}
	f.out = out.dir
	defer out.close()
	m := newManifest(took.plans, f.command(args, took.Runtime.Name(), every), f.seed, started)
	m.Skipped, m.Designs = skipped, settingsOf(took.plans, f.topologies)
	m.trace(sources(f.scenarios(args), f.topologies, took.plans))
	if err := m.write(out.traces); err != nil {
		out.forget()
		return err
	}
	s := newSession(f, stderr, took, m, out.traces)
	s.exports = exported
	exported.begin(took.Runtime.Name(), took.plans)
	s.announce(f.scenarios(args))
	broke, err := s.execute(ctx)
	release()
	if s.cells.trials() == 0 {
		out.forget()
		return err
	}
	s.cells.brokeOff(s.plans, broke)
	rep, timelines := s.cells.report()
	return conclusion{
		rep: rep, timelines: timelines, traces: f.out, into: out.root, format: f.format,
		lost: errors.Join(f.untold(ctx, err), s.cells.of.write(out.traces)),
	}.finish(cmd)
}

// runnable returns the plans that can have a verdict, and the cells that are left out.
func (f *runFlags) runnable(args []string) (plans []plan.Plan, skipped []analyze.Skipped, err error) {
	plans, skipped, err = f.plans(args)
	if err != nil {
		return nil, nil, err
	}
	plans, refused, err := f.refuse(f.scenarios(args), plans)
	if err != nil {
		return nil, nil, err
	}
	skipped = append(skipped, refused...)
	if len(plans) == 0 {
		return nil, nil, nothingToRun(skipped)
	}
	return plans, skipped, f.affordable(plans)
}

// untold returns the part of the labs' error that is not shown elsewhere. With --all the cells show the failure of a lab, and an interrupted
// run has its own message. Neither shows a trace that could not be written.
func (f runFlags) untold(ctx context.Context, err error) error {
	told := f.all || context.Cause(ctx) == errInterrupted
	if told && !errors.Is(err, sim.ErrNotKept) {
		return nil
	}
	return err
}

// check refuses flags out of range and sets the defaults that depend on the clock.
func (f *runFlags) check(seeded bool, now time.Time) error {
	switch {
	case f.trials < 1 || f.trials > maxTrials:
		return refusef("flag-value", "-n %d: want 1 to %d trials", f.trials, maxTrials)
	case f.retries < 0 || f.retries > plan.MaxRetries:
		return refusef("flag-value", "--retries %d: want 0 to %d", f.retries, plan.MaxRetries)
	case f.jobs < 0 || f.jobs > 16:
		return refusef("flag-value", "-j %d: want 1 to 16 labs side by side", f.jobs)
	}
	if !seeded {
		f.seed = uint64(now.UnixNano()) % 1_000_000
	}
	return errors.Join(checkFormat(f.format), f.exports.check())
}

// open opens the directory of the report: the one from -o, or a new one.
func (f runFlags) open(started time.Time) (*output, error) {
	if f.out != "" {
		return openOutput(f.out, f.overwrite)
	}
	return openFresh(filepath.Join("out", started.Format("20060102-150405")))
}

// withSignals are bundled designs with a reaction to signals. With --all they run in addition to the same designs without it.
var withSignals = []string{"shared-cooling@drain"}

// scenarios returns the named scenarios, or the default.
func (f runFlags) scenarios(args []string) []string {
	switch {
	case len(args) == 0 && f.all:
		return scenarios.Library()
	case len(args) == 0:
		return []string{"node-death"}
	}
	return args
}

// nothingToRun is the error of a run without a cell.
func nothingToRun(skipped []analyze.Skipped) error {
	return refusef("nothing-to-run", "no scenario fits any of the designs; the first of %d reasons: %s", len(skipped), skipped[0].Reason)
}

// plans reads every file and compiles every cell. The error joins all problems. With --all a scenario that does not fit a design is
// skipped.
func (f *runFlags) plans(args []string) (plans []plan.Plan, skipped []analyze.Skipped, err error) {
	args = f.scenarios(args)
	if len(f.topologies) == 0 {
		f.topologies = topology.Designs()
		if f.all {
			f.topologies = append(f.topologies, withSignals...)
		}
	}
	var errs []error
	var designs []*topology.Topology
	var owns []*owned
	faults := slices.Clone(args)
	args = slices.DeleteFunc(slices.Clone(args), isFault)
	faults = slices.DeleteFunc(faults, func(a string) bool { return slices.Contains(args, a) })
	for _, name := range f.topologies {
		if isOwn(name) {
			o, err := f.own.open(name)
			if errs = append(errs, err); err == nil {
				owns, designs = append(owns, o), append(designs, o.t)
			}
			continue
		}
		t, err := topology.Load(name)
		errs = append(errs, err)
		designs = append(designs, t)
	}
	var todo []*scenarios.Scenario
	for _, name := range args {
		s, err := scenarios.Open(name, analyze.Expectable())
		errs = append(errs, err)
		todo = append(todo, s)
	}
	errs = append(errs, refuseFaults(faults, len(owns) > 0))
	if err := errors.Join(errs...); err != nil {
		return nil, nil, invalid(err)
	}
	for _, o := range owns {
		for _, arg := range faults {
			p, err := o.compile(arg, f.seed, f.trials)
			if errs = append(errs, err); err == nil {
				plans = append(plans, *p)
			}
		}
	}
	taken := map[string]bool{} // by the names in the file names of traces
	for _, s := range todo {
		for _, t := range designs {
			cell := t.Name + "--" + s.Name
			if taken[cell] {
				errs = append(errs, reason.Errorf("repeated-cell", "%s on %s is named twice: two cells cannot write the same trace files; rename one", s.Name, t.Name))
				continue
			}
			taken[cell] = true
			p, err := f.compile(s, t)
			switch {
			case err == nil:
				plans = append(plans, *p)
			case f.all:
				skipped = append(skipped, analyze.Skipped{Topology: t.Name, Scenario: s.Name, Reason: plan.Reason(err), Code: firstCode(err)})
			default:
				errs = append(errs, err)
			}
		}
	}
	return plans, skipped, invalid(errors.Join(errs...))
}

// firstCode returns the outermost code of an error; empty: it has none.
func firstCode(err error) string {
	if codes := reason.Codes(err); len(codes) > 0 {
		return codes[0]
	}
	return ""
}

// compile compiles a cell. With --all it cuts the phases, and the error may be that the scenario does not fit the design.
func (f *runFlags) compile(s *scenarios.Scenario, t *topology.Topology) (*plan.Plan, error) {
	if !f.all {
		return plan.Compile(t, s, f.seed, f.trials)
	}
	if why := campaign.Skip(s, t); why.Code != "" {
		return nil, reason.Errorf(why.Code, "%s", why.Text)
	}
	p, err := plan.Compile(t, s, f.seed, f.trials)
	if err != nil {
		return nil, err
	}
	return plan.Compile(t, campaign.Shorten(p, s, analyze.Expectable()), f.seed, f.trials)
}
