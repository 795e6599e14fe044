package lifetime

import (
	"math"
	"slices"
)

// demand is the integral of a week's demand, scaled to a mean of 1.
type demand struct {
	flat   bool
	before [169]float64 // of the hours before each
}

func (c *compiler) demandOf(week *Week) demand {
	if week == nil {
		return demand{flat: true}
	}
	if !week.valid() {
		c.refuse("lifetime-value", "demand: want values of 0 or more, of which one is above 0")
		return demand{flat: true}
	}
	var d demand
	for hour, of := range week {
		d.before[hour+1] = d.before[hour] + of/week.mean()
	}
	return d
}

// between is the demand of the hours from one time to a later one.
func (d *demand) between(from, to float64) float64 {
	if d.flat {
		return to - from
	}
	return d.until(to) - d.until(from)
}

func (d *demand) until(t float64) float64 {
	weeks := math.Floor(t / 168)
	within := t - 168*weeks
	hour := min(int(within), 167)
	return weeks*d.before[168] + d.before[hour] + (within-float64(hour))*(d.before[hour+1]-d.before[hour])
}

func (w *Week) mean() float64 {
	sum := 0.0
	for _, v := range w {
		sum += v
	}
	return sum / float64(len(w))
}

func (w *Week) most() float64 { return slices.Max(w[:]) }

func (w *Week) valid() bool {
	return !slices.ContainsFunc(w[:], func(v float64) bool { return !(v >= 0) || math.IsInf(v, 1) }) && w.most() > 0
}

// hourOf is the hour of the week of a time.
func hourOf(t float64) int { return int(math.Mod(t, 168)) }
