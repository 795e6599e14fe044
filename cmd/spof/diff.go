package main

import (
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/compare"
)

// diffFlags are the flags of every comparison.
type diffFlags struct {
	format   string
	effects  []string
	measures []string
	accept   []string
	alpha    float64
	power    float64
	static   bool
}

func newDiff() *cobra.Command {
	var d diffFlags
	var f runFlags
	var ref string
	cmd := &cobra.Command{
		Use:   "diff BASE NEW | diff --base-ref REF -t DESIGN [SCENARIO...]",
		Short: "compare two reports: what became worse, and which setting is the cause",
		Long: `Compare two reports, cell by cell: the predictions of the timers first, then the verdicts, then the measured values.
BASE and NEW are directories of runs, or their report.json.

With --base-ref, spof takes the files of the designs and scenarios as they stand at a Git ref, and measures both sides on this
machine, one trial of each in turn. Where machines differ this is the only fair way. The other flags of labs are those of spof run.
With --static no lab runs: what the timers of both sides predict is compared, within seconds.

A verdict is worse if Fisher's exact test finds that more trials fail. A measured value has changed if a Mann-Whitney test finds
a difference, the difference is at least the minimum effect, and the uncertainty of the trials does not explain it. Holm's
correction is over all these tests.

Exit codes: 0 no regression, 1 regression, 3 inconclusive (nothing measured, too few trials, a fail that
chance can explain, or nothing that can be compared),
4 bad input, 5 environment unavailable, 130 interrupted.`,
		Example: `  spof diff out/base out/new
  spof diff out/base/report.json out/new --format markdown --min-effect failover=250,ratio=2%
  spof diff --base-ref origin/main -t ./proxies.yaml node-death -n 10 -o out/diff
  spof diff --base-ref origin/main -t ./proxies.yaml node-death --static`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if ref != "" {
				return diffRef(cmd, ref, args, d, f)
			}
			if err := usageArgs(cobra.ExactArgs(2))(cmd, args); err != nil {
				return err
			}
			if err := unused(cmd.Flags(), "spof diff BASE NEW runs no lab: they need --base-ref"); err != nil {
				return err
			}
			return diffReports(cmd.OutOrStdout(), args[0], args[1], d)
		},
	}
	fl := cmd.Flags()
	f.register(fl, 10)
	own := new(pflag.FlagSet)
	d.register(own)
	own.StringVar(&d.format, "format", "text", "standard output: text, json or markdown")
	own.StringVar(&ref, "base-ref", "", "measure the files at this Git ref as the base, and those of the work tree as the new side")
	fl.AddFlagSet(own)
	return cmd
}

// unused refuses the flags of labs where no lab runs, except for some.
func unused(fl *pflag.FlagSet, why string, but ...string) error {
	labs := pflag.NewFlagSet("", pflag.ContinueOnError)
	new(runFlags).register(labs, 10)
	var names []string
	fl.Visit(func(set *pflag.Flag) {
		if labs.Lookup(set.Name) != nil && !slices.Contains(but, set.Name) {
			names = append(names, "--"+set.Name)
		}
	})
	if len(names) == 0 {
		return nil
	}
	return refusef("unused-flag", "%s: %s; leave them out", strings.Join(names, ", "), why)
}

// register adds the flags of a comparison.
func (d *diffFlags) register(fl *pflag.FlagSet) {
	fl.StringSliceVar(&d.effects, "min-effect", nil, "least change that counts: UNIT=VALUE or MEASURE=VALUE (default ms=100,s=0.1,ratio=1%,count=1,factor=0.25,number=0.1,us=1000,B/s=10240)")
	fl.StringSliceVar(&d.measures, "measures", nil, "measures to test (default: the main ones, and those that the scenario bounds)")
	fl.StringSliceVar(&d.accept, "accept", nil, "compare measured values in spite of a difference: its code, for example other-version")
	fl.Float64Var(&d.alpha, "alpha", 0.05, "probability of a false alarm over all tests, 0.0001 to 0.5")
	fl.Float64Var(&d.power, "power", 0.9, "probability by which to state the smallest change that is found, 0.5 to 0.99")
	fl.BoolVar(&d.static, "static", false, "compare predictions and verdicts only; with --base-ref predictions alone, without a lab")
}

// options checks the flags.
func (d diffFlags) options() (o compare.Options, err error) {
	if d.format != "text" && d.format != "json" && d.format != "markdown" {
		return o, refusef("flag-value", "--format %q: valid are text, json, markdown", d.format)
	}
	if !(d.alpha >= 0.0001 && d.alpha <= 0.5) {
		return o, refusef("flag-value", "--alpha %g: want 0.0001 to 0.5", d.alpha)
	}
	if !(d.power >= 0.5 && d.power <= 0.99) {
		return o, refusef("flag-value", "--power %g: want 0.5 to 0.99", d.power)
	}
	o = compare.Options{Alpha: d.alpha, Power: d.power, Measures: d.measures, Accept: d.accept, Static: d.static}
	if o.Effects, err = compare.ParseEffects(d.effects); err != nil {
		return o, invalid(err)
	}
	return o, invalid(compare.Check(o))
}

// diffReports compares the reports at two paths.
func diffReports(w io.Writer, base, new string, d diffFlags) error {
	o, err := d.options()
	if err != nil {
		return err
	}
	b, err := readReport(base)
	if err != nil {
		return err
	}
	n, err := readReport(new)
	if err != nil {
		return err
	}
	if reflect.DeepEqual(b, n) {
		return refusef("same-report", "%s and %s are the same report, and a comparison with itself shows nothing; name the reports of two runs", base, new)
	}
	return d.tell(w, compare.Named{Name: base, Report: b}, compare.Named{Name: new, Report: n}, o)
}

// tell compares two reports, prints the comparison, and turns it into the result of the command.
func (d diffFlags) tell(w io.Writer, base, new compare.Named, o compare.Options) error {
	c, err := compare.Reports(base, new, o)
	if err != nil {
		return invalid(err)
	}
	write := map[string]func(io.Writer, *compare.Comparison) error{"text": reports.DiffText, "json": reports.DiffJSON, "markdown": reports.DiffMarkdown}[d.format]
	if err := write(w, c); err != nil {
		return err
	}
	switch c.Change {
	case compare.Worse:
		return verdictError{analyze.Fail}
	case compare.Unknown:
		return verdictError{analyze.Inconclusive}
	}
	return nil
}
