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

// Limits of the machine. Above these, the machine and not the design may limit a measure.
const (
	busyLimit   = 0.9        // share of the processors' time that is busy or stolen
	stolenLimit = 0.1        // share of the processors' time that the hypervisor gave to others
	waitedLimit = 20_000_000 // ns that a thread of the users or of a WAN link waited to run, in one reading

	longestReading = time.Minute // longer readings are cut; a corrupt trace may have them
)

// readMachine reads the machine readings of the trace. A trace of an older version has none; then the lateness of sends replaces them.
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

// limited says how the machine was the limit between two instants, over the whole time; empty: it was not.
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

// limitedOnce says how the machine was the limit in any window between two instants, or in the whole interval if that is shorter than a
// window; empty: it was not.
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
		at = max(at, r.machine[next].At-int64(r.machine[next].Over)-window-narrowestMachineBin) // there is no reading in between
	}
	return ""
}

// delayed reports whether the machine may have caused a late answer or a timeout. The time for which the machine was the limit during the
// request must be at least the time from the end of the patience to the answer. On a faster machine the answer may have been in time.
func (r *run) delayed(s trace.Sample) bool {
	if !r.standard.late(s) && s.Outcome != load.Timeout {
		return false
	}
	over := answered(s) - s.Scheduled - r.standard.patience
	if over <= 0 { // the timeout is shorter than the patience
		return false
	}
	return over <= r.machineDelay(r.earliestService(s), answered(s))
}

// synAfter is the shortest time between two SYNs (RFC 6298, 2.1; Linux doubles the time for later SYNs).
const synAfter = int64(time.Second)

// earliestService is the earliest instant at which the service can have received a request. The machine did not cause the wait before
// that instant. If a request was sent during the outage and its SYN was repeated, it waited at least one second for each repeated SYN. A
// busy machine may cause the loss of a SYN after the outage.
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

// busyOnce is busyLimit for a single reading, whose error is up to 5 %.
const busyOnce = busyLimit - 0.05

// machineDelay is the longest time by which the machine may have delayed a request between two instants, ns. A reading with busy or stolen
// processors counts with its whole time. Of any other reading, the longest time counts that a thread of the users or of a WAN link waited
// to run, if it is at least waitedLimit.
func (r *run) machineDelay(from, to int64) int64 {
	busy := map[string]int64{} // by node; all nodes read the same machine
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
		case m.Waited >= waitedLimit: // a wait is read at its end, and may have begun before the reading
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
		if one.Late == math.MaxUint32 { // the field is saturated
			left = max(left, answered(one))
		}
		longest = max(longest, min(left, to)-one.Scheduled)
	}
	stolen := map[string]float64{} // by node; all nodes read the same machine
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

// overloadedShare is the share of overloaded readings from which a machine is overloaded. An overloaded reading has busy or stolen
// processors, and threads that waited. Measured on 2 processors with a docker lab: at most 0.01 beside one, two or four programs that use
// all free processor time; at least 0.38 at load averages of 20 to 45, in trials in which working designs lost their users for good.
const overloadedShare = 0.25

// overload says how the machine was overloaded between two instants; empty: it was not, or there are fewer than 10 readings. On an
// overloaded machine a working mechanism can act too late, or without a cause.
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

// shortestLimit is the shortest time of a machine limit that the report mentions, ns.
const shortestLimit = int64(200 * time.Millisecond)

// limit is the longest time after the warm-up in which the machine was the limit; a single reading without limit does not end it. nil: no
// such time is as long as shortestLimit.
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

// withoutDelays is the run in which the delayed requests count as in time. A machine that is not the limit may give its measures. nil: no
// request was delayed.
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
		r.count(&other.samples[i])
	}
	return other
}
