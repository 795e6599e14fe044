package topology

import "time"

// PAC says that a group's users find their way by a proxy auto-configuration file, and what their browser is.
type PAC struct {
	Browser string `json:"browser"` // chrome or firefox
	Script  string `json:"script"`
	// ConnectTimeout is how long a browser waits for the connection to a silent proxy, where the kernel does not end it
	// before; 0: the browser's own.
	ConnectTimeout time.Duration `json:"connect_timeout_ns,omitempty"`
	// Direct names the WAN link by which the users' own traffic may leave; empty: there is no way out but the proxies, and
	// what a script sends DIRECT fails.
	Direct string `json:"direct,omitempty"`
	// Hops is what the script returns for the origins, in its order; a Host that is empty is DIRECT.
	Hops []Entry `json:"hops"`
}

// nodes are the proxies of the list in their order, the first of which serves.
func (p *PAC) nodes() []string {
	var nodes []string
	for _, h := range p.Hops {
		if h.Host != "" {
			nodes = append(nodes, h.Host)
		}
	}
	return nodes
}

// Leaks reports whether requests may leave without a proxy: the script says so, and the network lets them.
func (p *PAC) Leaks() bool {
	for _, h := range p.Hops {
		if h.Host == "" {
			return p.Direct != ""
		}
	}
	return false
}
