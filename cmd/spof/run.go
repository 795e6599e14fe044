package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/campaign"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// runFlags are the flags of spof run.
type runFlags struct {
	topologies []string
	runtime    string
	builtin    bool
	trials     int
	retries    int
	seed       uint64
	out        string
	overwrite  bool
	jobs       int
	format     string
	binary     string
	verbose    bool
	all        bool // every bundled scenario and design, where they go together
}

func newRun() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [SCENARIO...]",
		Short: "run scenarios on designs, measure, and report",
		Long: `Run every scenario on every design: bring the design up, drive users through it, break it, measure, and report.
Scenarios and designs are bundled names (spof list) or files. Without arguments: node-death on every bundled design.
With --all every bundled scenario, or those named, runs on every design on which it has a meaning; what is left out is
listed with the reason. The cells of one design share a lab, one after another.`,
		Example: `  spof run
  spof run node-death service-hang -t active-passive -n 10
  spof run ./ours.yaml -t ./proxies.yaml -o out/ours --format json
  spof run --all -o out/matrix
  spof run --all node-death overheat -t active-passive,dual-psu`,
		RunE: func(cmd *cobra.Command, args []string) error { return run(cmd, args, f) },
	}
	fl := cmd.Flags()
	fl.StringSliceVarP(&f.topologies, "topology", "t", nil, "designs, comma-separated: bundled names or files (default all bundled)")
	fl.StringVar(&f.runtime, "runtime", "auto", "docker, local, or auto: real engines in containers, else spof's own in containers, else on loopback")
	fl.BoolVar(&f.builtin, "builtin", false, "spof's own engines in place of Squid, HAProxy, nginx and keepalived (no Debian image needed)")
	fl.IntVarP(&f.trials, "trials", "n", 1, "trials of each cell, 1-1000; each has its own random fault phase")
	fl.IntVar(&f.retries, "retries", defaultRetries, "how often a trial is run again as long as it is inconclusive, 0-10; one that passed or failed never is")
	fl.Uint64Var(&f.seed, "seed", 0, "seed of phases and choices (default: from the clock; printed)")
	fl.StringVarP(&f.out, "out", "o", "", "directory of the report (default out/DATE-TIME)")
	fl.BoolVar(&f.overwrite, "overwrite", false, "replace the earlier report in the directory; other files stay")
	fl.IntVarP(&f.jobs, "jobs", "j", 0, "labs side by side, 1-16; more than the cores can carry blurs the figures (default 1; with --all as many as the cores carry)")
	fl.StringVar(&f.format, "format", "text", "what goes to standard output: text, json")
	fl.StringVar(&f.binary, "node-binary", "", "the static spof program for the nodes (default: this program)")
	fl.BoolVar(&f.all, "all", false, "every scenario on every design on which it has a meaning")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "a line for every event of the faults and mechanisms, as they come")
	return cmd
}

func run(cmd *cobra.Command, args []string, f runFlags) (err error) {
	stderr := cmd.ErrOrStderr()
	started := time.Now()
	if err := f.check(cmd.Flags().Changed("seed"), started); err != nil {
		return err
	}
	every := len(f.topologies) == 0
	plans, skipped, err := f.plans(args)
	if err != nil {
		return err
	}
	plans, hopeless, err := f.refuse(f.scenarios(args), plans)
	if err != nil {
		return err
	}
	skipped = append(skipped, hopeless...)
	if len(plans) == 0 {
		return nothingToRun(skipped)
	}
	ctx, release := interruptible(cmd.Context(), stderr) // until here nothing has to be cleaned up
	defer func() {
		if context.Cause(ctx) == errInterrupted {
			err = interrupted(err)
		}
	}()
	took, err := f.choose(ctx, plans, func(text string) { fmt.Fprintln(stderr, text) })
	if err != nil {
		return err
	}
	rt := took.runtime
	f.builtin = f.builtin || took.builtin
	plans, skipped = took.plans, append(skipped, took.skipped...)
	if len(plans) == 0 {
		return nothingToRun(skipped)
	}
	out, err := f.open(started)
	if err != nil {
		return err
	}
	f.out = out.dir
	defer out.close()
	m := newManifest(plans, f.command(args, rt.Name(), every), f.seed, started)
	m.Skipped = skipped
	if err := m.write(out.traces); err != nil {
		out.forget()
		return err
	}
	room := f.room()
	groups, length := schedule(plans, f.sideBySide(), room)
	announce(stderr, plans, groups, length, rt, took.why, f)
	announceSkipped(stderr, skipped)
	costs := calibrated(engines(rt.Name(), f.builtin))
	f.foretell(stderr, f.scenarios(args), plans, costs)
	if f.sideBySide() > 1 && len(groups) > 1 {
		costs.path = "" // labs beside each other: nobody knows whose doing it was that the processors were busy
	}
	cells := newCells(m)
	broke, err := f.execute(ctx, stderr, plans, groups, length, room, rt, started, costs, out.traces, cells)
	release()
	if cells.trials() == 0 {
		out.forget()
		return err
	}
	cells.brokeOff(plans, broke)
	rep, timelines := cells.report()
	return conclusion{
		rep: rep, timelines: timelines, traces: f.out, into: out.root, format: f.format,
		lost: errors.Join(f.untold(ctx, err), cells.of.write(out.traces)),
	}.tell(cmd)
}

// untold is what of the error that ended the labs is told nowhere else. A run of everything tells of a lab that failed in its
// cells, and an interrupted one says that it was; that a trace could not be kept is seen in neither.
func (f runFlags) untold(ctx context.Context, err error) error {
	told := f.all || context.Cause(ctx) == errInterrupted
	if told && !errors.Is(err, sim.ErrNotKept) {
		return nil
	}
	return err
}

// execute runs the labs, shows how they come along, and puts what they measure into cells. It gives for each plan what its lab ended with.
func (f runFlags) execute(ctx context.Context, stderr io.Writer, plans []plan.Plan, groups [][]int, length time.Duration, room *sim.Room, rt sim.Runtime, started time.Time, costs calibration, out *os.Root, cells *cells) ([]error, error) {
	progress := newProgress(stderr, isTerminal(stderr), f.verbose)
	pace := newPace(stderr, plans)
	broke, err := runLabs(ctx, plans, groups, f.sideBySide(), f.all, func(ctx context.Context, mine []plan.Plan) error {
		err := sim.RunAll(ctx, mine, sim.Options{
			Runtime: rt, Observer: progress.lab(mine, pace.ended), Traces: out, Version: version, Started: started, Room: room,
			Ended: func(t *trace.Trace) string {
				measured, _ := cells.add(t)
				for _, w := range costs.learn(t) {
					progress.say("warning: the first trial shows that %s", w.What)
				}
				return f.again(&measured)
			},
		})
		if ctx.Err() == nil {
			pace.tell(progress.say)
		}
		return err
	})
	room.Clear()
	progress.close()
	if f.all && err == nil {
		pace.closing(length)
	}
	return broke, err
}

// carried is how many requests per second of side by side labs one processor carries: with more, requests leave late.
const carried = 100

// sideBySide is how many labs stand beside each other: as asked for, or for everything two for each processor.
func (f runFlags) sideBySide() int {
	switch {
	case f.jobs > 0:
		return f.jobs
	case f.all:
		return min(2*runtime.NumCPU(), 16)
	}
	return 1
}

// room bounds what the labs beside each other do at once; nil where they are as many as asked for, or one.
func (f runFlags) room() *sim.Room {
	if f.jobs > 0 || f.sideBySide() == 1 {
		return nil
	}
	return sim.NewRoom(carried * int64(runtime.NumCPU()))
}

// announceSkipped says which cells are left out, each reason once.
func announceSkipped(w io.Writer, skipped []analyze.Skipped) {
	if len(skipped) == 0 {
		return
	}
	fmt.Fprintf(w, "%d cell(s) left out:\n", len(skipped))
	for _, line := range reports.SkippedLines(skipped) {
		fmt.Fprintf(w, "  %s\n", line)
	}
}

// check refuses flags out of range and fills in the defaults that depend on the clock.
func (f *runFlags) check(seeded bool, now time.Time) error {
	switch {
	case f.trials < 1 || f.trials > 1000:
		return usageError{fmt.Errorf("-n %d: want 1 to 1000 trials", f.trials)}
	case f.retries < 0 || f.retries > plan.MaxRetries:
		return usageError{fmt.Errorf("--retries %d: want 0 to %d", f.retries, plan.MaxRetries)}
	case f.jobs < 0 || f.jobs > 16:
		return usageError{fmt.Errorf("-j %d: want 1 to 16 labs side by side", f.jobs)}
	case f.format != "text" && f.format != "json":
		return usageError{fmt.Errorf("--format %q: valid are text, json", f.format)}
	}
	if !seeded {
		f.seed = uint64(now.UnixNano()) % 1_000_000
	}
	return nil
}

// open opens the directory of the report: the one that was asked for, or one of the run's own.
func (f runFlags) open(started time.Time) (*output, error) {
	if f.out != "" {
		return openOutput(f.out, f.overwrite)
	}
	return openFresh(filepath.Join("out", started.Format("20060102-150405")))
}

// heeding are the bundled designs that stand beside themselves in a run of everything, with a policy of signals that acts.
var heeding = []string{"shared-cooling@drain"}

// scenarios gives the scenarios to run: those named, or the default.
func (f runFlags) scenarios(args []string) []string {
	switch {
	case len(args) == 0 && f.all:
		return scenarios.Library()
	case len(args) == 0:
		return []string{"node-death"}
	}
	return args
}

// nothingToRun says why no cell is left.
func nothingToRun(skipped []analyze.Skipped) error {
	return usageError{fmt.Errorf("no scenario goes with any of the designs; the first reason: %s", skipped[0].Reason)}
}

// plans reads every file and compiles every cell; all that is wrong is reported at once. With all, a scenario for which a
// design has no place is no mistake, but skipped.
func (f *runFlags) plans(args []string) (plans []plan.Plan, skipped []analyze.Skipped, err error) {
	args = f.scenarios(args)
	if len(f.topologies) == 0 {
		f.topologies = topology.Designs()
		if f.all {
			f.topologies = append(f.topologies, heeding...)
		}
	}
	var errs []error
	var designs []*topology.Topology
	for _, name := range f.topologies {
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
	if err := errors.Join(errs...); err != nil {
		return nil, nil, invalid(err)
	}
	taken := map[string]bool{} // cells by what their traces are named after
	for _, s := range todo {
		for _, t := range designs {
			cell := t.Name + "--" + s.Name
			if taken[cell] {
				errs = append(errs, fmt.Errorf("%s on %s is asked for twice, or two files have these names: the traces of one would replace the other's", s.Name, t.Name))
				continue
			}
			taken[cell] = true
			if f.all {
				if why := campaign.Skip(s, t); why.Code != "" {
					skipped = append(skipped, analyze.Skipped{Topology: t.Name, Scenario: s.Name, Reason: why.Text})
					continue
				}
			}
			p, err := plan.Compile(t, s, f.seed, f.trials)
			if err == nil && f.all {
				p, err = plan.Compile(t, campaign.Shorten(p, s, analyze.Expectable()), f.seed, f.trials)
			}
			switch {
			case err == nil:
				plans = append(plans, *p)
			case f.all:
				skipped = append(skipped, analyze.Skipped{Topology: t.Name, Scenario: s.Name, Reason: plan.Reason(err)})
			default:
				errs = append(errs, err) // which names both
			}
		}
	}
	return plans, skipped, invalid(errors.Join(errs...))
}

// invalid marks an error as one of the user's files or names.
func invalid(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}

// command is the command line that repeats the run on that runtime: the seed in it, where the report goes not. every says
// that no design was named.
func (f runFlags) command(args []string, rt string, every bool) string {
	c := append([]string{"spof", "run"}, args...)
	if f.all {
		c = append(c, "--all")
	}
	if !f.all || !every {
		c = append(c, "-t", strings.Join(f.topologies, ","))
	}
	c = append(c, "-n", fmt.Sprint(f.trials), "--seed", fmt.Sprint(f.seed))
	if f.retries != defaultRetries {
		c = append(c, "--retries", fmt.Sprint(f.retries))
	}
	c = append(c, "--runtime", rt)
	if f.builtin {
		c = append(c, "--builtin")
	}
	if f.jobs > 0 {
		c = append(c, "-j", fmt.Sprint(f.jobs))
	}
	for i, word := range c {
		c[i] = quoted(word)
	}
	return strings.Join(c, " ")
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./,:=@%+-]+$`)

// quoted makes a word safe to paste into a shell.
func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// announce says what is about to happen and how long it may take.
func announce(w io.Writer, plans []plan.Plan, groups [][]int, length time.Duration, rt sim.Runtime, why string, f runFlags) {
	again := ""
	if f.retries > 0 {
		again = fmt.Sprintf("an inconclusive trial is run again, at most %d time(s); ", f.retries)
	}
	fmt.Fprintf(w, "%d cell(s) of %d trial(s) in %d lab(s) on %s (%s); seed %d; %sabout %s; report in %s\n",
		len(plans), f.trials, len(groups), rt.Name(), why, f.seed, again, roughly(length), f.out)
}
