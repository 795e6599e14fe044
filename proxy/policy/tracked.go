package policy

import "time"

// Tracked is an object whose state changes the priority of a router of keepalived.
type Tracked struct {
	Weight  int  // 0: the router goes to FAULT if the object is down
	Reverse bool // the other way round
	Up      bool
}

// Effect gives what the object adds to the priority, and whether it puts the router into FAULT: a positive weight counts while the object
// is up, a negative one while it is down (keepalived 2.2.7, vrrp_track.c, process_script_update_priority).
func (t Tracked) Effect() (add int, fault bool) {
	switch {
	case t.Weight == 0:
		return 0, t.Up == t.Reverse
	case t.Up != (t.Weight > 0):
		return 0, false
	case t.Reverse:
		return -t.Weight, false
	}
	return t.Weight, false
}

// EffectivePriority is a priority with the effects of tracked objects, from 1 to 254; that of an address owner does not change (keepalived
// 2.2.7, vrrp_set_effective_priority).
func EffectivePriority(base, add int) int {
	if base == PriorityOwner {
		return base
	}
	return max(1, min(PriorityOwner-1, base+add))
}

// ProcessDown bounds keepalived's detection of the end of a tracked process: the kernel tells it at once, and terminate_delay follows
// (track_process.c). ScriptRun is the time of the kernel's events on a busy node.
func ProcessDown(delay time.Duration) Bounds { return Bounds{delay, delay + ScriptRun} }

// Outbid bounds the time from the fall of a master's priority below that of this backup, which preempts, until the backup is master. It
// discards the lower advertisements, so its timer runs out as after a silent death. With a preempt delay it takes them until the delay,
// from the first of them on, is over (keepalived 2.2.7, vrrp_state_backup).
func (v VRRP) Outbid(delay time.Duration) Bounds {
	if delay == 0 {
		return v.Silence()
	}
	return Bounds{0, v.Advert}.Plus(Bounds{max(0, delay-v.Advert), delay}).Plus(Bounds{v.MasterDown(), v.MasterDown()})
}
