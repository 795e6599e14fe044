package configure

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
	"github.com/seed-ab8b6914/spof/topology"
)

// holder runs the engine that holds a node's addresses.
func (c configurer) holder(node topology.Node, instances []proxy.VRRPInstance) (proxy.Process, error) {
	t, err := c.base(node, topology.Service{Name: proxy.ServiceKeepalived})
	if err != nil {
		return proxy.Process{}, err
	}
	t.Instances = instances
	return holding(c.site.Builtin).Run(t)
}

// holding gives the engine that holds addresses.
func holding(standIn bool) engine.Engine {
	e, _ := registry.Running(proxy.ServiceKeepalived, standIn)
	return e
}

// instances gives the addresses that a node may hold.
func (c configurer) instances(node topology.Node) ([]proxy.VRRPInstance, error) {
	var instances []proxy.VRRPInstance
	for _, address := range c.t.Addresses {
		own, ok := member(address, node.Name)
		if !ok {
			continue
		}
		instance, err := c.instance(node, address, own)
		if err != nil {
			return nil, fmt.Errorf("address %s: %w", address.Name, err)
		}
		instances = append(instances, instance)
	}
	return instances, nil
}

func (c configurer) instance(node topology.Node, address topology.Address, own topology.Member) (proxy.VRRPInstance, error) {
	vip, err := find(c.site.VIP, address.Name)
	if err != nil {
		return proxy.VRRPInstance{}, err
	}
	instance := proxy.VRRPInstance{
		Address: address.Name, VIP: vip.String(), RouterID: address.RouterID, Version: address.Version,
		Advert: address.Advert, Priority: own.Priority, Preempt: address.Preempt,
		Signals: c.vrrpSignals(node, address),
	}
	for _, m := range address.Members {
		if m.Node == node.Name {
			continue
		}
		peer, err := find(c.site.LAN, m.Node)
		if err != nil {
			return proxy.VRRPInstance{}, err
		}
		instance.Peers = append(instance.Peers, peer.String())
	}
	if address.Track != nil {
		instance.Track, err = c.track(node, *address.Track)
	}
	return instance, err
}

// track resolves a health check to the node's own service of that name.
func (c configurer) track(node topology.Node, track topology.Track) (*proxy.VRRPTrack, error) {
	service, ok := node.Service(track.Service)
	if !ok {
		return nil, fmt.Errorf("service %s to track: %w", track.Service, proxy.ErrNotFound)
	}
	port := service.Port
	if track.Kind == topology.CheckHTTP && service.Balances() {
		port = proxy.HealthPort
	}
	addr, err := c.local(node.Name, port)
	if err != nil {
		return nil, err
	}
	t := &proxy.VRRPTrack{Check: track.Check, Probe: c.probe(track.Kind, service, addr), Weight: track.Weight}
	if track.Kind == topology.CheckOrigin {
		t.Probe, err = c.probeOrigin(addr)
	}
	return t, err
}

// leastWeight is the lowest weight that keepalived supports.
const leastWeight = -253

// vrrpSignals gives the reaction of a node to its chassis in an election; nil: none.
func (c configurer) vrrpSignals(node topology.Node, address topology.Address) *proxy.VRRPSignals {
	if !c.t.ReactsToSignals() {
		return nil
	}
	s := &proxy.VRRPSignals{}
	s.Drain, s.Leave = c.signalFiles(node.Name)
	if address.Preempt && len(address.Members) > 0 {
		highest, lowest := address.Members[0].Priority, address.Members[len(address.Members)-1].Priority
		s.Weight = max(-(highest - lowest + 1), leastWeight)
	}
	return s
}
