package configure

import (
	"net/netip"
	"path"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/chassis"
	"github.com/seed-ab8b6914/spof/topology"
)

// chassis configures the hardware of a node.
func (c configurer) chassis(node topology.Node) (*proxy.ChassisConfig, error) {
	redfish, err := c.listen(node.Name, topology.ChassisPort)
	if err != nil {
		return nil, err
	}
	signal, err := c.listen(node.Name, topology.SignalPort)
	drain, leave := c.signalFiles(node.Name)
	return &proxy.ChassisConfig{
		Chassis: node.Hardware(), Policy: c.t.Signals,
		Redfish: redfish, Access: chassis.Access{Token: c.site.Token, Hosts: c.hostsOfLab()}, Signal: signal, Drain: drain, Leave: leave,
	}, err
}

// hostsOfLab gives the addresses of all names of the design.
func (c configurer) hostsOfLab() map[string]string {
	hosts := map[string]string{}
	for _, addresses := range []map[string]netip.Addr{c.site.WAN, c.site.VIP, c.site.LAN} { // last: a gateway has two addresses, and that of the LAN counts
		for name, addr := range addresses {
			hosts[name] = addr.String()
		}
	}
	return hosts
}

func (c configurer) signalFiles(node string) (drain, leave string) {
	dir := c.dir(node)
	return path.Join(dir, "chassis-drain"), path.Join(dir, "chassis-leave")
}

// signalAddr gives the address for the agent-check of a server or a record; empty: the design has no signals.
func (c configurer) signalAddr(server string) (string, error) {
	if !c.t.ReactsToSignals() {
		return "", nil
	}
	return c.remote(server, topology.SignalPort)
}
