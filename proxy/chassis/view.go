package chassis

import "github.com/seed-ab8b6914/spof/topology"

// View is the state of a chassis at an instant.
type View struct {
	On       bool
	Health   Health // the roll-up
	Power    Health
	Thermal  Health
	Needed   int // PSUs
	Supplies []SupplyView
	Fans     int
	FansDown bool
	Sensors  []SensorView
}

// SupplyView is one power supply.
type SupplyView struct {
	topology.PSU
	Failed, Input bool
	Health        Health
}

// SensorView is one temperature sensor.
type SensorView struct {
	topology.Sensor
	Reading float64 // deg C
	Health  Health
}

// View gives the state of the chassis: readings at an instant, healths at the last move or Tick.
func (c *Chassis) View(at int64) View {
	v := View{
		On: !c.off, Health: c.Health(), Power: c.powerHealth(), Thermal: c.thermalHealth(),
		Needed: c.cfg.Needed, Fans: c.cfg.Fans, FansDown: c.fansDown,
	}
	for _, s := range c.supplies {
		v.Supplies = append(v.Supplies, SupplyView{PSU: s.PSU, Failed: s.failed, Input: !s.dark, Health: s.health()})
	}
	for _, s := range c.sensors {
		v.Sensors = append(v.Sensors, SensorView{Sensor: s.Sensor, Reading: s.temperature(max(at, c.now)), Health: s.health})
	}
	return v
}
