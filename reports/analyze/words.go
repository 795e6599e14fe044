package analyze

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// figure writes a number with so many significant digits and no exponent: 0.0123, 3.20, 1230.
func figure(v float64, digits int) string {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', digits-1, 64), 64) // makes 1000 of 999.6 first
	if err != nil {
		rounded = v
	}
	magnitude := int(math.Floor(math.Log10(math.Abs(rounded)) + 1e-12))
	return strconv.FormatFloat(rounded, 'f', max(digits-1-magnitude, 0), 64)
}

// timeUnit is the unit that suits a time of so many ms, and how many ms it has.
func timeUnit(ms float64) (unit string, size float64) {
	switch a := math.Abs(ms); {
	case a >= 999.5:
		return "s", 1000
	case a >= 0.9995 || a < 1e-6:
		return "ms", 1
	default:
		return "us", 0.001
	}
}

// duration writes a time given in ms: 3.20 s, 214 ms, 85.0 us.
func duration(ms float64) string { return inUnit(ms, "ms", 3) }

// uncertain writes a time in ms with its uncertainty, to the digit that this leaves: 3.394 s ± 8 ms, or as a range where something made it
// wide: 3.59-4.83 s.
func uncertain(v float64, g Range) string {
	off := g.off(v)
	switch {
	case g.Why != "" && !math.IsInf(g.Hi, 0):
		return span(g.Lo, g.Hi)
	case math.IsInf(off, 0):
		return "at least " + duration(g.Lo)
	case off == 0:
		return duration(v)
	}
	unit, size := timeUnit(v)
	if v == 0 {
		unit, size = timeUnit(off)
	}
	decimals := max(0, int(math.Ceil(-math.Log10(off/size)))) // to the digit that the uncertainty leaves
	return strconv.FormatFloat(v/size, 'f', decimals, 64) + " " + unit + " ± " + inUnit(off, "ms", 2)
}

// percent writes a ratio: 62.0 %.
func percent(ratio float64) string { return inUnit(ratio, "ratio", 3) }

// span writes a range of times with its unit once: 2.61-3.61 s.
func span(lo, hi float64) string {
	unit, size := timeUnit(hi)
	return figure(lo/size, 3) + "-" + figure(hi/size, 3) + " " + unit
}

// inUnit writes a value of a measure.
func inUnit(v float64, unit string, digits int) string {
	switch unit {
	case "ms":
		u, size := timeUnit(v)
		return figure(v/size, digits) + " " + u
	case "s":
		return inUnit(1000*v, "ms", digits)
	case "ratio":
		return figure(100*v, digits) + " %"
	case "B/s":
		return volume(v, digits)
	default:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return strconv.FormatFloat(v, 'f', 0, 64)
		}
		return figure(v, digits)
	}
}

// volume writes bytes per second: 512 B/s, 1.50 MiB/s.
func volume(v float64, digits int) string {
	switch {
	case v >= 1<<20:
		return figure(v/(1<<20), digits) + " MiB/s"
	case v >= 1<<10:
		return figure(v/(1<<10), digits) + " KiB/s"
	}
	return figure(v, digits) + " B/s"
}

// trimZeros takes needless zeros from a bound that somebody wrote: 2 s, not 2.00 s.
func trimZeros(s string) string {
	number, unit, spaced := strings.Cut(s, " ")
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	if spaced {
		return number + " " + unit
	}
	return number
}

// words gives a measure's name in words: time to first.
func words(measure string) string { return strings.ReplaceAll(measure, "_", " ") }

// dark says what a fault looks like, for people.
var dark = map[scenarios.FaultKind]string{
	scenarios.PowerLoss: "dark", scenarios.Crash: "crashed", scenarios.Hang: "frozen", scenarios.WANLoss: "cut",
	scenarios.DiskFull: "out of disk space", scenarios.DNSFailure: "not answering", scenarios.WANDegrade: "degraded", scenarios.WANFlap: "cut for the first time",
}

// story tells what happened when, from the start of the load: the fault, the mechanisms' events, the users' return.
func (r *run) story() string {
	if r.first() == nil {
		return ""
	}
	type step struct {
		at   int64
		text string
	}
	var steps []step
	for _, s := range r.strikes() {
		became := dark[s.Kind]
		if became == "" {
			became = "struck by " + string(s.Kind)
		}
		steps = append(steps, step{s.effect.At, strings.Join(s.places, ", ") + " " + became})
	}
	m := r.mechanisms()
	for _, e := range append([]*trace.Event{m.left, m.master}, m.downs...) {
		switch {
		case e == nil:
		case e.Kind == proxy.EventVRRP:
			steps = append(steps, step{e.At, "VRRP " + strings.ToLower(e.State) + " " + e.Node})
		case e.Kind == proxy.EventRecord:
			steps = append(steps, step{e.At, "record " + e.Subject + " withdrawn by " + e.Node})
		case e.Kind == proxy.EventPACBad:
			steps = append(steps, step{e.At, labelOf(*e)})
		default:
			steps = append(steps, step{e.At, cmp.Or(e.Subject, r.target()) + " down at " + e.Node})
		}
	}
	for _, e := range r.events {
		if e.Kind == proxy.EventServiceExit && r.deadly(e) {
			steps = append(steps, step{e.At, e.Service + " on " + e.Node + " died of it (" + e.Text + ")"})
		}
	}
	switch r.ender {
	case EndedByMechanism:
		steps = append(steps, step{r.outage.back, "users back"})
	case EndedByRepair:
		steps = append(steps, step{r.repair, "repair begins"}, step{r.outage.back, "users back"})
	case EndedByNobody:
		steps = append(steps, step{r.repair, "repair begins"}, step{r.end, "trial ended, users not back"})
	}
	slices.SortStableFunc(steps, func(a, b step) int { return int(min(max(a.at-b.at, -1), 1)) })
	var out []string
	for _, s := range steps {
		out = append(out, fmt.Sprintf("%s at %.2f s", s.text, float64(s.at)/1e9))
	}
	return strings.Join(out, "; ")
}
