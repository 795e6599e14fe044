package chassis

import (
	"fmt"
	"math"
	"time"

	"github.com/seed-ab8b6914/spof/topology"
)

// thermometer is a sensor on a straight line: since an instant its temperature runs from one value at one rate.
type thermometer struct {
	topology.Sensor
	since  int64
	from   float64 // deg C at since
	rate   float64 // deg C per s; falling ends at Normal
	health Health
}

// temperature is the value at an instant not before since.
func (s thermometer) temperature(at int64) float64 {
	t := s.from + s.rate*time.Duration(at-s.since).Seconds()
	if s.rate < 0 {
		t = max(t, s.Normal)
	}
	return t
}

// crossing is the next threshold on the line: its temperature, when it is reached, and the health beyond it. shutdown says
// that it is the last one. ok is false while none lies ahead.
func (s thermometer) crossing(on bool) (at int64, beyond thermometer, shutdown, ok bool) {
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
	after := math.Ceil(max(0, (threshold-s.from)/s.rate) * float64(time.Second))
	if after > math.MaxInt64/4 {
		return 0, s, false, false // farther than any clock goes
	}
	beyond = s
	beyond.since, beyond.from, beyond.health = s.since+int64(after), threshold, next
	return beyond.since, beyond, shutdown, true
}

// Heat is a reason for the temperatures to rise, by its own name: at rate deg C/s, or with 0 at each sensor's own. Of
// several reasons the strongest counts.
func (c *Chassis) Heat(at int64, why string, rate float64) []Change {
	out := c.Tick(at)
	c.heat[why] = rate
	c.bend()
	return c.settle(out)
}

// Cool ends a reason.
func (c *Chassis) Cool(at int64, why string) []Change {
	out := c.Tick(at)
	delete(c.heat, why)
	c.bend()
	return c.settle(out)
}

// heatFans is the reason that failed fans are.
const heatFans = "fans"

// FailFans stops the fans: temperatures rise.
func (c *Chassis) FailFans(at int64) []Change { return c.setFans(at, true) }

// RepairFans starts them again.
func (c *Chassis) RepairFans(at int64) []Change { return c.setFans(at, false) }

func (c *Chassis) setFans(at int64, down bool) []Change {
	out := c.Tick(at)
	if c.fansDown == down {
		return out
	}
	c.fansDown = down
	change := Change{At: c.now, Part: PartFans, Health: OK, Text: fmt.Sprintf("%d fan(s) turn", c.cfg.Fans)}
	if down {
		c.heat[heatFans] = 0
		change.Health, change.Text = Critical, fmt.Sprintf("%d fan(s) stopped", c.cfg.Fans)
	} else {
		delete(c.heat, heatFans)
	}
	c.bend()
	return c.settle(append(out, change))
}

// bend begins a new line for every sensor, at the rate that now holds.
func (c *Chassis) bend() {
	for i := range c.sensors {
		s := &c.sensors[i]
		s.from, s.since = s.temperature(c.now), c.now
		s.rate = c.rate(s.Sensor)
	}
}

// rate is how fast a sensor heats, or with a negative sign cools. A chassis that is off makes no heat.
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

// Deadline is the instant of the next threshold; ok is false while no temperature runs towards one.
func (c *Chassis) Deadline() (at int64, ok bool) {
	_, at, ok = c.next()
	return at, ok
}

// next finds the sensor that reaches a threshold first.
func (c *Chassis) next() (i int, at int64, ok bool) {
	for k, s := range c.sensors {
		if due, _, _, ahead := s.crossing(!c.off); ahead && (!ok || due < at) {
			i, at, ok = k, due, true
		}
	}
	return i, at, ok
}

// Tick lets time pass until at, and gives every threshold that was passed, each at its own instant. The last threshold
// turns the chassis off.
func (c *Chassis) Tick(at int64) []Change {
	var out []Change
	for {
		i, due, ok := c.next()
		if !ok || due > max(at, c.now) {
			break
		}
		c.now = max(c.now, due)
		_, beyond, shutdown, _ := c.sensors[i].crossing(!c.off)
		c.sensors[i] = beyond
		if shutdown {
			out = c.turnOff(out, fmt.Sprintf("thermal shutdown: %s at %.1f deg C", beyond.Name, beyond.from))
			continue
		}
		out = append(out, Change{At: due, Part: PartSensor, Name: beyond.Name, Health: beyond.health,
			Text: fmt.Sprintf("%.1f deg C", beyond.from)})
		out = c.settle(out)
	}
	c.now = max(c.now, at)
	return out
}

// Temperature is what a sensor reads at an instant, deg C; false if there is no such sensor. Tick must have passed it.
func (c *Chassis) Temperature(name string) (float64, bool) {
	for _, s := range c.sensors {
		if s.Name == name {
			return s.temperature(c.now), true
		}
	}
	return 0, false
}
