package lifetime

import (
	"math"
	"slices"
)

// demand is a week's demand, scaled to a mean of 1, and its integral. An hour is busy if its demand is at least half of the greatest.
type demand struct {
	flat         bool
	hour         Week
	most         float64      // of an hour
	before, busy [169]float64 // of the hours before each: of all, and of the busy ones
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
	mean := week.mean()
	d.most = week.most() / mean
	for hour, of := range week {
		d.hour[hour] = of / mean
		d.before[hour+1], d.busy[hour+1] = d.before[hour]+d.hour[hour], d.busy[hour]
		if d.isBusy(hour) {
			d.busy[hour+1] += d.hour[hour]
		}
	}
	return d
}

func (d *demand) isBusy(hour int) bool { return 2*d.hour[hour] >= d.most }

// between is the demand from one time to a later one: of all hours, and of the busy ones.
func (d *demand) between(from, to float64) (all, busy float64) {
	if d.flat {
		return to - from, to - from
	}
	return until(&d.before, to) - until(&d.before, from), until(&d.busy, to) - until(&d.busy, from)
}

func until(before *[169]float64, t float64) float64 {
	weeks := math.Floor(t / 168)
	within := t - 168*weeks
	hour := min(int(within), 167)
	return weeks*before[168] + before[hour] + (within-float64(hour))*(before[hour+1]-before[hour])
}

// above is what the demand of a share of the users exceeds, from one time to a later one: room is a share of the greatest demand.
func (d *demand) above(from, to, users, room float64) (all, busy float64) {
	if d.flat {
		all = max(0, users-room) * (to - from)
		return all, all
	}
	weeks := math.Floor((to - from) / 168)
	if weeks > 0 {
		all, busy = d.stretch(0, 168, users, room)
	}
	more, moreBusy := d.stretch(from+168*weeks, to, users, room)
	return weeks*all + more, weeks*busy + moreBusy
}

// stretch is above hour by hour.
func (d *demand) stretch(from, to, users, room float64) (all, busy float64) {
	for from < to {
		end, hour := min(to, math.Floor(from)+1), hourOf(from)
		lost := max(0, users*d.hour[hour]-room*d.most) * (end - from)
		all += lost
		if d.isBusy(hour) {
			busy += lost
		}
		from = end
	}
	return all, busy
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
