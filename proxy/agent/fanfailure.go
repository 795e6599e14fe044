package agent

import "github.com/seed-ab8b6914/spof/proxy/chassis"

// FanFailure stops the fans: temperatures rise. Recovery repairs them.
var FanFailure = hardware(failFans, repairFans)

func failFans(c *chassis.Chassis, at int64, _ Fault) ([]chassis.Change, error) {
	return c.FailFans(at), nil
}

func repairFans(c *chassis.Chassis, at int64, _ Fault) ([]chassis.Change, error) {
	return c.RepairFans(at), nil
}
