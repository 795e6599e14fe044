package topology

import (
	"fmt"
	"slices"
	"strings"

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

// beyondCritical is how far above critical a chassis turns itself off, deg C, where the file does not say.
const beyondCritical = 10

// chassis reads the hardware of a node; nil where the file says nothing of it.
func (d *design) chassis(node string, v yamlfile.Value) *Chassis {
	if !v.Present() {
		return nil
	}
	o := v.Object("psus", "needed", "fans", "zone", "sensors")
	c := &Chassis{}
	c.PSUs, c.Needed = d.psus(node, o.Get("psus"), o.Get("needed"))
	c.Fans = o.Get("fans").Int(0, 1, maxFans)
	zone := o.Get("zone")
	c.Zone = zone.String()
	d.later(func() { d.checkZone(zone, c.Zone) })
	sensors := o.Get("sensors")
	entries := sensors.Entries()
	if sensors.IsMapping() {
		between(sensors, "sensor on node "+node, len(entries), 1, maxSensors)
	}
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
	s.Shutdown = o.Get("shutdown").Number(s.Critical+beyondCritical, coldest, hottest+beyondCritical)
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
		at.Problemf("sensor %s: %s %g is not above %s %g; want normal < warning < critical < shutdown, in deg C",
			name, upper.key, upper.value, lower.key, lower.value)
		break // what follows is judged against a value that may be the wrong one
	}
	return s
}

// checkZone holds that a node stands in a zone of the design.
func (d *design) checkZone(at yamlfile.Value, zone string) {
	switch {
	case zone == "" || slices.Contains(d.t.Cooling, zone):
	case len(d.t.Cooling) == 0:
		at.Problemf("unknown cooling zone %q; this design has none: add cooling: [%s]", zone, zone)
	default:
		at.Problemf("unknown cooling zone %q%s; valid: %s", zone, yamlfile.Suggest(zone, d.t.Cooling), list(d.t.Cooling))
	}
}

// cooling reads the zones that nodes share.
func (d *design) cooling(v yamlfile.Value) []string {
	values := v.List()
	if len(values) > maxZones {
		v.Problemf("%d cooling zones; at most %d are possible", len(values), maxZones)
		return nil
	}
	var zones []string
	for _, at := range values {
		zone := at.Name()
		if zone == "" {
			continue
		}
		switch other, taken := d.names[zone]; {
		case taken:
			at.Problemf("cooling zone %q has the name of the %s at line %d; names are unique over the whole design", zone, other.kind, other.line)
			continue
		case slices.Contains(reserved, zone):
			at.Problemf("the name %q is reserved, as are %s", zone, but(reserved, zone))
		}
		d.names[zone] = declared{"cooling zone", at.Line()}
		zones = append(zones, zone)
		d.later(func() {
			if len(d.t.Cooled(zone)) == 0 {
				at.Problemf("no node stands in cooling zone %s; say so with chassis: {zone: %s}, or leave it out", zone, zone)
			}
		})
	}
	return zones
}

// signals reads what nodes do about their chassis; empty: ignore.
func (d *design) signals(v yamlfile.Value) Signals {
	s := Signals(v.OneOf(string(Ignore), string(Ignore), string(Drain), string(Leave)))
	if s == Ignore {
		return "" // as if it had not been said: the same design, the same plan
	}
	return s
}

// SignalPolicies are the values of a design's signals, the default first.
func SignalPolicies() []string { return []string{string(Ignore), string(Drain), string(Leave)} }

// WithSignals is the design under another policy, with that in its name: NAME@POLICY.
func (t *Topology) WithSignals(policy string) (*Topology, error) {
	if !slices.Contains(SignalPolicies(), policy) {
		return nil, fmt.Errorf("unknown policy %q of signals%s; valid: %s", policy,
			yamlfile.Suggest(policy, SignalPolicies()), strings.Join(SignalPolicies(), ", "))
	}
	other := *t
	other.Name, other.Signals = t.Name+"@"+policy, Signals(policy)
	if other.Signals == Ignore {
		other.Signals = ""
	}
	return &other, nil
}
