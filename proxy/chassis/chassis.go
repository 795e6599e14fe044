// Package chassis is the hardware of a node: power supplies, fans, and temperatures that rise and fall by a model. It is a
// state machine without a clock: every input carries its instant, and instants of the future are computed, not polled.
// Beside it is the chassis's face, a Redfish tree. It imports the topology alone and knows no process and no mechanism.
package chassis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/topology"
)

// Health is Redfish's: of one part, or the worst of all below it.
type Health string

// The healths, as Redfish writes them.
const (
	OK       Health = "OK"
	Warning  Health = "Warning"  // something is lost, and the rest makes up for it
	Critical Health = "Critical" // it is dead, or about to be
)

// Worse reports whether h is worse than o.
func (h Health) Worse(o Health) bool { return h.rank() > o.rank() }

func (h Health) rank() int { return slices.Index([]Health{OK, Warning, Critical}, h) }

func worst(all ...Health) Health {
	return slices.MaxFunc(all, func(a, b Health) int { return a.rank() - b.rank() })
}

// Change is one thing that has become different.
type Change struct {
	At     int64  // the instant on the caller's clock, in ns: of a threshold, when the model reached it
	Part   string // one of the parts below
	Name   string // of the supply or sensor; empty for the others
	Health Health // of the part now
	Text   string // for people
}

// The parts that change.
const (
	PartSupply  = "psu"
	PartFans    = "fans"
	PartSensor  = "sensor"
	PartPower   = "power"   // the chassis turned on or off: see Chassis.On
	PartChassis = "chassis" // the roll-up of all parts
)

// Chassis is one node's hardware. It is not safe for concurrent use. Instants never go back: an earlier one than before
// counts as the same.
type Chassis struct {
	cfg      topology.Chassis
	now      int64
	supplies []supply
	fansDown bool
	heat     map[string]float64 // why it heats -> deg C per s; 0: each sensor's own rise
	sensors  []thermometer
	off      bool
	health   Health // as last told
}

type supply struct {
	topology.PSU
	dark, failed bool
}

func (s supply) gives() bool { return !s.dark && !s.failed }

// New is a chassis in health: every feed present, everything cool, turned on. The configuration must be one that Validate
// accepts.
func New(cfg topology.Chassis, at int64) (*Chassis, error) {
	if err := validate(cfg); err != nil {
		return nil, err
	}
	c := &Chassis{cfg: cfg, now: at, heat: map[string]float64{}, health: OK}
	for _, p := range cfg.PSUs {
		c.supplies = append(c.supplies, supply{PSU: p})
	}
	for _, s := range cfg.Sensors {
		c.sensors = append(c.sensors, thermometer{Sensor: s, since: at, from: s.Normal, health: OK})
	}
	return c, nil
}

func validate(cfg topology.Chassis) error {
	if cfg.Needed < 1 || cfg.Needed > len(cfg.PSUs) {
		return fmt.Errorf("chassis: %d PSUs needed of %d installed: want 1 to all", cfg.Needed, len(cfg.PSUs))
	}
	for _, s := range cfg.Sensors {
		ascending := s.Normal < s.Warning && s.Warning < s.Critical && s.Critical < s.Shutdown
		if !ascending || s.Rise <= 0 || s.Fall <= 0 {
			return fmt.Errorf("chassis: sensor %s: want normal < warning < critical < shutdown, and rates above 0", s.Name)
		}
	}
	return nil
}

// SetInput says that a feed has come or gone. What hangs on no feed, or another one, does not notice. A chassis that its
// supplies carry no longer is off from then on.
func (c *Chassis) SetInput(at int64, feed string, present bool) []Change {
	out := c.Tick(at)
	for i := range c.supplies {
		s := &c.supplies[i]
		if feed == "" || s.Feed != feed || s.dark == !present {
			continue
		}
		s.dark = !present
		out = append(out, c.told(s))
	}
	return c.settle(out)
}

// FailPSU breaks a power supply.
func (c *Chassis) FailPSU(at int64, name string) ([]Change, error) {
	return c.setFailed(at, name, true)
}

// RepairPSU puts a new one in its place. A chassis that was off stays off until PowerOn.
func (c *Chassis) RepairPSU(at int64, name string) ([]Change, error) {
	return c.setFailed(at, name, false)
}

func (c *Chassis) setFailed(at int64, name string, failed bool) ([]Change, error) {
	out := c.Tick(at)
	i := slices.IndexFunc(c.supplies, func(s supply) bool { return s.Name == name })
	if i < 0 {
		return out, fmt.Errorf("no PSU %q in this chassis; it has: %s", name, strings.Join(c.PSUs(), ", "))
	}
	if s := &c.supplies[i]; s.failed != failed {
		s.failed = failed
		out = append(out, c.told(s))
	}
	return c.settle(out), nil
}

// PSUs are the names of the supplies installed.
func (c *Chassis) PSUs() []string {
	var names []string
	for _, s := range c.supplies {
		names = append(names, s.Name)
	}
	return names
}

// Carries reports whether the supplies with an input, and not broken, are as many as needed.
func (c *Chassis) Carries() bool { return c.giving() >= c.cfg.Needed }

// On reports whether the chassis is turned on.
func (c *Chassis) On() bool { return !c.off }

// PowerOff is a loss of power that is not the chassis's own doing, and no news to the caller.
func (c *Chassis) PowerOff(at int64) []Change {
	out := c.Tick(at)
	c.turnOff(nil, "")
	return c.settle(out)
}

// PowerOn turns the chassis on. It refuses while its supplies do not carry it or a sensor is critical.
func (c *Chassis) PowerOn(at int64) ([]Change, error) {
	out := c.Tick(at)
	if !c.Carries() {
		return out, fmt.Errorf("%d of %d PSUs give power, %d are needed", c.giving(), len(c.supplies), c.cfg.Needed)
	}
	for _, s := range c.sensors {
		if s.health == Critical {
			return out, fmt.Errorf("sensor %s is at %.1f deg C, %.1f is critical", s.Name, s.temperature(c.now), s.Critical)
		}
	}
	if c.off {
		c.off = false
		c.bend()
		out = append(out, Change{At: c.now, Part: PartPower, Health: OK, Text: "turned on"})
	}
	return c.settle(out), nil
}

func (c *Chassis) giving() int {
	n := 0
	for _, s := range c.supplies {
		if s.gives() {
			n++
		}
	}
	return n
}

func (c *Chassis) told(s *supply) Change {
	change := Change{At: c.now, Part: PartSupply, Name: s.Name, Health: s.health(), Text: "gives power"}
	switch {
	case s.failed:
		change.Text = "failed"
	case s.dark:
		change.Text = "no input from " + s.Feed
	}
	return change
}

func (s supply) health() Health {
	if s.gives() {
		return OK
	}
	return Critical
}

// turnOff turns the chassis off, if it is on.
func (c *Chassis) turnOff(out []Change, why string) []Change {
	if c.off {
		return out
	}
	c.off = true
	c.bend()
	return append(out, Change{At: c.now, Part: PartPower, Health: Critical, Text: why})
}

// settle draws the conclusions from an input: no power, and the roll-up.
func (c *Chassis) settle(out []Change) []Change {
	if !c.Carries() {
		out = c.turnOff(out, fmt.Sprintf("%d of %d PSUs give power, %d needed", c.giving(), len(c.supplies), c.cfg.Needed))
	}
	if h := c.Health(); h != c.health {
		c.health = h
		out = append(out, Change{At: c.now, Part: PartChassis, Health: h, Text: "health " + string(h)})
	}
	return out
}

// Health is the roll-up of the chassis: what is lost but made up for is a Warning; a critical temperature, or too few
// supplies, is Critical.
func (c *Chassis) Health() Health { return worst(c.powerHealth(), c.thermalHealth()) }

func (c *Chassis) powerHealth() Health {
	switch {
	case !c.Carries():
		return Critical
	case c.giving() < len(c.supplies):
		return Warning
	}
	return OK
}

func (c *Chassis) thermalHealth() Health {
	h := OK
	if c.fansDown {
		h = Warning
	}
	for _, s := range c.sensors {
		h = worst(h, s.health)
	}
	return h
}
