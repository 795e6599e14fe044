package topology

import (
	"slices"
	"time"
)

// PAC is the proxy auto-configuration file of a group's users, with their browser.
type PAC struct {
	Browser string `json:"browser"` // chrome or firefox
	Script  string `json:"script"`
	// ConnectTimeout is a browser's time limit for a connection to a silent proxy, unless the kernel gives up earlier; 0: the
	// browser's default.
	ConnectTimeout time.Duration `json:"connect_timeout_ns,omitempty"`
	// Direct names the WAN link of requests without a proxy; empty: the network allows none, and DIRECT fails.
	Direct string `json:"direct,omitempty"`
	// Hops is the list that the script returns for the origins; an empty Host is DIRECT.
	Hops []Entry `json:"hops"`
}

// nodes lists the proxies of Hops; the first one serves.
func (p *PAC) nodes() []string {
	var nodes []string
	for _, h := range p.Hops {
		if h.Host != "" {
			nodes = append(nodes, h.Host)
		}
	}
	return nodes
}

// Leaks reports whether requests may leave without a proxy: the script returns DIRECT, and the network allows it.
func (p *PAC) Leaks() bool {
	return p.Direct != "" && slices.ContainsFunc(p.Hops, func(h Entry) bool { return h.Host == "" })
}
