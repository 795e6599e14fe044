package topology

import (
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Parents are the forward proxies of other nodes that a Squid sends everything through, instead of over a WAN link of its
// node (cache_peer). The first that it takes for alive is asked; what that cannot get, the next is asked for.
type Parents struct {
	Nodes          []string      `json:"nodes"`              // each has exactly one forward proxy, without parents
	ConnectTimeout time.Duration `json:"connect_timeout_ns"` // whole seconds
	FailLimit      int           `json:"fail_limit"`         // failed connections in a row until a parent counts as dead
	// RetryOnError asks the next parent also where one answers with an error of its own (retry_on_error).
	RetryOnError bool `json:"retry_on_error,omitempty"`
}

// Parents gives the parents of the node's forward proxy; nil: it has none.
func (n Node) Parents() *Parents {
	s, _ := n.ForwardProxy()
	return s.Parents
}

// LinksOf gives the WAN links that a node's forward proxy reaches the origins by, in the order of its preference.
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

// parents reads the parents of a Squid on a node.
func (d *design) parents(node string, engine Engine, v yamlfile.Value) *Parents {
	o := v.Object("nodes", "connect_timeout", "fail_limit", "retry_on_error")
	timeout, nodes := o.Require("connect_timeout"), o.Require("nodes")
	p := &Parents{ConnectTimeout: timeout.Duration(0, time.Second, time.Hour), FailLimit: o.Get("fail_limit").Int(10, 1, 1000),
		RetryOnError: o.Get("retry_on_error").Bool(false)}
	if engine != Squid && engine != "" {
		v.Problemf("parents are Squid's own mechanism (cache_peer), engine %s has none; leave parents out", engine)
	}
	if p.ConnectTimeout%time.Second != 0 {
		timeout.Problemf("Squid counts in whole seconds, got %s", yamlfile.Span(p.ConnectTimeout))
	}
	if nodes.IsList() && len(nodes.List()) == 0 {
		nodes.Problemf("no parent; name at least one node with a forward proxy")
	}
	p.Nodes = d.each(nodes, "parent", func(at yamlfile.Value, name string) { d.checkParent(node, at, name) })
	return p
}

// checkParent holds that a parent is another node with one forward proxy that goes out over a link: so that parents form
// no cycle.
func (d *design) checkParent(child string, at yamlfile.Value, name string) {
	var valid []string
	for _, n := range d.t.Nodes {
		if n.Name != child && len(n.forwardProxies()) == 1 && n.Parents() == nil {
			valid = append(valid, n.Name)
		}
	}
	n, ok := d.t.Node(name)
	switch {
	case !ok:
		d.unknown(at, "node", name, valid)
	case len(n.Services) > 0 && !slices.Contains(valid, name):
		at.Problemf("a parent is another node with one forward proxy that has no parents itself, which %s is not; valid: %s", name, list(valid))
	}
}
