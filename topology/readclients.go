package topology

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/topology/pac"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// way reads how a group's users reach the proxy: by a fixed address, a PAC file or a DNS name.
func (d *design) way(o yamlfile.Object, key yamlfile.Value, g *Group) {
	fixed, script, dns := o.Get("proxy"), o.Get("pac"), o.Get("dns")
	switch {
	case fixed.Present() && script.Present():
		script.Problemf("users have one way to the proxy: either proxy or pac")
	case dns.Present() && (fixed.Present() || script.Present()):
		dns.Problemf("users have one way to the proxy: dns, proxy or pac")
	case dns.Present():
		g.DNS = d.resolve(dns, g)
	case script.Present():
		g.PAC = d.pac(script, g)
	case fixed.Present():
		if host, port, ok := hostPort(fixed); ok {
			g.Proxy = Entry{Host: host, Port: port}
			d.later(func() { d.checkEntry(fixed, g.Proxy) })
		}
	default:
		key.Problemf("group %s has no way to the proxy; give it proxy, pac, pool or dns", g.Name)
	}
}

func (d *design) pac(v yamlfile.Value, g *Group) *PAC {
	o := v.Object("browser", "script", "connect_timeout", "direct")
	direct, script := o.Get("direct"), o.Require("script")
	p := &PAC{
		Browser:        o.Get("browser").OneOf("chrome", "chrome", "firefox"),
		Script:         script.String(),
		ConnectTimeout: o.Get("connect_timeout").Duration(0, 10*time.Millisecond, 10*time.Minute),
		Direct:         direct.String(),
	}
	d.later(func() {
		if _, ok := d.t.Link(p.Direct); p.Direct != "" && !ok {
			d.unknown(direct, "WAN link", p.Direct, namesOf(d.t.WAN))
		}
	})
	if p.Script != "" {
		d.findHops(script, p)
		for _, h := range p.Hops {
			if h.Host != "" {
				g.Proxy = h
				break
			}
		}
		d.later(func() { d.checkHops(script, p) })
	}
	return p
}

// pacBudget is the processor time that all PAC files of a design may take while it is read.
const pacBudget = 2 * time.Second

// findHops asks the script where it sends requests to the first origin, plain and secure.
func (d *design) findHops(at yamlfile.Value, p *PAC) {
	if d.pacTime > pacBudget {
		at.Problemf("the PAC file was not asked: those before it took %s of processor time, and all of a design may take %s", d.pacTime.Round(time.Millisecond), pacBudget)
		return
	}
	script, err := pac.Load("script", p.Script, d.surroundings())
	if err != nil {
		d.pacTime += pac.Deadline // at most, but for its process
		at.Problemf("the PAC file fails: %v", err)
		return
	}
	defer func() { script.Close(); d.pacTime += script.Used() }()
	var lists [][]pac.Hop
	for _, o := range d.t.Origins {
		host := o.Name + ".test"
		for _, url := range []string{fmt.Sprintf("http://%s:%d/", host, OriginHTTP), fmt.Sprintf("https://%s:%d/", host, OriginHTTPS)} {
			hops, err := script.Find(url, host)
			if err == nil && d.pacTime+script.Used() > pacBudget {
				err = fmt.Errorf("it is slow: all PAC files of a design may take %s of processor time", pacBudget)
			}
			if err != nil {
				at.Problemf("the PAC file fails: %v", err)
				return
			}
			if lists = append(lists, hops); !slices.Equal(hops, lists[0]) {
				at.Problemf("the PAC file sends %s another way than the first origin's plain requests; a group has one list of proxies", url)
				return
			}
		}
	}
	if len(lists) > 0 {
		for _, h := range lists[0] {
			p.Hops = append(p.Hops, Entry(h))
		}
	}
}

// surroundings are the nodes of the design, by addresses for documentation (RFC 5737): a script can only ask whether there
// is one.
func (d *design) surroundings() pac.Environment {
	env := pac.Environment{Now: time.Unix(0, 0).UTC(), Own: netip.AddrFrom4([4]byte{192, 0, 2, 1}), Hosts: map[string]netip.Addr{}}
	for _, n := range d.t.Nodes {
		env.Hosts[n.Name] = netip.AddrFrom4([4]byte{192, 0, 2, 2})
	}
	return env
}

// checkHops holds that every hop is a service of a node, all of them at one port.
func (d *design) checkHops(at yamlfile.Value, p *PAC) {
	var proxies []Entry
	for _, h := range p.Hops {
		if h.Host == "" {
			continue
		}
		if _, ok := d.t.Node(h.Host); !ok {
			d.unknown(at, "node", h.Host, namesOf(d.t.Nodes))
			return
		}
		d.checkEntry(at, h)
		proxies = append(proxies, h)
		if h.Port != proxies[0].Port {
			at.Problemf("the PAC file returns proxies at the ports %d and %d; in a lab they are at one port", proxies[0].Port, h.Port)
		}
	}
	if len(proxies) == 0 && len(p.Hops) > 0 {
		at.Problemf("the PAC file returns no proxy; there is nothing to fail over")
	}
}
