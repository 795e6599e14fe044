package topology

import (
	"slices"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// The most that one chassis may have.
const (
	maxFans    = 64
	maxSensors = 16
	maxZones   = 20
)

// Bounds of temperatures, deg C, and of how fast they change, deg C per s.
const (
	coldest, hottest = -50, 200
	slowest, fastest = 0.01, 1000
)

// beyondCritical is the default distance of shutdown above critical, in deg C.
const beyondCritical = 10

// chassis reads the hardware of a node; nil if the file has none.
func (d *design) chassis(node string, v yamlfile.Value) *Chassis {
	if !v.Present() {
		return nil
	}
	o := v.Object("psus", "needed", "fans", "zone", "sensors")
	c := &Chassis{}
	c.PSUs, c.Needed = d.psus(node, o.Get("psus"), o.Get("needed"))
	c.Fans = o.Get("fans").Int(0, 1, maxFans)
	zone := o.Get("zone")
	c.Zone = zone.Reference()
	d.later(func() { d.checkZone(zone, c.Zone) })
	sensors := o.Get("sensors")
	entries := sensors.Entries()
	between(sensors, "sensor", len(entries), 1, maxSensors)
	for _, e := range entries {
		c.Sensors = append(c.Sensors, sensor(e.Value, e.Name))
	}
	return c
}

func sensor(v yamlfile.Value, name string) Sensor {
	o := v.Object("normal", "warning", "critical", "shutdown", "rise", "fall")
	def := DefaultChassis().Sensors[0]
	s := Sensor{
		Name:     name,
		Normal:   o.Get("normal").Number(def.Normal, coldest, hottest),
		Warning:  o.Require("warning").Number(def.Warning, coldest, hottest),
		Critical: o.Require("critical").Number(def.Critical, coldest, hottest),
		Rise:     o.Require("rise").Number(def.Rise, slowest, fastest),
		Fall:     o.Get("fall").Number(def.Fall, slowest, fastest),
	}
	s.Shutdown = s.Critical + beyondCritical
	if at := o.Get("shutdown"); at.Present() {
		s.Shutdown = at.Number(s.Shutdown, coldest, hottest+beyondCritical)
	}
	steps := []struct {
		key   string
		value float64
	}{{"normal", s.Normal}, {"warning", s.Warning}, {"critical", s.Critical}, {"shutdown", s.Shutdown}}
	for i := 1; i < len(steps); i++ {
		lower, upper := steps[i-1], steps[i]
		if upper.value > lower.value {
			continue
		}
		at := o.Get(upper.key)
		if !at.Present() {
			at = o.Get(lower.key)
		}
		at.Refuse("sensor-order", "sensor %s: %s %g is not above %s %g; want normal < warning < critical < shutdown, in deg C",
			name, upper.key, upper.value, lower.key, lower.value)
		break // the next comparison would use a value that may be the wrong one
	}
	return s
}

// checkZone checks that a node's cooling zone is one of the design's.
func (d *design) checkZone(at yamlfile.Value, zone string) {
	switch {
	case zone == "" || slices.Contains(d.t.Cooling, zone):
	case len(d.t.Cooling) == 0:
		at.Refuse("unknown-name", "unknown cooling zone %q: the design has none; add cooling: [%s]", zone, zone)
	default:
		d.unknown(at, "cooling zone", zone, d.t.Cooling)
	}
}

// cooling reads the cooling zones.
func (d *design) cooling(v yamlfile.Value) []string {
	values := v.List()
	between(v, "cooling zone", len(values), 0, maxZones)
	var zones []string
	for _, at := range values {
		zone := at.Name()
		if zone == "" || !d.declare(at, "cooling zone", zone) {
			continue
		}
		zones = append(zones, zone)
		d.later(func() {
			if len(d.t.Cooled(zone)) == 0 {
				at.Refuse("unused-name", "no node is in cooling zone %s; add chassis: {zone: %s} to a node, or leave the zone out", zone, zone)
			}
		})
	}
	return zones
}

// signals reads the policy of signals. It reads Ignore as empty, so that a design that names the default has the same plan as
// one that does not.
func (d *design) signals(v yamlfile.Value) Signals {
	return Signals(v.OneOf(string(Ignore), SignalPolicies()...)).orEmpty()
}

func (s Signals) orEmpty() Signals {
	if s == Ignore {
		return ""
	}
	return s
}

// SignalPolicies are the values of a design's signals, the default first.
func SignalPolicies() []string { return []string{string(Ignore), string(Drain), string(Leave)} }

// WithSignals gives the design with another policy of signals, named NAME@POLICY.
func (t *Topology) WithSignals(policy string) (*Topology, error) {
	if !slices.Contains(SignalPolicies(), policy) {
		return nil, reason.Errorf("unknown-value", "unknown policy %q of signals%s; valid: %s", policy,
			yamlfile.Suggest(policy, SignalPolicies()), list(SignalPolicies()))
	}
	other := *t
	other.Name, other.Signals = t.Name+"@"+policy, Signals(policy).orEmpty()
	return &other, nil
}
