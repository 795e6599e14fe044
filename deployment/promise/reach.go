package promise

import (
	"net/netip"
	"slices"

	"github.com/seed-ab8b6914/spof/deployment"
)

// reach are the hosts on which the users of an entry may depend. A fault of others has no answer for them, and is not worked out: files
// with thousands of servers have thousands of faults.
func (p *predictor) reach(e deployment.Entry) map[*deployment.Host]bool {
	seen := map[*deployment.Host]bool{}
	for _, list := range p.PACs[e.PAC] {
		for _, hop := range list.Hops {
			p.walk(seen, hop.Host, hop.Port)
		}
	}
	if e.PAC != "" {
		return seen
	}
	at, port := e.Address.Addr(), int(e.Address.Port())
	if r, ok := p.state(Fault{}).router(at); ok {
		for _, m := range r.Members {
			p.walk(seen, m.Node.Name, port)
		}
	}
	p.walk(seen, at.String(), port)
	return seen
}

// walk adds a host, and those behind the engine that listens at its port.
func (p *predictor) walk(seen map[*deployment.Host]bool, name string, port int) {
	h, ok := p.Find(name)
	if !ok || seen[h] {
		return
	}
	seen[h] = true
	switch socket, _ := h.Listener(netip.Addr{}, port); socket.Engine {
	case deployment.HAProxy:
		for _, f := range p.fronts(h, port) {
			for _, b := range f.backends {
				for _, s := range b.Servers {
					p.walk(seen, s.Host, s.Port)
					p.walk(seen, s.CheckAddr.Value, 0)
				}
			}
		}
	case deployment.Nginx:
		for _, to := range p.passes(h, port) {
			for _, s := range to.up.Peers {
				p.walk(seen, s.Host, s.Port)
			}
		}
	case deployment.Squid:
		for _, one := range h.Squid.Peers {
			p.walk(seen, one.Host.Value, one.HTTP)
		}
	}
}

// concerned are the entries whose users a fault may concern, in their order.
func (p *predictor) concerned(f Fault) (all []int) {
	for _, t := range f.Targets {
		all = append(all, p.idx.entries[t.Node]...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
