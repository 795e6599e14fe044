package proxy

import (
	"net/netip"
	"path"
	"strconv"

	"github.com/seed-ab8b6914/spof/proxy/chassis"
	"github.com/seed-ab8b6914/spof/topology"
)

// ChassisConfig is what an agent needs to play its node's hardware, and how that makes itself heard.
type ChassisConfig struct {
	topology.Chassis
	Policy  topology.Signals `json:"policy,omitempty"` // empty: ignore
	Redfish string           `json:"redfish"`          // where it answers Redfish
	Access  chassis.Access   `json:"access"`           // who may do what there
	Signal  string           `json:"signal"`           // where it answers HAProxy's agent-check
	// Drain and Leave are files of one digit, 1 while the node is to drain or to leave: what keepalived tracks.
	Drain string `json:"drain"`
	Leave string `json:"leave"`
}

// Signal is what a chassis tells the mechanisms.
type Signal string

// The signals.
const (
	SignalReady Signal = "ready"
	SignalDrain Signal = "drain"
	SignalLeave Signal = "leave"
)

// SignalOf is what a policy makes of a chassis's health.
func SignalOf(policy topology.Signals, health chassis.Health) Signal {
	switch {
	case policy != topology.Drain && policy != topology.Leave:
		return SignalReady
	case health == chassis.Critical:
		return SignalLeave
	case health == chassis.Warning && policy == topology.Drain:
		return SignalDrain
	}
	return SignalReady
}

// AgentCheck is the signal as HAProxy's agent-check reads it (HAProxy configuration manual, section 5.2, agent-check).
func (s Signal) AgentCheck() string {
	switch s {
	case SignalDrain:
		return "drain\n"
	case SignalLeave:
		return "down # chassis is critical\n"
	}
	return "up ready\n"
}

// chassis is the hardware of a node of the topology.
func (c configurer) chassis(node topology.Node) (*ChassisConfig, error) {
	redfish, err := c.listen(node.Name, topology.ChassisPort)
	if err != nil {
		return nil, err
	}
	signal, err := c.listen(node.Name, topology.SignalPort)
	drain, leave := c.signalFiles(node.Name)
	return &ChassisConfig{
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

// VRRPSignals is how a member of an address heeds its chassis. Drain lowers its priority below every other member's, so
// that one of them takes the address over while this one still serves; it takes no more than that the others do not drain
// too, in which case their order stays. Without preemption nobody would, and so it leaves at once. Leave is FAULT.
type VRRPSignals struct {
	Drain  string `json:"drain"` // files, as in ChassisConfig
	Leave  string `json:"leave"`
	Weight int    `json:"weight"` // of the priority while draining; 0: FAULT
}

// leastWeight is the most that keepalived takes from a priority.
const leastWeight = -253

// vrrpSignals gives how a node heeds its chassis in an address; nil: not at all.
func (c configurer) vrrpSignals(node topology.Node, address topology.Address) *VRRPSignals {
	if !c.t.Heeds() {
		return nil
	}
	s := &VRRPSignals{}
	s.Drain, s.Leave = c.signalFiles(node.Name)
	if address.Preempt && len(address.Members) > 0 {
		highest, lowest := address.Members[0].Priority, address.Members[len(address.Members)-1].Priority
		s.Weight = max(-(highest - lowest + 1), leastWeight)
	}
	return s
}

// signalAddr is where a balancer asks a server's chassis, and a DNS responder that of a record; empty: it does not.
func (c configurer) signalAddr(server string) (string, error) {
	if !c.t.Heeds() {
		return "", nil
	}
	return c.remote(server, topology.SignalPort)
}

// agentCheck is what a server line of HAProxy says of the chassis. A server that leaves is marked down; whether it loses the
// connections it has is the design's on_marked_down. Those of one that only drains stay with it.
func (c configurer) agentCheck() string {
	if !c.t.Heeds() {
		return ""
	}
	return " agent-check agent-port " + strconv.Itoa(topology.SignalPort) + " agent-inter " + milliseconds(AgentInterval)
}
