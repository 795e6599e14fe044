package analyze

import (
	"maps"
	"slices"

	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

func isReused(s trace.Sample) bool { return s.Flags&load.Reused != 0 }

func isRetried(s trace.Sample) bool { return s.Flags&load.Retried != 0 }

// brokenTunnel reports whether a request was sent in a reused CONNECT tunnel that was broken.
func brokenTunnel(s trace.Sample) bool {
	return s.Flags&load.Tunnel != 0 && (isRetried(s) || isReused(s) && failed(s))
}

// experience is the outage of one user.
type experience struct {
	noticed bool
	outage  int64 // ns without service
	out     bool
	since   int64 // start of the open gap
	heard   int64 // first answer after the start of the open gap
	until   int64 // end of the last gap
}

// experiences returns the outage of each user with a request in the window, or in flight at the effect. A user's outage is the sum of
// gaps. A gap lasts from the instant at which a lost request was due (failed, or answered after the patience) to the next answer, late
// answers and answers to later requests included. Only the part in the window counts.
func (r *run) experiences() map[uint16]*experience {
	users := map[uint16]*experience{}
	for _, s := range slices.Concat(r.inFlight(), r.window()) {
		u := users[s.User]
		if u == nil {
			u = &experience{}
			users[s.User] = u
		}
		if r.standard.lost(s) {
			u.lose(max(s.Scheduled, r.effect))
		}
		if !failed(s) {
			u.hear(min(answered(s), r.until), !r.standard.lost(s))
		}
	}
	for _, u := range users {
		u.hear(r.until, true)
	}
	return users
}

// lose begins a gap at the due instant of a lost request, unless a gap is open.
func (u *experience) lose(due int64) {
	u.noticed = true
	if u.out && u.heard <= due {
		u.hear(u.heard, true)
	}
	if !u.out {
		u.out, u.since, u.heard = true, max(due, u.until), farthest
	}
}

// hear ends an open gap at the earliest answer so far. A late answer alone does not end it: an earlier answer may follow.
func (u *experience) hear(at int64, inTime bool) {
	u.heard = min(u.heard, at)
	if u.out && inTime {
		u.out, u.until = false, max(u.until, u.heard)
		u.outage += max(0, u.until-u.since)
	}
}

// users fills in the number of users, the number of users who noticed the fault, and the outages of the users.
func (r *run) users(t *Trial) {
	seen := r.experiences()
	for _, g := range r.plan.Topology.Users {
		t.Users += g.Count
	}
	t.Users = max(t.Users, len(seen))
	var outages []float64
	for u := range maps.Values(seen) {
		if u.noticed {
			t.UsersNoticed++
		}
		outages = append(outages, ms(u.outage))
	}
	if len(r.faults) > 0 {
		t.UserOutageMS = spread(outages)
	}
}
