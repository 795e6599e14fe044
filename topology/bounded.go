package topology

import "fmt"

// Bounded says what a topology has more of than Read lets a file have; nil: nothing. What comes from elsewhere, as in a trace, is
// asked before anything is done whose time grows by more than its size.
func (t *Topology) Bounded() error {
	services, users := 0, 0
	for _, n := range t.Nodes {
		services = max(services, len(n.Services))
	}
	for _, g := range t.Users {
		if g.Count < 0 || g.Count > maxUsers {
			return fmt.Errorf("a user group of %d; at most %d are possible", g.Count, maxUsers)
		}
		users += g.Count
	}
	for _, c := range []struct {
		what    string
		n, most int
	}{
		{"nodes", len(t.Nodes), maxNodes}, {"services on a node", services, maxServices}, {"addresses", len(t.Addresses), maxAddresses},
		{"WAN links", len(t.WAN), maxLinks}, {"origins", len(t.Origins), maxOrigins}, {"user groups", len(t.Users), maxGroups}, {"users", users, maxUsers},
	} {
		if c.n > c.most {
			return fmt.Errorf("%d %s; at most %d are possible", c.n, c.what, c.most)
		}
	}
	return nil
}
