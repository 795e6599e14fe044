package predict

import (
	"slices"

	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

// hit is what a fault may strike on the users' path.
type hit struct {
	entry  bool // a service at which users may enter, even if it does not hold their address
	server bool // a forward proxy behind the balancer, except a backup
	parent bool // a parent of a Squid on the users' path, at any depth
}

func (h hit) none() bool { return !h.entry && !h.server && !h.parent }

// several reports whether more than one mechanism has to react.
func (h hit) several() bool {
	return h.entry && h.server || h.entry && h.parent || h.server && h.parent
}

// hits finds what a fault of nodes or services may strike. A node that does not hold the address is no entry.
func (d Predictor) hits(f fault.Planned) hit {
	var h hit
	for _, c := range f.Candidates {
		proxy := topology.Component{Kind: topology.KindService, Name: c.Service, Node: c.Node}
		if n, ok := d.Topology.Node(c.Node); ok && c.Service == "" {
			s, _ := n.ForwardProxy()
			proxy.Name = s.Name
		}
		s, member := d.EntryService(c.Node)
		h.entry = h.entry || member && f.Pick != target.PickNotHolder && (c.Service == "" || c.Service == s.Name)
		if slices.Contains(d.Carriers, proxy) {
			h.server = h.server || slices.Contains(d.Servers, c.Node)
			h.parent = h.parent || len(d.childrenOf(c.Node)) > 0
		}
	}
	return h
}

// childrenOf lists the nodes with a Squid that carries users and has this node as its first parent.
func (d Predictor) childrenOf(node string) []string {
	var children []string
	for _, c := range d.Carriers {
		if c.Kind != topology.KindService {
			continue
		}
		n, _ := d.Topology.Node(c.Node)
		if s, _ := n.Service(c.Name); s.Parents != nil && s.Parents.Nodes[0] == node {
			children = append(children, c.Node)
		}
	}
	return children
}

// carries reports whether users' requests may pass a WAN link while nothing fails.
func (d Predictor) carries(link string) bool {
	return slices.Contains(d.Carriers, topology.Component{Kind: topology.KindWAN, Name: link})
}

// carriedThrough reports whether a Squid on the users' path has parents.
func (d Predictor) carriedThrough() bool {
	return slices.ContainsFunc(d.Carriers, func(c topology.Component) bool { return len(d.childrenOf(c.Node)) > 0 })
}

// idle predicts for a fault that strikes nothing on the users' path. A mechanism may still react to it.
func (d Predictor) idle(f fault.Planned) *Prediction {
	if d.Asked != nil && overlap(f.Nodes(), d.Asked.Servers) {
		return open("the fault strikes no proxy of the users, but a DNS server that they ask for their proxy")
	}
	for _, c := range f.Candidates {
		if c.Service != "" && d.Address != nil && d.Address.Track != nil && d.Address.Track.Service == c.Service && slices.Contains(d.Members, c.Node) {
			return open("%s serves no user, but the address %s checks it", c, d.Address.Name)
		}
		if f.Kind != fault.Crash && slices.ContainsFunc(d.Carriers, func(carrier topology.Component) bool {
			n, _ := d.Topology.Node(carrier.Node)
			s, ok := n.Service(carrier.Name)
			return ok && s.Cache != nil && slices.Contains(s.Cache.Siblings, c.Node)
		}) {
			return open("%s serves no user, but a sibling cache asks it on every miss, and no timer bounds how long the sibling waits", c.Node)
		}
	}
	return quiet("the fault strikes nothing that serves users")
}

// gone lists the components that a fault strikes, if the plan or the design's preemption determines them.
func (d Predictor) gone(f fault.Planned) ([]topology.Component, bool) {
	candidates := f.Candidates
	if f.Pick == target.PickHolder {
		a, ok := d.Topology.Address(f.Address)
		if !ok || !a.Preempt {
			return nil, false
		}
		candidates = slices.DeleteFunc(slices.Clone(candidates), func(c fault.Candidate) bool { return c.Node != a.Members[0].Node })
	} else if !f.Fixed() {
		return nil, false
	}
	var gone []topology.Component
	for _, c := range candidates {
		switch _, link := d.Topology.Link(c.Node); {
		case link:
			gone = append(gone, topology.Component{Kind: topology.KindWAN, Name: c.Node})
		case c.Service == "":
			gone = append(gone, topology.Component{Kind: topology.KindNode, Name: c.Node})
		default:
			gone = append(gone, topology.Component{Kind: topology.KindService, Name: c.Service, Node: c.Node})
		}
	}
	return gone, true
}

// served is the share of the place's requests that have a path after every mechanism has reacted.
func (d Predictor) served(gone []topology.Component) float64 {
	share := 0.0
	for _, part := range d.Topology.Flows(d.Group, gone...) {
		share += part
	}
	return share
}
