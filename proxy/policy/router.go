package policy

import (
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// VRRPState is the state of a virtual router on one node.
type VRRPState uint8

// The states: three of RFC 5798 section 6.4, and keepalived's FAULT, of a router whose tracked service failed.
const (
	Initialize VRRPState = iota
	Backup
	Master
	Fault
)

// The names of the states, as keepalived prints them.
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

// Special priorities (RFC 5798 section 5.2.4).
const (
	PriorityResign = 0   // in an advert: the master resigns
	PriorityOwner  = 255 // the node owns the address: it becomes master at once and stays master
)

// RouterConfig is the configuration of a router.
type RouterConfig struct {
	VRRP               // timers and priority of this router
	Preempt bool       // take the address from a master of lower priority
	Address netip.Addr // of this node; of two masters with equal priority, the one with the higher address stays
	// TrackWeight is the effect of a failed track: 0 puts the router into FAULT, -253 to -1 is added to its priority.
	TrackWeight int
	// DrainWeight is the effect of the chassis signal drain, in the same form.
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

// RouterOutput is the next action of the router's node. It changes the state first, then sends the advert.
type RouterOutput struct {
	Changed  bool
	State    VRRPState // the state after the input; the node takes the address on entering Master and drops it on leaving
	Send     bool
	Priority int // of the advert to send
}

// Router is a virtual router on one node (RFC 5798 section 6.4). With version 2 the timers are those of RFC 3768.
type Router struct {
	cfg          RouterConfig
	state        VRRPState
	trackFailed  bool
	drains       bool          // signal of the chassis
	leaves       bool          // signal of the chassis
	masterAdvert time.Duration // the interval of the current master, which version 3 announces
	deadline     int64         // of the advert timer (Master) or the master-down timer (Backup)
}

// NewRouter returns a router in Initialize. It fails if Validate refuses the configuration.
func NewRouter(cfg RouterConfig) (*Router, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Router{cfg: cfg, masterAdvert: cfg.Advert}, nil
}

// Priority gives the effective priority: the configured one, lowered by a failed track and by the signal drain, and at least 1
// (keepalived does the same).
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

// Timers gives the effective timers: the router's priority, and with version 3 the interval of the current master.
func (r *Router) Timers() VRRP {
	return VRRP{Version: r.cfg.Version, Advert: r.masterAdvert, Priority: r.Priority()}
}

// Deadline gives the instant at which Tick must run. ok is false while no timer runs.
func (r *Router) Deadline() (at int64, ok bool) {
	return r.deadline, r.state == Backup || r.state == Master
}

// Startup leaves Initialize. In any other state it does nothing.
func (r *Router) Startup(now int64) RouterOutput {
	if r.state != Initialize {
		return r.same()
	}
	if r.down() {
		return r.enter(Fault)
	}
	return r.join(now)
}

// Shutdown returns to Initialize. A master resigns, so its backup waits only for the skew.
func (r *Router) Shutdown() RouterOutput { return r.leave(Initialize) }

// Tick runs the timer if it is due at now.
func (r *Router) Tick(now int64) RouterOutput {
	if at, ok := r.Deadline(); !ok || now < at {
		return r.same()
	}
	if r.state == Backup {
		return r.promote(now)
	}
	return r.advertise(now)
}

// Advert handles the advert of another router: its priority, its interval (version 3 only) and its address.
func (r *Router) Advert(now int64, priority int, interval time.Duration, from netip.Addr) RouterOutput {
	switch r.state {
	case Backup:
		r.advertInBackup(now, priority, interval)
		return r.same()
	case Master:
		return r.advertInMaster(now, priority, interval, from)
	default:
		return r.same()
	}
}

// Track handles a change of the tracked service.
func (r *Router) Track(now int64, ok bool) RouterOutput {
	r.trackFailed = !ok
	return r.reconsider(now)
}

// Signal handles the signals of the node's chassis. drain lowers the priority or puts the router into FAULT, by DrainWeight.
// leave puts it into FAULT.
func (r *Router) Signal(now int64, drain, leave bool) RouterOutput {
	r.drains, r.leaves = drain, leave
	return r.reconsider(now)
}

// reconsider enters or leaves the election after a change of track or chassis.
func (r *Router) reconsider(now int64) RouterOutput {
	switch {
	case r.state == Fault && !r.down():
		return r.join(now)
	case r.state != Initialize && r.state != Fault && r.down():
		return r.leave(Fault)
	default:
		return r.same() // a changed priority is used in the next advert and the next timer
	}
}

// advertInBackup handles an advert in Backup (RFC 5798 section 6.4.2).
func (r *Router) advertInBackup(now int64, priority int, interval time.Duration) {
	switch {
	case priority == PriorityResign:
		r.deadline = now + int64(r.Timers().Skew())
	case !r.cfg.Preempt || priority >= r.Priority():
		r.follow(now, interval)
	}
}

// advertInMaster handles an advert in Master (RFC 5798 section 6.4.3). It answers an advert of lower priority at once, as RFC
// 9568 section 6.4.3 and keepalived do. Then two masters become one as soon as they receive each other's adverts.
func (r *Router) advertInMaster(now int64, priority int, interval time.Duration, from netip.Addr) RouterOutput {
	if priority > r.Priority() || priority == r.Priority() && from.Compare(r.cfg.Address) > 0 {
		r.follow(now, interval)
		return r.enter(Backup)
	}
	return r.advertise(now)
}

// follow accepts the sender of an advert as master and waits for its next advert.
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

// leave leaves the election.
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

// down reports whether a failed track or the chassis keeps the router out of the election. An owner never leaves.
func (r *Router) down() bool {
	out := r.leaves || r.drains && r.cfg.DrainWeight == 0 || r.trackFailed && r.cfg.TrackWeight == 0
	return out && r.cfg.Priority != PriorityOwner
}
