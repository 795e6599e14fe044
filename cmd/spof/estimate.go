package main

import (
	"cmp"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim"
)

// The time of a lab and of a trial in addition to the load, as measured on an idle machine with two processors.
const (
	perNode  = 250 * time.Millisecond  // to start it
	perEnd   = 150 * time.Millisecond  // to remove it
	perStart = 5 * time.Second         // until the mechanisms have settled
	perLink  = 600 * time.Millisecond  // to calibrate it
	perTrial = 1500 * time.Millisecond // to return to the steady state, to resolve targets, to wait for late answers
)

// step is one part of the work of a lab.
type step struct {
	length time.Duration
	share  int64 // of the capacity; 0: it needs none
}

// stepsOf lists the steps of a lab for its plans. If capacity is nil, all shares are 0.
func stepsOf(plans []plan.Plan, group []int, capacity *sim.Capacity) []step {
	t := plans[group[0]].Topology
	nodes := time.Duration(len(t.Nodes) + len(t.WAN) + len(t.Origins) + len(t.Users))
	steps := []step{{nodes * (perNode + perEnd), capacity.Size()}, {perStart + time.Duration(len(t.WAN))*perLink, 0}}
	for _, i := range group {
		for _, t := range plans[i].Trials {
			steps = append(steps, step{lengthOfTrial(plans[i], t) - perTrial, capacity.Share(plans[i])}, step{perTrial, 0})
		}
	}
	return steps
}

// lengthOfTrial is the time of a trial of a plan, including the time before and after its load.
func lengthOfTrial(p plan.Plan, t plan.Trial) time.Duration {
	return p.End + t.Phase + perTrial
}

// lengthOf is the time of a lab for its plans when it runs alone.
func lengthOf(plans []plan.Plan, group []int) time.Duration {
	var length time.Duration
	for _, s := range stepsOf(plans, group, nil) {
		length += s.length
	}
	return length
}

// schedule orders the labs and estimates their time, with jobs labs side by side and without repeated trials. Plans with the largest
// share come first in a lab, and labs with such plans come first: large plans then wait for each other, not for small ones. Labs of
// equal share start by length, the longest first, so that no long lab runs alone at the end.
func schedule(plans []plan.Plan, jobs int, capacity *sim.Capacity) (groups [][]int, length time.Duration) {
	groups = labs(plans)
	share := func(i int) int64 { return capacity.Share(plans[i]) }
	for _, g := range groups {
		slices.SortStableFunc(g, func(i, j int) int { return cmp.Compare(share(j), share(i)) })
	}
	if jobs > 1 {
		slices.SortStableFunc(groups, func(a, b []int) int {
			return cmp.Or(cmp.Compare(share(b[0]), share(a[0])), cmp.Compare(lengthOf(plans, b), lengthOf(plans, a)))
		})
	}
	var todo [][]step
	for _, g := range groups {
		todo = append(todo, stepsOf(plans, g, capacity))
	}
	return groups, play(todo, jobs, capacity.Size())
}

// play simulates the steps of labs, jobs side by side, with the queue of sim.Capacity. It is FIFO: large requests are not starved.
func play(todo [][]step, jobs int, size int64) (now time.Duration) {
	type place struct {
		left []step // of its lab, the current one first
		ends time.Duration
		runs bool
	}
	places := make([]*place, 0, jobs)
	var queue []*place // waiting for capacity
	free := size
	for {
		for len(places) < jobs && len(todo) > 0 {
			p := &place{left: todo[0]}
			todo, places, queue = todo[1:], append(places, p), append(queue, p)
		}
		for len(queue) > 0 && queue[0].left[0].share <= free {
			p := queue[0]
			queue, free = queue[1:], free-p.left[0].share
			p.ends, p.runs = now+p.left[0].length, true
		}
		var next *place
		for _, p := range places {
			if p.runs && (next == nil || p.ends < next.ends) {
				next = p
			}
		}
		if next == nil {
			return now
		}
		now, next.runs, free = next.ends, false, free+next.left[0].share
		if next.left = next.left[1:]; len(next.left) == 0 {
			places = slices.DeleteFunc(places, func(p *place) bool { return p == next })
			continue
		}
		if next.left[0].share == 0 { // does not wait
			next.ends, next.runs = now+next.left[0].length, true
			continue
		}
		queue = append(queue, next)
	}
}
