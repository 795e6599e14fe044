package main

import (
	"embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/compare"
	"github.com/seed-ab8b6914/spof/reports/units"
	"github.com/seed-ab8b6914/spof/sim/tempdir"
)

//go:embed gatecheck/*.yaml
var gateFiles embed.FS

// The numbers of spof gate-check. With fewer trials no difference is significant at gateAlpha.
const (
	gateTrials    = 6
	gateMaxTrials = 50
	gateAlpha     = 0.01
)

// gateInterval is the setting of the design that the regressed copy doubles.
const gateInterval = "interval: 1s"

func newGateCheck() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "gate-check",
		Short: "check the gate itself: no alarm where nothing changed, an alarm for a slower check",
		Long: `Measure a small design three times in turns: as it is, once more as it is, and as a copy whose health check has twice the
interval. The comparison of the first two must find no difference; that with the slower copy must find the regression, in the
prediction with its cause and in the measured values.

Exit codes: 0 both are right, 1 one is wrong, 3 inconclusive (a busy machine), 4 invalid usage, 5 environment unavailable,
130 interrupted.`,
		Example: `  spof gate-check --runtime local
  spof gate-check --runtime docker -n 10 -o out/gate-check`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return gateCheck(cmd, f) },
	}
	f.register(cmd.Flags(), gateTrials)
	cmd.Flags().Lookup("trials").Usage = fmt.Sprintf("trials of each side, %d-%d; each has its own random phase of the fault", gateTrials, gateMaxTrials)
	_ = cmd.Flags().MarkHidden("topology") // the design is its own
	return cmd
}

// gateCheck measures the three sides and judges the two comparisons.
func gateCheck(cmd *cobra.Command, f runFlags) (err error) {
	stderr, started := cmd.ErrOrStderr(), time.Now()
	f.format = "text"
	switch {
	case len(f.topologies) > 0:
		return refusef("unused-flag", "spof gate-check has a design of its own; leave -t out")
	case f.trials < gateTrials || f.trials > gateMaxTrials:
		return refusef("flag-value", "-n %d: want %d to %d trials", f.trials, gateTrials, gateMaxTrials)
	}
	if err := f.check(cmd.Flags().Changed("seed"), started); err != nil {
		return err
	}
	ctx, release := interruptible(cmd.Context(), stderr)
	defer settle(ctx, release, &err)
	dir, err := tempdir.Make("gate")
	if err != nil {
		return err
	}
	defer dir.Remove()
	sides, err := gateSides(dir.Path, f)
	if err != nil {
		return err
	}
	if err := alternate(ctx, stderr, f.into(started), f.reproduceGate(), started, gateOptions, sides...); err != nil {
		return err
	}
	return judgeGate(cmd.OutOrStdout(), sides[0].report(), sides[1].report(), sides[2].report())
}

// gateSides writes the design three times, the last with a slower check.
func gateSides(dir string, f runFlags) (sides []*side, err error) {
	text := func(name string) string {
		data, err := gateFiles.ReadFile("gatecheck/" + name)
		if err != nil {
			panic(err) // the files are part of the program
		}
		return string(data)
	}
	design := text("design.yaml")
	write := func(name, data string) (path string) {
		path = filepath.Join(dir, name)
		if bad := os.WriteFile(path, []byte(data), 0o600); err == nil {
			err = bad
		}
		return path
	}
	scenario := write("scenario.yaml", text("scenario.yaml"))
	for _, s := range []struct{ name, about, design string }{
		{"base", "the design", design},
		{"same", "the design once more", design},
		{"slow", "its copy with a slower check", strings.Replace(design, gateInterval, "interval: 2s", 1)},
	} {
		path := write(s.name+".yaml", s.design)
		own := f
		own.topologies = []string{path}
		sides = append(sides, &side{name: s.name, about: s.about, args: []string{scenario}, flags: own, place: strings.NewReplacer(dir+"/", "")})
	}
	return sides, err
}

// reproduceGate is the command line that repeats the check.
func (f runFlags) reproduceGate() string {
	c := fmt.Sprintf("spof gate-check -n %d --seed %d --runtime %s", f.trials, f.seed, quoted(f.runtime))
	if f.builtin {
		c += " --builtin"
	}
	return c
}

// gateOptions test the two measures that the slower check changes: what the users see, and the mechanism's own event.
var gateOptions = compare.Options{Alpha: gateAlpha, Power: 0.9, Effects: compare.DefaultEffects(), Measures: []string{"failover", "event"}}

// judgeGate compares the base with both others, and prints what came out and whether it is right.
func judgeGate(w io.Writer, base, same, slow compare.Named) error {
	null, err := compare.Reports(base, same, gateOptions)
	if err != nil {
		return invalid(err)
	}
	seeded, err := compare.Reports(base, slow, gateOptions)
	if err != nil {
		return invalid(err)
	}
	verdicts := []analyze.Verdict{nullVerdict(&null.Cells[0]), seededVerdict(&seeded.Cells[0])}
	for i, c := range []*compare.Cell{&null.Cells[0], &seeded.Cells[0]} {
		name := []string{"null comparison", "seeded regression"}[i]
		if _, err := fmt.Fprintf(w, "%-18s %s: %s\n", name, strings.ToUpper(string(verdicts[i])), gateText(c)); err != nil {
			return err
		}
	}
	if v := analyze.Merge(verdicts...); v != analyze.Pass {
		return verdictError{v}
	}
	return nil
}

// nullVerdict passes if nothing was found, and everything could be tested.
func nullVerdict(c *compare.Cell) analyze.Verdict {
	if len(c.Predictions) > 0 {
		return analyze.Fail
	}
	verdict := analyze.Inconclusive
	for _, m := range c.Measured {
		switch m.Change {
		case compare.Worse, compare.Better:
			return analyze.Fail
		case compare.Same:
			verdict = analyze.Pass
		}
	}
	return verdict
}

// seededVerdict passes if the prediction names the interval, and a measured value became worse.
func seededVerdict(c *compare.Cell) analyze.Verdict {
	named := len(c.Predictions) == 1 && c.Predictions[0].Change == compare.Worse &&
		len(c.Predictions[0].Causes) == 1 && strings.HasSuffix(c.Predictions[0].Causes[0].Key, ".check.interval")
	if !named {
		return analyze.Fail
	}
	verdict := analyze.Fail // missed
	for _, m := range c.Measured {
		switch m.Change {
		case compare.Worse:
			return analyze.Pass
		case compare.Unknown:
			verdict = analyze.Inconclusive
		}
	}
	if len(c.Measured) == 0 {
		return analyze.Inconclusive
	}
	return verdict
}

// gateText says in one line what a comparison found.
func gateText(c *compare.Cell) string {
	var parts []string
	for _, p := range c.Predictions {
		text := "prediction " + string(p.Change)
		for _, s := range p.Causes {
			text += fmt.Sprintf(" by %s %s -> %s at %s", s.Key, s.Base, s.New, s.NewWhere)
		}
		parts = append(parts, text)
	}
	for _, n := range c.Notes {
		parts = append(parts, n.Text)
	}
	for _, m := range c.Measured {
		text := m.Measure + " " + string(m.Change)
		if m.Shift != nil {
			text += " (shift " + units.Write(*m.Shift, m.Unit)
			if m.PHolm != nil {
				text += ", p " + units.Number(*m.PHolm, 2)
			}
			text += ")"
		}
		parts = append(parts, text+" ["+m.Code+"]")
	}
	return strings.Join(parts, "; ")
}
