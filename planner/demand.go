package planner

import (
	"slices"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// hoursPerWeek is the length of a demand curve.
const hoursPerWeek = 7 * 24

// Demand is the share of the users who are at work, 0 to 1, in each hour of a week from Monday 00:00.
type Demand [hoursPerWeek]float64

// Mean is the mean share.
func (d Demand) Mean() (mean float64) {
	for _, share := range d {
		mean += share / hoursPerWeek
	}
	return mean
}

// Peak is the greatest share.
func (d Demand) Peak() float64 { return slices.Max(d[:]) }

// The named curves, the default first.
const (
	flat        = "flat"
	officeHours = "office-hours"
)

// office is an assumed curve: all users from Monday to Friday, 8 to 18, and one of twenty at other times.
func office() (d Demand) {
	for hour := range d {
		d[hour] = 0.05
		if day, of := hour/24, hour%24; day < 5 && of >= 8 && of < 18 {
			d[hour] = 1
		}
	}
	return d
}

func everyHour() (d Demand) {
	for hour := range d {
		d[hour] = 1
	}
	return d
}

// demand reads a curve: its name, or a share for each hour of a week.
func demand(v yamlfile.Value) (d Demand) {
	if !v.IsList() {
		if v.OneOf(flat, flat, officeHours) == officeHours {
			return office()
		}
		return everyHour()
	}
	values := v.List()
	v.Holds(hoursPerWeek, hoursPerWeek)
	if len(values) != hoursPerWeek {
		v.Refuse("demand-length", "%d values; want %d, one for each hour of a week from Monday 00:00, or one of %s, %s", len(values), hoursPerWeek, flat, officeHours)
		return everyHour()
	}
	for hour, at := range values {
		d[hour] = at.Ratio(0)
	}
	if d.Mean() == 0 {
		v.Refuse("no-demand", "no user is ever at work; want a share above 0%% in some hour")
	}
	return d
}
