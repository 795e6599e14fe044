package keepalived

import (
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// Initial is the state in which keepalived starts an instance, MASTER or BACKUP: AH makes it BACKUP, because the first advertisement has
// the sequence number, and strict mode makes it follow the priority (vrrp_complete_instance).
func (i *Instance) Initial() string {
	owner := i.Priority.Value == policy.PriorityOwner
	switch {
	case i.State.Value == "" || i.Strict.Value:
		if owner {
			return policy.NameMaster
		}
		return policy.NameBackup
	case i.Auth() == "AH" && !owner:
		return policy.NameBackup
	}
	return i.State.Value
}

// Auth is the authentication that holds: PASS, AH or empty. Version 3, strict mode and a missing password have none.
func (i *Instance) Auth() string {
	if i.Version.Value == 3 || i.Strict.Value || i.AuthPass.Value == "" {
		return ""
	}
	return i.AuthType.Value
}

// Preempts tells whether the instance takes the address from a master of lower priority. nopreempt has no effect with state MASTER and
// with priority 255.
func (i *Instance) Preempts() bool {
	return !i.NoPreempt.Value || i.Initial() == policy.NameMaster
}

// PreemptWait is the preempt_delay that holds: it has no effect with state MASTER, nopreempt or strict mode.
func (i *Instance) PreemptWait() time.Duration {
	if i.NoPreempt.Value || i.Strict.Value || i.Initial() == policy.NameMaster {
		return 0
	}
	return i.PreemptDelay.Value
}

// timers are those of an instance with an effective priority, as the backup of a master with the advertisement interval advert.
func (i *Instance) timers(priority int, advert time.Duration) policy.VRRP {
	misses := i.DownAdverts.Value
	if i.Strict.Value {
		misses = policy.DownAdverts
	}
	if i.Version.Value == 2 {
		advert = i.Advert.Value
	}
	return policy.VRRP{Version: i.Version.Value, Advert: advert, Priority: priority, Misses: misses}
}

// Tracked are the tracks that count for an instance, with the weights that hold: its own and those of its sync group. A member of a sync
// group without sync_group_tracking_weight, and an address owner, have no weighted tracks of their own (vrrp_complete_instance).
func (c *Config) Tracked(i *Instance) (tracks []Track) {
	group, owner := c.Group(i.Name.Value), i.Priority.Value == policy.PriorityOwner
	plain := owner || group != nil && !group.KeepsWeights.Value
	for _, t := range i.Tracks {
		if t.Known && (!plain || unweighted(&t, owner)) {
			tracks = append(tracks, t)
		}
	}
	if group == nil {
		return tracks
	}
	for _, t := range group.Tracks {
		if owner {
			t.Weight.Value = 0
		}
		if t.Known {
			tracks = append(tracks, t)
		}
	}
	return tracks
}

// unweighted takes the weight from a track where keepalived has none, and tells whether keepalived keeps the track.
func unweighted(t *Track, owner bool) bool {
	switch {
	case t.Kind == TracksProcess && !owner, t.Weight.Value == 0:
		return true
	case t.Kind == TracksInterface && !owner, t.Kind == TracksFile && t.Weight.Value == 1:
		t.Weight.Value = 0
		return true
	}
	return false
}

// Priority is the effective priority of an instance while the named tracks are down; ok is false in FAULT. A tracked file has 0 while it is
// up and 1 while it is down.
func (c *Config) Priority(i *Instance, down ...string) (priority int, ok bool) {
	sum, ok := 0, true
	for _, t := range c.Tracked(i) {
		up := !slices.Contains(down, t.Name.Value)
		add, fault := policy.Tracked{Weight: t.Weight.Value, Reverse: t.Weight.Reverse, Up: up}.Effect()
		if t.Kind == TracksFile && t.Weight.Value != 0 {
			if add = 0; !up {
				add = t.Weight.Value
			}
		}
		if sum += add; fault {
			ok = false
		}
	}
	return policy.EffectivePriority(i.Priority.Value, sum), ok
}

// detection bounds the time until keepalived knows that a track is down, with the settings that it comes from.
func (c *Config) detection(t Track, as policy.Failure) (text string, b policy.Bounds, from []configtext.Pos) {
	switch t.Kind {
	case TracksScript:
		s := c.Script(t.Name.Value)
		check := policy.Check{Interval: s.Interval.Value, Timeout: s.Timeout.Value, Fall: s.Fall.Value}
		return "script " + t.Name.Value + ": phase + (fall-1) x interval + run", check.ScriptDown(as), places(s.Name.At, s.Interval.At, s.Fall.At)
	case TracksProcess:
		p := c.Process(t.Name.Value)
		return "process " + t.Name.Value + ": its end is seen at once, + delay", policy.ProcessDown(p.TerminateDelay.Value), places(p.Name.At, p.TerminateDelay.At)
	}
	return string(t.Kind) + " " + t.Name.Value + ": seen at once", policy.Bounds{}, places(t.Name.At)
}

// places are the positions that are set.
func places(all ...configtext.Pos) []configtext.Pos {
	return slices.DeleteFunc(all, func(p configtext.Pos) bool { return p.Line == 0 })
}
