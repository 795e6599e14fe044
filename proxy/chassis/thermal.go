package chassis

import (
	"fmt"
	"math"
	"time"

	"github.com/seed-ab8b6914/spof/topology"
)

// thermometer is a sensor whose temperature changes linearly: from + rate * (t - since).
type thermometer struct {
	topology.Sensor
	since  int64
	from   float64 // deg C at since
	rate   float64 // deg C per s; a falling temperature stops at Normal
	health Health
}

// temperature gives the value at an instant, which must not be before since.
func (s thermometer) temperature(at int64) float64 {
	t := s.from + s.rate*time.Duration(at-s.since).Seconds()
	if s.rate < 0 {
		t = max(t, s.Normal)
	}
	return t
}

// crossing computes the next threshold: the instant at which the temperature reaches it, and the sensor's state from then on.
// shutdown says that the threshold is Shutdown. ok is false if the temperature reaches no threshold.
func (s thermometer) crossing(on bool) (at int64, after thermometer, shutdown, ok bool) {
	var threshold float64
	next := s.health
	switch {
	case s.rate > 0 && s.health == OK:
		threshold, next = s.Warning, Warning
	case s.rate > 0 && s.health == Warning:
		threshold, next = s.Critical, Critical
	case s.rate > 0 && on:
		threshold, shutdown = s.Shutdown, true
	case s.rate < 0 && s.health == Critical:
		threshold, next = s.Critical, Warning
	case s.rate < 0 && s.health == Warning:
		threshold, next = s.Warning, OK
	default:
		return 0, s, false, false
	}
	ns := math.Ceil(max(0, (threshold-s.from)/s.rate) * float64(time.Second))
	if ns > math.MaxInt64/4 {
		return 0, s, false, false // outside the range of the clock
	}
	after = s
	after.since, after.from, after.health = s.since+int64(ns), threshold, next
	return after.since, after, shutdown, true
}

// Heat makes the temperatures rise for a named reason: at rate deg C/s, or with rate 0 at each sensor's own rise. If there are several
// reasons, the highest rate applies.
func (c *Chassis) Heat(at int64, why string, rate float64) []Change {
	out := c.Tick(at)
	c.heat[why] = rate
	c.restartLines()
	return c.updateState(out)
}

// Cool removes a reason of Heat.
func (c *Chassis) Cool(at int64, why string) []Change {
	out := c.Tick(at)
	delete(c.heat, why)
	c.restartLines()
	return c.updateState(out)
}

// heatFans is the heating reason of failed fans.
const heatFans = "fans"

// FailFans stops the fans: temperatures rise.
func (c *Chassis) FailFans(at int64) []Change { return c.setFans(at, true) }

// RepairFans starts the fans again.
func (c *Chassis) RepairFans(at int64) []Change { return c.setFans(at, false) }

func (c *Chassis) setFans(at int64, down bool) []Change {
	out := c.Tick(at)
	if c.fansDown == down {
		return out
	}
	c.fansDown = down
	change := Change{At: c.now, Part: PartFans, Health: OK, Text: fmt.Sprintf("%d fan(s) running", c.cfg.Fans)}
	if down {
		c.heat[heatFans] = 0
		change.Health, change.Text = Critical, fmt.Sprintf("%d fan(s) stopped", c.cfg.Fans)
	} else {
		delete(c.heat, heatFans)
	}
	c.restartLines()
	return c.updateState(append(out, change))
}

// restartLines starts a new line for every sensor, at its current rate.
func (c *Chassis) restartLines() {
	for i := range c.sensors {
		s := &c.sensors[i]
		s.from, s.since = s.temperature(c.now), c.now
		s.rate = c.rate(s.Sensor)
	}
}

// rate gives a sensor's change in deg C per s; negative: it cools. A chassis that is off always cools.
func (c *Chassis) rate(s topology.Sensor) float64 {
	if c.off || len(c.heat) == 0 {
		return -s.Fall
	}
	strongest := 0.0
	for _, rate := range c.heat {
		if rate == 0 {
			rate = s.Rise
		}
		strongest = max(strongest, rate)
	}
	return strongest
}

// Deadline gives the instant of the next threshold. ok is false if no sensor will reach one.
func (c *Chassis) Deadline() (at int64, ok bool) {
	_, at, ok = c.next()
	return at, ok
}

// next finds the sensor that is first to reach a threshold.
func (c *Chassis) next() (i int, at int64, ok bool) {
	for k, s := range c.sensors {
		if due, _, _, ahead := s.crossing(!c.off); ahead && (!ok || due < at) {
			i, at, ok = k, due, true
		}
	}
	return i, at, ok
}

// Tick advances the time to at. It gives a change for every threshold that was passed, at the threshold's own instant. The
// threshold Shutdown turns the chassis off.
func (c *Chassis) Tick(at int64) []Change {
	var out []Change
	for {
		i, due, ok := c.next()
		if !ok || due > max(at, c.now) {
			break
		}
		c.now = max(c.now, due)
		_, after, shutdown, _ := c.sensors[i].crossing(!c.off)
		c.sensors[i] = after
		if shutdown {
			out = c.turnOff(out, fmt.Sprintf("thermal shutdown: %s at %.1f deg C", after.Name, after.from))
			continue
		}
		out = append(out, Change{At: due, Part: PartSensor, Name: after.Name, Health: after.health,
			Text: fmt.Sprintf("%.1f deg C", after.from)})
		out = c.updateState(out)
	}
	c.now = max(c.now, at)
	return out
}

// Temperature gives a sensor's reading at the instant of the last move or Tick, in deg C; false: no such sensor.
func (c *Chassis) Temperature(name string) (float64, bool) {
	for _, s := range c.sensors {
		if s.Name == name {
			return s.temperature(c.now), true
		}
	}
	return 0, false
}
