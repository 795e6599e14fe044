package topology

import "time"

// Chassis is a node's hardware: what feeds it, what cools it, and what it knows of its heat. What a design does not say
// is filled in by Node.Hardware.
type Chassis struct {
	PSUs   []PSU `json:"psus,omitempty"`   // installed
	Needed int   `json:"needed,omitempty"` // PSUs that carry the node; at least 1 where there are any
	// Fans is their number; they fail as one set.
	Fans    int      `json:"fans,omitempty"`
	Zone    string   `json:"zone,omitempty"` // the cooling zone it stands in; empty: one of its own
	Sensors []Sensor `json:"sensors,omitempty"`
}

// PSU is a power supply of a node.
type PSU struct {
	Name string `json:"name"`
	Feed string `json:"feed"` // empty: a feed that nothing else hangs on
}

// Sensor is a temperature sensor, and how its place heats up and cools down. Temperatures are in deg C and ascend from
// Normal to Shutdown; Rise and Fall are in deg C per second.
type Sensor struct {
	Name     string  `json:"name"`
	Normal   float64 `json:"normal_c"`
	Warning  float64 `json:"warning_c"`
	Critical float64 `json:"critical_c"`
	Shutdown float64 `json:"shutdown_c"`   // where the hardware turns itself off
	Rise     float64 `json:"rise_c_per_s"` // without its fans, or in a zone without cooling
	Fall     float64 `json:"fall_c_per_s"` // down to Normal, once cooled again or turned off
}

// Signals says what a node's mechanisms do about its chassis.
type Signals string

// The policies. In a design Ignore is empty.
const (
	Ignore Signals = "ignore"
	// Drain takes a node gently out of service when its chassis warns, and wholly when it is critical: a balancer sends it
	// no new connections, then ends those it has; an address moves to a member in better health, then at any price;
	// a DNS responder leaves the node out of its answers.
	Drain Signals = "drain"
	// Leave does nothing before critical.
	Leave Signals = "leave"
)

// Ports of every node's chassis; no service may listen there.
const (
	ChassisPort = 8405 // TCP: Redfish over HTTP
	SignalPort  = 8406 // TCP: what HAProxy's agent-check asks
)

// Heeds reports whether the design's mechanisms act on what chassis say.
func (t *Topology) Heeds() bool { return t.Signals != "" && t.Signals != Ignore }

// Cooled gives the names of the nodes in a cooling zone, in the order of the file.
func (t *Topology) Cooled(zone string) []string {
	return t.nodesWith(func(n Node) bool { return n.Chassis != nil && n.Chassis.Zone == zone })
}

// DefaultChassis is the hardware of a node whose design says nothing of it: one PSU, one set of fans, one sensor. Its
// warning is the highest inlet temperature that ASHRAE allows a server of class A2. Its times are those of a lab: 2 s
// from the failure of cooling to the warning, 7 s to critical, 9 s to the shutdown.
func DefaultChassis() Chassis {
	return Chassis{
		PSUs: []PSU{{Name: "psu-1"}}, Needed: 1, Fans: 1,
		Sensors: []Sensor{{Name: "inlet", Normal: 25, Warning: 35, Critical: 60, Shutdown: 70, Rise: 5, Fall: 10}},
	}
}

// Hardware is the node's chassis as designed; what the design does not say is that of the default one.
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

// Reaches is how long the sensor takes from Normal to a temperature when it rises at rate deg C/s (0: its own Rise).
func (s Sensor) Reaches(temperature, rate float64) time.Duration {
	if rate == 0 {
		rate = s.Rise
	}
	return time.Duration((temperature - s.Normal) / rate * float64(time.Second))
}
