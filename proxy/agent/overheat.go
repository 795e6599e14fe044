package agent

import "github.com/seed-ab8b6914/spof/proxy/chassis"

// Overheat raises the node's temperature until recovery: first a warning, then critical, then the chassis turns itself off. Recovery
// lets the node cool, and boots it if its chassis turned itself off.
var Overheat = hardware(heat, cool)

// heat uses a reason for each fault, so that one fault may end while another lasts.
func heat(c *chassis.Chassis, at int64, f Fault) ([]chassis.Change, error) {
	return c.Heat(at, "fault "+f.ID, f.Rise), nil
}

func cool(c *chassis.Chassis, at int64, f Fault) ([]chassis.Change, error) {
	return c.Cool(at, "fault "+f.ID), nil
}
