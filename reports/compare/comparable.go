package compare

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// unproven notes what a comparison without measured values cannot tell: both verdicts are inconclusive, or neither side was run (see
// analyze.Planned), their plans differ, and a fault has no prediction.
func (c *Cell) unproven() {
	switch base, new := c.Base.Verdict, c.New.Verdict; {
	case base == analyze.Inconclusive && new == analyze.Inconclusive:
		c.note("verdict-unknown", Unknown, "both verdicts are inconclusive, and nothing else is compared")
	case base != "" || new != "", c.base.DesignHash == c.new.DesignHash && c.base.LoadHash == c.new.LoadHash:
	case len(c.base.Predictions)+len(c.new.Predictions) == 0:
		c.note("not-predicted", Unknown, "the sides differ, and without a fault nothing is predicted: measure them, without --static")
	default:
		for i := range max(len(c.base.Predictions), len(c.new.Predictions)) {
			b, n := at(c.base.Predictions, i), at(c.new.Predictions, i)
			if b == nil || n == nil || interval(b) == nil && interval(n) == nil {
				c.note("not-predicted", Unknown, "the sides differ, and nothing compares for fault %d: measure them, without --static", i+1)
			}
		}
	}
}

// comparable reports whether the measured values of the two sides may be compared. It notes every difference beside the design.
func (c *Cell) comparable(base, new *analyze.Report, o Options) bool {
	if o.Static {
		return false
	}
	fit := true
	for _, d := range Differences(Measurement{base.Version, c.base}, Measurement{new.Version, c.new}) {
		if slices.Contains(o.Accept, d.Code) {
			c.note(d.Code, Same, "%s (accepted)", d.Text)
			continue
		}
		fit = false
		c.note(d.Code, Unknown, "measured values are not compared: %s", d.Text)
	}
	return fit
}

// Acceptable are the codes that Options.Accept may have.
var Acceptable = []string{"other-runtime", "other-machine", "other-engines", "other-version", "other-load", "other-target"}

// Measurement is a cell with the version of spof that measured it.
type Measurement struct {
	Version string
	*analyze.Cell
}

// Differences lists why the measured values of two cells cannot be compared: not because of the design, but of what is around it. The
// codes are those of Acceptable.
func Differences(base, new Measurement) (all []Note) {
	differ := func(code, what string, a, b any) {
		if x, y := fmt.Sprint(a), fmt.Sprint(b); x != y {
			all = append(all, Note{Code: code, Text: fmt.Sprintf("%s: %s and %s", what, known(x), known(y))})
		}
	}
	differ("other-runtime", "the runtimes differ", base.Runtime, new.Runtime)
	differ("other-machine", "the machines differ", MachineClass(base.Machine), MachineClass(new.Machine))
	differ("other-engines", "the engines differ", EngineVersions(base.Machine), EngineVersions(new.Machine))
	differ("other-version", "the versions of spof differ", base.Version, new.Version)
	if base.LoadHash != new.LoadHash {
		all = append(all, Note{Code: "other-load", Text: "the scenarios differ in their load, phases, faults or definition of service (run --all cuts phases by the prediction)"})
	}
	differ("other-target", "the faults strike other nodes", targets(base.Cell), targets(new.Cell))
	if MachineClass(base.Machine) == "" && MachineClass(new.Machine) == "" {
		all = append(all, Note{Code: "other-machine", Text: "the reports do not say on which machine they were measured"})
	}
	return all
}

func known(text string) string {
	if text == "" {
		return "unknown"
	}
	return text
}

// MachineClass names the machine's class: processors, their model, and the release of the kernel without its patch level. Empty: not known.
func MachineClass(m analyze.Machine) string {
	if m.CPUs == 0 {
		return ""
	}
	release := strings.SplitN(m.Kernel, ".", 3)
	return fmt.Sprintf("%d x %s, Linux %s", m.CPUs, m.Processor, strings.Join(release[:min(2, len(release))], "."))
}

// EngineVersions lists the real engines with their versions, by name. Empty: none, or not known.
func EngineVersions(m analyze.Machine) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(m.Engines)) {
		all = append(all, name+" "+m.Engines[name])
	}
	return strings.Join(all, ", ")
}

func targets(c *analyze.Cell) string {
	var all []string
	for _, p := range c.Predictions {
		all = append(all, p.Kind+" "+strings.Join(p.Strikes, ", "))
	}
	return strings.Join(all, "; ")
}

// seeds notes that the two reports drew other phases. The test is for independent samples, so it holds for any seeds.
func seeds(base, new *analyze.Report) []Note {
	if base.Seed == new.Seed {
		return nil
	}
	return []Note{{Code: "other-seed", Change: Same,
		Text: fmt.Sprintf("the seeds differ (%d and %d): the phases were drawn anew; the tests hold for independent draws", base.Seed, new.Seed)}}
}
