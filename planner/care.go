package planner

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// The most that a plan may say of its care.
const (
	maxMembers = 1000
	maxParts   = 10_000
	maxWeeks   = 520
)

// care reads who repairs, with what parts, and when maintenance is. It comes after the table of components.
func (d *decoder) care(o yamlfile.Object) {
	d.crews(o.Get("crews"))
	d.spares(o.Get("spares"))
	d.maintenance(o.Get("maintenance"))
}

func (d *decoder) crews(v yamlfile.Value) {
	of := map[string]string{}
	for _, e := range v.Entries() {
		o := e.Value.Object("members", "kinds")
		c := system.Crew{Name: e.Name, Members: o.Require("members").Int(1, 1, maxMembers)}
		for _, at := range o.Require("kinds").List() {
			kind := d.failing(at)
			if other, has := of[kind]; has && kind != "" {
				at.Refuse("two-crews", "crew %s repairs %s already; a kind has one crew", other, kind)
			}
			of[kind] = e.Name
			c.Kinds = append(c.Kinds, kind)
		}
		d.p.Care.Crews = append(d.p.Care.Crews, c)
	}
}

func (d *decoder) spares(v yamlfile.Value) {
	for _, e := range v.Entries() {
		d.failing(e.Key)
		o := e.Value.Object("parts", "lead")
		d.p.Care.Stocks = append(d.p.Care.Stocks, system.Stock{Kind: e.Name, Parts: o.Require("parts").Int(0, 0, maxParts), Lead: component.Time(o.Require("lead"))})
	}
}

func (d *decoder) maintenance(v yamlfile.Value) {
	for _, e := range v.Entries() {
		o := e.Value.Object("kinds", "start", "weeks", "lasts", "careful")
		w := system.Window{Name: e.Name, Start: weekTime(o.Require("start")), Weeks: o.Get("weeks").Int(1, 1, maxWeeks),
			Lasts: component.Time(o.Require("lasts")), Careful: o.Get("careful").Bool(false)}
		kinds := o.Require("kinds")
		for _, at := range kinds.List() {
			if kind := d.failing(at); kind != "people" {
				w.Kinds = append(w.Kinds, kind)
			} else {
				at.Refuse("people-window", "people are not out of service in a window; their failures are mistakes, so want kinds of hardware or software, such as node")
			}
		}
		if kinds.IsList() && len(w.Kinds) == 0 {
			kinds.Refuse("no-kinds", "window %s is for no kind of component; name at least one, such as [node]", w.Name)
		}
		if every := float64(w.Weeks * hoursPerWeek); w.Lasts != nil && w.Lasts.Mean() >= every {
			o.Get("lasts").Refuse("window-too-long", "a component is out of service for %s on average, and the next window begins after %s; want a shorter one, or more weeks", Span(w.Lasts.Mean()), Span(every))
		}
		d.p.Care.Windows = append(d.p.Care.Windows, w)
	}
}

// failing reads a kind of the table that fails by itself: a mechanism has nothing to repair.
func (d *decoder) failing(v yamlfile.Value) string {
	kinds := slices.DeleteFunc(d.p.Table.Kinds(), func(kind string) bool { return !d.p.Table.Row(kind, "").Failure.Known() })
	kind := v.Reference()
	if kind != "" && !slices.Contains(kinds, kind) {
		v.Refuse("unknown-kind", "unknown kind %q%s; valid: %s", kind, yamlfile.Suggest(kind, kinds), strings.Join(kinds, ", "))
		return ""
	}
	return kind
}

// weekdays are the names of days in a plan.
var weekdays = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

// weekTime reads a time of the week, in hours from Monday 00:00.
func weekTime(v yamlfile.Value) float64 {
	words := "a day and a time such as Sun 03:00; days: " + strings.Join(weekdays, ", ")
	text := v.String()
	v.Must(fmt.Sprintf(`^(%s) ([01][0-9]|2[0-3]):[0-5][0-9]$`, strings.Join(weekdays, "|")), words)
	name, clock, _ := strings.Cut(text, " ")
	day := slices.Index(weekdays, name)
	at, err := time.Parse("15:04", clock)
	if text != "" && (day < 0 || err != nil || len(clock) != len("15:04")) {
		v.Refuse("week-time", "%q: want %s", text, words)
	}
	return float64(24*max(day, 0)+at.Hour()) + float64(at.Minute())/60
}
