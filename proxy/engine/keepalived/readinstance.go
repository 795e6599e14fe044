package keepalived

import (
	"net/netip"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// instance reads a vrrp_instance. keepalived ignores a second one of the same name.
func (r *reader) instance(s configtext.Statement, name configtext.Setting[string]) error {
	for _, other := range r.c.Instances {
		if other.Name.Value == name.Value {
			r.find("ignored-instance", name.At, "keepalived takes the first instance of a name, at "+other.Name.At.String(), "give each instance a name of its own",
				"vrrp_instance %s is ignored", name.Value)
			return nil
		}
	}
	i := Instance{Name: name}
	if err := r.each(s.Block, func(s configtext.Statement) error { return r.setting(s, &i) }); err != nil {
		return err
	}
	r.c.Instances = append(r.c.Instances, i)
	return nil
}

// setting reads a statement of an instance.
func (r *reader) setting(s configtext.Statement, i *Instance) error {
	switch s.Name() {
	case "interface":
		text(s, &i.Interface)
	case "virtual_router_id":
		r.number(s, &i.RouterID, 1, 255, true)
	case "unicast_src_ip", "mcast_src_ip":
		text(s, &i.Source)
	case "unicast_peer":
		return r.each(s.Block, func(s configtext.Statement) error { r.peer(s, i); return nil })
	case "virtual_ipaddress":
		return r.addresses(s, &i.Addresses)
	case "virtual_ipaddress_excluded":
		return r.addresses(s, &i.Excluded)
	case "virtual_routes":
		return r.lines(s, &i.Routes)
	case "virtual_rules":
		return r.lines(s, &i.Rules)
	case "authentication":
		return r.each(s.Block, func(s configtext.Statement) error { r.authentication(s, i); return nil })
	case "use_vmac":
		i.VMAC = set(true, s.At())
	case "smtp_alert":
		r.flag(s, &i.SMTPAlert)
	default:
		if !r.electing(s, i) && !r.announce("", s, &i.Announce) {
			return r.shared("vrrp_instance", s, &i.Notify, &i.Tracks)
		}
	}
	return nil
}

// electing reads a setting that takes part in the election, and tells whether the statement is one.
func (r *reader) electing(s configtext.Statement, i *Instance) bool {
	switch s.Name() {
	case "state":
		r.state(s, i)
	case "priority":
		i.Priority.Value = 100 // what keepalived takes for a wrong one
		r.number(s, &i.Priority, 1, 255, true)
		i.Priority.At = s.Arg(0).At
	case "version":
		r.number(s, &i.Version, 2, 3, false)
	case "advert_int":
		r.fraction(s, &i.Advert, 10*time.Millisecond, 255*time.Second)
	case "dont_track_primary":
		i.DontTrackPrimary = set(true, s.At())
	case "nopreempt":
		i.NoPreempt = set(true, s.At())
	case "preempt":
		i.NoPreempt = set(false, s.At())
	case "preempt_delay":
		r.fraction(s, &i.PreemptDelay, 0, 1000*time.Second)
	case "down_timer_adverts":
		r.number(s, &i.DownAdverts, 1, 100, false)
	case "higher_prio_send_advert":
		r.flag(s, &i.HigherPrioAdvert)
	case "lower_prio_no_advert":
		r.flag(s, &i.LowerPrioNoAdvert)
	case "accept", "no_accept":
		i.Accept = set(s.Name() == "accept", s.At())
	case "strict_mode":
		r.flag(s, &i.Strict)
	case "native_ipv6":
		i.NativeIPv6 = set(true, s.At())
	default:
		return false
	}
	return true
}

// state reads the first state. keepalived takes a wrong one for BACKUP, and BACKUP after MASTER for nothing.
func (r *reader) state(s configtext.Statement, i *Instance) {
	switch w := s.Arg(0); {
	case w.Text == "MASTER":
		i.State = set("MASTER", w.At)
	case w.Text == "BACKUP" && i.State.Value == "MASTER":
		r.ignored(s, "state once", "MASTER")
	case w.Text == "BACKUP":
		i.State = set("BACKUP", w.At)
	default:
		r.ignored(s, "MASTER or BACKUP", "BACKUP")
		i.State = set("BACKUP", w.At)
	}
}

// peer reads a line of unicast_peer; min_ttl and max_ttl may follow.
func (r *reader) peer(s configtext.Statement, i *Instance) {
	a, err := netip.ParseAddr(s.Name())
	if err != nil {
		r.find("ignored-value", s.At(), "keepalived reads addresses, not names", "write an address", "the peer %s is ignored", s.Name())
		return
	}
	i.Peers = append(i.Peers, set(a, s.At()))
}

// addresses reads virtual addresses, one a line.
func (r *reader) addresses(s configtext.Statement, into *[]Address) error {
	return r.each(s.Block, func(s configtext.Statement) error {
		p, ok := prefix(s.Name())
		if !ok {
			r.find("ignored-value", s.At(), "keepalived reads addresses, not names", "write an address", "the virtual address %s is ignored", s.Name())
			return nil
		}
		a := Address{Setting: set(p, s.At())}
		for n, w := range s.Args() {
			switch w.Text {
			case "dev":
				a.Device = s.Arg(n + 1).Text
			case "label":
				a.Label = s.Arg(n + 1).Text
			}
		}
		*into = append(*into, a)
		return nil
	})
}

// lines reads a block whose lines are kept as they are.
func (r *reader) lines(s configtext.Statement, into *[]configtext.Setting[string]) error {
	return r.each(s.Block, func(s configtext.Statement) error {
		*into = append(*into, set(s.Line(), s.At()))
		return nil
	})
}

// passBytes is the length of a password (VRRP_AUTH_LEN).
const passBytes = 8

// authentication reads a line of authentication.
func (r *reader) authentication(s configtext.Statement, i *Instance) {
	switch w := s.Arg(0); {
	case s.Name() == "auth_type" && (w.Text == "PASS" || w.Text == "AH"):
		text(s, &i.AuthType)
	case s.Name() == "auth_type":
		r.ignored(s, "PASS or AH", "no authentication")
	case s.Name() == "auth_pass":
		text(s, &i.AuthPass)
		if v := &i.AuthPass.Value; len(*v) > passBytes {
			*v = (*v)[:passBytes]
		}
	default:
		r.other("authentication", s)
	}
}

// complete resolves what depends on the whole file: names of tracks, and the defaults of instances (vrrp_complete_instance of vrrp.c).
func (r *reader) complete() {
	a := &r.c.Global.Announce
	inherit(&a.LowerPrioDelay, a.Delay)
	inherit(&a.LowerPrioRepeat, a.Repeat)
	for n := range r.c.Instances {
		i := &r.c.Instances[n]
		r.resolve(i.Tracks)
		r.inherits(i)
		r.version(i)
		r.advert(i)
		if i.Priority.Value == 0 {
			i.Priority = byDefault(100)
			if i.State.Value == "MASTER" {
				i.Priority = byDefault(255)
			}
		}
	}
	for _, g := range r.c.Groups {
		r.resolve(g.Tracks)
	}
}

// inherits gives the values of global_defs to an instance.
func (r *reader) inherits(i *Instance) {
	g := r.c.Global
	inherit(&i.Strict, g.Strict)
	inherit(&i.DownAdverts, g.DownAdverts)
	inherit(&i.HigherPrioAdvert, g.HigherPrioAdvert)
	inherit(&i.LowerPrioNoAdvert, g.LowerPrioNoAdvert)
	own, from := &i.Announce, g.Announce
	inherit(&own.Delay, from.Delay)
	inherit(&own.Repeat, from.Repeat)
	inherit(&own.Refresh, from.Refresh)
	inherit(&own.RefreshRepeat, from.RefreshRepeat)
	inherit(&own.LowerPrioDelay, from.LowerPrioDelay)
	inherit(&own.LowerPrioRepeat, from.LowerPrioRepeat)
	inherit(&own.Interval, from.Interval)
	inherit(&own.NeighborInterval, from.NeighborInterval)
	if !i.Accept.Set() {
		i.Accept = byDefault(i.Priority.Value == 255 || !i.Strict.Value)
	}
}

// version gives an instance that sets none that of global_defs, or 3 with IPv6.
func (r *reader) version(i *Instance) {
	six := len(i.Addresses) > 0 && i.Addresses[0].Value.Addr().Is6() || strings.Contains(i.Source.Value, ":") || i.NativeIPv6.Value
	switch {
	case i.Version.Set():
	case six:
		i.Version = byDefault(3)
	default:
		i.Version = r.c.Global.Version
	}
}

// advert rounds the advertisement interval: to seconds in version 2, to hundredths and below 40.96 s in version 3.
func (r *reader) advert(i *Instance) {
	if !i.Advert.Set() {
		i.Advert = byDefault(time.Second)
	}
	unit, most := time.Second, 255*time.Second
	if i.Version.Value == 3 {
		unit, most = 10*time.Millisecond, 40950*time.Millisecond
	}
	real := max(unit, min(most, i.Advert.Value.Round(unit)))
	if real != i.Advert.Value {
		r.find("advert-rounded", i.Advert.At, "VRRP version 2 advertises whole seconds, version 3 hundredths up to 40.95 s (vrrp_complete_instance)",
			"write version 3, or the interval that holds", "advert_int %s is %s", i.Advert.Value, real)
		i.Advert.Value = real
	}
}

// resolve gives tracks the weights of their definitions.
func (r *reader) resolve(tracks []Track) {
	for n := range tracks {
		t := &tracks[n]
		weight, known := r.c.defined(*t)
		if t.Known = known || t.Kind == TracksInterface; t.Known && !t.Weight.Set() {
			t.Weight = weight
		}
		if !t.Known && t.Kind != TracksBFD {
			r.find("ignored-track", t.Name.At, "keepalived ignores the line", "define it, or correct the name", "there is no %s %s: nothing tracks it", t.Kind, t.Name.Value)
		}
	}
}

// defined gives the weight of the definition of a track.
func (c *Config) defined(t Track) (Weight, bool) {
	switch t.Kind {
	case TracksScript:
		if s := c.Script(t.Name.Value); s != nil && s.Command.Value != "" {
			return s.Weight, true
		}
	case TracksProcess:
		if p := c.Process(t.Name.Value); p != nil {
			return p.Weight, true
		}
	case TracksFile:
		if f := c.TrackedFile(t.Name.Value); f != nil {
			return f.Weight, true
		}
	}
	return Weight{}, false
}
