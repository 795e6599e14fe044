package sim

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// watch follows the state of a lab's mechanisms by their events, and passes events, samples and readings to the recorder of the
// current trial.
type watch struct {
	t     topology.Topology
	clock Clock

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at every event
	vrrp    map[string]map[string]proxy.State
	down    map[string]map[string]bool  // balancer -> server
	aside   map[string]map[string]int64 // balancer -> server -> end, on the lab's clock
	chassis map[string]proxy.State      // node -> health
	exits   map[string]string           // service that ended by itself, or failed chassis -> why
	seeing  map[string]bool             // node that reports announcements
	rec     *recorder
	rate    float64           // of the load, requests per second
	idle    func(trace.Event) // receives the events while no trial is recorded
}

func newWatch(t topology.Topology, c Clock) *watch {
	return &watch{t: t, clock: c, idle: func(trace.Event) {}, changed: make(chan struct{}), vrrp: map[string]map[string]proxy.State{},
		down: map[string]map[string]bool{}, chassis: map[string]proxy.State{}, aside: map[string]map[string]int64{}, exits: map[string]string{},
		seeing: map[string]bool{}}
}

// Event takes an event of a node.
func (w *watch) Event(e proxy.Event) {
	e.Fault = "" // the engine alone records when a fault took effect
	w.mu.Lock()
	switch e.Kind {
	case proxy.EventVRRP:
		put(w.vrrp, e.Subject, e.Node, e.State)
	case proxy.EventServerUp, proxy.EventServerDown:
		if e.For > 0 {
			put(w.aside, e.Node, e.Subject, w.clock.Now()+e.For.Nanoseconds())
			break
		}
		put(w.down, e.Node, e.Subject, e.Kind == proxy.EventServerDown)
	case proxy.EventRecord:
		put(w.down, e.Node, e.Subject, e.State == proxy.RecordWithdrawn)
	case proxy.EventChassis:
		w.chassis[e.Node] = e.State
	case proxy.EventWatching:
		w.seeing[e.Node] = true
	case proxy.EventPower:
		if e.State == proxy.PowerOff {
			w.died(e.Node)
		}
	case proxy.EventServiceExit:
		w.exits[e.Service+" on "+e.Node] = "ended by itself (" + e.Text + ")"
	case proxy.EventFailed:
		w.exits["chassis of "+e.Node] = "failed (" + e.Text + ")"
	case proxy.EventServiceReady: // the undoing of a fault starts the service again
		delete(w.exits, e.Service+" on "+e.Node)
	}
	close(w.changed)
	w.changed = make(chan struct{})
	rec := w.rec
	w.mu.Unlock()
	if rec != nil {
		rec.event(e)
	} else {
		w.idle(e)
	}
}

// put sets m[a][b].
func put[V any](m map[string]map[string]V, a, b string, v V) {
	if m[a] == nil {
		m[a] = map[string]V{}
	}
	m[a][b] = v
}

// shift is how much later than the trial's epoch a user group's load starts, in ns. The groups take turns: all requests together
// are evenly spaced at the whole rate.
func (w *watch) shift(group int, rate float64) int64 {
	return int64(float64(group) * 1e9 / rate)
}

// Samples takes samples of a client node. Each node counts its users and its time from 0; in the trace, users are numbered
// through all groups and time is the trial's.
func (w *watch) Samples(node string, s []load.Sample) {
	w.mu.Lock()
	rec, rate, base := w.rec, w.rate, 0
	w.mu.Unlock()
	if rec == nil {
		return
	}
	for group, g := range w.t.Users {
		if g.Name == node {
			for i := range s {
				s[i].User += uint16(base)
				s[i].Scheduled += w.shift(group, rate)
			}
			break
		}
		base += g.Count
	}
	rec.samples(s)
}

// Reading takes a reading of a node's machine.
func (w *watch) Reading(r proxy.Reading) {
	w.mu.Lock()
	rec := w.rec
	w.mu.Unlock()
	if rec != nil {
		rec.reading(r)
	}
}

// record sends everything from now on to rec; nil: it is discarded.
func (w *watch) record(rec *recorder) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rec = rec
	if rec != nil {
		w.rate = rec.t.Header.Plan.Scenario.Load.Rate
	}
}

// died forgets the states of a node that lost its power: a dead node is no master. The caller holds the lock.
func (w *watch) died(node string) {
	for _, states := range w.vrrp {
		delete(states, node)
	}
	delete(w.down, node)
	delete(w.aside, node)
}

// watching lists the nodes that report announcements, in order; nil: none.
func (w *watch) watching() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Keys(w.seeing))
}

// holders lists the nodes that hold an address now.
func (w *watch) holders(address string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.masters(address)
}

func (w *watch) masters(address string) []string {
	var nodes []string
	for node, state := range w.vrrp[address] {
		if state == proxy.VRRPMaster {
			nodes = append(nodes, node)
		}
	}
	sort.Strings(nodes)
	return nodes
}

// unsteady returns why the lab is not in its steady state; empty: it is.
func (w *watch) unsteady() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var why []string
	for service, how := range w.exits {
		why = append(why, service+" "+how)
	}
	for _, a := range w.t.Addresses {
		masters := w.masters(a.Name)
		switch {
		case len(masters) != 1:
			why = append(why, fmt.Sprintf("address %s has %d masters", a.Name, len(masters)))
		case a.Preempt && w.t.Deployed == nil && masters[0] != a.Members[0].Node: // the files of a team may prefer another by their tracks
			why = append(why, fmt.Sprintf("address %s is on %s, not on %s", a.Name, masters[0], a.Members[0].Node))
		}
		for _, m := range a.Members {
			if s := w.vrrp[a.Name][m.Node]; s != proxy.VRRPMaster && s != proxy.VRRPBackup {
				why = append(why, fmt.Sprintf("address %s: %s is %s", a.Name, m.Node, orAbsent(s)))
			}
		}
	}
	why = append(why, w.skippedNow()...)
	for node, health := range w.chassis {
		if health != proxy.HardwareOK {
			why = append(why, fmt.Sprintf("chassis of %s is %s", node, health))
		}
	}
	for balancer, servers := range w.down {
		for server, down := range servers {
			if down && w.t.Deployed == nil { // the files of a team may have servers that are down as a rule: the baseline must tell
				why = append(why, fmt.Sprintf("%s has %s down", balancer, server))
			}
		}
	}
	sort.Strings(why)
	return strings.Join(why, "; ")
}

// skippedNow lists the servers that a balancer skips now, for a time. The caller holds the lock.
func (w *watch) skippedNow() []string {
	var why []string
	now := w.clock.Now()
	for balancer, servers := range w.aside {
		for server, until := range servers {
			if until > now {
				why = append(why, fmt.Sprintf("%s skips %s for another %s", balancer, server, time.Duration(until-now).Round(time.Millisecond)))
			}
		}
	}
	return why
}

func orAbsent(state proxy.State) string {
	if state == "" {
		return "not in the election yet"
	}
	return string(state)
}

// recheckInterval is the time after which the steady state is checked again if no event comes.
const recheckInterval = 100 * time.Millisecond

// awaitSteady returns when every mechanism is in its normal state.
func (w *watch) awaitSteady(ctx context.Context) error {
	for {
		w.mu.Lock()
		changed, dead := w.changed, len(w.exits) > 0
		w.mu.Unlock()
		why := w.unsteady()
		switch {
		case why == "":
			return nil
		case dead: // nothing starts it again: the fault that may have ended it is undone by now
			return reason.Errorf("not-steady", "no steady state: %s", why)
		case ctx.Err() != nil:
			return reason.Errorf("not-steady", "no steady state: %s (%w)", why, context.Cause(ctx))
		}
		w.await(ctx, changed)
	}
}

// await returns at the next event, when ctx is done, or after recheckInterval: there is no event when a balancer uses a skipped server again.
func (w *watch) await(ctx context.Context, changed <-chan struct{}) {
	again, cancel := w.clock.Within(ctx, recheckInterval, nil)
	defer cancel()
	select {
	case <-changed:
	case <-again.Done():
	}
}
