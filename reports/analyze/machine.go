package analyze

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// When the machine, not the design, is what limits a measure.
const (
	busyLimit   = 0.9        // share of the processors' time that is not idle or is stolen
	stolenLimit = 0.1        // share that the hypervisor gave to others
	waitedLimit = 20_000_000 // ns that a thread of the users or of a WAN link waited to run, in one reading

	longestReading = time.Minute // longer ones are cut, so that a trace with absurd ones does no harm
)

// readMachine reads the readings of the trace. A trace of an older version has none; the lateness of sends stands in for them.
func (r *run) readMachine(t *trace.Trace) {
	for _, m := range t.Machine {
		m.At = clamp(clamp(m.At) - clamp(t.Header.Epoch))
		m.Over, m.Waited = min(max(m.Over, 0), longestReading), min(m.Waited, longestReading)
		r.machine = append(r.machine, m)
	}
	slices.SortStableFunc(r.machine, func(a, b trace.Reading) int { return cmp.Compare(a.At, b.At) })
	if len(r.machine) > 0 {
		return
	}
	const over = 100 * time.Millisecond
	for _, s := range r.samples {
		at := (s.Scheduled/int64(over) + 1) * int64(over)
		if n := len(r.machine); n == 0 || r.machine[n-1].At < at {
			r.machine = append(r.machine, trace.Reading{At: at, Over: over})
		}
		m := &r.machine[len(r.machine)-1]
		m.Waited = max(m.Waited, time.Duration(s.Late))
	}
}

// limited says how the machine was the limit from one instant to another; empty: it was not.
func (r *run) limited(from, to int64) string {
	var busy, stolen, weight float64
	waited := int64(0)
	first := sort.Search(len(r.machine), func(i int) bool { return r.machine[i].At >= from })
	for _, m := range r.machine[first:] {
		overlap := max(1, min(to, m.At)-max(from, m.At-int64(m.Over)))
		if m.At-int64(m.Over) > to {
			break
		}
		busy += max(m.Busy, 0) * float64(overlap) // below 0: unknown
		stolen += max(m.Stolen, 0) * float64(overlap)
		weight += float64(overlap)
		waited = max(waited, int64(m.Waited))
	}
	switch {
	case weight == 0:
		return ""
	case stolen/weight >= stolenLimit:
		return fmt.Sprintf("the hypervisor gave %s of this machine's processors to others", percent(stolen/weight))
	case (busy+stolen)/weight >= busyLimit:
		return fmt.Sprintf("this machine's processors were %s busy", percent((busy+stolen)/weight))
	case waited >= waitedLimit:
		return fmt.Sprintf("a client or WAN relay waited %s for a processor", duration(ms(waited)))
	}
	return ""
}

// limitedOnce says how the machine was the limit in any window between two instants, or from one to the other where that is less.
func (r *run) limitedOnce(from, to int64) string {
	window := r.standard.window
	for at := from; at == from || at+window <= to; at += narrowestMachineBin {
		if busy := r.limited(at, min(at+window, to)); busy != "" {
			return busy
		}
		next := sort.Search(len(r.machine), func(i int) bool { return r.machine[i].At >= at+narrowestMachineBin })
		if next == len(r.machine) {
			break
		}
		at = max(at, r.machine[next].At-int64(r.machine[next].Over)-window-narrowestMachineBin) // nothing was read in between
	}
	return ""
}

// delayed reports whether the machine may have made a request late, or made it time out: during the request the machine was the limit
// for at least as long as the answer came after the patience. On a faster machine the answer may have been in time.
func (r *run) delayed(s trace.Sample) bool {
	if !r.standard.late(s) && s.Outcome != load.Timeout {
		return false
	}
	over := answered(s) - s.Scheduled - r.standard.patience
	if over <= 0 { // given up before the patience, by a shorter timeout
		return false
	}
	return over <= r.machineDelay(r.earliestService(s), answered(s))
}

// synAfter is the least time from a SYN to the next (RFC 6298, 2.1; Linux waits longer where it doubles the time).
const synAfter = int64(time.Second)

// earliestService is the earliest instant at which service can have received a request. The machine did not cause the wait before that. A
// request that was sent in the outage and repeated its SYN has waited a second for each SYN. A SYN that is lost after the outage may be
// lost because the machine was busy.
func (r *run) earliestService(s trace.Sample) int64 {
	switch o := r.outage; {
	case o == nil:
		return s.Scheduled
	case s.SYNs > 0 && sent(s) < o.hi:
		return max(o.lo, sent(s)+int64(s.SYNs)*synAfter)
	default:
		return max(o.lo, s.Scheduled)
	}
}

// busyOnce is busyLimit for one reading, which is good to 5 %.
const busyOnce = busyLimit - 0.05

// machineDelay is the longest time by which the machine may have delayed a request between two instants. A reading in which its processors were busy
// or stolen counts whole. Of each other one counts the longest time that a thread of the users or of a WAN link waited to run.
func (r *run) machineDelay(from, to int64) int64 {
	busy := map[string]int64{} // of the same machine, as each node read it
	waited := int64(0)         // a request may wait in each node
	first := sort.Search(len(r.machine), func(i int) bool { return r.machine[i].At > from })
	for _, m := range r.machine[first:] {
		if m.At-int64(longestReading) > to {
			break
		}
		overlap := func(over time.Duration) int64 { return max(0, min(to, m.At)-max(from, m.At-int64(over))) }
		switch {
		case limitedReading(m):
			busy[m.Node] += overlap(m.Over)
		case m.Waited >= waitedLimit: // it is read when it is over, and may have begun before the reading
			waited += min(int64(m.Waited), overlap(max(m.Over, m.Waited)))
		}
	}
	sum := waited
	for _, one := range busy {
		sum = max(sum, one+waited)
	}
	return min(sum, max(0, to-from))
}

// stoodStill is the longest time for which the machine stood still between two instants: the time that the hypervisor took, or the longest
// delay of a send, whichever is longer.
func (r *run) stoodStill(from, to int64) (longest int64) {
	for _, one := range r.between(from, to) {
		left := sent(one)
		if one.Late == math.MaxUint32 { // or more
			left = max(left, answered(one))
		}
		longest = max(longest, min(left, to)-one.Scheduled)
	}
	stolen := map[string]float64{} // from the same machine, as each node read it
	first := sort.Search(len(r.machine), func(i int) bool { return r.machine[i].At > from })
	for _, m := range r.machine[first:] {
		if m.At-int64(longestReading) > to {
			break
		}
		stolen[m.Node] += min(max(m.Stolen, 0), 1) * float64(max(0, min(to, m.At)-max(from, m.At-int64(m.Over))))
		longest = max(longest, int64(stolen[m.Node]))
	}
	return longest
}

// overloadedShare is the share of the readings that make a machine overloaded: full, with threads that waited. Measured on 2 processors with
// a docker lab: 0.01 at most beside one, two or four programs that take all they get; 0.38 and more at load averages of 20 to 45, in the
// trials in which working designs lost their users for good.
const overloadedShare = 0.25

// overload says how the machine was overloaded between two instants; empty: it was not, or there are too few readings. On an overloaded
// machine a working mechanism can act too late, or without need.
func (r *run) overload(from, to int64) string {
	const few = 10 // readings
	all, overloaded, longest := 0, 0, time.Duration(0)
	first := sort.Search(len(r.machine), func(i int) bool { return r.machine[i].At > from })
	for _, m := range r.machine[first:] {
		if m.At > to {
			break
		}
		all++
		if limitedReading(m) && m.Waited >= waitedLimit {
			overloaded++
			longest = max(longest, m.Waited)
		}
	}
	if all < few || ratio(overloaded, all) < overloadedShare {
		return ""
	}
	return fmt.Sprintf("this machine was overloaded: a client or WAN relay waited up to %s for a processor", duration(ms(longest)))
}

// limitedReading reports whether processors were the limit in one reading.
func limitedReading(m trace.Reading) bool {
	return max(m.Stolen, 0) >= stolenLimit || max(m.Busy, 0)+max(m.Stolen, 0) >= busyOnce
}

// shortestLimit is the shortest time as the limit that the report mentions, ns.
const shortestLimit = int64(200 * time.Millisecond)

// limit is the longest time after the warm-up in which the machine was the limit in all readings but single ones; nil: none is as long as
// shortestLimit.
func (r *run) limit() *MachineLimit {
	var longest, now struct{ from, to int64 }
	why := ""
	for _, m := range r.machine {
		if begin := m.At - int64(m.Over); !limitedReading(m) || begin < clamp(int64(r.plan.BaselineAt)) || begin >= r.end {
			continue
		} else if begin > now.to+int64(m.Over) {
			now.from = begin
		}
		now.to = max(now.to, m.At)
		if long := now.to - now.from; long >= shortestLimit && long > longest.to-longest.from {
			if text := r.limited(now.from, now.to); text != "" {
				longest, why = now, text
			}
		}
	}
	if why == "" {
		return nil
	}
	zero := int64(0)
	if len(r.faults) > 0 && r.proven {
		zero = r.effect
	}
	return &MachineLimit{FromMS: ms(longest.from - zero), ToMS: ms(longest.to - zero), Why: why}
}

// withoutDelays is the run with the delayed requests counted as in time: the measures that it has are possible on a machine that is not
// the limit. nil: no request was delayed.
func (r *run) withoutDelays() *run {
	var other *run
	for i, s := range r.samples {
		if !r.delayed(s) {
			continue
		}
		if other == nil {
			copied := *r
			copied.samples = append([]trace.Sample(nil), r.samples...)
			other = &copied
		}
		other.samples[i].Done, other.samples[i].Outcome = uint32(min(r.standard.patience/1000, math.MaxUint32)), load.OK
	}
	return other
}
