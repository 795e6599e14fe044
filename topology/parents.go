package topology

import (
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Parents are the forward proxies of other nodes through which a Squid sends all requests (cache_peer). The Squid's node then
// uses no WAN link of its own. Squid asks the first parent that it considers alive. If this fails, it asks the next one.
type Parents struct {
	Nodes          []string      `json:"nodes"`              // each has exactly one forward proxy, without parents
	ConnectTimeout time.Duration `json:"connect_timeout_ns"` // whole seconds
	FailLimit      int           `json:"fail_limit"`         // failed connections in a row until a parent counts as dead
	// RetryOnError: Squid asks the next parent also after an error answer of a parent (retry_on_error).
	RetryOnError bool `json:"retry_on_error,omitempty"`
}

// Parents gives the parents of the node's forward proxy; nil: it has none.
func (n Node) Parents() *Parents {
	s, _ := n.ForwardProxy()
	return s.Parents
}

// LinksOf gives the WAN links by which a node's forward proxy reaches the origins, the preferred one first.
func (t *Topology) LinksOf(node string) []string {
	n, ok := t.Node(node)
	if !ok {
		return nil
	}
	p := n.Parents()
	if p == nil {
		return []string{n.WAN}
	}
	var links []string
	for _, name := range p.Nodes {
		if parent, ok := t.Node(name); ok && parent.WAN != "" && !slices.Contains(links, parent.WAN) {
			links = append(links, parent.WAN)
		}
	}
	return links
}

// parents reads the parents of a service on a node.
func (d *design) parents(node string, s Service, v yamlfile.Value) *Parents {
	if !v.Present() {
		return nil
	}
	s.Engine.need(canCache, "parents", v)
	o := v.Object("nodes", "connect_timeout", "fail_limit", "retry_on_error")
	timeout, nodes := o.Require("connect_timeout"), o.Require("nodes")
	p := &Parents{ConnectTimeout: timeout.Duration(0, time.Second, time.Hour), FailLimit: o.Get("fail_limit").Int(10, 1, 1000),
		RetryOnError: o.Get("retry_on_error").Bool(false)}
	inSteps(timeout, p.ConnectTimeout, time.Second, string(s.Engine))
	p.Nodes = d.each(nodes, "parent", 1, maxNodes, nil, func(at yamlfile.Value, name string) { d.checkParent(node, at, name) })
	for _, name := range p.Nodes {
		if s.Cache != nil && slices.Contains(s.Cache.Siblings, name) {
			v.Refuse("peer-twice", "node %s is a sibling and a parent of one Squid, which refuses a peer that is listed twice; leave it out of siblings or parents", name)
		}
	}
	return p
}

// checkParent checks that a parent is another node with one forward proxy that uses a WAN link. So parents form no cycle.
func (d *design) checkParent(child string, at yamlfile.Value, name string) {
	d.checkPeer("unfit-parent", at, name, "node %s cannot be a parent; want another node with exactly one forward proxy, without parents; valid: %s", func(n Node) bool {
		return n.Name != child && len(n.forwardProxies()) == 1 && n.Parents() == nil
	})
}

// checkPeer checks that a node exists and is fit for a role. format is the message for another node, with its name and the valid nodes.
func (d *design) checkPeer(code string, at yamlfile.Value, name, format string, fit func(Node) bool) {
	valid := d.t.nodesWith(fit)
	n, ok := d.t.Node(name)
	switch {
	case !ok:
		d.unknown(at, "node", name, valid)
	case len(n.Services) > 0 && !fit(n):
		at.Refuse(code, format, name, list(valid))
	}
}
