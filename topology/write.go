package topology

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// writer writes a design as the text of a file, and remembers the keys that lead to each line. Each key has a line of its own, and a mapping
// begins in the line of its key. Names and other texts are quoted, so that any value of Go can be written.
type writer struct {
	text   strings.Builder
	within []string // the keys around the next line
	places []string // of each line but the first
}

// written is the whole text.
func (w *writer) written() []byte { return []byte("{" + w.text.String() + "\n}\n") }

// YAML writes the design as a file that Read reads: with all defaults, and without comments.
func (t *Topology) YAML() []byte {
	w := &writer{}
	w.topology(t)
	return w.written()
}

// place gives the keys that lead to a line, counted from 1; empty: the whole design.
func (w *writer) place(line int) string {
	if i := line - 2; i >= 0 && i < len(w.places) {
		return w.places[i]
	}
	return ""
}

// line writes one more line; the keys are those that lead to it.
func (w *writer) line(text string, keys ...string) {
	w.text.WriteString("\n" + text)
	w.places = append(w.places, strings.Join(slices.Concat(w.within, keys), "."))
}

// put writes a value as it stands.
func (w *writer) put(key string, value any) {
	w.line(fmt.Sprintf("%q: %v,", key, value), named(key))
}

// named is a key for people: in quotes if it is no plain word.
func named(key string) string {
	if quoted := strconv.Quote(key); quoted != `"`+key+`"` {
		return quoted
	}
	return key
}

// word writes a text unless it is empty.
func (w *writer) word(key, value string) {
	if value != "" {
		w.put(key, strconv.Quote(value))
	}
}

// number writes a number unless it is 0.
func (w *writer) number(key string, n int) {
	if n != 0 {
		w.put(key, n)
	}
}

// degrees writes a number with a fraction.
func (w *writer) degrees(key string, f float64) { w.put(key, strconv.FormatFloat(f, 'f', -1, 64)) }

// span writes a time unless it is 0.
func (w *writer) span(key string, d time.Duration) {
	if d != 0 {
		w.put(key, yamlfile.Span(d))
	}
}

// yes writes true, and nothing for false.
func (w *writer) yes(key string, b bool) {
	if b {
		w.put(key, b)
	}
}

// list writes names unless there are none.
func (w *writer) list(key string, names []string) {
	if len(names) == 0 {
		return
	}
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = strconv.Quote(n)
	}
	w.put(key, "["+strings.Join(quoted, ", ")+"]")
}

// in writes a mapping.
func (w *writer) in(key string, body func()) {
	shown := named(key)
	w.line(strconv.Quote(key)+": {", shown)
	w.within = append(w.within, shown)
	body()
	w.line("},")
	w.within = w.within[:len(w.within)-1]
}

// part writes a mapping, unless it is nil.
func part[T any](w *writer, key string, of *T, write func(T)) {
	if of != nil {
		w.in(key, func() { write(*of) })
	}
}

// section writes a mapping from names, unless it is empty.
func section[T any](w *writer, key string, all []T, one func(T) (name string, body func())) {
	if len(all) == 0 {
		return
	}
	w.in(key, func() {
		for _, x := range all {
			name, body := one(x)
			w.in(name, body)
		}
	})
}

func (w *writer) topology(t *Topology) {
	w.put("topology", strconv.Quote(t.Name))
	w.word("about", t.About)
	section(w, "nodes", t.Nodes, func(n Node) (string, func()) { return n.Name, func() { w.node(n) } })
	section(w, "addresses", t.Addresses, func(a Address) (string, func()) { return a.Name, func() { w.in("vrrp", func() { w.address(a) }) } })
	part(w, "power", t.Power, w.power)
	w.list("cooling", t.Cooling)
	w.word("signals", string(t.Signals))
	section(w, "wan", t.WAN, func(l Link) (string, func()) { return l.Name, func() { w.link(l) } })
	section(w, "origins", t.Origins, func(o Origin) (string, func()) { return o.Name, func() {} })
	section(w, "users", t.Users, func(g Group) (string, func()) { return g.Name, func() { w.group(g) } })
}

func (w *writer) node(n Node) {
	w.word("wan", n.WAN)
	section(w, "services", n.Services, func(s Service) (string, func()) { return s.Name, func() { w.service(s) } })
	part(w, "chassis", n.Chassis, w.chassis)
}

func (w *writer) chassis(c Chassis) {
	if len(c.PSUs) > 0 {
		w.in("psus", func() {
			for _, p := range c.PSUs {
				w.put(p.Name, strconv.Quote(p.Feed))
			}
		})
	}
	w.number("needed", c.Needed)
	w.number("fans", c.Fans)
	w.word("zone", c.Zone)
	section(w, "sensors", c.Sensors, func(s Sensor) (string, func()) { return s.Name, func() { w.sensor(s) } })
}

func (w *writer) sensor(s Sensor) {
	w.degrees("normal", s.Normal)
	w.degrees("warning", s.Warning)
	w.degrees("critical", s.Critical)
	if s.Shutdown != 0 {
		w.degrees("shutdown", s.Shutdown)
	}
	w.degrees("rise", s.Rise)
	if s.Fall != 0 {
		w.degrees("fall", s.Fall)
	}
}

func (w *writer) address(a Address) {
	w.put("version", a.Version)
	w.put("router_id", a.RouterID)
	w.span("advert", a.Advert)
	w.put("preempt", a.Preempt)
	w.in("members", func() {
		for _, m := range a.Members {
			w.put(m.Node, m.Priority)
		}
	})
	part(w, "track", a.Track, func(t Track) {
		w.word("service", t.Service)
		w.put("weight", t.Weight)
		w.check(t.Check)
	})
}

func (w *writer) check(c Check) {
	w.word("kind", string(c.Kind))
	w.span("interval", c.Interval)
	w.span("timeout", c.Timeout)
	w.number("fall", c.Fall)
	w.number("rise", c.Rise)
}

func (w *writer) power(p Power) {
	section(w, "feeds", p.Feeds, func(f Feed) (string, func()) {
		return f.Name, func() {
			w.span("ups", f.UPS)
			w.word("generator", f.Generator)
		}
	})
	section(w, "generators", p.Generators, func(g Generator) (string, func()) {
		return g.Name, func() {
			w.put("start", yamlfile.Span(g.Start))
			if g.Capacity != 0 {
				w.put("capacity", yamlfile.RatioText(g.Capacity))
			}
		}
	})
	w.list("shed", p.Shed)
}

func (w *writer) link(l Link) {
	w.put("latency", yamlfile.Span(l.Latency))
	if l.Bandwidth != 0 {
		w.put("bandwidth", yamlfile.BitRateText(l.Bandwidth))
	}
}

func (w *writer) group(g Group) {
	w.put("count", g.Count)
	if other := g.PAC != nil || g.Pool != nil || g.DNS != nil; !other && g.Proxy != (Entry{}) {
		w.word("proxy", fmt.Sprintf("%s:%d", g.Proxy.Host, g.Proxy.Port))
	}
	part(w, "pac", g.PAC, func(p PAC) {
		w.word("browser", p.Browser)
		w.word("script", p.Script)
		w.span("connect_timeout", p.ConnectTimeout)
		w.word("direct", p.Direct)
	})
	part(w, "pool", g.Pool, func(p Pool) {
		w.list("exits", p.Exits)
		w.put("port", p.Port)
		w.word("rotate", string(p.Rotate))
		w.span("session", p.Session)
		w.span("connect_timeout", p.ConnectTimeout)
	})
	part(w, "dns", g.DNS, w.resolve)
}

func (w *writer) resolve(r Resolve) {
	w.list("servers", r.Servers)
	w.span("timeout", r.Timeout)
	w.number("attempts", r.Attempts)
	w.yes("rotate", r.Rotate)
	w.yes("next", r.Next)
	w.span("connect_timeout", r.ConnectTimeout)
	w.number("caches", r.Caches)
}
