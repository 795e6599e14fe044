package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/capacity"
	"github.com/seed-ab8b6914/spof/reports/units"
)

// CapacitySchema describes the JSON of CapacityJSON as a JSON Schema, draft 2020-12.
func CapacitySchema() map[string]any {
	s := schemaOf(reflect.TypeFor[capacity.Report]())
	s["properties"].(map[string]any)["schema"] = map[string]any{"const": capacity.Schema}
	return s
}

// CapacityJSON writes the capacity of a design as JSON. Lists are never null.
func CapacityJSON(w io.Writer, r *capacity.Report) error {
	full := *r
	full.Gates, full.States = list(r.Gates), list(slices.Clone(r.States))
	for i := range full.States {
		s := &full.States[i]
		s.Lost, s.Tried, s.Steps = list(s.Lost), list(s.Tried), list(s.Steps)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(full)
}

// CapacityText writes the capacity of a design for a terminal: a line for each state, what the figures mean, and the gates.
func CapacityText(w io.Writer, r *capacity.Report) error {
	rows := [][]string{{"STATE", "WITHOUT", "CARRIES", "HEADROOM", "USERS", "GIVES WAY FIRST"}}
	for _, s := range r.States {
		rows = append(rows, capacityRow(r, s))
	}
	var lines []string
	for _, fields := range padded(rows) {
		lines = append(lines, oneLine(joinFields(fields)))
	}
	lines = append(lines, "", fmt.Sprintf("the load is %s of %s; a user makes %s; a rate holds if %s of the requests are answered in time and p95 stays below its limit",
		perSecond(r.Offered), oneLine(r.Scenario), perSecond(r.PerUser), percent(r.Share)))
	for _, g := range r.Gates {
		lines = append(lines, fmt.Sprintf("%s %s carries at least %s: %s", symbol(g.Verdict), g.State, perSecond(g.AtLeast), strings.ToUpper(string(g.Verdict))))
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

func capacityRow(r *capacity.Report, s capacity.State) []string {
	name := s.State
	if s.Worst && slices.ContainsFunc(r.States, func(o capacity.State) bool { return o.State == s.State && !o.Worst }) {
		name += " (worst)"
	}
	if len(s.Tried) == 0 && s.Limit != capacity.ByPath {
		return []string{name, strings.Join(s.Lost, ", "), none, none, none, givesWay(s)}
	}
	return []string{
		name, strings.Join(s.Lost, ", "),
		interval(s.Carries, perSecond), interval(s.Headroom, percent),
		interval(s.Users, func(v float64) string { return strconv.FormatFloat(v, 'f', 0, 64) }),
		givesWay(s),
	}
}

// interval writes a range; without an upper end it is a lower bound.
func interval(g analyze.Range, write func(float64) string) string {
	switch {
	case math.IsInf(g.Hi, 1):
		return "at least " + write(g.Lo)
	case g.Lo == g.Hi:
		return write(g.Lo)
	}
	return write(g.Lo) + " to " + write(g.Hi)
}

func perSecond(rate float64) string { return units.Number(rate, 3) + "/s" }

// givesWay says what gives way first in a state, or why that is not known.
func givesWay(s capacity.State) string {
	why := map[capacity.Limit]string{
		capacity.ByDesign: s.First, capacity.ByMost: "nothing up to the highest rate", capacity.ByPath: "no request has a path (not measured)",
		capacity.ByMachine: "this machine is the limit", capacity.ByOutage: "the service did not return",
		capacity.ByBacklog: "the service did not recover from an overload", capacity.ByBudget: "not known: the time was over",
	}[s.Limit]
	if s.Carries.Why != "" {
		why += ": " + s.Carries.Why
	}
	if s.First != "" && s.Limit != capacity.ByDesign {
		why += "; at a higher rate " + s.First
	}
	if s.Reach > 0 && s.Reach < 1-1e-9 {
		why += fmt.Sprintf("; %s of the requests have a path", percent(s.Reach))
	}
	return why
}
