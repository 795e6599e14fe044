// Package chassis models the hardware of a node: power supplies, fans and temperatures. It is a state machine without a clock:
// every input carries its instant, and the instant of the next threshold is computed. Begin at Chassis; Redfish serves its state.
// The package imports only topology. It knows no process and no failover mechanism.
package chassis

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/topology"
)

// Health is Redfish's health of a part, or the worst health of all parts below it.
type Health string

// The healths, as in Redfish.
const (
	OK       Health = "OK"
	Warning  Health = "Warning"  // redundancy is lost; the node still runs
	Critical Health = "Critical" // failed, or about to fail
)

func (h Health) rank() int { return slices.Index([]Health{OK, Warning, Critical}, h) }

func worst(all ...Health) Health {
	return slices.MaxFunc(all, func(a, b Health) int { return a.rank() - b.rank() })
}

// Change is one change of a part.
type Change struct {
	At     int64  // ns on the caller's clock; for a threshold, the instant at which the model reached it
	Part   string // one of the parts below
	Name   string // of the supply or sensor; empty for other parts
	Health Health // the part's new health
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

// Chassis is one node's hardware. It is not safe for concurrent use. An instant that is earlier than the last one counts as the last
// one.
type Chassis struct {
	cfg      topology.Chassis
	now      int64
	supplies []supply
	fansDown bool
	heat     map[string]float64 // reason -> deg C per s; 0: each sensor's own rise
	sensors  []thermometer
	off      bool
	health   Health // the last roll-up that was reported
}

type supply struct {
	topology.PSU
	dark, failed bool
}

func (s supply) gives() bool { return !s.dark && !s.failed }

// New makes a healthy chassis: every feed is present, every sensor is at its normal temperature, and the chassis is on.
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
		return fmt.Errorf("chassis: %d of %d PSUs needed: want 1 to all", cfg.Needed, len(cfg.PSUs))
	}
	for _, s := range cfg.Sensors {
		ascending := s.Normal < s.Warning && s.Warning < s.Critical && s.Critical < s.Shutdown
		if !ascending || s.Rise <= 0 || s.Fall <= 0 {
			return fmt.Errorf("chassis: sensor %s: want normal < warning < critical < shutdown, and rates above 0", s.Name)
		}
	}
	return nil
}

// SetInput turns a feed on or off for the supplies that use it. If too few supplies give power then, the chassis turns off and stays
// off.
func (c *Chassis) SetInput(at int64, feed string, present bool) []Change {
	out := c.Tick(at)
	for i := range c.supplies {
		s := &c.supplies[i]
		if feed == "" || s.Feed != feed || s.dark == !present {
			continue
		}
		s.dark = !present
		out = append(out, c.supplyChange(s))
	}
	return c.updateState(out)
}

// FailPSU breaks a power supply.
func (c *Chassis) FailPSU(at int64, name string) ([]Change, error) {
	return c.setFailed(at, name, true)
}

// RepairPSU replaces a power supply. A chassis that was off stays off until PowerOn.
func (c *Chassis) RepairPSU(at int64, name string) ([]Change, error) {
	return c.setFailed(at, name, false)
}

func (c *Chassis) setFailed(at int64, name string, failed bool) ([]Change, error) {
	out := c.Tick(at)
	i := slices.IndexFunc(c.supplies, func(s supply) bool { return s.Name == name })
	if i < 0 {
		return out, fmt.Errorf("the chassis has no PSU %q; its PSUs: %s", name, strings.Join(c.PSUs(), ", "))
	}
	if s := &c.supplies[i]; s.failed != failed {
		s.failed = failed
		out = append(out, c.supplyChange(s))
	}
	return c.updateState(out), nil
}

// PSUs gives the names of the power supplies.
func (c *Chassis) PSUs() []string {
	var names []string
	for _, s := range c.supplies {
		names = append(names, s.Name)
	}
	return names
}

// Carries reports whether enough supplies give power.
func (c *Chassis) Carries() bool { return c.giving() >= c.cfg.Needed }

// On reports whether the chassis is on.
func (c *Chassis) On() bool { return !c.off }

// PowerOff turns the chassis off by a decision of the caller.
func (c *Chassis) PowerOff(at int64) []Change {
	out := c.Tick(at)
	c.turnOff(nil, "")
	return c.updateState(out)
}

// PowerOn turns the chassis on. It fails while too few supplies give power or a sensor is critical.
func (c *Chassis) PowerOn(at int64) ([]Change, error) {
	out := c.Tick(at)
	if !c.Carries() {
		return out, errors.New(c.supplyCount())
	}
	for _, s := range c.sensors {
		if s.health == Critical {
			return out, fmt.Errorf("sensor %s is at %.1f deg C; critical from %.1f", s.Name, s.temperature(c.now), s.Critical)
		}
	}
	if c.off {
		c.off = false
		c.restartLines()
		out = append(out, Change{At: c.now, Part: PartPower, Health: OK, Text: "turned on"})
	}
	return c.updateState(out), nil
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

// supplyCount says how many supplies give power, and how many are needed.
func (c *Chassis) supplyCount() string {
	return fmt.Sprintf("%d of %d PSUs give power, %d needed", c.giving(), len(c.supplies), c.cfg.Needed)
}

func (c *Chassis) supplyChange(s *supply) Change {
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
	c.restartLines()
	return append(out, Change{At: c.now, Part: PartPower, Health: Critical, Text: why})
}

// updateState turns the chassis off if too few supplies give power, and updates the roll-up.
func (c *Chassis) updateState(out []Change) []Change {
	if !c.Carries() {
		out = c.turnOff(out, c.supplyCount())
	}
	if h := c.Health(); h != c.health {
		c.health = h
		out = append(out, Change{At: c.now, Part: PartChassis, Health: h, Text: "health " + string(h)})
	}
	return out
}

// Health is the roll-up of the chassis. Too few supplies or a critical temperature make it Critical. A lost supply, stopped fans or a
// sensor's warning make it Warning.
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
