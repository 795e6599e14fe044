package policy

import (
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// VRRPState is the state of a virtual router on one node.
type VRRPState uint8

// The states: three of RFC 5798 section 6.4, and FAULT, keepalived's name for a router whose tracked service failed.
const (
	Initialize VRRPState = iota
	Backup
	Master
	Fault
)

// The names of the states that nodes tell, as keepalived prints them.
const (
	NameMaster = "MASTER"
	NameBackup = "BACKUP"
	NameFault  = "FAULT"
)

// String gives the name as keepalived prints it.
func (s VRRPState) String() string {
	switch s {
	case Backup:
		return NameBackup
	case Master:
		return NameMaster
	case Fault:
		return NameFault
	default:
		return "INIT"
	}
}

// Priorities with a meaning of their own (RFC 5798 section 5.2.4).
const (
	PriorityResign = 0   // in an advert: the master gives the address up
	PriorityOwner  = 255 // the address is the node's own: it is master at once and never yields
)

// RouterConfig is what one router is set to.
type RouterConfig struct {
	VRRP               // its own timers and priority
	Preempt bool       // take the address from a master of lower priority
	Address netip.Addr // own address: of two masters with equal priority the higher one stays
	// TrackWeight says what a failed track does: 0 puts the router into FAULT, -253..-1 lowers its priority by that much.
	TrackWeight int
	// DrainWeight says what a chassis that is to drain does, as TrackWeight does of a failed track.
	DrainWeight int
}

// Validate reports everything that is wrong with the configuration.
func (c RouterConfig) Validate() error {
	var errs []error
	bad := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf("vrrp: "+format, args...))
		}
	}
	bad(c.Version != 2 && c.Version != 3, "version %d: want 2 or 3", c.Version)
	bad(c.Priority < 1 || c.Priority > PriorityOwner, "priority %d: want 1-255", c.Priority)
	bad(c.Advert <= 0, "advert interval %v: want more than 0", c.Advert)
	bad(!c.Address.IsValid(), "no own address")
	bad(c.TrackWeight < -253 || c.TrackWeight > 0, "track weight %d: want -253 to 0", c.TrackWeight)
	bad(c.DrainWeight < -253 || c.DrainWeight > 0, "drain weight %d: want -253 to 0", c.DrainWeight)
	return errors.Join(errs...)
}

// RouterOutput is what the router must do now: first the change of state, then the advert.
type RouterOutput struct {
	Changed  bool
	State    VRRPState // the state after the input: take the address on entering Master, drop it on leaving
	Send     bool
	Priority int // of the advert to send
}

// Router is one virtual router's election on one node (RFC 5798 section 6.4; timers of RFC 3768 with version 2).
type Router struct {
	cfg          RouterConfig
	state        VRRPState
	trackFailed  bool
	drains       bool          // the chassis says so
	leaves       bool          // the same
	masterAdvert time.Duration // the interval of the present master, as far as version 3 announces it
	deadline     int64         // of the advert timer (Master) or the master-down timer (Backup)
}

// NewRouter returns a router in Initialize. It fails on a configuration that Validate refuses.
func NewRouter(cfg RouterConfig) (*Router, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Router{cfg: cfg, masterAdvert: cfg.Advert}, nil
}

// Priority is the priority in force: the configured one, lowered by a failed track and by a chassis that drains to at least 1 (keepalived's clamp).
func (r *Router) Priority() int {
	if r.cfg.Priority == PriorityOwner {
		return r.cfg.Priority
	}
	priority := r.cfg.Priority
	if r.trackFailed {
		priority += r.cfg.TrackWeight
	}
	if r.drains {
		priority += r.cfg.DrainWeight
	}
	return max(1, priority)
}

// Timers are the timers in force: the router's priority, and with version 3 the interval of the present master.
func (r *Router) Timers() VRRP {
	return VRRP{Version: r.cfg.Version, Advert: r.masterAdvert, Priority: r.Priority()}
}

// Deadline is the instant at which Tick has something to do; ok is false while no timer runs.
func (r *Router) Deadline() (at int64, ok bool) {
	return r.deadline, r.state == Backup || r.state == Master
}

// Startup leaves Initialize; in any other state it does nothing.
func (r *Router) Startup(now int64) RouterOutput {
	if r.state != Initialize {
		return r.same()
	}
	if r.down() {
		return r.enter(Fault)
	}
	return r.join(now)
}

// Shutdown returns to Initialize; a master resigns, so that its backup need only wait for the skew.
func (r *Router) Shutdown() RouterOutput { return r.leave(Initialize) }

// Tick runs the timer that is due at now, if any.
func (r *Router) Tick(now int64) RouterOutput {
	if at, ok := r.Deadline(); !ok || now < at {
		return r.same()
	}
	if r.state == Backup {
		return r.promote(now)
	}
	return r.advertise(now)
}

// Advert takes in the advert of another router: its priority, its interval (used by version 3 alone) and its address.
func (r *Router) Advert(now int64, priority int, interval time.Duration, from netip.Addr) RouterOutput {
	switch r.state {
	case Backup:
		r.heard(now, priority, interval)
		return r.same()
	case Master:
		return r.contested(now, priority, interval, from)
	default:
		return r.same()
	}
}

// Track takes in the state of the tracked service.
func (r *Router) Track(now int64, ok bool) RouterOutput {
	r.trackFailed = !ok
	return r.judged(now)
}

// Signal takes in what the node's chassis says: to drain is a change of priority (or FAULT, as DrainWeight has it), to
// leave is FAULT.
func (r *Router) Signal(now int64, drain, leave bool) RouterOutput {
	r.drains, r.leaves = drain, leave
	return r.judged(now)
}

// judged enters or leaves the election as track and chassis now have it.
func (r *Router) judged(now int64) RouterOutput {
	switch {
	case r.state == Fault && !r.down():
		return r.join(now)
	case r.state != Initialize && r.state != Fault && r.down():
		return r.leave(Fault)
	default:
		return r.same() // a changed priority stands in the next advert, and in the next timer
	}
}

// heard is RFC 5798 section 6.4.2: an advert in Backup.
func (r *Router) heard(now int64, priority int, interval time.Duration) {
	switch {
	case priority == PriorityResign:
		r.deadline = now + int64(r.Timers().Skew())
	case !r.cfg.Preempt || priority >= r.Priority():
		r.follow(now, interval)
	}
}

// contested is section 6.4.3: an advert in Master. To a lower one it answers at once, as RFC 9568 section 6.4.3 and
// keepalived do, so that two masters end their quarrel as soon as they hear each other.
func (r *Router) contested(now int64, priority int, interval time.Duration, from netip.Addr) RouterOutput {
	if priority > r.Priority() || priority == r.Priority() && from.Compare(r.cfg.Address) > 0 {
		r.follow(now, interval)
		return r.enter(Backup)
	}
	return r.advertise(now)
}

// follow takes the sender of an advert for the master and starts to wait for its next.
func (r *Router) follow(now int64, interval time.Duration) {
	if r.cfg.Version == 3 && interval > 0 {
		r.masterAdvert = interval
	}
	r.deadline = now + int64(r.Timers().MasterDown())
}

// join enters the election.
func (r *Router) join(now int64) RouterOutput {
	r.masterAdvert = r.cfg.Advert
	if r.cfg.Priority == PriorityOwner {
		return r.promote(now)
	}
	r.deadline = now + int64(r.Timers().MasterDown())
	return r.enter(Backup)
}

func (r *Router) promote(now int64) RouterOutput {
	out := r.enter(Master)
	advert := r.advertise(now)
	out.Send, out.Priority = advert.Send, advert.Priority
	return out
}

func (r *Router) advertise(now int64) RouterOutput {
	r.deadline = now + int64(r.cfg.Advert)
	return RouterOutput{State: r.state, Send: true, Priority: r.Priority()}
}

// leave ends the part in the election.
func (r *Router) leave(to VRRPState) RouterOutput {
	resign := r.state == Master
	out := r.enter(to)
	out.Send, out.Priority = resign, PriorityResign
	return out
}

func (r *Router) enter(s VRRPState) RouterOutput {
	changed := r.state != s
	r.state = s
	return RouterOutput{Changed: changed, State: s}
}

func (r *Router) same() RouterOutput { return RouterOutput{State: r.state} }

// down reports whether a failed track, or the chassis, keeps the router out of the election. An owner never leaves.
func (r *Router) down() bool {
	out := r.leaves || r.drains && r.cfg.DrainWeight == 0 || r.trackFailed && r.cfg.TrackWeight == 0
	return out && r.cfg.Priority != PriorityOwner
}
