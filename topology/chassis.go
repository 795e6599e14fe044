package topology

import "time"

// Chassis is a node's hardware: PSUs, fans and temperature sensors. Node.Hardware fills in the defaults of what a design leaves
// out.
type Chassis struct {
	PSUs   []PSU `json:"psus,omitempty"`   // installed
	Needed int   `json:"needed,omitempty"` // PSUs that the node needs to run; at least 1 if it has PSUs
	// Fans is the number of fans; they fail together.
	Fans    int      `json:"fans,omitempty"`
	Zone    string   `json:"zone,omitempty"` // the cooling zone; empty: cooling of its own
	Sensors []Sensor `json:"sensors,omitempty"`
}

// PSU is a power supply of a node.
type PSU struct {
	Name string `json:"name"`
	Feed string `json:"feed"` // empty: a feed of its own
}

// Sensor is a temperature sensor with its thresholds, and with the speed at which it heats up and cools down. Temperatures are in
// deg C and ascend from Normal to Shutdown. Rise and Fall are in deg C per second.
type Sensor struct {
	Name     string  `json:"name"`
	Normal   float64 `json:"normal_c"`
	Warning  float64 `json:"warning_c"`
	Critical float64 `json:"critical_c"`
	Shutdown float64 `json:"shutdown_c"`   // the hardware turns itself off
	Rise     float64 `json:"rise_c_per_s"` // without fans, or without cooling in the zone
	Fall     float64 `json:"fall_c_per_s"` // down to Normal, with cooling or turned off
}

// Signals is the reaction of a node's mechanisms to warnings of its chassis.
type Signals string

// The policies. In a design Ignore is empty.
const (
	Ignore Signals = "ignore"
	// Drain takes a node out of service in two steps. When its chassis warns, a balancer sends it no new connections, and an
	// address moves to a member without a warning. When it is critical, a balancer ends its connections, and an address leaves it
	// in any case. A DNS responder leaves the node out of its answers.
	Drain Signals = "drain"
	// Leave reacts at critical only.
	Leave Signals = "leave"
)

// The ports of every node's chassis; no service may listen there.
const (
	ChassisPort = 8405 // TCP: Redfish over HTTP
	SignalPort  = 8406 // TCP: the agent-check of HAProxy
)

// ReactsToSignals reports whether the design's mechanisms react to warnings of chassis.
func (t *Topology) ReactsToSignals() bool { return t.Signals != "" && t.Signals != Ignore }

// Cooled gives the names of the nodes in a cooling zone, in the order of the file.
func (t *Topology) Cooled(zone string) []string {
	return t.nodesWith(func(n Node) bool { return n.Chassis != nil && n.Chassis.Zone == zone })
}

// DefaultChassis is the hardware of a node without a chassis in the design: one PSU, one set of fans, one sensor. Its warning is
// the highest inlet temperature that ASHRAE allows for a server of class A2. Its times suit a lab: from the failure of cooling
// 2 s to the warning, 7 s to critical, 9 s to the shutdown.
func DefaultChassis() Chassis {
	return Chassis{
		PSUs: []PSU{{Name: "psu-1"}}, Needed: 1, Fans: 1,
		Sensors: []Sensor{{Name: "inlet", Normal: 25, Warning: 35, Critical: 60, Shutdown: 70, Rise: 5, Fall: 10}},
	}
}

// Hardware gives the node's chassis. What the design leaves out is that of DefaultChassis.
func (n Node) Hardware() Chassis {
	c := DefaultChassis()
	if n.Chassis == nil {
		return c
	}
	if len(n.Chassis.PSUs) > 0 {
		c.PSUs, c.Needed = n.Chassis.PSUs, n.Chassis.Needed
	}
	if n.Chassis.Fans > 0 {
		c.Fans = n.Chassis.Fans
	}
	if len(n.Chassis.Sensors) > 0 {
		c.Sensors = n.Chassis.Sensors
	}
	c.Zone = n.Chassis.Zone
	return c
}

// Reaches gives the time that the sensor takes from Normal to a temperature at a rate in deg C/s (0: its own Rise).
func (s Sensor) Reaches(temperature, rate float64) time.Duration {
	if rate == 0 {
		rate = s.Rise
	}
	return time.Duration((temperature - s.Normal) / rate * float64(time.Second))
}
