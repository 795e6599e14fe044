package reports

import (
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/seed-ab8b6914/spof/planner"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/units"
)

//go:embed templates
var templates embed.FS

// page is the data of report.html.
type page struct {
	*analyze.Report
	Style       template.CSS
	Designs     int // different topologies among the cells
	Comparisons []comparison
	Views       []cellView
	Matrix      *matrix // nil: the cells are few
	Many        bool    // there are too many cells to show a card for each
}

// comparison compares the designs under one scenario.
type comparison struct {
	Scenario string
	Cells    []analyze.Cell
	Chart    template.HTML
	Savings  []string // outage saved by chassis signals
	Optional []measure
}

// cellView is a cell with its pictures.
type cellView struct {
	analyze.Cell
	ID       string // of its section in the page
	Pictures []picture
	Split    template.HTML // the parts of the failovers; empty: no failover is divided
	Unsplit  []string      // what is not known of the parts, and why
}

// Optional returns the measures of the cell that only some designs have.
func (v cellView) Optional() []measure { return optionalMeasures(v.Cell) }

// picture is the timeline of one trial.
type picture struct {
	Trial   *analyze.Trial // nil: unknown
	Index   int
	Again   int // how often the trial was run before
	Chart   template.HTML
	Close   template.HTML // close-up of the failover; empty if Chart shows enough of it
	Events  []placedEvent
	Hidden  int // events that are not drawn
	Zero    float64
	Legend  []key
	Machine bool // it shows the load of the machine
	Open    bool
}

// HasFault reports whether the picture shows a fault and the return of service.
func (p picture) HasFault() bool { return p.Trial != nil && p.Trial.FailoverMS != nil }

// writeHTML writes report.html: one file without scripts that loads no other file.
func writeHTML(w io.Writer, rep *analyze.Report, timelines []analyze.Timeline) error {
	style, err := templates.ReadFile("templates/report.css")
	if err != nil {
		return err
	}
	t, err := template.New("report.tmpl").Funcs(functions).ParseFS(templates, "templates/*.tmpl")
	if err != nil {
		return err
	}
	p := page{Report: rep, Style: template.CSS(style), Comparisons: byScenario(rep.Cells), Matrix: newMatrix(rep), Many: len(rep.Cells) >= manyCells}
	designs := map[string]bool{}
	for i, c := range rep.Cells {
		designs[c.Topology] = true
		p.Views = append(p.Views, cellView{Cell: c, ID: fmt.Sprintf("cell-%d", i+1), Pictures: pictures(c, timelines), Split: drawSplit(c), Unsplit: unsplit(c)})
	}
	p.Designs = len(designs)
	var b strings.Builder
	if err := t.Execute(&b, p); err != nil {
		return err
	}
	_, err = io.WriteString(w, strings.Map(visible, b.String()))
	return err
}

// visible removes control and format characters from a page. Names in files may have them.
func visible(r rune) rune {
	if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf) {
		return -1
	}
	return r
}

// functions are the functions of the templates.
var functions = template.FuncMap{
	"duration":     duration,
	"durationOr":   durationOr,
	"percent":      percent,
	"share":        share,
	"plural":       plural,
	"symbol":       symbol,
	"headline":     headline,
	"failover":     failoverText,
	"noticed":      noticedText,
	"failoverCell": failoverCell,
	"lost":         lostRatio.text,
	"qsteady":      qSteady.text,
	"qmin":         qMin.text,
	"failback":     failback.text,
	"loss":         loss.text,
	"fast":         fastAgain.text,
	"endedBy":      endedBy,
	"rangeReasons": rangeReasons,
	"notes":        notes,
	"bounds":       boundsOf,
	"predicted":    predictedText,
	"scope":        scope,
	"inside":       insideText,
	"seconds":      seconds,
	"us":           func(us float64) string { return units.Write(us, "us") },
	"measure":      func(name string, t analyze.Trial) string { return at(name).of(t) },
	"otherReasons": otherReasons,
	"volume":       volume,
	"attempts":     attempts,
	"parts":        parts,
	"splitKeys":    func() []key { return splitKeys },
	"money":        planner.Money,
	"hours":        planner.Span,
	"buys":         buys, "carried": usersCarried,
}

// parts splits a figure at the places where a line may break: before its range, and after a semicolon.
func parts(figure string) []string {
	return strings.Split(strings.NewReplacer(" (", "\n(", "; ", ";\n").Replace(figure), "\n")
}

func seconds(s float64) string { return duration(1000 * s) }

// failoverCell is a trial's failover with its uncertainty, or the reason why there is none.
func failoverCell(t analyze.Trial) string {
	switch absent(t) {
	case present:
		return failover.of(t)
	case byRepair:
		return failover.of(t) + ", by the repair"
	case never:
		return "never (not back when the trial ended)"
	case unknown:
		return "unknown"
	default:
		return none
	}
}

// rangeReasons are the reasons why figures of a trial are ranges, each once.
func rangeReasons(t analyze.Trial) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(t.Ranges)) {
		if why := t.Ranges[name].Why; why != "" && !slices.Contains(all, why) {
			all = append(all, why)
		}
	}
	return cmp.Or(strings.Join(all, "; "), none)
}

// predictedText is the prediction for a cell with its formula, or the reason why there is none.
func predictedText(c analyze.Cell) string {
	for _, t := range c.Trials {
		if p := t.Predicted; p != nil {
			if p.Hi <= 0 {
				return p.Text
			}
			return bounded(*p) + span(p.Lo, p.Hi) + ": " + p.Text
		} else if t.Unpredicted != "" {
			return "none: " + t.Unpredicted
		}
	}
	return ""
}

// bounded names the mechanism's event that a prediction bounds; empty if it bounds the failover.
func bounded(p analyze.Predicted) string {
	if !p.EventOnly {
		return ""
	}
	return strings.ReplaceAll(p.Event, "-", " ") + " after "
}

// insideText says whether a trial is inside its prediction.
func insideText(p *analyze.Predicted) string {
	if p == nil {
		return none
	}
	mark, where := "✗", " outside "
	if p.Inside {
		mark, where = "✓", " inside "
	}
	switch {
	case p.Never:
		return mark + " predicted: not before the repair"
	case p.Hi <= 0:
		return mark + " predicted no outage"
	}
	return mark + where + noBreak(bounded(*p)+span(p.Lo, p.Hi))
}

// scope gives the number of trials in a cell's figures, and the range of their failovers. Void trials do not count.
func scope(c analyze.Cell) string {
	s := plural(len(c.Trials), "trial")
	m, ok := failover.over(c)
	if n := m.N + m.Missing; ok && n < len(c.Trials) {
		s = share(n, len(c.Trials)) + " trials"
	}
	if ok && m.N > 1 {
		s = "median of " + s + ", " + noBreak(span(m.Min, m.Max))
	}
	return s
}

// noBreak keeps the figures and units of a range on one line.
func noBreak(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") }

// byScenario groups the cells by scenario, in the order of the report.
func byScenario(cells []analyze.Cell) (cs []comparison) {
	at := map[string]int{}
	for _, c := range cells {
		i, ok := at[c.Scenario]
		if !ok {
			i = len(cs)
			at[c.Scenario] = i
			cs = append(cs, comparison{Scenario: c.Scenario})
		}
		cs[i].Cells = append(cs[i].Cells, c)
	}
	for i := range cs {
		cs[i].Chart = drawComparison(cs[i].Cells)
		cs[i].Savings = savings(cs[i].Cells)
		cs[i].Optional = optionalMeasures(cs[i].Cells...)
	}
	return cs
}

// pictures draws the timelines of a cell. The first is open.
func pictures(c analyze.Cell, timelines []analyze.Timeline) (ps []picture) {
	for i := range timelines {
		tl := &timelines[i]
		if tl.Topology != c.Topology || tl.Scenario != c.Scenario {
			continue
		}
		events := place(tl.Events, whole(tl))
		p := picture{
			Index: tl.Trial, Again: tl.Attempt, Events: events, Hidden: len(tl.Events) - len(events), Zero: zeroOf(tl), Legend: legend(tl), Machine: len(tl.Machine) > 0,
			Open: len(ps) == 0,
		}
		for _, t := range slices.Concat(c.Trials, c.Repeated) {
			if t.Trial == tl.Trial && t.Attempt == tl.Attempt {
				p.Trial = &t
			}
		}
		p.Chart = drawTimeline(tl, p.Trial, whole(tl))
		if x, ok := closeUp(tl); ok {
			p.Close = drawTimeline(tl, p.Trial, x)
		}
		ps = append(ps, p)
	}
	return ps
}
