package topology

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/topology/plainfile"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Setting is a value of a design that can be tuned: a timer, a count, a share, a choice.
type Setting struct {
	Key   string // the keys that lead to it in the design's file, with dots: addresses.proxy.vrrp.advert
	Value string // as a file states it; that of the default if the file does not
	// Vary sets other values in the topology that gave the setting, calls try after each, and restores the value. The topology may then
	// not be valid. Not for a topology that others read at the same time.
	Vary func(try func())
}

// Settings lists the settings of a design in the order of its parts. They point into the topology.
func (t *Topology) Settings() []Setting {
	l := &settingList{}
	for i := range t.Nodes {
		l.node(&t.Nodes[i])
	}
	for i := range t.Addresses {
		l.address(&t.Addresses[i])
	}
	l.power(t.Power)
	for i := range t.WAN {
		w := &t.WAN[i]
		at := "wan." + w.Name + "."
		timer(l, at+"latency", &w.Latency)
		count(l, at+"bandwidth", &w.Bandwidth)
	}
	for i := range t.Users {
		l.group(&t.Users[i])
	}
	signals := t.Signals
	if signals == "" {
		signals = Ignore
	}
	add(l, "signals", string(signals), &t.Signals, Ignore, Drain, Leave)
	return l.all
}

// settingList collects settings.
type settingList struct{ all []Setting }

// add adds a setting that p holds, with other values.
func add[T any](l *settingList, key, text string, p *T, others ...T) {
	was := *p
	l.all = append(l.all, Setting{Key: key, Value: text, Vary: func(try func()) {
		defer func() { *p = was }()
		for _, v := range others {
			*p = v
			try()
		}
	}})
}

func timer(l *settingList, key string, d *time.Duration) {
	others := []time.Duration{*d / 2, *d * 2}
	if *d == 0 {
		others = []time.Duration{time.Second}
	}
	add(l, key, yamlfile.Span(*d), d, others...)
}

func count[T int | int64](l *settingList, key string, n *T) {
	others := []T{*n + 1, *n * 2}
	if *n > 1 {
		others = append(others, *n-1)
	}
	add(l, key, fmt.Sprint(*n), n, others...)
}

func toggle(l *settingList, key string, b *bool) { add(l, key, strconv.FormatBool(*b), b, !*b) }

func choice[T ~string](l *settingList, key string, s *T, all ...T) {
	add(l, key, string(*s), s, slices.DeleteFunc(slices.Clone(all), func(other T) bool { return other == *s })...)
}

func (l *settingList) node(n *Node) {
	for i := range n.Services {
		s := &n.Services[i]
		at := "nodes." + n.Name + ".services." + s.Name + "."
		if s.Timers != nil {
			timer(l, at+"shutdown_lifetime", &s.Timers.ShutdownLifetime)
			timer(l, at+"connect_timeout", &s.Timers.ConnectTimeout)
			timer(l, at+"forward_timeout", &s.Timers.ForwardTimeout)
		}
		if p := s.Parents; p != nil {
			timer(l, at+"parents.connect_timeout", &p.ConnectTimeout)
			count(l, at+"parents.fail_limit", &p.FailLimit)
			toggle(l, at+"parents.retry_on_error", &p.RetryOnError)
		}
		if s.Balances() {
			l.balance(at+"balance.", s.Balance)
		}
		if s.Responds() {
			timer(l, at+"dns.ttl", &s.DNS.TTL)
			l.check(at+"dns.check.", &s.DNS.Check)
		}
	}
}

func (l *settingList) balance(at string, b *Balance) {
	choice(l, at+"algorithm", &b.Algorithm, "roundrobin", "leastconn", "source")
	if b.Passive != nil {
		count(l, at+"passive.max_fails", &b.Passive.MaxFails)
		timer(l, at+"passive.fail_timeout", &b.Passive.FailTimeout)
		timer(l, at+"proxy_timeout", &b.ProxyTimeout)
	} else {
		l.check(at+"check.", &b.Check)
		timer(l, at+"client_timeout", &b.ClientTimeout)
		timer(l, at+"server_timeout", &b.ServerTimeout)
	}
	timer(l, at+"connect_timeout", &b.ConnectTimeout)
	count(l, at+"retries", &b.Retries)
	add(l, at+"redispatch", b.redispatch(), &b.Redispatch, !b.Redispatch)
}

func (l *settingList) check(at string, c *Check) {
	choice(l, at+"kind", &c.Kind, CheckTCP, CheckHTTP, CheckOrigin)
	timer(l, at+"interval", &c.Interval)
	timer(l, at+"timeout", &c.Timeout)
	count(l, at+"fall", &c.Fall)
	count(l, at+"rise", &c.Rise)
}

func (l *settingList) address(a *Address) {
	at := "addresses." + a.Name + ".vrrp."
	add(l, at+"version", fmt.Sprint(a.Version), &a.Version, 5-a.Version) // 2 or 3
	timer(l, at+"advert", &a.Advert)
	toggle(l, at+"preempt", &a.Preempt)
	for i := range a.Members {
		m := &a.Members[i]
		add(l, at+"members."+m.Node, fmt.Sprint(m.Priority), &m.Priority, 1, 254)
	}
	if a.Track != nil {
		l.check(at+"track.", &a.Track.Check)
		add(l, at+"track.weight", fmt.Sprint(a.Track.Weight), &a.Track.Weight, 0, -1, -253)
	}
}

func (l *settingList) power(p *Power) {
	if p == nil {
		return
	}
	for i := range p.Feeds {
		timer(l, "power.feeds."+p.Feeds[i].Name+".ups", &p.Feeds[i].UPS)
	}
	for i := range p.Generators {
		g := &p.Generators[i]
		timer(l, "power.generators."+g.Name+".start", &g.Start)
		add(l, "power.generators."+g.Name+".capacity", share(g.Capacity), &g.Capacity, g.Capacity/2, 1)
	}
}

func (l *settingList) group(g *Group) {
	at := "users." + g.Name + "."
	count(l, at+"count", &g.Count)
	if p := g.PAC; p != nil {
		choice(l, at+"pac.browser", &p.Browser, "chrome", "firefox")
		timer(l, at+"pac.connect_timeout", &p.ConnectTimeout)
	}
	if p := g.Pool; p != nil {
		choice(l, at+"pool.rotate", &p.Rotate, RotateRequest, RotateSession)
		timer(l, at+"pool.session", &p.Session)
		timer(l, at+"pool.connect_timeout", &p.ConnectTimeout)
	}
	if r := g.DNS; r != nil {
		timer(l, at+"dns.timeout", &r.Timeout)
		count(l, at+"dns.attempts", &r.Attempts)
		toggle(l, at+"dns.rotate", &r.Rotate)
		toggle(l, at+"dns.next", &r.Next)
		timer(l, at+"dns.connect_timeout", &r.ConnectTimeout)
		count(l, at+"dns.caches", &r.Caches)
	}
}

// Places gives the position of settings in the file of a design, as file:line:col; arg is that of Load. A setting that the file does not
// have has the position of the innermost mapping that would hold it.
func Places(arg string, keys []string) (map[string]string, error) {
	if design, _, variant := Variant(arg); variant {
		arg = design
	}
	file := arg
	data, err := Source(arg)
	if err == nil {
		file += ".yaml"
	} else if data, err = plainfile.Read(arg, yamlfile.MaxBytes); err != nil {
		return nil, err
	}
	places := make(map[string]string, len(keys))
	for _, key := range keys {
		places[key] = yamlfile.Locate(file, data, strings.Split(key, ".")...)
	}
	return places, nil
}
