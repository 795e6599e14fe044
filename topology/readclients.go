package topology

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/topology/pac"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// pac reads a PAC file. Its users count as entering at the first proxy that the script returns.
func (d *design) pac(v yamlfile.Value, g *Group) {
	o := v.Object("browser", "script", "connect_timeout", "direct")
	direct, script := o.Get("direct"), o.Require("script")
	p := &PAC{
		Browser:        o.Get("browser").OneOf("chrome", "chrome", "firefox"),
		Script:         script.String(),
		ConnectTimeout: o.Get("connect_timeout").Duration(0, 10*time.Millisecond, 10*time.Minute),
		Direct:         direct.Reference(),
	}
	g.PAC = p
	d.later(func() {
		if _, ok := d.t.Link(p.Direct); p.Direct != "" && !ok {
			d.unknown(direct, "WAN link", p.Direct, namesOf(d.t.WAN))
		}
	})
	if p.Script == "" {
		return
	}
	d.findHops(script, p)
	g.Proxy, _ = find(p.Hops, func(h Entry) bool { return h.Host != "" })
	d.later(func() { d.checkHops(script, p) })
}

// pacBudget bounds the processor time of all PAC files of a design while Read runs.
const pacBudget = 2 * time.Second

// findHops asks the script for the proxies of requests to all origins, over HTTP and HTTPS.
func (d *design) findHops(at yamlfile.Value, p *PAC) {
	if d.pacTime > pacBudget {
		at.Refuse("pac-budget", "the PAC file did not run: the PAC files before it took %s of processor time, and all of a design may take %s", d.pacTime.Round(time.Millisecond), pacBudget)
		return
	}
	script, err := pac.Load("script", p.Script, d.surroundings())
	if err != nil {
		d.pacTime += pac.Deadline // the most that loading takes
		at.Refuse("pac-failed", "the PAC file failed: %v", err)
		return
	}
	defer func() { script.Close(); d.pacTime += script.Used() }()
	var first []Entry
	for i, url := range d.originURLs() {
		hops, err := script.Find(url.String(), url.Hostname())
		switch {
		case err != nil:
			at.Refuse("pac-failed", "the PAC file failed: %v", err)
			return
		case d.pacTime+script.Used() > pacBudget:
			at.Refuse("pac-budget", "the PAC file is slow: all PAC files of a design may take %s of processor time", pacBudget)
			return
		}
		var entries []Entry
		for _, h := range hops {
			entries = append(entries, Entry(h))
		}
		if i > 0 && !slices.Equal(entries, first) {
			at.Refuse("pac-differs", "the PAC file returns other proxies for %s than for HTTP to the first origin; a group has one list of proxies", url)
			return
		}
		first = entries
	}
	p.Hops = first
}

// originURLs gives the URLs of all origins.
func (d *design) originURLs() (urls []*url.URL) {
	for _, o := range d.t.Origins {
		urls = append(urls, &url.URL{Scheme: "http", Host: fmt.Sprintf("%s.test:%d", o.Name, OriginHTTP), Path: "/"},
			&url.URL{Scheme: "https", Host: fmt.Sprintf("%s.test:%d", o.Name, OriginHTTPS), Path: "/"})
	}
	return urls
}

// surroundings gives every node of the design the same address for documentation (RFC 5737): a script learns only which nodes
// exist.
func (d *design) surroundings() pac.Environment {
	env := pac.Environment{Now: time.Unix(0, 0).UTC(), Own: netip.AddrFrom4([4]byte{192, 0, 2, 1}), Hosts: map[string]netip.Addr{}}
	for _, n := range d.t.Nodes {
		env.Hosts[n.Name] = netip.AddrFrom4([4]byte{192, 0, 2, 2})
	}
	return env
}

// checkHops checks that every hop is a service of a node, all of them at one port.
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
			at.Refuse("pac-ports", "the PAC file returns proxies at the ports %d and %d; a lab supports one port", proxies[0].Port, h.Port)
		}
	}
	if len(proxies) == 0 && len(p.Hops) > 0 {
		at.Refuse("pac-no-proxy", "the PAC file returns no proxy; want at least one")
	}
}
