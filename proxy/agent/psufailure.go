package agent

import "github.com/seed-ab8b6914/spof/proxy/chassis"

// PSUFailure breaks one power supply: a warning while the others carry the node, else a loss of power. Recovery repairs it.
var PSUFailure = hardware(failPSU, repairPSU)

func failPSU(c *chassis.Chassis, at int64, f Fault) ([]chassis.Change, error) {
	return c.FailPSU(at, psuOf(c, f))
}

func repairPSU(c *chassis.Chassis, at int64, f Fault) ([]chassis.Change, error) {
	return c.RepairPSU(at, psuOf(c, f))
}

func psuOf(c *chassis.Chassis, f Fault) string {
	if f.PSU == "" {
		return c.PSUs()[0]
	}
	return f.PSU
}
