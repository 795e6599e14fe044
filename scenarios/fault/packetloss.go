package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

const PacketLoss proxy.FaultKind = "packet-loss"

var packetLoss = Kind{
	Name:    PacketLoss,
	About:   "a share of the packets from and to a node is lost",
	Section: OfNode,
	Roles:   nodeRoles,
	Parameters: []Parameter{
		{"loss", "1 % to 100 %", "5%", "share of the packets of each direction that is lost", "20%"},
		choice("direction", agent.Directions, "the packets that may be lost, from the node", agent.Inbound),
	},
	read:        readPacketLoss,
	Became:      "lossy",
	Executor:    agent.PacketLoss,
	Unpredicted: "chance decides which packets are lost, and no timer bounds the effect on a check or a request",
	Docker:      Fidelity{Real, "a packet filter (nftables, where IP packets enter and leave the links) drops packets at random; proven by its counters"},
	Local:       unsupported,
}

// defaultLoss is the default of the key loss.
const defaultLoss = 0.05

func readPacketLoss(o yamlfile.Object, f *Fault) {
	v := o.Get("loss")
	if f.Loss = defaultLoss; v.Present() {
		f.Loss = v.Ratio(1) // 1 also for a share that Ratio has refused
	}
	if f.Loss < 0.01 {
		v.Refuse("loss-too-rare", "a loss below 1%% cannot be proven; want at least 1%%")
	}
	f.Direction = o.Get("direction").OneOf(agent.Directions[0], agent.Directions...)
}
