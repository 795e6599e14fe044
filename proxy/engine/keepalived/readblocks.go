package keepalived

import (
	"math"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// root reads a statement outside of blocks.
func (r *reader) root(s configtext.Statement) error {
	name := set(s.Arg(0).Text, s.Arg(0).At)
	switch s.Name() {
	case "global_defs":
		return r.each(s.Block, r.global)
	case "vrrp_script":
		return r.script(s, name)
	case "vrrp_track_process":
		return r.process(s, name)
	case "track_file", "vrrp_track_file":
		return r.file(s, name)
	case "vrrp_instance":
		return r.instance(s, name)
	case "vrrp_sync_group":
		return r.group(s, name)
	}
	r.other("", s)
	return nil
}

// globalDefaults are those of set_vrrp_defaults (core/global_data.c) and vrrp.h.
func globalDefaults() Global {
	return Global{
		Version: byDefault(2), DownAdverts: byDefault(3), Group4: byDefault("224.0.0.18"),
		Announce: Announce{Delay: byDefault(5 * time.Second), Repeat: byDefault(5), RefreshRepeat: byDefault(1)},
	}
}

// whole are seconds without a fraction up to the limit of keepalived.
const whole = math.MaxUint32 / 1_000_000

// global reads a statement of global_defs.
func (r *reader) global(s configtext.Statement) error {
	g := &r.c.Global
	switch s.Name() {
	case "router_id":
		text(s, &g.RouterID)
	case "script_user":
		g.ScriptUser = words(s)
	case "enable_script_security":
		r.flag(s, &g.ScriptSecurity)
	case "vrrp_version":
		r.number(s, &g.Version, 2, 3, false)
	case "vrrp_strict":
		g.Strict = set(true, s.At())
	case "vrrp_down_timer_adverts":
		r.number(s, &g.DownAdverts, 1, 100, false)
	case "vrrp_higher_prio_send_advert":
		r.flag(s, &g.HigherPrioAdvert)
	case "vrrp_lower_prio_no_advert":
		r.flag(s, &g.LowerPrioNoAdvert)
	case "dynamic_interfaces":
		g.DynamicInterfaces = set(true, s.At())
	case "vrrp_startup_delay":
		r.fraction(s, &g.StartupDelay, time.Millisecond, whole*time.Second)
	case "max_auto_priority":
		g.MaxAutoPriority = set(99, s.At())
		if len(s.Words) > 1 {
			r.number(s, &g.MaxAutoPriority, -1, 99, false)
		}
	case "vrrp_iptables":
		g.IPTables = words(s)
	case "nftables":
		g.NFTables = words(s)
	case "vrrp_mcast_group4":
		text(s, &g.Group4)
	case "vrrp_notify_fifo", "notify_fifo":
		text(s, &g.NotifyFIFO)
	case "vrrp_garp_interval":
		r.fraction(s, &g.Announce.Interval, 0, whole*time.Second)
	case "vrrp_gna_interval":
		r.fraction(s, &g.Announce.NeighborInterval, 0, whole*time.Second)
	default:
		if !r.announce("vrrp_", s, &g.Announce) {
			r.other("global_defs", s)
		}
	}
	return nil
}

// announce reads the gratuitous ARP of global_defs or of an instance.
func (r *reader) announce(before string, s configtext.Statement, a *Announce) bool {
	switch s.Name() {
	case before + "garp_master_delay":
		r.wholeSeconds(s, &a.Delay, 0)
	case before + "garp_master_repeat":
		r.atLeastOne(s, &a.Repeat)
	case before + "garp_master_refresh":
		r.wholeSeconds(s, &a.Refresh, 0)
	case before + "garp_master_refresh_repeat":
		r.atLeastOne(s, &a.RefreshRepeat)
	case before + "garp_lower_prio_delay":
		r.wholeSeconds(s, &a.LowerPrioDelay, 0)
	case before + "garp_lower_prio_repeat":
		r.number(s, &a.LowerPrioRepeat, 0, math.MaxInt32, false)
	default:
		return false
	}
	return true
}

// atLeastOne reads a number of which keepalived takes 0 for 1.
func (r *reader) atLeastOne(s configtext.Statement, into *configtext.Setting[int]) {
	r.number(s, into, 0, math.MaxInt32, false)
	into.Value = max(1, into.Value)
}

// script reads a vrrp_script. The default of interval is 1 s, of timeout the interval, of rise and fall 1 (alloc_vrrp_script).
func (r *reader) script(s configtext.Statement, name configtext.Setting[string]) error {
	one := Script{Name: name, Interval: byDefault(time.Second), Rise: byDefault(1), Fall: byDefault(1)}
	err := r.each(s.Block, func(s configtext.Statement) error {
		switch s.Name() {
		case "script":
			r.command(s, &one.Command, "check script")
		case "interval":
			r.wholeSeconds(s, &one.Interval, 1)
		case "timeout":
			r.wholeSeconds(s, &one.Timeout, 1)
		case "weight":
			r.weight(s, &one.Weight, 253)
		case "rise":
			r.number(s, &one.Rise, 1, math.MaxInt32, false)
		case "fall":
			r.number(s, &one.Fall, 1, math.MaxInt32, false)
		case "init_fail":
			one.InitFail = set(true, s.At())
		case "user":
			one.User = words(s)
		default:
			r.other("vrrp_script", s)
		}
		return nil
	})
	r.c.Scripts = append(r.c.Scripts, one)
	return err
}

// process reads a vrrp_track_process.
func (r *reader) process(s configtext.Statement, name configtext.Setting[string]) error {
	one := TrackProcess{Name: name, Quorum: byDefault(1), QuorumMax: byDefault(-1)}
	err := r.each(s.Block, func(s configtext.Statement) error {
		switch s.Name() {
		case "process":
			one.Process = words(s)
		case "weight":
			r.weight(s, &one.Weight, 254)
		case "quorum":
			r.number(s, &one.Quorum, 1, 65535, false)
		case "quorum_max":
			r.number(s, &one.QuorumMax, 0, 65535, false)
		case "delay":
			r.delay(s, &one.TerminateDelay)
			one.ForkDelay = one.TerminateDelay
		case "terminate_delay":
			r.delay(s, &one.TerminateDelay)
		case "fork_delay":
			r.delay(s, &one.ForkDelay)
		default:
			r.other("vrrp_track_process", s)
		}
		return nil
	})
	r.c.Processes = append(r.c.Processes, one)
	return err
}

// delay reads a delay of a tracked process.
func (r *reader) delay(s configtext.Statement, into *configtext.Setting[time.Duration]) {
	r.fraction(s, into, time.Microsecond, time.Hour)
}

// file reads a track_file. Its default weight is 1 (track_file_handler).
func (r *reader) file(s configtext.Statement, name configtext.Setting[string]) error {
	one := TrackFile{Name: name, Weight: Weight{Setting: byDefault(1)}}
	err := r.each(s.Block, func(s configtext.Statement) error {
		switch s.Name() {
		case "file":
			text(s, &one.Path)
			r.refer(one.Path.Value, "tracked file", one.Path.At)
		case "weight":
			r.weight(s, &one.Weight, 254)
		default:
			r.other("track_file", s)
		}
		return nil
	})
	r.c.Files = append(r.c.Files, one)
	return err
}

// group reads a vrrp_sync_group.
func (r *reader) group(s configtext.Statement, name configtext.Setting[string]) error {
	g := SyncGroup{Name: name}
	err := r.each(s.Block, func(s configtext.Statement) error {
		switch s.Name() {
		case "group":
			return r.each(s.Block, func(s configtext.Statement) error {
				for _, w := range s.Words {
					g.Members = append(g.Members, set(w.Text, w.At))
				}
				return nil
			})
		case "global_tracking", "sync_group_tracking_weight":
			g.KeepsWeights = set(true, s.At())
		case "smtp_alert":
			r.flag(s, &g.SMTPAlert)
		default:
			return r.shared("vrrp_sync_group", s, &g.Notify, &g.Tracks)
		}
		return nil
	})
	r.c.Groups = append(r.c.Groups, g)
	return err
}

// shared reads what instances and sync groups have in common.
func (r *reader) shared(block string, s configtext.Statement, notify *[]Notify, tracks *[]Track) error {
	switch {
	case trackKinds[s.Name()] != "":
		return r.tracks(s, tracks)
	case notifies[s.Name()]:
		n := Notify{Event: s.Name()}
		r.command(s, &n.Command, "notify script")
		*notify = append(*notify, n)
	default:
		r.other(block, s)
	}
	return nil
}

// notifies are the directives with a command that runs at a transition.
var notifies = map[string]bool{
	"notify": true, "notify_master": true, "notify_backup": true, "notify_fault": true, "notify_stop": true, "notify_deleted": true,
	"notify_master_rx_lower_pri": true,
}

// trackKinds are the blocks of tracked objects.
var trackKinds = map[string]Kind{
	"track_script": TracksScript, "track_process": TracksProcess, "track_file": TracksFile, "track_interface": TracksInterface, "track_bfd": TracksBFD,
}

// tracks reads a block of tracked objects. Names are resolved when all is read.
func (r *reader) tracks(s configtext.Statement, into *[]Track) error {
	kind := trackKinds[s.Name()]
	if kind == TracksBFD {
		r.unknown(s, true, "the model has no BFD")
	}
	return r.each(s.Block, func(s configtext.Statement) error {
		t := Track{Kind: kind, Name: set(s.Name(), s.At()), Known: kind == TracksInterface}
		if s.Arg(0).Text == "weight" && len(s.Words) > 2 {
			r.weight(configtext.Statement{Words: s.Words[1:]}, &t.Weight, 254)
		}
		*into = append(*into, t)
		return nil
	})
}
