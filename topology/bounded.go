package topology

import "github.com/seed-ab8b6914/spof/reason"

// Bounded gives an error if a topology has more of something than Read allows. A topology from elsewhere, such as a trace, is
// checked with it before any computation whose time grows faster than the size.
func (t *Topology) Bounded() error {
	services, users := 0, 0
	for _, n := range t.Nodes {
		services = max(services, len(n.Services))
	}
	for _, g := range t.Users {
		if g.Count < 0 || g.Count > maxUsers {
			return reason.Errorf("too-many", "topology: want at most %d users in a group, got %d", maxUsers, g.Count)
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
			return reason.Errorf("too-many", "topology: want at most %d %s, got %d", c.most, c.what, c.n)
		}
	}
	return nil
}
