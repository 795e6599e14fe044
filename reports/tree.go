package reports

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reliability/faulttree"
	"github.com/seed-ab8b6914/spof/reports/units"
)

// TreeFormat is the format of the JSON of a fault tree.
const TreeFormat = "spof/tree/v1"

// Tree is what a fault tree says. What does not exist is null: cut sets and Fussell-Vesely of a tree that is not coherent, frequencies if no
// event has one.
type Tree struct {
	Schema          string           `json:"schema"`
	Tree            string           `json:"tree"`
	Top             string           `json:"top"`
	Gates           int              `json:"gates"`
	Events          int              `json:"events"` // groups of common causes expanded
	Coherent        bool             `json:"coherent"`
	Unavailability  float64          `json:"unavailability"`
	HoursPerYear    float64          `json:"hours_per_year"`
	FailuresPerYear *float64         `json:"failures_per_year"`
	MeanOutageHours *float64         `json:"mean_outage_hours"`
	Orders          []float64        `json:"cut_set_orders"` // minimal cut sets by their number of events, from 0
	Listed          int              `json:"listed_order"`   // cut sets of more events are not among those below
	CutSets         []TreeCutSet     `json:"cut_sets"`       // the likeliest first
	Importances     []TreeImportance `json:"importances"`    // the most critical first
}

// TreeCutSet is a minimal cut set.
type TreeCutSet struct {
	Events      []string `json:"events"`
	Probability float64  `json:"probability"`
	Shares      []string `json:"shares"` // what at least two of the events have in common
}

// TreeImportance has the importances of an event, by the definitions of docs/fault-trees.md.
type TreeImportance struct {
	Event               string   `json:"event"`
	Unavailability      float64  `json:"unavailability"`
	Birnbaum            float64  `json:"birnbaum"`
	Criticality         float64  `json:"criticality"`
	FussellVesely       *float64 `json:"fussell_vesely"`
	Diagnosis           float64  `json:"diagnosis"`
	RAW                 float64  `json:"raw"`
	RRW                 *float64 `json:"rrw"` // null: infinite, the event is needed for every failure
	Differential        float64  `json:"differential"`
	DifferentialUniform float64  `json:"differential_uniform"`
	FailuresPerYear     float64  `json:"failures_per_year"`
}

// mostSets bounds the cut sets that are made to find the likeliest.
const mostSets = 200_000

// TreeOf computes a tree. Cut sets have at most order events; at most limit sets and importances are kept, 0: all. Of more sets than can be
// made only the smaller ones are listed. It fails with the problems of the tree, and with the code too-many-nodes.
func TreeOf(t faulttree.Tree, order, limit int) (*Tree, error) {
	a, err := faulttree.Analyse(t)
	if err != nil {
		return nil, err
	}
	importances, err := a.Importances()
	if err != nil {
		return nil, fmt.Errorf("the unavailability is %g, but not the importances: %w", a.Unavailability, err)
	}
	r := &Tree{Schema: TreeFormat, Tree: t.Name, Top: t.Top, Gates: len(t.Gates), Events: len(a.Events), Coherent: a.Coherent,
		Unavailability: a.Unavailability, HoursPerYear: a.Unavailability * faulttree.HoursPerYear}
	if a.Frequency > 0 {
		r.FailuresPerYear, r.MeanOutageHours = known(a.FailuresPerYear()), known(a.MeanOutage())
	}
	slices.SortFunc(importances, func(a, b faulttree.Importance) int {
		return cmp.Or(cmp.Compare(b.Criticality, a.Criticality), cmp.Compare(a.Event, b.Event))
	})
	importances = first(importances, limit)
	r.Importances = make([]TreeImportance, 0, len(importances))
	for _, i := range importances {
		r.Importances = append(r.Importances, TreeImportance{i.Event, i.Unavailability, i.Birnbaum, i.Criticality, known(i.FussellVesely), i.Diagnosis,
			i.RAW, known(i.RRW), i.Differential, i.DifferentialUniform, i.Failures * faulttree.HoursPerYear})
	}
	if !a.Coherent {
		return r, nil
	}
	return r, r.cutSets(a, order, limit)
}

// cutSets adds the cut sets of at most order events.
func (r *Tree) cutSets(a *faulttree.Analysis, order, limit int) (err error) {
	if r.Orders, err = a.CutSetOrders(order); err != nil {
		return err
	}
	total := 0.0
	for k, n := range r.Orders {
		if total += n; total > mostSets {
			break
		}
		r.Listed = k
	}
	sets, err := a.CutSets(r.Listed, mostSets)
	if err != nil {
		return err
	}
	sets = first(sets, limit)
	r.CutSets = make([]TreeCutSet, len(sets))
	for i, c := range sets {
		r.CutSets[i] = TreeCutSet(c)
	}
	return nil
}

// known is a number that JSON can have, or nil.
func known(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// first gives the first n, of 0 all.
func first[T any](all []T, n int) []T {
	if n > 0 && n < len(all) {
		return all[:n]
	}
	return all
}

// TreeSchema describes the JSON of TreeJSON as a JSON Schema, draft 2020-12.
func TreeSchema() map[string]any {
	s := schemaOf(reflect.TypeFor[Tree]())
	s["properties"].(map[string]any)["schema"] = map[string]any{"const": TreeFormat}
	return s
}

// TreeJSON writes what a tree says as JSON. Lists are never null.
func TreeJSON(w io.Writer, r *Tree) error {
	full := *r
	full.Orders, full.CutSets, full.Importances = list(r.Orders), list(slices.Clone(r.CutSets)), list(r.Importances)
	for i := range full.CutSets {
		full.CutSets[i].Events, full.CutSets[i].Shares = list(full.CutSets[i].Events), list(full.CutSets[i].Shares)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(full)
}

// TreeText writes what a tree says for a terminal.
func TreeText(w io.Writer, r *Tree) error {
	lines := []string{
		fmt.Sprintf("%s, top %s: %d gates, %d events", r.Tree, r.Top, r.Gates, r.Events), "",
		fmt.Sprintf("unavailability %s, %s h a year", figure(r.Unavailability), units.Number(r.HoursPerYear, 3)),
	}
	if r.FailuresPerYear != nil {
		lines = append(lines, fmt.Sprintf("%s failures a year, mean outage %s h", units.Number(*r.FailuresPerYear, 3), units.Number(*r.MeanOutageHours, 3)))
	} else {
		lines = append(lines, "how often it fails is not known: no event has a frequency")
	}
	lines = append(lines, "")
	lines = append(lines, r.setLines()...)
	lines = append(lines, "", fmt.Sprintf("Importances, the most critical of %d events first", r.Events), "")
	lines = append(lines, r.importanceLines()...)
	lines = append(lines, "", "FUSSELL-VESELY: a cut set with the event has failed as a whole, given the outage (Rausand and Høyland). DIAGNOSIS: the event has",
		"happened, given the outage; SCRAM calls it Fussell-Vesely (DIF).")
	for i := range lines {
		lines[i] = oneLine(lines[i])
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

// setLines list the cut sets.
func (r *Tree) setLines() []string {
	if !r.Coherent {
		return []string{"No minimal cut sets: the tree is not coherent, some failures repair the system (spof graph --coherent)."}
	}
	var counts []string
	total := 0.0
	for k, n := range r.Orders {
		if n > 0 && k <= r.Listed {
			total += n
		}
		if n > 0 {
			counts = append(counts, fmt.Sprintf("%.0f of %d", n, k))
		}
	}
	if counts == nil {
		return []string{fmt.Sprintf("Minimal cut sets: none of at most %d events", len(r.Orders)-1)}
	}
	lines := []string{fmt.Sprintf("Minimal cut sets by their number of events: %s (--order %d)", strings.Join(counts, ", "), len(r.Orders)-1), ""}
	rows := [][]string{{"PROBABILITY", "OF THE OUTAGE", "EVENTS"}}
	for _, s := range r.CutSets {
		rows = append(rows, []string{figure(s.Probability), part(s.Probability, r.Unavailability), strings.Join(s.Events, ", ") + shared(s.Shares)})
	}
	for _, fields := range padded(rows) {
		lines = append(lines, joinFields(fields))
	}
	if more := total - float64(len(r.CutSets)); more > 0 {
		lines = append(lines, fmt.Sprintf("and %.0f more (--limit)", more))
	}
	if r.Listed < len(r.Orders)-1 {
		lines = append(lines, fmt.Sprintf("Those of more than %d events are too many to be listed.", r.Listed))
	}
	return lines
}

func shared(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " (they share " + strings.Join(names, ", ") + ")"
}

// importanceLines list the importances.
func (r *Tree) importanceLines() (lines []string) {
	rows := [][]string{{"EVENT", "UNAVAILABILITY", "BIRNBAUM", "CRITICALITY", "FUSSELL-VESELY", "DIAGNOSIS", "RAW", "RRW", "DIFFERENTIAL"}}
	for _, i := range r.Importances {
		rows = append(rows, []string{i.Event, figure(i.Unavailability), figure(i.Birnbaum), figure(i.Criticality), optional(i.FussellVesely, "-"), figure(i.Diagnosis),
			figure(i.RAW), optional(i.RRW, "∞"), figure(i.Differential)})
	}
	for _, fields := range padded(rows) {
		lines = append(lines, joinFields(fields))
	}
	if more := r.Events - len(r.Importances); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more (--limit)", more))
	}
	return lines
}

// figure has four digits.
func figure(v float64) string { return fmt.Sprintf("%.4g", v) }

func optional(v *float64, without string) string {
	if v == nil {
		return without
	}
	return figure(*v)
}

func part(of, whole float64) string {
	if whole == 0 {
		return "-"
	}
	return percent(of / whole)
}
