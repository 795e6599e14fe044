package topology

import "github.com/seed-ab8b6914/spof/topology/yamlfile"

// chassis reads the hardware of a node; nil where the file says nothing of it.
func (d *design) chassis(node string, v yamlfile.Value) *Chassis {
	if !v.Present() {
		return nil
	}
	o := v.Object("psus", "needed")
	c := &Chassis{}
	c.PSUs, c.Needed = d.psus(node, o.Get("psus"), o.Get("needed"))
	return c
}
