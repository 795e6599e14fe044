package configure

import (
	"net/netip"
	"path"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/chassis"
	"github.com/seed-ab8b6914/spof/topology"
)

// chassis is the hardware of a node of the topology.
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

// hostsOfLab gives the addresses of all that the design names.
func (c configurer) hostsOfLab() map[string]string {
	hosts := map[string]string{}
	for _, addresses := range []map[string]netip.Addr{c.site.WAN, c.site.VIP, c.site.LAN} { // of a gateway's two, that of the LAN
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

// signalAddr is where a balancer asks a server's chassis, and a DNS responder that of a record; empty: it does not.
func (c configurer) signalAddr(server string) (string, error) {
	if !c.t.Heeds() {
		return "", nil
	}
	return c.remote(server, topology.SignalPort)
}
